package io.alexnet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The jar for {@code spark-submit} has dependencies in it, so it must have their licences: Apache's
 * once for all, and the texts of the others.
 */
class LicencesTest {

  private static final Path META_INF = Path.of("target/classes/META-INF");

  /** A line of the license plugin: {@code (licence) name (group:artifact:version - url)}. */
  private static final Pattern LINE = Pattern.compile(" +\\((.+?)\\) .+ \\(([^:]+):.+\\)");

  /** SLF4J is the cluster's, and not in the jar. */
  @Test
  void whatIsNotUnderApachesLicenceHasItsTextInTheJar() throws IOException {
    assertTrue(Files.exists(META_INF.resolve("LICENSE")), "Apache's");
    Set<String> needed;
    try (Stream<String> lines = Files.lines(META_INF.resolve("THIRD-PARTY.txt"))) {
      needed =
          lines
              .map(LINE::matcher)
              .filter(Matcher::matches)
              .filter(line -> !line.group(1).equals("Apache-2.0"))
              .map(line -> line.group(2))
              .filter(group -> !group.equals("org.slf4j"))
              .map(group -> group.replaceFirst("^(com\\.twelvemonkeys)\\..*", "$1") + ".txt")
              .collect(Collectors.toCollection(TreeSet::new));
    }
    try (Stream<Path> texts = Files.list(META_INF.resolve("licenses"))) {
      assertEquals(
          needed,
          texts
              .map(text -> text.getFileName().toString())
              .collect(Collectors.toCollection(TreeSet::new)));
    }
  }
}
