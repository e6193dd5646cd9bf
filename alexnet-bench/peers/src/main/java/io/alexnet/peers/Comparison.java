package io.alexnet.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Engines in turns: in each round every one of them, so that what slows the machine for a while
 * slows all alike.
 *
 * @param roundSeconds that a turn lasts at the least, if that is more than one step
 * @param warmUpSeconds of steps before the first round
 */
record Comparison(
    int rounds, double roundSeconds, double warmUpSeconds, String xmx, List<String> jvmOptions) {

  private static final int WARM_UP_STEPS = 2;

  /** An engine and its task, which differ by the memory format only. */
  record Entrant(String name, Peer peer, Task task) {}

  List<Measurement> run(List<Entrant> entrants) throws Exception {
    Path folder = Files.createTempDirectory("alexnet-peers");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> abandon(folder)));
    List<Turns> turns = new ArrayList<>();
    try {
      for (Entrant entrant : entrants) {
        Path model = folder.resolve("alexnet.onnx");
        if (entrant.peer() == Peer.ONNXRUNTIME) {
          EngineProcess.writeModel(model, entrant.task(), xmx);
        }
        Turns engine =
            new Turns(
                entrant, new EngineProcess(entrant.peer(), entrant.task(), xmx, jvmOptions, model));
        turns.add(engine);
        engine.warmUp();
      }
      for (int round = 0; round < rounds; round++) {
        for (Turns engine : turns) {
          double[] before = turns.stream().mapToDouble(Turns::processorSeconds).toArray();
          double elapsed = engine.turn(round);
          for (int i = 0; i < before.length; i++) {
            if (turns.get(i) != engine) {
              turns.get(i).idled(turns.get(i).processorSeconds() - before[i], elapsed);
            }
          }
        }
      }
      return turns.stream().map(Turns::measurement).toList();
    } finally {
      turns.forEach(engine -> engine.process.close());
      delete(folder);
    }
  }

  /** What is left when the program is interrupted: engines, and who writes the model. */
  private static void abandon(Path folder) {
    ProcessHandle.current()
        .children()
        .forEach(
            child -> {
              child.destroyForcibly();
              child.onExit().join(); // or it might write to the folder still
            });
    try {
      delete(folder);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("peers: cannot delete " + folder + ": " + e);
    }
  }

  /** By whoever comes first, the end of the run or of the program. */
  private static synchronized void delete(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private final class Turns {
    private final Entrant entrant;
    private final EngineProcess process;
    private final double[] seconds = new double[rounds];
    private Reply ready;
    private Reply first;
    private Reply last;
    private int steps;
    private double idleProcessorSeconds;
    private double idleSeconds;

    Turns(Entrant entrant, EngineProcess process) {
      this.entrant = entrant;
      this.process = process;
    }

    void warmUp() throws Exception {
      ready = process.ready();
      first = process.run(1);
      double spent = first.seconds()[0];
      List<Double> warm = new ArrayList<>();
      while (1 + warm.size() < WARM_UP_STEPS || spent < warmUpSeconds) {
        warm.add(process.run(1).seconds()[0]);
        spent += warm.get(warm.size() - 1);
      }
      // The usual one: the first is cold, and any other may have met with something.
      double step = Measurement.median(warm.stream().mapToDouble(s -> s).toArray());
      steps = (int) Math.max(1, Math.ceil(roundSeconds / step));
    }

    /** Returns the seconds that it took. */
    double turn(int round) throws Exception {
      last = process.run(steps);
      double sum = Arrays.stream(last.seconds()).sum();
      // One image at a time is a matter of latency: the usual step, whatever one of them met.
      seconds[round] =
          entrant.task().batch() == 1 ? Measurement.median(last.seconds()) : sum / steps;
      return sum;
    }

    double processorSeconds() {
      return process.processorSeconds();
    }

    void idled(double processor, double elapsed) {
      idleProcessorSeconds += processor;
      idleSeconds += elapsed;
    }

    Measurement measurement() {
      return new Measurement(
          entrant.name(),
          ready.version(),
          ready.parameters(),
          first.loss(),
          last.loss(),
          entrant.task().batch(),
          seconds,
          first.seconds()[0],
          last.peakKilobytes(),
          idleSeconds == 0 ? 0 : idleProcessorSeconds / idleSeconds);
    }
  }
}
