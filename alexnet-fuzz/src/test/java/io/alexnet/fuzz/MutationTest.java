package io.alexnet.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sound files of every kind, cut off and with flipped bytes, as often as the property {@code
 * mutations} says.
 */
class MutationTest {

  private static final int MUTATIONS = Integer.getInteger("mutations", 100);

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void theSoundFileIsRead(Reader reader) throws IOException {
    try (Attempt attempt = new Attempt(reader)) {
      assertTrue(attempt.on(attempt.sound()));
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatWentWrongOnceIsRefusedOrRead(Reader reader) throws IOException {
    try (Attempt attempt = new Attempt(reader)) {
      for (Path corpus : reader.corpora()) {
        List<Path> files;
        try (Stream<Path> all = Files.list(corpus)) {
          files = all.sorted().toList();
        }
        for (Path file : files) {
          on(attempt, Files.readAllBytes(file), file.toString());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aTruncatedFileIsRefusedOrRead(Reader reader) throws IOException {
    Random random = new Random(1);
    try (Attempt attempt = new Attempt(reader)) {
      byte[] sound = attempt.sound();
      for (int i = 0; i < MUTATIONS; i++) {
        int length = sound.length <= MUTATIONS ? i % sound.length : random.nextInt(sound.length);
        on(attempt, Arrays.copyOf(sound, length), "cut to " + length + " bytes");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aFileWithFlippedBytesIsRefusedOrRead(Reader reader) throws IOException {
    Random random = new Random(2);
    try (Attempt attempt = new Attempt(reader)) {
      for (int i = 0; i < MUTATIONS; i++) {
        byte[] file = attempt.sound().clone();
        StringBuilder how = new StringBuilder("mutation " + i + ":");
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          // Headers are short, bodies long, and it is headers that lead astray.
          int end = random.nextBoolean() ? file.length : Math.min(file.length, 256);
          int at = random.nextInt(end);
          // One bit, which turns a letter into another, or all that there may be.
          file[at] ^= (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt(256));
          how.append(" byte ").append(at).append(" is 0x");
          how.append(HexFormat.of().toHexDigits(file[at]));
        }
        on(attempt, file, how.toString());
      }
    }
  }

  private static void on(Attempt attempt, byte[] file, String how) throws IOException {
    try {
      attempt.on(file);
    } catch (AssertionError e) {
      Path kept = Files.createDirectories(Path.of("target", "failed")).resolve(attempt.fileName());
      Files.write(kept, file);
      throw new AssertionError(how + ", kept as " + kept + ": " + e.getMessage(), e);
    }
  }
}
