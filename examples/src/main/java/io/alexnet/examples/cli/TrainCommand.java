package io.alexnet.examples.cli;

import io.alexnet.batch.BatchSource;
import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.NormalizationKind;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.ResizedImages;
import io.alexnet.data.Split;
import io.alexnet.data.image.Normalization;
import io.alexnet.examples.dashboard.Dashboard;
import io.alexnet.format.LockFile;
import io.alexnet.format.OneLine;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.layer.ConvolutionChoice;
import io.alexnet.layer.Parameter;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.CsvMetrics;
import io.alexnet.train.CsvNorms;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.History;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "train",
    description = {
      "Trains a network and keeps all that comes of it in a folder.",
      "With no option: the paper's AlexNet, on generated images of coloured shapes. What is not"
          + " given is chosen by model and data; the run's config.json has what was chosen."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar alexnet.jar train",
      "  java -jar alexnet.jar train --data folder:photos --out runs/photos",
      "  java -jar alexnet.jar train --model alexnet-bn --data flowers17:oxflower17 --epochs 50",
      "  java -jar alexnet.jar train --model small --data fashion-mnist:fashion-mnist",
      "  java -jar alexnet.jar train --data folder:other --from runs/photos --freeze 'conv*'",
      "  java -jar alexnet.jar train --resume runs/photos"
    })
final class TrainCommand implements Callable<Integer> {

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  private static final Path RUNS = Path.of("runs");

  /** Exit code of a training that was stopped, by Ctrl-C or otherwise. */
  static final int STOPPED = 130;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      order = 0,
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES}.")
  private ModelName model;

  @Option(
      names = "--data",
      order = 1,
      paramLabel = "DATA",
      description = {
        "shapes (generated), folder:PATH, list:PATH, packed:PATH, flowers17:PATH, cifar10:PATH,"
            + " mnist:PATH, fashion-mnist:PATH or npz:FILE.",
        "A folder holds a folder of images for each class; a list is a text file with an image's"
            + " path and label on each line; packed images are what the command pack writes."
      })
  private DataSource data;

  @Option(
      names = "--out",
      order = 2,
      paramLabel = "DIR",
      description = "Folder for the run, new or empty; runs/MODEL-DATA-TIME if not given.")
  private Path out;

  @Option(
      names = "--resume",
      order = 3,
      paramLabel = "DIR",
      description =
          "Goes on with a run that was stopped, as if it had not been. If its data were moved, give"
              + " --data with their new place.")
  private Path resume;

  @Option(
      names = "--from",
      order = 4,
      paramLabel = "WEIGHTS",
      description = {
        "Begins with the weights of a trained network, as far as they fit: a run's folder, or a"
            + " .safetensors file.",
        "Of a run it also takes model and normalisation, of what ImageClassifier.save wrote image"
            + " size and normalisation, unless told otherwise. The rate is a tenth of what it is"
            + " from scratch."
      })
  private Path from;

  @Option(
      names = "--convolution",
      order = 30,
      paramLabel = "NAME",
      description = {
        "How convolutions are computed: ${COMPLETION-CANDIDATES}; auto if not given.",
        "auto: by what their shapes tell; direct: without Winograd's algorithm; winograd: with it"
            + " wherever it fits; tune: by what is fastest here, measured before the training and"
            + " kept with the run."
      })
  private ConvolutionName convolution;

  @Option(
      names = "--dashboard",
      order = 31,
      arity = "0..1",
      paramLabel = "PORT",
      fallbackValue = "0",
      description =
          "Shows the training live on a page of this machine, with buttons to pause and to stop it;"
              + " on any free port if none is given.")
  private Integer dashboardPort;

  private Integer checkpointSteps;

  @Option(
      names = "--checkpoint-every",
      order = 4,
      paramLabel = "STEPS",
      description =
          "Also keeps a checkpoint whenever this many steps are done, for long epochs; otherwise"
              + " after each epoch.")
  private void checkpointEvery(int steps) {
    if (steps < 1) {
      throw new ParameterException(
          spec.commandLine(), "--checkpoint-every must be at least 1, not " + steps);
    }
    checkpointSteps = steps;
  }

  @Mixin private ThreadsOption threads;

  @Mixin private RecipeOptions options;

  private PrintWriter console;

  /** Null without one. */
  private Dashboard dashboard;

  @Override
  public Integer call() throws IOException {
    console = spec.commandLine().getOut();
    try (Dashboard opened = dashboardPort == null ? null : openDashboard()) {
      dashboard = opened;
      return resume == null ? trainNew() : resume();
    }
  }

  /** Before anything else, so that a port that is taken costs nothing. */
  private Dashboard openDashboard() throws IOException {
    if (dashboardPort < 0 || dashboardPort > 65535) {
      throw new ParameterException(
          spec.commandLine(), "--dashboard takes a port from 0 to 65535, not " + dashboardPort);
    }
    try {
      Dashboard opened = Dashboard.open(dashboardPort);
      console.println("dashboard " + opened.url());
      console.flush();
      return opened;
    } catch (BindException e) {
      throw new Failure(
          String.format(
              "--dashboard %d: the port cannot be had (%s): take another, or none for a free one",
              dashboardPort, e.getMessage()),
          e);
    }
  }

  private int trainNew() throws IOException {
    if (from != null && data == null) {
      throw new ParameterException(
          spec.commandLine(),
          "--from needs --data: what to go on with, as in --data folder:photos");
    }
    if (out == null) {
      RunFolder.requireWritable(RUNS);
    } else {
      RunFolder.requireCreatable(out);
    }
    Pretrained pretrained = from == null ? null : Pretrained.open(from);
    RunConfiguration earlier = pretrained == null ? null : pretrained.run();
    Preprocessing learnt = pretrained == null ? null : pretrained.preprocessing();
    ModelName defaultModel = earlier == null ? ModelName.ALEXNET : earlier.model();
    ModelName chosenModel = model == null ? defaultModel : model;
    DataSource chosenData = data == null ? DataSource.parse("shapes") : data;
    Recipe recipe = recipe(chosenModel, chosenData, pretrained);
    Split split = chosenData.open(recipe);
    fitBatchSize(recipe, split.train().size(), chosenData);
    int channels = channels(recipe, split.train(), learnt);
    int classes = split.train().classNames().size();
    if (classes < 2) {
      throw new Failure(
          "%s has one class, '%s', and a network needs two to tell apart: is it a folder too high, or too deep?"
              .formatted(chosenData, split.train().classNames().get(0)));
    }
    Graph graph = chosenModel.graph(channels, classes, recipe); // refuses images that are too small
    try {
      recipe.fineTuning().check(graph);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Normalization kept =
        learnt == null || options.haveNormalization()
            ? null
            : pretrained.normalization(recipe.resizedSide());
    requireNormalization(recipe, channels);
    ResizedImages images = RunConfiguration.resized(split.train(), channels, recipe);
    ResizedImages validation = RunConfiguration.resized(split.validation(), channels, recipe);
    try (Network network = build(graph, recipe, ConvolutionChoice.AUTO)) {
      recipe.fineTuning().applyTo(network); // what is frozen takes less memory
      requireMemory(
          network, recipe, images, validation, true); // before images are measured for minutes
      RunFolder folder =
          out == null
              ? RunFolder.createIn(RUNS, name(chosenModel, chosenData))
              : RunFolder.create(out);
      try (LockFile alone = folder.lock()) {
        folder.requireEmpty();
        RunConfiguration configuration =
            RunConfiguration.of(chosenModel, chosenData, images, recipe, kept);
        if (convolution != null && convolution != ConvolutionName.AUTO) {
          if (convolution == ConvolutionName.TUNE) {
            console.println("measuring the convolutions");
            console.flush();
          }
          convolution.applyTo(network, recipe.batchSize);
          requireMemory(network, recipe, images, validation, true);
        }
        return train(folder, configuration, network, images, validation);
      }
    }
  }

  private Recipe recipe(ModelName model, DataSource data, Pretrained pretrained) {
    Recipe recipe = Recipe.of(model, data.kind());
    if (pretrained != null) {
      pretrained.applyTo(recipe, model);
    }
    options.applyToDefaults(recipe);
    if (recipe.images != 0 && data.kind() != DataSource.Kind.SHAPES) {
      throw new ParameterException(
          spec.commandLine(), "--images is of --data shapes, not of " + data);
    }
    return recipe;
  }

  /**
   * @param learnt what the first weights have learnt from; null if nobody knows
   */
  private static int channels(Recipe recipe, Dataset train, Preprocessing learnt) {
    if (recipe.normalization == NormalizationKind.IMAGENET) {
      return 3; // of means for red, green and blue
    }
    return learnt == null ? train.channels() : learnt.channels();
  }

  /** A mean image has to fit into a model's file as text. */
  private void requireNormalization(Recipe recipe, int channels) {
    if (recipe.normalization == NormalizationKind.MEAN_IMAGE) {
      try {
        Preprocessing.requireTextOf(channels, recipe.resizedSide());
      } catch (IllegalArgumentException e) {
        throw new ParameterException(
            spec.commandLine(), "--normalization mean-image: " + e.getMessage(), e);
      }
    }
  }

  private Network build(Graph graph, Recipe recipe, ConvolutionChoice convolutions) {
    return Network.builder(graph)
        .seed(recipe.seed)
        .threads(threads.count())
        .convolutions(convolutions)
        .build();
  }

  /**
   * @param isNew whether the batch may still be another
   */
  private static void requireMemory(
      Network network,
      Recipe recipe,
      ResizedImages training,
      ResizedImages validation,
      boolean isNew) {
    long heap = Runtime.getRuntime().maxMemory();
    MemoryCheck.require(network, recipe, training, validation, isNew, heap);
  }

  /** The data of a run that has begun. */
  private Split openAgain(RunConfiguration configuration) {
    try {
      return configuration.data().open(configuration.recipe());
    } catch (DatasetException e) {
      if (data != null) {
        throw e;
      }
      throw new Failure(
          e.getMessage()
              + " (if the data were moved, or this is another folder to start from, add --data KIND:PATH)",
          e);
    }
  }

  private int resume() throws IOException {
    if (out != null) {
      throw new ParameterException(
          spec.commandLine(), "--out does not go with --resume, which writes where the run began");
    }
    if (from != null) {
      throw new ParameterException(
          spec.commandLine(), "--from does not go with --resume, which has weights of its own");
    }
    RunFolder folder = RunFolder.open(resume);
    try (LockFile alone = folder.lock()) {
      return resume(folder);
    }
  }

  private int resume(RunFolder folder) throws IOException {
    if (Files.exists(folder.modelFile()) && !Checkpoint.isIn(folder.checkpoints())) {
      throw new Failure(
          "%s has been trained and has no checkpoint to go on from: copy best.safetensors to last.safetensors if it is there, or begin a new run with its weights (--from %s)"
              .formatted(resume, resume));
    }
    RunConfiguration begun = folder.configuration();
    RunConfiguration configuration =
        begun.with(begun.recipe().copy(), data == null ? begun.data() : data);
    Recipe recipe = configuration.recipe();
    options.applyTo(recipe);
    requireNoContradiction(begun, recipe);
    if (recipe.epochs < begun.recipe().epochs) {
      requireEpochsLeft(folder, recipe);
    }
    Split split = openAgain(configuration);
    configuration.requireClasses(split.train(), configuration.data());
    int channels = configuration.channels();
    ResizedImages images = RunConfiguration.resized(split.train(), channels, recipe);
    ResizedImages validation = RunConfiguration.resized(split.validation(), channels, recipe);
    try (Network network = build(configuration.graph(), recipe, configuration.convolutions())) {
      recipe.fineTuning().applyTo(network);
      requireMemory(network, recipe, images, validation, false);
      configuration.warnOfChanges(validation, spec.commandLine().getErr());
      return train(folder, configuration, network, images, validation);
    }
  }

  /** Else the training would be at its end at once, with weights of another epoch than its last. */
  private void requireEpochsLeft(RunFolder folder, Recipe recipe) {
    if (!Checkpoint.isIn(folder.checkpoints())) {
      return;
    }
    Checkpoint checkpoint = Checkpoint.read(folder.checkpoints());
    List<EpochRecord> done = checkpoint.epochs();
    long steps = done.isEmpty() ? 0 : done.get(done.size() - 1).steps();
    int begun = done.size() + (checkpoint.steps() > steps ? 1 : 0);
    if (recipe.epochs < begun) {
      throw new ParameterException(
          spec.commandLine(),
          "--epochs %d: the run in %s is in epoch %d already"
              .formatted(recipe.epochs, resume, begun));
    }
  }

  private int train(
      RunFolder folder,
      RunConfiguration begun,
      Network network,
      ResizedImages images,
      ResizedImages validationImages)
      throws IOException {
    Recipe recipe = begun.recipe();
    BatchSource training = begun.trainingBatches(images);
    BatchSource validation = begun.evaluationBatches(validationImages, 1);
    RunConfiguration configuration = begun.with(network.convolutions(), validation);
    ConsoleProgress progress = new ConsoleProgress(console);
    Trainer trainer =
        Trainer.of(network)
            .optimizer(recipe.optimizer.of(recipe))
            .learningRate(
                Schedule.of(
                    recipe.schedule, recipe.learningRate, recipe.epochs, training.batches()))
            .checkpoint(folder.checkpoints())
            .listener(begin(folder, configuration, training.size(), validation.size(), network))
            .listener(new CsvMetrics(folder.metricsFile()))
            .listener(new CsvNorms(folder.normsFile(), network))
            .listener(new CurvesPicture(folder.curvesFile()))
            .listener(RunReport.listener(folder, configuration, network))
            .listener(progress);
    configuration.metadata().forEach(trainer::note);
    configuration.tensors().forEach(trainer::note);
    if (checkpointSteps != null) {
      trainer.checkpointEvery(checkpointSteps);
    }
    if (recipe.clipNorm > 0) {
      trainer.clipNorm(recipe.clipNorm);
    }
    if (dashboard != null) {
      dashboard.show(RunReport.title(configuration), trainer);
      trainer.listener(dashboard.listener());
    }
    History history;
    int bestEpoch;
    try (progress;
        StopOnSignal stop = new StopOnSignal(trainer::stop)) {
      try {
        if (Checkpoint.isIn(folder.checkpoints())) {
          trainer.resume(folder.checkpoints());
        } else if (!recipe.from.isEmpty()) {
          console.println(
              OneLine.of(
                  Pretrained.open(Path.of(recipe.from))
                      .load(network, begun.model(), begun.classNames())));
        }
        history = trainer.fit(training, validation, recipe.epochs);
        bestEpoch = keepBest(folder, configuration, network, history);
      } catch (Throwable t) {
        stop.failed(
            () -> {
              progress.close();
              return AlexNetCommand.of(spec).failure(t);
            });
        throw t;
      }
    }
    if (history.end() == History.End.STOPPED) {
      return STOPPED;
    }
    // No longer kept from ending: what was trained is in the folder, and this can be long.
    String outcome =
        FinalEvaluation.write(folder, configuration, network, validationImages, bestEpoch, history);
    console.println(outcome);
    if (dashboard != null) {
      dashboard.finished(outcome + ", in " + folder.path());
    }
    String run = Quoted.of(folder.path());
    console.printf("next: evaluate %s, or predict %s IMAGE%n", run, run);
    console.flush();
    return CommandLine.ExitCode.OK;
  }

  /** A size that the user did not ask for gives way to few images. */
  private void fitBatchSize(Recipe recipe, int images, DataSource source) {
    if (recipe.batchSize > images) {
      if (options.haveBatchSize()) {
        throw new Failure(
            String.format(
                "--batch-size %d is larger than the %d training images of %s",
                recipe.batchSize, images, source));
      }
      recipe.batchSize = images;
    }
  }

  private static String name(ModelName model, DataSource data) {
    return model + "-" + data.kind() + "-" + LocalDateTime.now().format(TIMESTAMP);
  }

  /** A run goes on as it began, but it may go on for longer, and with data that were moved. */
  private void requireNoContradiction(RunConfiguration begun, Recipe recipe) {
    if (model != null && model != begun.model()) {
      throw contradiction("--model", begun.model(), model);
    }
    if (data != null && data.kind() != begun.data().kind()) {
      throw contradiction("--data", begun.data(), data);
    }
    String computed = begun.convolutions().name();
    if (convolution != null && !convolution.toString().equals(computed)) {
      throw contradiction("--convolution", computed, convolution);
    }
    Map<String, Object> wanted = recipe.toMap();
    begun
        .recipe()
        .toMap()
        .forEach(
            (setting, value) -> {
              if (!setting.equals("epochs") && !value.equals(wanted.get(setting))) {
                throw contradiction(RecipeOptions.option(setting), value, wanted.get(setting));
              }
            });
  }

  private ParameterException contradiction(String option, Object begun, Object wanted) {
    return new ParameterException(
        spec.commandLine(),
        String.format(
            "the run in %s has %s, not %s: leave it out, or begin a new run",
            resume,
            begun.equals("") ? "no " + option : option + " " + begun,
            wanted.equals("") ? "none" : wanted));
  }

  /**
   * Writes down and announces what is trained once the data, and the checkpoint if there is one,
   * have turned out to fit: a training that is refused leaves the folder as it is, but for the
   * lock.
   */
  private TrainingListener begin(
      RunFolder folder, RunConfiguration run, int training, int validation, Network network) {
    return new TrainingListener() {
      @Override
      public void onStart(List<EpochRecord> earlier, int epochs) {
        folder.deleteEvaluation(); // of an earlier model
        folder.write(run); // first: a folder with a command but no run could not be gone on with
        folder.addCommand(commandLine());
        announce(folder, run, training, validation, network);
      }
    };
  }

  /** As it could be typed again. */
  private String commandLine() {
    return "java -jar alexnet.jar "
        + spec.root().commandLine().getParseResult().originalArgs().stream()
            .map(Quoted::of)
            .collect(Collectors.joining(" "));
  }

  private void announce(
      RunFolder folder, RunConfiguration run, int training, int validation, Network network) {
    Recipe r = run.recipe();
    console.printf(
        Locale.ROOT,
        "%s on %s: %d classes, %d images to train, %d to validate%n",
        run.model(),
        run.data(),
        run.classNames().size(),
        training,
        validation);
    console.printf(
        Locale.ROOT,
        "%d epochs, batch %d, %d pixels, %s, rate %s (%s), weight decay %s, dropout %s, %s, seed"
            + " %d%n",
        r.epochs,
        r.batchSize,
        r.imageSize,
        r.optimizer,
        r.learningRate,
        r.schedule,
        r.weightDecay,
        r.dropout,
        "augment " + r.augment,
        r.seed);
    console.printf(
        Locale.ROOT,
        "%s kernels, convolution %s, %d threads, %d MB; Ctrl-C stops after the step in progress%n",
        network.kernels().name(),
        network.convolutions().name(),
        network.team().size(),
        network.plan(r.batchSize, true).totalBytes() / 1_000_000);
    List<Parameter> frozen =
        network.parameters().stream().filter(parameter -> !parameter.trainable()).toList();
    if (!frozen.isEmpty()) {
      console.printf(
          Locale.ROOT,
          "frozen: %s, %,d of %,d parameters%n",
          r.freeze,
          count(frozen),
          count(network.parameters()));
    }
    console.println("run folder " + folder.path());
  }

  private static long count(List<Parameter> parameters) {
    return parameters.stream().mapToLong(parameter -> parameter.value().size()).sum();
  }

  /**
   * Keeps the best weights there are, which the network has then, as the run's model, and says so.
   *
   * @return the epoch that they are of, the last if there are no others; 0 if none has ended
   */
  private int keepBest(
      RunFolder folder, RunConfiguration configuration, Network network, History history)
      throws IOException {
    Path best = folder.checkpoints().resolve(Checkpoint.BEST);
    boolean kept = Files.exists(best);
    List<EpochRecord> epochs = history.epochs();
    if (kept) {
      Checkpoint.loadWeights(best, network);
      epochs = Checkpoint.read(best).epochs();
    }
    new TrainedNetwork(configuration, network).write(folder.modelFile());
    if (kept) {
      console.printf(
          Locale.ROOT,
          "best epoch %d: validation top-1 %.1f %%, kept in %s%n",
          epochs.size(),
          100 * epochs.get(epochs.size() - 1).validationTop1(),
          folder.modelFile());
    }
    if (history.end() == History.End.STOPPED) {
      console.printf("stopped; go on with: train --resume %s%n", Quoted.of(folder.path()));
    }
    console.flush();
    return epochs.size();
  }
}
