package io.alexnet.data.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.DatasetException;
import org.junit.jupiter.api.function.Executable;

final class DatasetAssertions {

  private DatasetAssertions() {}

  /** A dataset is refused in one line that names the file at fault and says these words. */
  static void assertRefused(Object file, String words, Executable opening) {
    DatasetException thrown = assertThrows(DatasetException.class, opening);
    String message = thrown.getMessage();
    assertTrue(message.contains(file.toString()) && message.contains(words), message);
    assertEquals(1, message.lines().count());
  }
}
