package io.alexnet.examples.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --crops}. */
final class CropsOption {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  private int count = 1;

  @Option(
      names = "--crops",
      paramLabel = "1|10",
      description =
          "1: the centre of each image, as if not given. 10: the paper's, four corners, the centre"
              + " and their mirror images, whose probabilities are averaged.")
  void count(int crops) {
    if (crops != 1 && crops != 10) {
      throw new ParameterException(command.commandLine(), "--crops must be 1 or 10, not " + crops);
    }
    count = crops;
  }

  /**
   * @throws Failure if ten were asked for and this run's images leave nothing to crop
   */
  int count(RunConfiguration run) {
    if (count > 1 && !run.recipe().canBeCropped()) {
      throw new Failure(
          String.format(
              "--crops 10: the run resizes images to the %d pixels that its network takes (its"
                  + " augmentation is %s), which leaves nothing to crop: take --crops 1, or train"
                  + " with --augment crop or a larger --resize",
              run.recipe().imageSize, run.recipe().augment));
    }
    return count;
  }
}
