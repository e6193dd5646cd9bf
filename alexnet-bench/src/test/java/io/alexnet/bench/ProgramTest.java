package io.alexnet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each wrong argument is one line that names it, before anything is measured. */
class ProgramTest {

  @TempDir Path folder;

  private static void refused(Object command, String complaint, String... args) {
    StringWriter err = new StringWriter();
    int exitCode = Program.execute(command, new PrintWriter(err, true), args);
    assertEquals(1, err.toString().lines().count(), err::toString);
    assertTrue(err.toString().startsWith(command.getClass().getSimpleName() + ": "), err::toString);
    assertTrue(err.toString().contains(complaint), err::toString);
    assertEquals(2, exitCode);
  }

  private static void refusedBreakdown(String complaint, String... args) {
    refused(new StepBreakdown(), complaint, args);
  }

  private static void refusedScaling(String complaint, String... args) {
    String[] all = new String[8 + args.length];
    String[] figures = {
      "--rate", "53", "--exchange", "0.8", "--exchange-bfloat16", "0.7", "--meeting", "0.01"
    };
    System.arraycopy(figures, 0, all, 0, 8);
    System.arraycopy(args, 0, all, 8, args.length);
    refused(new ScalingModel(), complaint, all);
  }

  @Test
  void figuresOfAStepThatCannotBe() {
    refusedBreakdown("--threads must be at least 1, not 0", "--threads", "0");
    refusedBreakdown("--batch must be at least 1, not 0", "--batch", "0");
    refusedBreakdown("--steps must be at least 1, not 0", "--steps", "0");
    refusedBreakdown("--steps must be at least 1, not -1", "--steps", "-1");
    refusedBreakdown("--steps", "--steps", "many");
    refusedBreakdown("--nosuch", "--nosuch");
    refusedBreakdown("--infer", "--infer", "--model", "ALEXNET_BN");
  }

  @Test
  void imagesTooSmallForTheNetwork() {
    refusedBreakdown("--size 20: images of 20×20 are too small", "--size", "20");
    refusedBreakdown("--size 4: ", "--size", "4", "--model", "SMALL");
    refusedBreakdown("--size -1: ", "--size", "-1");
  }

  @Test
  void picturesThatCannotBeWritten() {
    String missing = folder.resolve("missing").toString();
    String file = Path.of(missing, "layers.png").toString();
    refusedBreakdown("--plot: there is no folder " + missing, "--plot", file);
    refusedBreakdown("--plot: " + folder + " is a folder", "--plot", folder.toString());
    refusedScaling("--out: there is no folder " + missing, "--out", file);
  }

  @Test
  void figuresOfMachinesThatCannotBe() {
    refusedScaling("must be positive", "--batch", "0");
  }

  @Test
  void figuresOfReadingThatCannotBe() {
    refused(new ReadingCost(), "--epochs must be at least 1, not 0", "packed", "--epochs", "0");
  }

  @Test
  void aFailureOnTheWayIsOneLineToo() {
    StringWriter err = new StringWriter();
    String missing = folder.resolve("missing").toString();
    int exitCode = Program.execute(new ReadingCost(), new PrintWriter(err, true), missing);
    assertEquals(1, exitCode);
    assertEquals(1, err.toString().lines().count(), err::toString);
    assertTrue(err.toString().startsWith("ReadingCost: " + missing), err::toString);
  }
}
