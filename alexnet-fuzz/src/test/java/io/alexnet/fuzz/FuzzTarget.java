package io.alexnet.fuzz;

import java.io.IOException;

/** What Jazzer calls, with the reader that the property {@code reader} names. */
public final class FuzzTarget {

  private static Attempt attempt;

  private FuzzTarget() {}

  /** Once, before all else. */
  public static void fuzzerInitialize() throws IOException {
    attempt = new Attempt(Reader.valueOf(System.getProperty("reader")));
  }

  /** With each file that Jazzer comes upon. */
  public static void fuzzerTestOneInput(byte[] file) throws IOException {
    attempt.on(file);
  }

  /** Once, after all else. */
  public static void fuzzerTearDown() throws IOException {
    attempt.close();
  }
}
