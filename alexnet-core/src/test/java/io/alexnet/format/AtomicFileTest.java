package io.alexnet.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  @TempDir Path folder;

  private static AtomicFile.Content text(String text) {
    return output -> output.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aFileStaysAsItWasIfWritingFails() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "before");
    IOException thrown = new IOException("no more room");
    assertEquals(
        thrown,
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.write(
                    file,
                    output -> {
                      output.write(1);
                      throw thrown;
                    })));
    assertEquals("before", Files.readString(file));
    assertEquals(List.of("file"), names());
  }

  @Test
  void foldersThatAreMissingAreMade() throws IOException {
    Path file = folder.resolve("new/and/deep/file");
    AtomicFile.write(file, text("whole"));
    assertEquals("whole", Files.readString(file));
  }

  /** Whether the disk has it all cannot be seen here; that the thread is as before can. */
  @Test
  void anInterruptedThreadWritesAndIsInterruptedStill() throws IOException {
    Path file = folder.resolve("file");
    Thread.currentThread().interrupt();
    AtomicFile.write(file, text("whole"));
    assertTrue(Thread.interrupted());
    assertEquals("whole", Files.readString(file));
  }
}
