package io.alexnet.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The runnable jar has its dependencies in it, so it must have their licences: Apache's once for
 * all, and for each group of artefacts under another licence a file with its copyright and terms.
 */
class LicencesTest {

  private static final Path META_INF = Path.of("target/classes/META-INF");
  private static final Pattern DEPENDENCY =
      Pattern.compile("^ +\\((.+?)\\) .+ \\(([\\w.-]+):[\\w.-]+:[\\w.-]+ - ", Pattern.MULTILINE);

  @Test
  void everyDependencyHasItsLicenceAndEveryLicenceItsDependency() throws IOException {
    // What Maven resolved, written by the license plugin.
    List<MatchResult> dependencies =
        DEPENDENCY.matcher(Files.readString(META_INF.resolve("THIRD-PARTY.txt"))).results().toList();
    assertFalse(dependencies.isEmpty());
    TreeSet<String> texts = names();
    TreeSet<String> needed =
        dependencies.stream()
            .filter(dependency -> !dependency.group(1).equals("Apache-2.0"))
            .map(dependency -> textOf(dependency.group(2), texts))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(needed, texts);
  }

  @Test
  void theLineCountIsTheNumberOfDependenciesRead() throws IOException {
    String list = Files.readString(META_INF.resolve("THIRD-PARTY.txt"));
    long lines = list.lines().filter(line -> line.startsWith(" ")).count();
    assertEquals(lines, DEPENDENCY.matcher(list).results().count());
  }

  /** A file serves the group that it is named after, and those below. */
  private static String textOf(String group, TreeSet<String> texts) {
    return texts.stream()
        .filter(text -> (group + ".").startsWith(text + "."))
        .findFirst()
        .orElse(group);
  }

  private static TreeSet<String> names() throws IOException {
    try (Stream<Path> files = Files.list(META_INF.resolve("licenses"))) {
      return files
          .map(file -> file.getFileName().toString().replaceFirst("\\.txt$", ""))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
