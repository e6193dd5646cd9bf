package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChildJvmTest {

  private static final String[] NO_ARGUMENTS = {};

  @TempDir Path temporary;

  @Test
  void givesTheChildTheVectorModuleAndTheArguments() {
    List<String> command = ChildJvm.command(List.of(), new String[] {"train", "--out", "a b"});
    int modules = command.indexOf("--add-modules");
    assertEquals("jdk.incubator.vector", command.get(modules + 1));
    int main = command.indexOf(Main.class.getName());
    assertEquals(List.of("train", "--out", "a b"), command.subList(main + 1, command.size()));
  }

  @Test
  void letsTheUsersJvmArgumentsOverruleItsOwn() {
    List<String> given = List.of("-Xmx2g", "-XX:MaxRAMPercentage=20");
    List<String> command = ChildJvm.command(given, NO_ARGUMENTS);
    assertTrue(
        command.indexOf("-XX:MaxRAMPercentage=20") > command.indexOf("-XX:MaxRAMPercentage=75"),
        "of two settings the JVM takes the last");
    assertTrue(command.contains("-Xmx2g"));
  }

  @Test
  void choosesNoCollectorIfTheUserDid() {
    List<String> command = ChildJvm.command(List.of("-XX:+UseSerialGC"), NO_ARGUMENTS);
    assertFalse(command.contains("-XX:+UseG1GC"), "two collectors are an error to the JVM");
  }

  @ParameterizedTest
  @CsvSource({"[always] madvise never", "always [madvise] never"})
  void asksForHugePagesWhereTheKernelGivesThem(String setting) throws IOException {
    Path enabled = Files.writeString(temporary.resolve("enabled"), setting + "\n");
    assertEquals(
        List.of("-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseTransparentHugePages"),
        ChildJvm.hugePages(List.of("-Xmx2g"), enabled));
  }

  @Test
  void asksForNoHugePagesThatTheJvmWouldWarnOf() throws IOException {
    Path enabled = Files.writeString(temporary.resolve("enabled"), "always madvise [never]\n");
    assertEquals(List.of(), ChildJvm.hugePages(List.of(), enabled));
    assertEquals(List.of(), ChildJvm.hugePages(List.of(), temporary.resolve("missing")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-XX:-UseTransparentHugePages",
        "-XX:+UseLargePages",
        "-XX:+UseHugeTLBFS",
        "-XX:LargePageSizeInBytes=1g"
      })
  void leavesPagesToTheUserWhoSpeaksOfThem(String argument) throws IOException {
    Path enabled = Files.writeString(temporary.resolve("enabled"), "always [madvise] never\n");
    assertEquals(List.of(), ChildJvm.hugePages(List.of("-Xmx2g", argument), enabled));
  }

  @Test
  void aJvmThatKnowsNoSuchFlagStartsAllTheSame() throws Exception {
    Path enabled = Files.writeString(temporary.resolve("enabled"), "always [madvise] never\n");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ChildJvm.hugePages(List.of(), enabled)) {
      command.add(flag.replace("TransparentHugePages", "PagesOfAnotherSystem"));
    }
    command.add("--version");
    Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, jvm.waitFor(), out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "WARNING: Using incubator modules: jdk.incubator.vector;an error; | an error;",
        "WARNING: Using incubator modules: jdk.incubator.vector; | ''",
        "WARNING: something else;an error; | WARNING: something else;an error;",
        "short | short",
        "'' | ''"
      })
  void keepsOnlyTheIncubatorNoticeOutOfSight(String written, String seen) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ChildJvm.copyErrors(new ByteArrayInputStream(lines(written)), out);
    assertEquals(seen.replace(';', '\n'), out.toString(StandardCharsets.UTF_8));
  }

  private static byte[] lines(String text) {
    return text.replace(';', '\n').getBytes(StandardCharsets.UTF_8);
  }
}
