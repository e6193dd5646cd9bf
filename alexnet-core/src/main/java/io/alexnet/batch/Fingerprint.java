package io.alexnet.batch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A few characters that tell one set of training data from another: the first half of a SHA-256 of
 * what is added, in the order of adding. Used by one thread at a time.
 */
public final class Fingerprint {

  private static final int CHUNK = 16 * 1024;

  private final MessageDigest digest;
  private final ByteBuffer bytes =
      ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private String text;

  public Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  public Fingerprint add(long number) {
    requireOpen();
    digest.update(bytes.clear().putLong(number).flip());
    return this;
  }

  public Fingerprint add(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    add(utf8.length); // "ab", "c" are not "a", "bc"
    digest.update(utf8);
    return this;
  }

  /** The bits of elements from ≤ i &lt; from + length. */
  public Fingerprint add(float[] array, int from, int length) {
    requireOpen();
    for (int done = 0; done < length; done += CHUNK) {
      int count = Math.min(CHUNK, length - done);
      bytes.clear().asFloatBuffer().put(array, from + done, count);
      digest.update(bytes.limit(count * Float.BYTES));
    }
    return this;
  }

  private void requireOpen() {
    if (text != null) {
      throw new IllegalStateException("nothing can be added to a fingerprint that was taken");
    }
  }

  /** 32 hexadecimal digits; {@link IllegalStateException} if something is added afterwards. */
  public String text() {
    if (text == null) {
      text = HexFormat.of().formatHex(digest.digest(), 0, 16);
    }
    return text;
  }
}
