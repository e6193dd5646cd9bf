package io.alexnet.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The programs in README.md and docs/ that are marked to run: each is compiled and run as it is.
 */
class DocumentationTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final Pattern SNIPPET =
      Pattern.compile("<!-- runs -->\\n```java\\n(.*?)```", Pattern.DOTALL);

  private static final String IMPORTS =
      """
      import io.alexnet.batch.*;
      import io.alexnet.data.*;
      import io.alexnet.data.image.*;
      import io.alexnet.data.predict.*;
      import io.alexnet.data.source.*;
      import io.alexnet.graph.*;
      import io.alexnet.init.*;
      import io.alexnet.kernels.Window;
      import io.alexnet.layer.*;
      import io.alexnet.loss.*;
      import io.alexnet.optim.*;
      import io.alexnet.predict.*;
      import io.alexnet.tensor.*;
      import io.alexnet.train.*;
      import io.alexnet.zoo.*;
      import java.awt.image.BufferedImage;
      import java.nio.file.Path;
      import java.util.*;
      """;

  @TempDir Path folder;

  private record Snippet(String page, int number, String code) {
    @Override
    public String toString() {
      return page + ", program " + number;
    }
  }

  static List<Snippet> snippets() throws IOException {
    List<Snippet> snippets = new ArrayList<>();
    for (Path page : pages()) {
      Matcher matcher = SNIPPET.matcher(Files.readString(page));
      for (int number = 1; matcher.find(); number++) {
        snippets.add(new Snippet(ROOT.relativize(page).toString(), number, matcher.group(1)));
      }
    }
    return snippets;
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), docs.sorted())
          .filter(page -> page.toString().endsWith(".md"))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void runsAsItIs(Snippet snippet) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assumeTrue(compiler != null, "a JRE has no compiler");
    Path source = folder.resolve("Snippet.java");
    Files.writeString(
        source,
        IMPORTS
            + "class Snippet { public static void main(String[] args) throws Exception {\n"
            + snippet.code()
            + "} }\n");
    String classPath = System.getProperty("java.class.path");
    StringWriter complaints = new StringWriter();
    boolean compiled =
        compiler
            .getTask(
                complaints,
                null,
                null,
                List.of(
                    "-d",
                    folder.toString(),
                    "-cp",
                    classPath,
                    "--release",
                    "17",
                    "-encoding",
                    "UTF-8"), // whatever the locale's is
                null,
                compiler.getStandardFileManager(null, null, null).getJavaFileObjects(source))
            .call();
    assertTrue(compiled, complaints.toString());

    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Xmx512m",
                "-cp",
                folder + System.getProperty("path.separator") + classPath,
                "Snippet")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(240, TimeUnit.SECONDS);
      String told = Files.readString(output, StandardCharsets.UTF_8);
      assertTrue(ended, "is at work yet: " + told);
      assertEquals(0, process.exitValue(), told);
      assertFalse(told.contains("Kernels run without SIMD"), told);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void theReadmeHasAProgramAndTheVersionOfThisProject() throws IOException {
    assertTrue(snippets().stream().anyMatch(s -> s.page().equals("README.md")));
    String version = first("<version>([^<]+)</version>", ROOT.resolve("pom.xml"));
    assertEquals(version, first("<version>([^<]+)</version>", ROOT.resolve("README.md")));
  }

  private static String first(String pattern, Path file) throws IOException {
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
    assertTrue(matcher.find(), file + " has no " + pattern);
    return matcher.group(1);
  }

  @Test
  void linksBetweenPagesLeadSomewhereAndToEveryPage() throws IOException {
    Pattern link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
    List<String> broken = new ArrayList<>();
    Set<Path> unlinked = new TreeSet<>(pages());
    unlinked.remove(ROOT.resolve("README.md"));
    for (Path page : pages()) {
      Matcher matcher = link.matcher(Files.readString(page));
      while (matcher.find()) {
        Path target = page.resolveSibling(matcher.group(1)).normalize();
        if (!Files.exists(target)) {
          broken.add(ROOT.relativize(page) + " → " + matcher.group(1));
        }
        unlinked.remove(target);
      }
    }
    assertEquals(List.of(), broken);
    assertEquals(Set.of(), unlinked);
  }
}
