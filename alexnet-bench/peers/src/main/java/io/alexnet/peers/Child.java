package io.alexnet.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The process of one engine. It answers in lines that begin with {@link Reply#PREFIX}, as native
 * libraries write to standard output, too: {@code ready} once the network is built; to each {@code
 * run N} the times of N steps; {@code failed} with the reason. It ends with its input.
 */
final class Child {

  private Child() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream replies = System.out;
    System.setOut(System.err);
    Peer peer = Peer.valueOf(arguments[0]);
    try (Engine engine =
        peer.open(Task.parse(Arrays.asList(arguments).subList(1, arguments.length)))) {
      replies.println(Reply.ready(engine.parameters(), engine.version()));
      BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        replies.println(run(engine, Integer.parseInt(line.substring("run ".length()))));
      }
    } catch (LinkageError e) {
      replies.println(
          Reply.failed("%s cannot be loaded, see %s: %s".formatted(peer, peer.artefact(), e)));
    } catch (Throwable e) {
      replies.println(Reply.failed(peer + ": " + e));
      e.printStackTrace();
    }
    System.exit(0); // threads of native libraries may live on
  }

  private static String run(Engine engine, int steps) throws Exception {
    double[] seconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      engine.step();
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    return Reply.ran(engine.loss(), peakKilobytes(), seconds);
  }

  /** Of the whole process, native memory included. */
  private static long peakKilobytes() throws IOException {
    List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
    return status.stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
