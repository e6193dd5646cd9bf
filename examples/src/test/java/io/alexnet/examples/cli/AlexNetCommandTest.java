package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlexNetCommandTest {

  @Test
  void withoutACommandShowsHelpThatEndsWithWhatToTypeNext() {
    String help = Invocation.of().succeeds().out();
    assertTrue(help.contains("java -jar alexnet.jar train"), help);
    assertTrue(help.contains("Exit codes:"), help);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train", "evaluate", "predict", "pack", "summary"})
  void everyCommandHasHelpWithExamples(String command) {
    String help = Invocation.of(command, "--help").succeeds().out();
    assertTrue(help.contains("java -jar alexnet.jar " + command), help);
  }

  @Test
  void tellsItsVersion() {
    assertTrue(Invocation.of("--version").succeeds().out().startsWith("alexnet "));
  }

  @ParameterizedTest
  @CsvSource({
    "trian, train",
    "train --epoch 3, --epochs",
    "train --model alexnet-nb, alexnet-bn",
    "train --data shape, shapes",
    "train --optimizer adm, adam",
    "train --initializer glorrot, glorot",
    "train --initializer gausian:1, gaussian:DEVIATION",
    "train --augment miror, mirror",
    "train --schedule stepp:3, step:EPOCHS:FACTOR"
  })
  void namesTheNearestToWhatItDoesNotKnow(String line, String nearest) {
    Invocation.of((Object[]) line.split(" ")).failsWith(2, "did you mean " + nearest + "?");
  }

  @Test
  void showsTheStackOnlyIfAsked() {
    Invocation asked = Invocation.of("evaluate", "no-such-run", "--stacktrace");
    assertTrue(asked.err().contains("\tat io.alexnet.examples.cli"), asked.err());
    Invocation.of("evaluate", "no-such-run").failsWith(1, "no-such-run: no such run folder");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      value = {
        "alexnet:60,965,224",
        "alexnet-ungrouped:62,378,344",
        "alexnet-torchvision:61,100,840",
        "alexnet-bn:28,096,769"
      })
  void summaryCountsTheParametersOfTheLiterature(String model, String parameters) {
    String summary = Invocation.of("summary", "--model", model).succeeds().out();
    assertTrue(summary.contains("Total params: " + parameters), summary);
  }

  @Test
  void outputThatCannotBeWrittenIsAnError() {
    StringWriter err = new StringWriter();
    PrintWriter full =
        new PrintWriter(
            new Writer() {
              @Override
              public void write(char[] text, int from, int length) throws IOException {
                throw new IOException("No space left on device");
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            });
    assertEquals(1, AlexNetCommand.execute(full, new PrintWriter(err), "summary"));
    assertEquals(
        "alexnet: stdout cannot be written: the disk is full, or nobody reads on",
        err.toString().strip());
  }
}
