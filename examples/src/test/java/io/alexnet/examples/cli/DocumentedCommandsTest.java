package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every command line in README.md, docs/ and the commands' own help is one that can be typed. */
class DocumentedCommandsTest {

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final String PREFIX = "^( *|.*&& )(java -jar \\S*alexnet\\.jar|alexnet) ";

  static List<String> commands() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    List<String> commands = new ArrayList<>();
    for (Path page : pages) {
      boolean inBlock = false;
      for (String line : Files.readAllLines(page)) {
        if (line.startsWith("```")) {
          inBlock = !inBlock;
        } else if (inBlock && line.matches(PREFIX + ".*") && !line.endsWith("\\")) {
          commands.add(line.replaceFirst(PREFIX, "").replaceFirst("  +#.*| +[>|] .*", ""));
        }
      }
    }
    AlexNetCommand.commandLine(new AlexNetCommand())
        .getSubcommands()
        .values()
        .forEach(
            command -> {
              for (String line : command.getCommandSpec().usageMessage().footer()) {
                if (line.matches(PREFIX + ".*")) {
                  commands.add(line.replaceFirst(PREFIX, ""));
                }
              }
            });
    return commands;
  }

  @Test
  void thereAreSome() throws IOException {
    assertTrue(commands().size() > 30, commands().toString());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void canBeTyped(String command) {
    AlexNetCommand.commandLine(new AlexNetCommand()).parseArgs(command.strip().split(" +"));
  }
}
