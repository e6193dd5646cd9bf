package io.alexnet.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The runnable jar has its dependencies in it, so it must have their licences: Apache's once for
 * all, and a file with copyright and terms for each group of artefacts under another one.
 */
class LicencesTest {

  private record Dependency(String group, String artifact, String version, String licence) {}

  private static final Path META_INF = Path.of("target/classes/META-INF");

  /** A line of the license plugin: {@code (licence) name (group:artifact:version - url)}. */
  private static final Pattern LINE =
      Pattern.compile(" +\\((.+?)\\) .+ \\(([^:]+):([^:]+):(\\S+) - .+\\)");

  private static Set<Dependency> dependencies;

  @BeforeAll
  static void readWhatMavenResolved() throws IOException {
    try (Stream<String> lines = Files.lines(META_INF.resolve("THIRD-PARTY.txt"))) {
      dependencies =
          lines
              .filter(line -> line.startsWith(" "))
              .map(LicencesTest::dependency)
              .collect(Collectors.toSet());
    }
    assertFalse(dependencies.isEmpty());
  }

  private static Dependency dependency(String line) {
    Matcher matcher = LINE.matcher(line);
    assertTrue(matcher.matches(), line);
    return new Dependency(matcher.group(2), matcher.group(3), matcher.group(4), matcher.group(1));
  }

  @Test
  void everyDependencyHasItsLicenceAndEveryLicenceItsDependency() throws IOException {
    Set<String> texts;
    try (Stream<Path> files = Files.list(META_INF.resolve("licenses"))) {
      texts =
          files
              .map(file -> file.getFileName().toString().replaceFirst("\\.txt$", ""))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    Set<String> needed =
        dependencies.stream()
            .filter(dependency -> !dependency.licence().equals("Apache-2.0"))
            .map(dependency -> textFor(dependency.group(), texts))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(needed, texts);
  }

  /** A text serves the group that it is named after, and those below. */
  private static String textFor(String group, Set<String> texts) {
    return texts.stream()
        .filter(text -> (group + ".").startsWith(text + "."))
        .findFirst()
        .orElse(group);
  }

  /** Whoever changes a version sees to what the page says of it. */
  @Test
  void theSupplyChainPageListsThem() throws IOException {
    Set<String> expected =
        dependencies.stream()
            .map(d -> "| %s:%s | %s | %s |".formatted(d.group, d.artifact, d.version, d.licence))
            .collect(Collectors.toCollection(TreeSet::new));
    Pattern row =
        Pattern.compile("^\\| [\\w.-]+:[\\w.-]+ \\| \\S+ \\| \\S+ \\|", Pattern.MULTILINE);
    Set<String> listed =
        row.matcher(Files.readString(Path.of("../docs/supply-chain.md")))
            .results()
            .map(found -> found.group())
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(expected, listed);
  }
}
