package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.alexnet.graph.Network;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/** A run's folder, which only this package writes and reads. */
public final class RunFiles {

  /** What a run's files are refused with. */
  public static final Class<? extends RuntimeException> REFUSAL = Failure.class;

  /** The same for all runs here, which differ in their texts only. */
  private static Network network;

  private RunFiles() {}

  /** Trains for a moment. */
  public static void write(Path run) {
    StringWriter err = new StringWriter();
    String[] command =
        ("train --model small --data shapes --images 20 --image-size 16 --batch-size 8 --epochs 1"
                + " --augment crop,mirror,color-noise --threads 1 --out "
                + run)
            .split(" ");
    int exitCode =
        AlexNetCommand.execute(new PrintWriter(new StringWriter()), new PrintWriter(err), command);
    assertEquals(0, exitCode, err::toString);
  }

  /** The configuration, as far as a network can be described by it. */
  public static void readConfiguration(Path run) {
    RunConfiguration configuration = RunFolder.open(run).configuration();
    configuration.graph();
    configuration.preprocessing();
    configuration.recipe().fineTuning();
    configuration.metadata();
  }

  /** All that a report shows. */
  public static void readReport(Path run) {
    RunFolder folder = RunFolder.open(run);
    RunConfiguration configuration = folder.configuration();
    if (network == null) {
      network = Network.builder(configuration.graph()).threads(1).build(); // has no thread to end
    }
    new RunReport(folder, configuration, network).write("");
  }
}
