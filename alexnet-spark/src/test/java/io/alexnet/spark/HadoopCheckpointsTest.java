package io.alexnet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import io.alexnet.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopCheckpointsTest {

  @TempDir Path folder;

  /** It may be sound, and the next one would be written over it. */
  @Test
  void theNewestIsPassedOverOnlyIfItIsDamaged() throws Exception {
    HadoopCheckpoints checkpoints =
        new HadoopCheckpoints(folder.toUri().toString(), new Configuration(), null, 0);
    assertNull(checkpoints.fetch(local("none")));
    Path last = folder.resolve(Checkpoint.LAST);
    try (Network network = Trainings.network()) {
      Trainer trainer = Trainer.of(network);
      Trainings.settings(trainer, network);
      trainer.checkpoint(folder).fit(Trainings.train(0, 1), null, 2);
    }
    assertEquals(12, Checkpoint.read(checkpoints.fetch(local("sound"))).steps());
    SafeTensors.write(last, Map.of(), Map.of("train.format", "2"));
    var e =
        assertThrows(CheckpointException.class, () -> checkpoints.fetch(local("other version")));
    assertTrue(e.getMessage().contains("a checkpoint of version 2"), e.getMessage());
    Files.write(last, new byte[1000]);
    assertEquals(6, Checkpoint.read(checkpoints.fetch(local("damaged"))).steps());
    Path before = folder.resolve("last-1.safetensors");
    Files.write(before, new byte[1000]);
    var none = assertThrows(IOException.class, () -> checkpoints.fetch(local("none whole")));
    assertTrue(none.getMessage().contains("can be read: file:" + before), none.getMessage());
    assertFalse(none.getMessage().contains("none whole"), "a copy that is gone");
  }

  private Path local(String name) throws Exception {
    return Files.createDirectories(folder.resolve("local").resolve(name));
  }
}
