package io.alexnet.spark;

import io.alexnet.data.ImageStatistics;
import io.alexnet.data.NormalizationKind;
import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.graph.Network;
import io.alexnet.layer.BatchNorm;
import io.alexnet.optim.Adam;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains AlexNet, or a smaller network, on the images of a DataFrame: a stage of a {@link
 * org.apache.spark.ml.Pipeline}. Images come as Spark's source {@code binaryFile} gives them, and
 * if the folders' names are the labels, two lines read them:
 *
 * <pre>{@code
 * Dataset<Row> images =
 *     spark.read().format("binaryFile").option("recursiveFileLookup", "true").load("photos")
 *         .withColumn("label", element_at(split(col("path"), "/"), -2));
 * AlexNetModel model = new AlexNetClassifier().setReplicas(4).setEpochs(60).fit(images);
 * Dataset<Row> predicted = model.transform(images);
 * }</pre>
 *
 * <p>Training is that of {@link SparkTrainer}: replicas of the network, each a task of one barrier
 * stage, of which all must run at the same time. Rows are dealt out to them one by one, so that
 * their shares differ by one row at most; each keeps its compressed images in memory, and shuffles
 * them among themselves. A batch is therefore made of as many images of each replica's share, where
 * one machine would draw it from all images, and another number of replicas is another training.
 * The same rows in the same order with the same params give the same weights.
 *
 * <p>Before that, each image is decoded once, for the statistics that normalisation and colour
 * noise go by, and so that a damaged image ends the training before it begins. The classes are the
 * distinct labels in order: texts by their characters, numbers by their value; or those that the
 * metadata of the labels' column tells of, as {@code StringIndexer} writes it.
 */
public final class AlexNetClassifier extends Estimator<AlexNetModel>
    implements AlexNetParams<AlexNetClassifier>, MLWritable {

  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(AlexNetClassifier.class);

  private final String uid;
  private TrainerSettings trainerSettings = (trainer, network) -> {};

  public AlexNetClassifier() {
    this(Identifiable$.MODULE$.randomUID("alexnet"));
  }

  /**
   * @param uid tells this stage from others
   */
  public AlexNetClassifier(String uid) {
    this.uid = uid;
    AlexNetModel.setDefaults(this);
    setDefault(labelCol(), "label");
    setDefault(normalization(), ParamValues.of(NormalizationKind.STANDARD));
    setDefault(epochs(), 60);
    setDefault(batchSize(), 32);
    setDefault(replicas(), 1);
    setDefault(optimizer(), "sgd");
    setDefault(schedule(), "cosine");
    setDefault(momentum(), 0.9);
    setDefault(seed(), 1L);
    setDefault(averageEvery(), 1);
    setDefault(gradientFormat(), ParamValues.of(GradientFormat.FLOAT32));
    setDefault(resume(), false);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** Column of the labels: texts, or whole numbers of any type. */
  public Param<String> labelCol() {
    return new Param<>(this, "labelCol", "column of the labels: texts, or whole numbers");
  }

  /** Column that tells rows for validation, which only figures come of, from those for training. */
  public Param<String> validationIndicatorCol() {
    return new Param<>(
        this,
        "validationIndicatorCol",
        "column of booleans: true for rows that are for validation, not for training");
  }

  /** Side of the square that images are resized to. */
  public IntParam resizedSide() {
    return new IntParam(
        this,
        "resizedSide",
        "side of the square that images are resized to, in pixels, from which imageSize is cut;"
            + " unless set as much larger as the augmentation asks for",
        ParamValidators.gtEq(1));
  }

  /** The random changes to training images. */
  public Param<String> augmentation() {
    return new Param<>(
        this,
        "augmentation",
        "random changes to training images: none, mirror, crop (and mirror) or paper (crop, mirror"
            + " and colour noise); what suits the network unless set",
        ParamValidators.inArray(ParamValues.all(Augmentation.class)));
  }

  /** How pixels become the network's input. */
  public Param<String> normalization() {
    return new Param<>(
        this,
        "normalization",
        "how pixels become the network's input: standard (each channel of the training images to"
            + " mean 0 and deviation 1), mean (0 to 255 less each channel's mean), mean-image"
            + " (less the mean image), unit (0 to 1) or imagenet (standard, by ImageNet's figures)",
        ParamValidators.inArray(ParamValues.all(NormalizationKind.class)));
  }

  /** How often all images are learnt from. */
  public IntParam epochs() {
    return new IntParam(
        this,
        "epochs",
        "how often all images are learnt from, those before a resume included",
        ParamValidators.gtEq(1));
  }

  /** Images in a step, of all replicas together. */
  public IntParam batchSize() {
    return new IntParam(
        this,
        "batchSize",
        "images in a step, of all replicas together: a multiple of their number",
        ParamValidators.gtEq(1));
  }

  /** How many replicas are trained together. */
  public IntParam replicas() {
    return new IntParam(
        this,
        "replicas",
        "how many replicas are trained together, each a task; all must run at the same time",
        ParamValidators.gtEq(1));
  }

  /** The optimiser. */
  public Param<String> optimizer() {
    return new Param<>(
        this,
        "optimizer",
        "sgd, nesterov or adam",
        ParamValidators.inArray(List.of("sgd", "nesterov", "adam")));
  }

  /** The optimiser's rate. */
  public DoubleParam learningRate() {
    return new DoubleParam(
        this,
        "learningRate",
        "learning rate, at the beginning if there is a schedule; a fiftieth of sgd's suits adam",
        ParamValidators.gt(0));
  }

  /** How the learning rate changes. */
  public Param<String> schedule() {
    return new Param<>(
        this,
        "schedule",
        "how the learning rate changes: constant, or cosine for half a wave down to 0",
        ParamValidators.inArray(List.of("constant", "cosine")));
  }

  /** What SGD keeps of its last step. */
  public DoubleParam momentum() {
    return new DoubleParam(
        this,
        "momentum",
        "what sgd and nesterov keep of their last step, 0 or more and below 1",
        ParamValidators.inRange(0, 1, true, false));
  }

  /** What each step takes off the weights. */
  public DoubleParam weightDecay() {
    return new DoubleParam(this, "weightDecay", "L2 penalty, at least 0", ParamValidators.gtEq(0));
  }

  /** Decides the first weights, the order of images and all that is random. */
  public LongParam seed() {
    return new LongParam(
        this, "seed", "decides the first weights, the order of images and all that is random");
  }

  /** Steps between averagings of the weights. */
  public IntParam averageEvery() {
    return new IntParam(
        this,
        "averageEvery",
        "1 to add up gradients at every step; more for local SGD, whose replicas take as many steps"
            + " of their own before their weights are averaged",
        ParamValidators.gtEq(1));
  }

  /** How gradients travel. */
  public Param<String> gradientFormat() {
    return new Param<>(
        this,
        "gradientFormat",
        "how gradients travel: float32, or, with averageEvery 1, bfloat16 for half of the bytes",
        ParamValidators.inArray(ParamValues.all(GradientFormat.class)));
  }

  /** Where checkpoints of one fit are kept: give each of a {@code CrossValidator} none. */
  public Param<String> checkpointFolder() {
    return new Param<>(
        this,
        "checkpointFolder",
        "where a checkpoint is kept after each epoch, on a file system that all executors see;"
            + " none unless set");
  }

  /** Whether to go on from the last checkpoint. */
  public BooleanParam resume() {
    return new BooleanParam(
        this,
        "resume",
        "whether to go on from the checkpointFolder's last checkpoint; otherwise it must have none");
  }

  public String getLabelCol() {
    return getOrDefault(labelCol());
  }

  /** "label" unless set. */
  public AlexNetClassifier setLabelCol(String column) {
    return with(labelCol(), column);
  }

  /**
   * @throws java.util.NoSuchElementException if it is not set
   */
  public String getValidationIndicatorCol() {
    return getOrDefault(validationIndicatorCol());
  }

  /** All rows are for training unless set. */
  public AlexNetClassifier setValidationIndicatorCol(String column) {
    return with(validationIndicatorCol(), column);
  }

  /**
   * One of alexnet, alexnet-ungrouped, alexnet-torchvision, alexnet-bn, cuda-convnet, four-layers
   * and small, as on the command line; alexnet unless set.
   */
  public AlexNetClassifier setNetwork(String network) {
    return with(network(), network);
  }

  /** The network's own unless set. */
  public AlexNetClassifier setImageSize(int pixels) {
    return with(imageSize(), pixels);
  }

  /** As set, or else as much larger than the image size as the augmentation asks for. */
  public int getResizedSide() {
    if (isSet(resizedSide())) {
      return (int) getOrDefault(resizedSide());
    }
    return ParamValues.parse(Augmentation.class, getAugmentation()).crops()
        ? ParamValues.parse(ZooNetwork.class, getNetwork()).resizedSide(getImageSize())
        : getImageSize();
  }

  /** As much larger than the image size as the augmentation asks for unless set. */
  public AlexNetClassifier setResizedSide(int pixels) {
    return with(resizedSide(), pixels);
  }

  /** The network's own unless set; the model's layers are the same with any. */
  public AlexNetClassifier setDropout(double share) {
    return with(dropout(), share);
  }

  /** As set, or else what suits the network. */
  public String getAugmentation() {
    return isSet(augmentation())
        ? getOrDefault(augmentation())
        : ParamValues.of(ParamValues.parse(ZooNetwork.class, getNetwork()).augmentation);
  }

  /** What suits the network unless set. */
  public AlexNetClassifier setAugmentation(String augmentation) {
    return with(augmentation(), augmentation);
  }

  public String getNormalization() {
    return getOrDefault(normalization());
  }

  /** "standard" unless set. */
  public AlexNetClassifier setNormalization(String normalization) {
    return with(normalization(), normalization);
  }

  public int getEpochs() {
    return (int) getOrDefault(epochs());
  }

  /** 60 unless set. */
  public AlexNetClassifier setEpochs(int epochs) {
    return with(epochs(), epochs);
  }

  public int getBatchSize() {
    return (int) getOrDefault(batchSize());
  }

  /** 32 unless set. */
  public AlexNetClassifier setBatchSize(int images) {
    return with(batchSize(), images);
  }

  public int getReplicas() {
    return (int) getOrDefault(replicas());
  }

  /** 1 unless set. */
  public AlexNetClassifier setReplicas(int replicas) {
    return with(replicas(), replicas);
  }

  public String getOptimizer() {
    return getOrDefault(optimizer());
  }

  /** "sgd" unless set. */
  public AlexNetClassifier setOptimizer(String optimizer) {
    return with(optimizer(), optimizer);
  }

  /** As set, or else what suits the optimiser. */
  public double getLearningRate() {
    if (isSet(learningRate())) {
      return (double) getOrDefault(learningRate());
    }
    return isAdam() ? 2e-4 : 0.01;
  }

  /** 0.01, with Adam 0.0002, unless set. */
  public AlexNetClassifier setLearningRate(double rate) {
    return with(learningRate(), rate);
  }

  public String getSchedule() {
    return getOrDefault(schedule());
  }

  /** "cosine" unless set. */
  public AlexNetClassifier setSchedule(String schedule) {
    return with(schedule(), schedule);
  }

  public double getMomentum() {
    return (double) getOrDefault(momentum());
  }

  /** 0.9 unless set. */
  public AlexNetClassifier setMomentum(double momentum) {
    return with(momentum(), momentum);
  }

  /** As set, or else what suits the optimiser. */
  public double getWeightDecay() {
    if (isSet(weightDecay())) {
      return (double) getOrDefault(weightDecay());
    }
    return isAdam() ? 0 : 5e-4;
  }

  /** 0.0005, with Adam 0, unless set. */
  public AlexNetClassifier setWeightDecay(double decay) {
    return with(weightDecay(), decay);
  }

  public long getSeed() {
    return (long) getOrDefault(seed());
  }

  /** 1 unless set. */
  public AlexNetClassifier setSeed(long seed) {
    return with(seed(), seed);
  }

  public int getAverageEvery() {
    return (int) getOrDefault(averageEvery());
  }

  /** 1 unless set. */
  public AlexNetClassifier setAverageEvery(int steps) {
    return with(averageEvery(), steps);
  }

  public String getGradientFormat() {
    return getOrDefault(gradientFormat());
  }

  /** "float32" unless set. */
  public AlexNetClassifier setGradientFormat(String format) {
    return with(gradientFormat(), format);
  }

  /**
   * @throws java.util.NoSuchElementException if it is not set
   */
  public String getCheckpointFolder() {
    return getOrDefault(checkpointFolder());
  }

  /** No checkpoints are kept unless set. */
  public AlexNetClassifier setCheckpointFolder(String folder) {
    return with(checkpointFolder(), folder);
  }

  public boolean getResume() {
    return (boolean) getOrDefault(resume());
  }

  /** False unless set. */
  public AlexNetClassifier setResume(boolean resume) {
    return with(resume(), resume);
  }

  /**
   * Sets each replica's trainer up after the params have: any optimiser, loss, schedule, early
   * stopping, listener or first weights, and what is frozen. Not a param: it is copied with the
   * estimator, but neither saved nor part of what {@code explainParams} says.
   */
  public AlexNetClassifier setTrainerSettings(TrainerSettings settings) {
    this.trainerSettings = settings;
    return this;
  }

  private boolean isAdam() {
    return getOptimizer().equals("adam");
  }

  private <T> AlexNetClassifier with(Param<T> param, T value) {
    set(param, value);
    return this;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    preprocessing(Normalization.unit()); // refuses sizes that do not fit
    network(2).graph(); // and this, what the network cannot take
    if (normalizationKind() == NormalizationKind.MEAN_IMAGE) {
      try {
        Preprocessing.requireTextOf(3, getResizedSide());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("normalization, resizedSide: " + e.getMessage(), e);
      }
    }
    try {
      optimizer(getOptimizer(), (float) getMomentum(), (float) getWeightDecay());
      learningRate(getSchedule(), (float) getLearningRate(), getEpochs());
    } catch (IllegalArgumentException e) { // of what is out of range as a float
      throw new IllegalArgumentException(
          "learningRate, momentum, weightDecay: " + e.getMessage(), e);
    }
    if (getBatchSize() % getReplicas() != 0) {
      throw new IllegalArgumentException(
          "batchSize: a batch of %d images cannot be shared equally by %d replicas"
              .formatted(getBatchSize(), getReplicas()));
    }
    SparkTrainer.requireGradients(getAverageEvery(), format());
    if (getResume() && !isDefined(checkpointFolder())) {
      throw new IllegalArgumentException("resume: set the checkpointFolder to go on from");
    }
    ImageColumns.requireImages(schema, getImageCol());
    ImageColumns.requireLabels(schema, getLabelCol());
    Classes.requireNames(schema.apply(getLabelCol()));
    if (isDefined(validationIndicatorCol())) {
      ImageColumns.requireBooleans(schema, getValidationIndicatorCol());
    }
    return ImageColumns.withPredictions(schema, this, Metadata.empty());
  }

  private NormalizationKind normalizationKind() {
    return ParamValues.parse(NormalizationKind.class, getNormalization());
  }

  private GradientFormat format() {
    return ParamValues.parse(GradientFormat.class, getGradientFormat());
  }

  private Preprocessing preprocessing(Normalization normalization) {
    return new Preprocessing(3, getResizedSide(), getImageSize(), normalization);
  }

  /**
   * Trains a network on the rows of a DataFrame. They are read twice, so cache what is costly to
   * compute, or may come out differently. The model has the weights of the last epoch, also where
   * validation was better before.
   *
   * @throws IllegalArgumentException if columns are missing or params do not fit each other or the
   *     data, or a row has no label, or an image that cannot be read; the message names the row
   * @throws DistributedTrainingException if the loss, a gradient or the weights are no longer
   *     numbers
   * @throws UncheckedIOException if the checkpoints cannot be read
   */
  @Override
  public AlexNetModel fit(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    transformSchema(schema);
    JavaRDD<Row> rows =
        ImageRow.select(
                dataset,
                getImageCol(),
                getLabelCol(),
                ImageColumns.contains(schema, getNameCol()) ? getNameCol() : null,
                isDefined(validationIndicatorCol()) ? getValidationIndicatorCol() : null)
            .javaRDD();
    JavaSparkContext spark =
        JavaSparkContext.fromSparkContext(dataset.sparkSession().sparkContext());
    requireCheckpoints(spark); // before all images are decoded
    Survey survey = Survey.of(rows, getResizedSide());
    Classes classes = Classes.of(schema.apply(getLabelCol()), survey.labels());
    List<String> classNames = classes.names();
    requireEnough(survey);
    if (classes.warning() != null) {
      LOG.warn(classes.warning());
    }

    ImageStatistics statistics = survey.statistics();
    Preprocessing preprocessing = preprocessing(normalizationKind().of(statistics));
    ReplicaRows shares =
        new ReplicaRows(
            survey,
            classNames,
            preprocessing,
            ParamValues.parse(Augmentation.class, getAugmentation()),
            getReplicas(),
            getBatchSize() / getReplicas(),
            getSeed());
    NetworkOptions network = network(classNames.size());
    try {
      SparkTraining training =
          trainer(spark, network).fit(shares.deal(rows, classes.labels()), shares, getEpochs());
      TrainedFile file =
          TrainedFile.of(file(training, network, preprocessing, classNames), network);
      AlexNetModel model = new AlexNetModel(uid, file, training.history());
      model.set(model.numClasses(), classNames.size());
      model.set(model.imageSize(), getImageSize());
      model.set(model.dropout(), getDropout());
      return copyValues(model, ParamMap.empty()).setParent(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void requireCheckpoints(JavaSparkContext spark) {
    try {
      trainer(spark, network(2)).requireCheckpoints();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private NetworkOptions network(int classes) {
    return new NetworkOptions(getNetwork(), getImageSize(), classes, getDropout());
  }

  private void requireEnough(Survey survey) {
    int replicas = getReplicas();
    if (survey.training() == 0) {
      throw new IllegalArgumentException("there are no rows to train with");
    }
    if (survey.training() / replicas < getBatchSize() / replicas) {
      throw new IllegalArgumentException(
          "batchSize: a batch of %d is more than the %d images for training, shared by replicas"
                  .formatted(getBatchSize(), survey.training())
              + " whose number is "
              + replicas);
    }
    int batch = getBatchSize() / replicas;
    long least = survey.training() / replicas; // some replicas have one more
    boolean oneIsLeft =
        batch == 1
            || least % batch == 1
            || survey.training() % replicas > 0 && (least + 1) % batch == 1;
    if (oneIsLeft && hasBatchNorm()) {
      throw new IllegalArgumentException(
          "batchSize: with %d images in batches of %d a replica has a batch of a single one, from which"
                  .formatted(survey.training(), batch)
              + " batch norm cannot learn");
    }
    if (isDefined(validationIndicatorCol()) && survey.validation() < replicas) {
      throw new IllegalArgumentException(
          "validationIndicatorCol: %d rows for validation cannot be shared by %d replicas"
              .formatted(survey.validation(), replicas));
    }
    if (survey.labels().size() < 2) {
      throw new IllegalArgumentException(
          "labelCol: there must be at least two labels, not only " + survey.labels());
    }
  }

  private boolean hasBatchNorm() {
    return network(2).graph().layers().stream().anyMatch(node -> node.layer() instanceof BatchNorm);
  }

  private SparkTrainer trainer(JavaSparkContext spark, GraphSource network) {
    SparkTrainer trainer =
        SparkTrainer.of(spark, network)
            .replicas(getReplicas())
            .seed(getSeed())
            .averageEvery(getAverageEvery())
            .gradientFormat(format())
            .settings(settings());
    if (isDefined(checkpointFolder())) {
      trainer.checkpoint(getCheckpointFolder());
    }
    return getResume() ? trainer.resume() : trainer;
  }

  /** What the params say, then what else was set. */
  private TrainerSettings settings() {
    String optimizer = getOptimizer();
    float momentum = (float) getMomentum();
    float decay = (float) getWeightDecay();
    float rate = (float) getLearningRate();
    String schedule = getSchedule();
    int epochs = getEpochs();
    TrainerSettings more = trainerSettings;
    return (trainer, network) -> {
      trainer
          .optimizer(optimizer(optimizer, momentum, decay))
          .learningRate(learningRate(schedule, rate, epochs));
      more.apply(trainer, network);
    };
  }

  private static Optimizer optimizer(String name, float momentum, float decay) {
    Sgd sgd = Sgd.momentum(momentum).weightDecay(decay);
    return switch (name) {
      case "adam" -> new Adam().weightDecay(decay);
      case "nesterov" -> sgd.withNesterov();
      default -> sgd;
    };
  }

  private static LearningRate learningRate(String schedule, float rate, int epochs) {
    return schedule.equals("cosine")
        ? LearningRate.cosine(rate, 0, epochs)
        : LearningRate.constant(rate);
  }

  private static byte[] file(
      SparkTraining training,
      GraphSource graph,
      Preprocessing preprocessing,
      List<String> classNames)
      throws IOException {
    try (TemporaryFolder folder = new TemporaryFolder();
        Network network = Network.builder(graph.graph()).threads(1).skipInitialization().build()) {
      training.loadInto(network);
      Path path = folder.path().resolve("model.safetensors");
      ImageClassifier.save(path, network, preprocessing, classNames);
      return Files.readAllBytes(path);
    }
  }

  @Override
  public AlexNetClassifier copy(ParamMap extra) {
    AlexNetClassifier copy = copyValues(new AlexNetClassifier(uid), extra);
    copy.trainerSettings = trainerSettings;
    return copy;
  }

  /** Writes the params, to any file system that Hadoop knows. */
  @Override
  public MLWriter write() {
    return new DefaultParamsWriter(this);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<AlexNetClassifier> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads what {@link #save} wrote. */
  public static AlexNetClassifier load(String path) {
    return read().load(path);
  }
}
