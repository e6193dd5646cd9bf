package io.alexnet.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sound files of every kind, cut off and with flipped bytes, as often as the property {@code
 * mutations} says; of gzipped formats both what is compressed and the compressed bytes.
 */
class MutationTest {

  private static final int MUTATIONS = Integer.getInteger("mutations", 100);

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void theSoundFileIsRead(Reader reader) throws IOException {
    try (Attempt attempt = new Attempt(reader)) {
      // As it is and repaired: of a tar archive, only what is gzipped is read.
      attempt.on(attempt.sound());
      assertTrue(attempt.once(reader.repaired(attempt.sound())), attempt::refusal);
    }
  }

  @Test
  void everyFolderOfTheCorpusIsAReaders() throws IOException {
    List<String> readers = Stream.of(Reader.values()).map(Reader::folderName).toList();
    try (Stream<Path> folders = Files.list(Reader.CORPUS)) {
      List<Path> nobodys =
          folders.filter(folder -> !readers.contains(folder.getFileName().toString())).toList();
      assertEquals(List.of(), nobodys, "are no reader's: the names are " + readers);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatWentWrongOnceIsRefusedOrRead(Reader reader) throws IOException {
    try (Attempt attempt = new Attempt(reader)) {
      for (Path file : reader.corpus()) {
        attempt.on(Files.readAllBytes(file), file.toString());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aTruncatedFileIsRefusedOrRead(Reader reader) throws IOException {
    Random random = new Random(1);
    try (Attempt attempt = new Attempt(reader)) {
      for (byte[] sound : attempt.soundForms()) {
        for (int i = 0; i < MUTATIONS; i++) {
          int length = sound.length <= MUTATIONS ? i % sound.length : random.nextInt(sound.length);
          attempt.on(Arrays.copyOf(sound, length), "cut to " + length + " bytes");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aFileWithFlippedBytesIsRefusedOrRead(Reader reader) throws IOException {
    Random random = new Random(2);
    try (Attempt attempt = new Attempt(reader)) {
      for (byte[] sound : attempt.soundForms()) {
        for (int i = 0; i < MUTATIONS; i++) {
          byte[] file = sound.clone();
          String flips = flipBytes(file, random);
          attempt.on(file, "mutation " + i + ":" + flips);
        }
      }
    }
  }

  /** Returns which. */
  private static String flipBytes(byte[] file, Random random) {
    StringBuilder which = new StringBuilder();
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
      // Headers are short, bodies long, and it is headers that lead astray.
      int end = random.nextBoolean() ? file.length : Math.min(file.length, 256);
      int at = random.nextInt(end);
      // One bit, which turns a letter into another, or all that there may be.
      file[at] ^= (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt(256));
      which.append(" byte ").append(at).append(" is 0x");
      which.append(HexFormat.of().toHexDigits(file[at]));
    }
    return which.toString();
  }
}
