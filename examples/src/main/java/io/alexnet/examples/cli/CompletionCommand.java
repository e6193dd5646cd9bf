package io.alexnet.examples.cli;

import java.util.Arrays;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Prints a script that lets bash and zsh complete commands, options and their values.",
      "It is for a command named alexnet, so the shell must know one."
    },
    footerHeading = "%nExample, for ~/.bashrc:%n",
    footer = {
      "  alias alexnet='java -jar /path/to/alexnet.jar'",
      "  source <(java -jar /path/to/alexnet.jar completion)"
    })
final class CompletionCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    // Of a command line of its own, as it is changed for the script.
    CommandLine all = AlexNetCommand.commandLine(new AlexNetCommand());
    all.getSubcommands().values().forEach(line -> prepare(line.getCommandSpec()));
    spec.commandLine().getOut().print(AutoComplete.bash("alexnet", all));
    spec.commandLine().getOut().flush();
  }

  /**
   * Names each option's values apart: the script keeps them in a variable that is called after the
   * label, NAME for most. And adds the kinds of data, which are no enum to picocli.
   */
  private static void prepare(CommandSpec command) {
    for (OptionSpec option : List.copyOf(command.options())) {
      boolean data = option.type() == DataSource.class;
      if (option.completionCandidates() == null && !data) {
        continue;
      }
      OptionSpec.Builder named =
          option.toBuilder().paramLabel(option.longestName().replaceAll("[^a-z]", ""));
      if (data) {
        named.completionCandidates(
            Arrays.stream(DataSource.Kind.values()).map(Choice::label).toList());
      }
      command.remove(option);
      command.addOption(named.build());
    }
  }
}
