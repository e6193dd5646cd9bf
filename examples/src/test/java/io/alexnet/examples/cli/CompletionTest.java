package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script, and what a bash makes of it where there is one. */
class CompletionTest {

  @TempDir private static Path folder;

  private static Path script;

  @BeforeAll
  static void print() throws IOException {
    script = folder.resolve("completion.sh");
    Files.writeString(script, Invocation.of("completion").succeeds().out());
  }

  @Test
  void isAScriptForAlexnet() throws IOException {
    String text = Files.readString(script);
    assertTrue(text.startsWith("#!/usr/bin/env bash"), text.substring(0, 100));
    assertTrue(text.contains("complete -F _complete_alexnet"), "registers itself");
  }

  @ParameterizedTest
  @CsvSource({
    "tra, train",
    "predict --cro, --crops",
    "train --model alexnet-b, alexnet-bn",
    "train --optimizer ne, nesterov",
    "train --data fash, fashion-mnist",
    "summary --model sm, small"
  })
  void completesInBash(String line, String completed) throws Exception {
    Path bash = Path.of("/bin/bash");
    assumeTrue(Files.isExecutable(bash), "there is no bash here");
    String[] words = line.split(" ");
    Process process =
        new ProcessBuilder(
                bash.toString(),
                "-c",
                "source '%s'; COMP_WORDS=(alexnet %s); COMP_CWORD=%d; _complete_alexnet 2>/dev/null;"
                        .formatted(script, line, words.length)
                    + " echo \"${COMPREPLY[@]}\"")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(completed, out.strip());
  }
}
