package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChildJvmTest {

  private static final String[] NO_ARGUMENTS = {};

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
    assertFalse(command.contains("-XX:+UseParallelGC"), "two collectors are an error to the JVM");
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
