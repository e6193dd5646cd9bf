package io.alexnet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;

/** What becomes of JMH's arguments. */
class BenchmarksTest {

  /** JMH's, which is one for the whole machine. */
  @BeforeAll
  static void doNotWaitForTheLock() {
    System.setProperty("jmh.ignoreLock", "true");
  }

  private static void refused(String complaint, String... args) throws IOException {
    StringWriter err = new StringWriter();
    assertEquals(1, Benchmarks.execute(new PrintWriter(err, true), args));
    assertEquals(1, err.toString().lines().count(), err::toString);
    assertTrue(err.toString().startsWith("Benchmarks: "), err::toString);
    assertTrue(err.toString().contains(complaint), err::toString);
  }

  @Test
  void anOptionThatJmhDoesNotHave() throws IOException {
    refused("Benchmarks: nosuch is not a recognized option" + System.lineSeparator(), "--nosuch");
  }

  @Test
  void aMisspeltPatternIsNamed() throws IOException {
    refused("no benchmark matches GemBenchmark", "GemBenchmark");
    refused("no benchmark matches GemBenchmark", "GemmBenchmark", "GemBenchmark");
  }

  @Test
  void aPatternThatIsNone() throws IOException {
    refused("Unclosed", "Gemm[");
  }

  @Test
  void aPatternOfWhichAllIsExcluded() throws IOException {
    refused("no benchmark matches GemmBenchmark", "GemmBenchmark", "-e", "Gemm");
  }

  /** What the table's units take for granted. */
  @Test
  void everythingIsMeasuredBySecond() throws CommandLineOptionException {
    Options options =
        Benchmarks.withPeaks(new CommandLineOptions("-tu", "ms", "-bm", "avgt", "GemmBenchmark"));
    assertEquals(Set.of(Mode.Throughput), Set.copyOf(options.getBenchModes()));
    assertEquals(TimeUnit.SECONDS, options.getTimeUnit().get());
  }

  @Test
  void whatARunnerRefuses() throws IOException {
    refused("nosuch", "GemmBenchmark", "-prof", "nosuch");
  }
}
