package io.alexnet.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What Jazzer calls, for the readers that the property {@code readers} names; each has a prepared
 * folder in that of the property {@code prepared}. An input is a file behind a byte that says which
 * of them is to read it.
 */
public final class FuzzTarget {

  private static final List<Attempt> attempts = new ArrayList<>();

  private FuzzTarget() {}

  /** The file as it is given to Jazzer, for the reader of this number in the property. */
  static byte[] input(int reader, byte[] file) {
    byte[] input = new byte[1 + file.length];
    input[0] = (byte) reader;
    System.arraycopy(file, 0, input, 1, file.length);
    return input;
  }

  /** Once, before all else. */
  public static void fuzzerInitialize() throws IOException {
    Path prepared = Path.of(System.getProperty("prepared"));
    for (String name : System.getProperty("readers").split(",")) {
      Reader reader = Reader.valueOf(name);
      attempts.add(new Attempt(reader, prepared.resolve(reader.folderName())));
    }
  }

  /** With each input that Jazzer comes upon. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length > 0) {
      Attempt attempt = attempts.get(Byte.toUnsignedInt(input[0]) % attempts.size());
      attempt.on(Arrays.copyOfRange(input, 1, input.length), "found by Jazzer");
    }
  }
}
