package io.alexnet.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.when;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.image.Image;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.predict.Prediction;
import io.alexnet.data.source.Shapes;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Graph;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.History;
import io.alexnet.train.TrainingListener;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import org.apache.spark.BarrierTaskInfo;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import scala.reflect.ClassTag;

/** With Spark in this JVM, and PNG files in a folder for each of eight classes. */
class AlexNetClassifierTest {

  private static final int CLASSES = 8;
  private static final int VALIDATION = 40;

  /** Two files that are no images, in folders of their own. */
  private static final int BROKEN = 2;

  /** Of rows, by all tasks, which are in this JVM. */
  private static final AtomicInteger READS = new AtomicInteger();

  /** Of the last epoch that a replica validated. */
  private static final AtomicReference<Evaluation> EVALUATION = new AtomicReference<>();

  @TempDir static Path folder;

  @TempDir Path saved;

  private static SparkSession spark;
  private static AlexNetClassifier classifier;
  private static PipelineModel pipelineModel;
  private static AlexNetModel model;

  @BeforeAll
  static void begin() throws Exception {
    Shapes shapes = Shapes.of(400, 32, 1);
    for (int i = 0; i < shapes.size(); i++) {
      write(shapes, i, folder.resolve(i / CLASSES % 10 == 0 ? "validation" : "train"));
    }
    Files.createDirectories(folder.resolve("broken/none"));
    Files.writeString(folder.resolve("broken/none/text.png"), "no image");
    byte[] whole = Files.readAllBytes(folder.resolve("train/ring/13.png"));
    Files.write(folder.resolve("broken/none/half.png"), Arrays.copyOf(whole, whole.length / 2));
    spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("test")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .getOrCreate();
    classifier = small().setEpochs(10).setReplicas(2).setValidationIndicatorCol("validation");
    SQLTransformer shorter = new SQLTransformer();
    shorter.setStatement("SELECT path, content, label, validation FROM __THIS__");
    pipelineModel =
        new Pipeline().setStages(new PipelineStage[] {shorter, classifier}).fit(images());
    model = (AlexNetModel) pipelineModel.stages()[1];
  }

  @AfterAll
  static void end() {
    if (spark == null) { // it has not begun
      return;
    }
    try {
      if (model != null) {
        model.transform(read("validation")).collectAsList();
        ExecutorClassifier shared = model.broadcast().orElseThrow().value();
        assertTrue(shared.isOpen());
        spark.stop();
        assertFalse(shared.isOpen());
      }
    } finally {
      spark.stop(); // or the next class would be given this session
    }
  }

  @AfterEach
  void nothingIsBroadcast() {
    model.close();
  }

  private static void write(Shapes shapes, int index, Path part) throws IOException {
    Image image = shapes.image(index);
    BufferedImage picture =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] p = image.pixels();
    for (int i = 0; i < p.length / 3; i++) {
      int rgb = (p[3 * i] & 255) << 16 | (p[3 * i + 1] & 255) << 8 | p[3 * i + 2] & 255;
      picture.setRGB(i % image.width(), i / image.width(), rgb);
    }
    Path place = part.resolve(shapes.classNames().get(shapes.label(index)));
    Files.createDirectories(place);
    ImageIO.write(picture, "png", place.resolve(index + ".png").toFile());
  }

  private static AlexNetClassifier small() {
    return new AlexNetClassifier().setNetwork("four-layers").setImageSize(24).setBatchSize(16);
  }

  private static Dataset<Row> read(String part) {
    return spark
        .read()
        .format("binaryFile")
        .option("recursiveFileLookup", "true")
        .load(folder.resolve(part).toString())
        .withColumn("label", element_at(split(col("path"), "/"), -2));
  }

  private static Dataset<Row> images() {
    return read("train")
        .withColumn("validation", lit(false))
        .union(read("validation").withColumn("validation", lit(true)));
  }

  private static List<Row> sorted(Dataset<Row> predictions) {
    return predictions.orderBy("path").collectAsList();
  }

  private static double[] probabilities(Row row) {
    return row.<Vector>getAs("probability").toArray();
  }

  private static void assertSamePredictions(Dataset<Row> expected, Dataset<Row> actual) {
    List<Row> expectedRows = sorted(expected);
    List<Row> actualRows = sorted(actual);
    assertEquals(expectedRows.size(), actualRows.size());
    assertFalse(expectedRows.isEmpty());
    for (int i = 0; i < expectedRows.size(); i++) {
      assertArrayEquals(probabilities(expectedRows.get(i)), probabilities(actualRows.get(i)));
      String label = expectedRows.get(i).getAs("predictedLabel");
      assertEquals(label, actualRows.get(i).<String>getAs("predictedLabel"));
    }
  }

  @Test
  void aPipelineLearnsAndPredicts() {
    Dataset<Row> predictions = pipelineModel.transform(images());
    Dataset<Row> unseen = predictions.filter("validation");
    assertEquals(VALIDATION, unseen.count());
    double accuracy = unseen.filter("label = predictedLabel").count() / (double) VALIDATION;
    assertTrue(accuracy > 0.3, "chance is 0.125, this is " + accuracy);
    List<EpochRecord> epochs = model.history().orElseThrow().epochs();
    assertEquals(10, epochs.size());
    assertEquals(accuracy, epochs.get(9).validationTop1(), 1e-6);
    assertEquals(
        List.of("circle", "crescent", "cross", "hexagon", "ring", "square", "star", "triangle"),
        model.classNames());
    for (Row row : predictions.collectAsList()) {
      double[] probabilities = probabilities(row);
      assertEquals(CLASSES, probabilities.length);
      assertEquals(1, Arrays.stream(probabilities).sum(), 1e-5);
      int index = (int) row.<Double>getAs("prediction").doubleValue();
      assertEquals(Arrays.stream(probabilities).max().orElseThrow(), probabilities[index]);
      assertEquals(model.classNames().get(index), row.getAs("predictedLabel"));
    }
    assertEquals(
        model.classNames(),
        List.of(
            ((NominalAttribute) Attribute.fromStructField(predictions.schema().apply("prediction")))
                .values()
                .get()));
  }

  @Test
  void aLocalClassifierSaysTheSame() throws Exception {
    model.save(saved.resolve("model").toString());
    Path file = saved.resolve("model/data/model.safetensors");
    assertArrayEquals(model.toSafeTensors(), Files.readAllBytes(file));
    try (ImageClassifier local = ImageClassifier.open(file, model.graph())) {
      assertEquals(model.classNames(), local.classNames());
      assertEquals(model.preprocessing().toText(), local.preprocessing().toText());
      for (Row row : model.transform(read("validation")).collectAsList()) {
        Path image = Path.of(URI.create(row.getAs("path")));
        double[] probabilities = probabilities(row);
        for (Prediction prediction : local.classify(image, CLASSES)) {
          assertEquals(prediction.probability(), probabilities[prediction.index()], 1e-5);
        }
      }
    }
  }

  @Test
  void modelsAndPipelinesAreSavedAndLoaded() throws Exception {
    String path = saved.resolve("model").toUri().toString();
    model.save(path);
    AlexNetModel loaded = AlexNetModel.load(path);
    assertEquals(model.uid(), loaded.uid());
    assertEquals(model.extractParamMap().toString(), loaded.extractParamMap().toString());
    assertEquals(model.classNames(), loaded.classNames());
    assertTrue(loaded.history().isEmpty());
    assertSamePredictions(
        model.transform(read("validation")), loaded.transform(read("validation")));
    loaded.close();
    assertThrows(IOException.class, () -> model.save(path), "it is there already");
    model.write().overwrite().save(path);

    String pipelinePath = saved.resolve("pipeline").toUri().toString();
    pipelineModel.save(pipelinePath);
    PipelineModel loadedPipeline = PipelineModel.load(pipelinePath);
    Dataset<Row> images = images().filter("validation");
    assertSamePredictions(pipelineModel.transform(images), loadedPipeline.transform(images));
    ((AlexNetModel) loadedPipeline.stages()[1]).close();
  }

  /** By the file that the user has, not by a copy of it that is gone. */
  @Test
  void aModelThatCannotBeUsedIsNamed() throws Exception {
    Path folder = saved.resolve("model");
    model.save(folder.toString());
    Path file = folder.resolve("data/model.safetensors");
    Files.delete(folder.resolve("data/.model.safetensors.crc")); // Hadoop's own checksums
    try (SafeTensors whole = SafeTensors.open(file)) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : whole.names()) {
        tensors.put(name, whole.read(name));
      }
      SafeTensors.write(file, tensors, Map.of());
      assertNotLoaded(folder, "preprocessing.normalization.mean is missing");
      tensors.clear();
      SafeTensors.write(file, tensors, whole.metadata());
      assertNotLoaded(folder, "there is no tensor 'conv1.weight'");
    }
    Files.write(file, new byte[100]);
    assertNotLoaded(folder, "no safetensors file");
  }

  private static void assertNotLoaded(Path folder, String why) {
    String message =
        assertThrows(UncheckedIOException.class, () -> AlexNetModel.load(folder.toString()))
            .getMessage();
    assertTrue(message.contains(folder + "/data/model.safetensors cannot be used"), message);
    assertTrue(message.contains(why), message);
    assertEquals(
        message.indexOf("model.safetensors"), message.lastIndexOf("model.safetensors"), message);
  }

  @Test
  void estimatorsAreSavedAndLoadedWithTheirParams() throws Exception {
    AlexNetClassifier original =
        small()
            .setEpochs(1)
            .setSeed(7)
            .setDropout(0.25)
            .setReplicas(2)
            .setAverageEvery(4)
            .setGradientFormat("float32") // nothing else goes with it
            .setSchedule("constant")
            .setOptimizer("nesterov")
            .setAugmentation("mirror")
            .setNormalization("mean-image")
            .setHandleInvalid("keep");
    String path = saved.resolve("estimator").toUri().toString();
    original.save(path);
    AlexNetClassifier loaded = AlexNetClassifier.load(path);
    assertEquals(original.explainParams(), loaded.explainParams());
    assertEquals(7, loaded.getSeed());

    String pipelinePath = saved.resolve("pipeline").toUri().toString();
    new Pipeline().setStages(new PipelineStage[] {loaded}).save(pipelinePath);
    AlexNetClassifier stage = (AlexNetClassifier) Pipeline.load(pipelinePath).getStages()[0];
    Dataset<Row> few = read("validation");
    AlexNetModel one = original.fit(few);
    AlexNetModel other = stage.fit(few);
    assertArrayEquals(one.toSafeTensors(), other.toSafeTensors());
    assertEquals("keep", one.getHandleInvalid());
  }

  @Test
  void damagedImagesFailOrAreSkippedOrKept() {
    Dataset<Row> images = read("validation").union(read("broken")).select("path", "content");
    SparkException failure =
        assertThrows(SparkException.class, () -> model.transform(images).collectAsList());
    assertTrue(failure.getMessage().matches("(?s).*none/(text|half).png: .*"));

    Dataset<Row> nameless =
        read("validation").limit(2).union(read("broken")).select("content").coalesce(1);
    failure = assertThrows(SparkException.class, () -> model.transform(nameless).collectAsList());
    assertTrue(failure.getMessage().contains("row 2 of partition 0: "), failure.getMessage());

    AlexNetModel skipping = model.copy(new ParamMap()).setHandleInvalid("skip");
    assertEquals(VALIDATION, skipping.transform(images).collectAsList().size());

    AlexNetModel keeping = model.copy(new ParamMap()).setHandleInvalid("keep");
    Dataset<Row> kept =
        keeping.transform(
            images.withColumn("content", when(length(col("content")).gt(8), col("content"))));
    assertEquals(VALIDATION + BROKEN, kept.count());
    List<Row> without = kept.filter("prediction IS NULL").collectAsList();
    assertEquals(BROKEN, without.size());
    for (Row row : without) {
      assertTrue(row.<String>getAs("path").contains("broken"));
      assertTrue(row.isNullAt(row.fieldIndex("probability")));
      assertTrue(row.isNullAt(row.fieldIndex("predictedLabel")));
    }
    assertSamePredictions(skipping.transform(images), kept.filter("prediction IS NOT NULL"));
  }

  @Test
  void numbersAreOrderedByTheirValue() {
    Dataset<Row> images =
        read("validation")
            .filter("label IN ('circle', 'star', 'ring')")
            .withColumn(
                "class",
                when(col("label").equalTo("circle"), 10)
                    .when(col("label").equalTo("star"), 9)
                    .otherwise(-1));
    AlexNetModel numbered =
        small().setLabelCol("class").setEpochs(1).setBatchSize(8).setImageSize(16).fit(images);
    assertEquals(List.of("-1", "9", "10"), numbered.classNames());
    AlexNetModel whole =
        small()
            .setLabelCol("class")
            .setEpochs(1)
            .setBatchSize(8)
            .setImageSize(16)
            .fit(images.withColumn("class", col("class").cast("double")));
    assertArrayEquals(numbered.toSafeTensors(), whole.toSafeTensors());

    assertRefused(
        "5.png: the label is no whole number: 9.5",
        () ->
            small()
                .setLabelCol("class")
                .fit(
                    images
                        .withColumn(
                            "class", when(col("class").equalTo(9), 9.5).otherwise(col("class")))
                        .withColumn("path", lit("5.png"))));
  }

  /** As when the rows of one were all split off for testing. */
  @Test
  void aClassOfStringIndexerMayHaveNoRows() {
    Dataset<Row> images = read("validation");
    StringIndexerModel indexer =
        new StringIndexer()
            .setInputCol("label")
            .setOutputCol("class")
            .setStringOrderType("alphabetDesc")
            .fit(images);
    Dataset<Row> indexed = indexer.transform(images).withColumn("unseen", lit(true));
    Dataset<Row> without = indexed.filter("class != 3");
    EVALUATION.set(null);
    AlexNetModel trained =
        small()
            .setLabelCol("class")
            .setEpochs(1)
            .setValidationIndicatorCol("unseen")
            .setTrainerSettings((trainer, network) -> trainer.listener(new KeepsEvaluation()))
            .fit(without.union(without.withColumn("unseen", lit(false))));
    assertEquals(List.of(indexer.labelsArray()[0]), trained.classNames());
    for (int index = 0; index < CLASSES; index++) {
      long rows = indexed.filter("class = " + index).count();
      assertEquals(index == 3 ? 0 : rows, EVALUATION.get().examples(index), "class " + index);
    }
    for (Row row : trained.transform(indexed).collectAsList()) {
      int prediction = (int) row.<Double>getAs("prediction").doubleValue();
      assertEquals(indexer.labelsArray()[0][prediction], row.getAs("predictedLabel"));
    }
    trained.close();
    assertRefused(
        "the label 8 is none of the 8 classes",
        () ->
            small()
                .setLabelCol("class")
                .fit(
                    indexed.withColumn(
                        "class",
                        when(col("class").gt(6), 8.0)
                            .otherwise(col("class"))
                            .as("class", indexed.schema().apply("class").metadata()))));
  }

  private static final class KeepsEvaluation implements TrainingListener {

    @Override
    public void onEpoch(EpochRecord record, Evaluation validation) {
      EVALUATION.set(validation);
    }
  }

  private static void assertRefused(String message, Executable executable) {
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, executable);
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
    assertEquals(1, refused.getMessage().lines().count());
  }

  @Test
  void whatIsWrongIsSaidBeforeTheTraining() {
    Dataset<Row> images = read("validation");
    assertRefused("broken/none/", () -> small().fit(images.union(read("broken"))));
    assertRefused(
        ".png: the label is null",
        () ->
            small()
                .fit(
                    images.withColumn("label", when(col("label").notEqual("star"), col("label")))));
    assertRefused(
        ".png: the label is an empty text",
        () ->
            small()
                .fit(
                    images.withColumn(
                        "label", when(col("label").notEqual("star"), col("label")).otherwise(""))));
    assertRefused(
        ".png: the label has a line break",
        () ->
            small()
                .fit(
                    images.withColumn(
                        "label",
                        when(col("label").notEqual("star"), col("label")).otherwise("st\nar"))));
    assertRefused(
        "row 0 of partition 0: there is no image",
        () -> small().fit(images.select(lit(null).cast("binary").as("content"), col("label"))));
    assertRefused("at least two labels", () -> small().fit(images.withColumn("label", lit("a"))));
    assertRefused(
        "batch of 64 is more than the 40 images", () -> small().setBatchSize(64).fit(images));
    assertRefused("there are no rows", () -> small().fit(images.filter("label = 'tree'")));
    assertRefused(
        "there is no column 'photo' among path,", () -> small().setImageCol("photo").fit(images));
    assertRefused("is of type string", () -> small().setImageCol("path").fit(images));
    assertRefused(
        "is of type timestamp", () -> small().setLabelCol("modificationTime").fit(images));
    assertRefused(
        "is of type string", () -> small().setValidationIndicatorCol("label").fit(images));
    assertRefused(
        "0 rows for validation",
        () ->
            small().setValidationIndicatorCol("never").fit(images.withColumn("never", lit(false))));
    assertRefused("16 images cannot be shared", () -> small().setReplicas(3).fit(images));
    assertRefused(
        "gradientFormat: with averageEvery 4",
        () -> small().setAverageEvery(4).setGradientFormat("bfloat16").fit(images));
    assertRefused("checkpointFolder", () -> small().setResume(true).fit(images));
    assertRefused("from 20", () -> small().setResizedSide(20).fit(images));
    assertRefused(
        "layer 'pool2'", () -> small().setNetwork("alexnet").setAugmentation("none").fit(images));
    assertRefused("rate", () -> small().setDropout(0.99999999).fit(images));
    assertRefused(
        "a replica has a batch of a single one",
        () ->
            small()
                .setNetwork("alexnet-bn")
                .setImageSize(224)
                .setResizedSide(224)
                .setAugmentation("none")
                .setReplicas(1)
                .setBatchSize((int) images.count() - 1)
                .fit(images));
    assertRefused("two columns 'label'", () -> small().setPredictionCol("label").fit(images));
    assertRefused(
        "two columns 'label'",
        () -> model.copy(new ParamMap()).setPredictedLabelCol("label").transform(images));
    assertRefused("there is no column 'content'", () -> model.transform(images.drop("content")));
    assertRefused(
        "learningRate, momentum, weightDecay: ", () -> small().setLearningRate(1e39).fit(images));
    assertRefused(
        "learningRate, momentum, weightDecay: ", () -> small().setMomentum(0.99999999).fit(images));
    assertRefused(
        "there are two columns 'label'",
        () -> model.transform(images.select(col("content"), col("label"), col("label"))));
    assertRefused(
        "there are two columns 'Label'",
        () -> small().fit(images.withColumn("x", col("label")).toDF(names(images, "Label"))));
    assertRefused("network", () -> small().setNetwork("vgg"));
    assertRefused("epochs", () -> small().setEpochs(0));
    assertRefused("handleInvalid", () -> small().setHandleInvalid("ignore"));
  }

  @Test
  void aMeanImageThatIsTooLargeIsRefusedBeforeTheImagesAreDecoded() {
    READS.set(0);
    Dataset<Row> counted =
        read("validation").filter((FilterFunction<Row>) row -> READS.incrementAndGet() > 0);
    assertRefused(
        "normalization, resizedSide: a mean image of 3×1119×1119 is more",
        () -> small().setNormalization("mean-image").setResizedSide(1119).fit(counted));
    assertEquals(0, READS.get());
  }

  private static String[] names(Dataset<Row> images, String more) {
    String[] names = Arrays.copyOf(images.columns(), images.columns().length + 1);
    names[names.length - 1] = more;
    return names;
  }

  /** As other systems' columns of 64 bits without a sign come; and names with points in them. */
  @Test
  void labelsMayBeDecimalsAndNamesMayHavePoints() {
    Dataset<Row> images =
        read("validation")
            .filter("label IN ('circle', 'star')")
            .withColumn(
                "the.class",
                when(col("label").equalTo("circle"), lit(new BigDecimal("9007199254740993")))
                    .otherwise(lit(new BigDecimal("18446744073709551615"))))
            .withColumnRenamed("content", "image.bytes");
    AlexNetModel trained =
        small()
            .setImageCol("image.bytes")
            .setLabelCol("the.class")
            .setEpochs(1)
            .setBatchSize(8)
            .setImageSize(16)
            .fit(images);
    assertEquals(List.of("9007199254740993", "18446744073709551615"), trained.classNames());
    assertEquals(images.count(), trained.transform(images).count());
    trained.close();
    Dataset<Row> nearly =
        images.withColumn("the.class", lit(new BigDecimal("0.999999999999999999")));
    assertRefused(
        "the label is no whole number: 0.999999999999999999",
        () -> small().setImageCol("image.bytes").setLabelCol("the.class").fit(nearly));
  }

  /** Where they begin depends on the cluster's cores and on the sizes of files. */
  @Test
  void partitionsDoNotMakeAnotherTraining() {
    List<Row> rows =
        ImageRow.select(images().orderBy("path"), "content", "label", "path", "validation")
            .collectAsList();
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JavaRDD<Row> several = context.parallelize(rows, 5);
    Survey survey = Survey.of(several, 8);
    Survey ofOne = Survey.of(several.coalesce(1), 8);
    assertEquals(survey.fingerprint(), ofOne.fingerprint());
    assertEquals(survey.training(), ofOne.training());
    assertEquals(5, survey.trainingBefore().length);
    Survey withEmpty = Survey.of(context.parallelize(rows.subList(0, 3), 7), 8);
    Survey ofThree = Survey.of(context.parallelize(rows.subList(0, 3), 1), 8);
    assertEquals(withEmpty.fingerprint(), ofThree.fingerprint());

    List<Row> swapped = new ArrayList<>(rows);
    Collections.swap(swapped, 0, rows.size() - 1);
    assertNotEquals(
        survey.fingerprint(), Survey.of(context.parallelize(swapped, 5), 8).fingerprint());
  }

  @Test
  void rowsThatAreOthersAtTheSecondPassAreRefused() {
    READS.set(0);
    Dataset<Row> vanishing =
        read("validation")
            .filter((FilterFunction<Row>) row -> READS.incrementAndGet() < VALIDATION + 20);
    SparkException failure = assertThrows(SparkException.class, () -> small().fit(vanishing));
    assertTrue(failure.getMessage().contains("had other rows"), failure.getMessage());
  }

  @Test
  void paramsSuitTheNetwork() {
    AlexNetClassifier alexNet = new AlexNetClassifier();
    assertEquals(227, alexNet.getImageSize());
    assertEquals(256, alexNet.getResizedSide());
    assertEquals("paper", alexNet.getAugmentation());
    assertEquals(227, alexNet.setAugmentation("mirror").getResizedSide());
    AlexNetClassifier cifar = new AlexNetClassifier().setNetwork("cuda-convnet");
    assertEquals(24, cifar.getImageSize());
    assertEquals(32, cifar.getResizedSide());
    assertEquals(0.4, new AlexNetClassifier().setNetwork("alexnet-bn").getDropout());
    assertEquals(0.01, alexNet.getLearningRate());
    assertEquals(5e-4, alexNet.getWeightDecay());
    alexNet.setOptimizer("adam");
    assertEquals(2e-4, alexNet.getLearningRate());
    assertEquals(0, alexNet.getWeightDecay());
    assertEquals(0.003, alexNet.setLearningRate(0.003).getLearningRate());
    for (String network : ParamValues.all(ZooNetwork.class)) {
      ZooNetwork of = ParamValues.parse(ZooNetwork.class, network);
      assertEquals(network, ParamValues.of(of));
      Graph graph = of.graph(of.imageSize, 5, (float) of.dropout);
      assertEquals(Shape.of(3, of.imageSize, of.imageSize), graph.inputShape());
    }
    String explained = alexNet.explainParams();
    for (String name : List.of("imageCol", "batchSize", "checkpointFolder", "averageEvery")) {
      assertTrue(explained.contains(name + ": "), explained);
    }
  }

  @Test
  void aCopyHasItsOwnParamsAndTheSettings() {
    AlexNetClassifier original =
        small()
            .setEpochs(1)
            .setTrainerSettings(
                (trainer, network) -> {
                  throw new IllegalStateException("settings were used");
                });
    AlexNetClassifier copy = original.copy(new ParamMap().put(original.epochs().w(3)));
    assertEquals(1, original.getEpochs());
    assertEquals(3, copy.getEpochs());
    assertEquals(original.uid(), copy.uid());
    SparkException failure = assertThrows(SparkException.class, () -> copy.fit(read("validation")));
    assertTrue(failure.getMessage().contains("settings were used"));

    AlexNetModel other = model.copy(new ParamMap().put(model.inferenceBatchSize().w(5)));
    assertEquals(32, model.getInferenceBatchSize());
    assertEquals(5, other.getInferenceBatchSize());
    assertEquals(classifier.uid(), other.parent().uid());
    List<Row> one = sorted(model.transform(read("validation")));
    List<Row> five = sorted(other.transform(read("validation")));
    for (int i = 0; i < one.size(); i++) { // kernels for other batch sizes round differently
      assertArrayEquals(probabilities(one.get(i)), probabilities(five.get(i)), 1e-5);
    }
  }

  @Test
  void checkpointsAreResumedFrom() {
    Dataset<Row> images = read("validation");
    String checkpoints = saved.resolve("run").toUri().toString();
    AlexNetClassifier kept =
        small()
            .setSchedule("constant") // a wave over one epoch is not the first of two
            .setBatchSize(8)
            .setReplicas(2)
            .setCheckpointFolder(checkpoints)
            .setSeed(3);
    AlexNetModel whole =
        small()
            .setSchedule("constant")
            .setBatchSize(8)
            .setReplicas(2)
            .setSeed(3)
            .setEpochs(2)
            .fit(images);
    kept.setEpochs(1).fit(images);
    assertTrue(Files.exists(saved.resolve("run/last.safetensors")));
    READS.set(0);
    Dataset<Row> counted = images.filter((FilterFunction<Row>) row -> READS.incrementAndGet() > 0);
    assertRefused("resume", () -> kept.setEpochs(2).fit(counted));
    assertEquals(0, READS.get(), "before the images are decoded");
    assertNotEquals(1, images.rdd().getNumPartitions());
    AlexNetModel resumed = kept.setResume(true).fit(images.coalesce(1)); // the same rows in order
    assertArrayEquals(whole.toSafeTensors(), resumed.toSafeTensors());
    History history = resumed.history().orElseThrow();
    assertEquals(2, history.epochs().size());
  }

  @Test
  void allTasksOfAnExecutorShareAPredictor() {
    assertTrue(model.broadcast().isEmpty());
    Dataset<Row> images = read("validation").repartition(6);
    assertEquals(VALIDATION, model.transform(images).collectAsList().size());
    assertEquals(VALIDATION, model.copy(new ParamMap()).transform(images).collectAsList().size());
    ExecutorClassifier shared = model.broadcast().orElseThrow().value();
    assertEquals(1, shared.opened());
    assertTrue(shared.isOpen());
  }

  @Test
  void nothingIsLeftBehind() throws Exception {
    Dataset<Row> predictions = model.transform(read("validation"));
    predictions.limit(3).collectAsList(); // a task that does not read all rows
    ExecutorClassifier shared = model.broadcast().orElseThrow().value();
    assertTrue(shared.isOpen());
    model.close();
    awaitClosed(shared);
    model.close();
    assertNotEquals(0, model.transform(read("validation")).count(), "it is sent anew");
    model.close();
    Leftovers.assertNone();
  }

  /** Blocks are removed by another thread of Spark's. */
  private static void awaitClosed(ExecutorClassifier shared) throws InterruptedException {
    for (int i = 0; i < 100 && shared.isOpen(); i++) {
      Thread.sleep(50);
    }
    assertFalse(shared.isOpen());
  }

  /** Spark itself does not look at them there. */
  @Test
  void coresOfExecutorsSayNothingInLocalMode() {
    SparkEnv.get().conf().set("spark.executor.cores", "1000");
    try {
      int processors = Runtime.getRuntime().availableProcessors();
      assertEquals(processors, ExecutorClassifier.slots(1));
      assertEquals(1, ExecutorClassifier.slots(2 * processors));
    } finally {
      SparkEnv.get().conf().remove("spark.executor.cores");
    }
  }

  @Test
  void replicasOfAnExecutorShareItsEighthOfTheHeap() {
    BarrierTaskInfo[] replicas = {
      new BarrierTaskInfo("a:1"), new BarrierTaskInfo("a:2"), new BarrierTaskInfo("a:1")
    };
    long eighth = Runtime.getRuntime().maxMemory() / 8;
    assertEquals(eighth / 2, ReplicaRows.cacheBytes(replicas, 0, 1));
    assertEquals(eighth, ReplicaRows.cacheBytes(replicas, 1, 1));
    assertEquals(eighth / 2 * 3 / 4, ReplicaRows.cacheBytes(replicas, 2, 0.75));
  }

  /** As another JVM gets it. */
  private static ExecutorClassifier sent(ExecutorClassifier value) {
    SerializerInstance serializer = SparkEnv.get().serializer().newInstance();
    ClassTag<ExecutorClassifier> tag = ClassTag.apply(ExecutorClassifier.class);
    return serializer.deserialize(serializer.serialize(value, tag), tag);
  }

  @Test
  void whoeverIsAtWorkWithARemovedClassifierMayFinish() {
    ExecutorClassifier shared =
        sent(
            new ExecutorClassifier(
                model.toSafeTensors(), new NetworkOptions("four-layers", 24, CLASSES, 0)));
    ImageClassifier first = shared.borrow(1);
    ImageClassifier second = shared.borrow(1);
    assertSame(first, second);
    shared.close();
    shared.giveBack();
    assertEquals(1, first.classify(Shapes.of(1, 32, 1).image(0), 1).size());
    shared.giveBack();
    assertFalse(shared.isOpen());
    ImageClassifier late = shared.borrow(1);
    assertEquals(2, shared.opened());
    assertEquals(1, late.classify(Shapes.of(1, 32, 1).image(0), 1).size());
    shared.giveBack();
    assertFalse(shared.isOpen());
  }
}
