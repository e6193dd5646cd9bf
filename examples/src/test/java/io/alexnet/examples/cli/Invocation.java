package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.stream.Stream;

/** One run of the command line in this JVM, and what came of it. */
record Invocation(int exitCode, String out, String err) {

  static Invocation of(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i].toString();
    }
    int exitCode = AlexNetCommand.execute(new PrintWriter(out), new PrintWriter(err), texts);
    return new Invocation(exitCode, out.toString(), err.toString());
  }

  /** All of the arguments, the first ones being what several invocations share. */
  static Object[] with(Object[] options, Object... more) {
    return Stream.of(options, more).flatMap(Stream::of).toArray();
  }

  Invocation succeeds() {
    assertEquals("", err);
    assertEquals(0, exitCode, out);
    return this;
  }

  /** One line on stderr that says all of this, and this exit code. */
  void failsWith(int expectedExitCode, String... parts) {
    assertEquals(1, err.lines().count(), err);
    assertAll(
        Arrays.stream(parts)
            .map(part -> () -> assertTrue(err.contains(part), "'" + part + "' in: " + err)));
    assertEquals(expectedExitCode, exitCode, err);
  }
}
