package io.alexnet.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The runnable jar has its dependencies in it, so it must have their licences: Apache's once for
 * all, and a file with copyright and terms for each group of artefacts under another one.
 */
class LicencesTest {

  private static final Path META_INF = Path.of("target/classes/META-INF");

  /** A line of the license plugin: {@code (licence) name (group:artifact:version - url)}. */
  private static final Pattern DEPENDENCY =
      Pattern.compile(" +\\((.+?)\\) .+ \\(([\\w.-]+):[\\w.-]+:[\\w.-]+ - .+\\)");

  @Test
  void everyDependencyHasItsLicenceAndEveryLicenceItsDependency() throws IOException {
    List<String> lines;
    try (Stream<String> file = Files.lines(META_INF.resolve("THIRD-PARTY.txt"))) {
      lines = file.filter(line -> line.startsWith(" ")).toList();
    }
    assertFalse(lines.isEmpty());
    Set<String> texts;
    try (Stream<Path> files = Files.list(META_INF.resolve("licenses"))) {
      texts =
          files
              .map(file -> file.getFileName().toString().replaceFirst("\\.txt$", ""))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    Set<String> needed = new TreeSet<>();
    for (String line : lines) {
      Matcher dependency = DEPENDENCY.matcher(line);
      assertTrue(dependency.matches(), line);
      if (!dependency.group(1).equals("Apache-2.0")) {
        String group = dependency.group(2);
        // A text serves the group that it is named after, and those below.
        needed.add(
            texts.stream()
                .filter(text -> (group + ".").startsWith(text + "."))
                .findFirst()
                .orElse(group));
      }
    }
    assertEquals(needed, texts);
  }
}
