package io.alexnet.examples.cli;

import io.alexnet.format.Onnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    description =
        "Writes a trained network, its class names and how it wants its images into one file for"
            + " other programs.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar export runs/flowers flowers.onnx",
      "  java -jar alexnet.jar export runs/flowers flowers.safetensors"
    })
final class ExportCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The folder of a run.")
  private Path run;

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description =
          "FILE.onnx for ONNX Runtime and other engines, FILE.safetensors for the weights and the same metadata;"
              + " must not exist yet.")
  private Path file;

  @Override
  public void run() {
    String name = file.toString().toLowerCase(Locale.ROOT);
    boolean onnx = name.endsWith(".onnx");
    if (!onnx && !name.endsWith(".safetensors")) {
      throw new ParameterException(
          spec.commandLine(), "FILE must end in .onnx or .safetensors, unlike " + file);
    }
    OutputFile target = new OutputFile("", file);
    target.requireNew();
    try (TrainedNetwork trained = TrainedNetwork.open(run, 1)) {
      if (onnx) {
        Onnx.write(file, trained.network(), trained.configuration().metadata());
      } else {
        trained.write(file);
      }
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "%s: %.1f MB, %d classes, images of %s%n",
              file,
              Files.size(file) / 1e6,
              trained.configuration().classNames().size(),
              trained.network().inputShape());
      spec.commandLine().getOut().flush();
    } catch (IOException e) {
      throw target.failure("cannot be written: " + RunFolder.whyNot(e), e);
    }
  }
}
