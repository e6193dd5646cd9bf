package io.alexnet.spark;

import io.alexnet.data.Preprocessing;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.graph.Graph;
import io.alexnet.train.History;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/**
 * A trained network that says what images show: a stage of a {@link org.apache.spark.ml.Pipeline},
 * as {@link AlexNetClassifier} trains it.
 *
 * <p>{@link #transform} adds three columns: the index of the most probable class, the probabilities
 * of all, and the class's name. Each executor has the network's weights once, and a workspace for
 * each of its tasks; see {@link #close} for how long.
 *
 * <p>A saved model is a folder with the model's params and, as {@code data/model.safetensors}, a
 * file that {@link ImageClassifier#open(java.nio.file.Path, Graph)} opens without Spark.
 */
public final class AlexNetModel extends Model<AlexNetModel>
    implements AlexNetParams<AlexNetModel>, MLWritable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  private final String uid;
  private TrainedFile trained; // shared by copies
  private transient History history; // null if it was loaded

  /** For {@link #read}: without what was trained. */
  AlexNetModel(String uid) {
    this.uid = uid;
    setDefaults(this);
  }

  AlexNetModel(String uid, TrainedFile trained, History history) {
    this(uid);
    this.trained = trained;
    this.history = history;
  }

  static void setDefaults(AlexNetParams<?> params) {
    params.setDefault(params.imageCol(), "content");
    params.setDefault(params.nameCol(), "path");
    params.setDefault(params.predictionCol(), "prediction");
    params.setDefault(params.probabilityCol(), "probability");
    params.setDefault(params.predictedLabelCol(), "predictedLabel");
    params.setDefault(params.handleInvalid(), "error");
    params.setDefault(params.inferenceBatchSize(), 32);
    params.setDefault(params.network(), ParamValues.of(ZooNetwork.ALEXNET));
  }

  @Override
  public String uid() {
    return uid;
  }

  /** How many classes the network tells apart. */
  public IntParam numClasses() {
    return new IntParam(
        this, "numClasses", "how many classes the network tells apart", ParamValidators.gtEq(1));
  }

  public int getNumClasses() {
    return (int) getOrDefault(numClasses());
  }

  /** The layers. */
  public Graph graph() {
    return options().graph();
  }

  private NetworkOptions options() {
    return new NetworkOptions(getNetwork(), getImageSize(), getNumClasses(), getDropout());
  }

  /** In the order of their indices. */
  public List<String> classNames() {
    return trained.classNames();
  }

  /** How images become what the network takes. */
  public Preprocessing preprocessing() {
    return trained.preprocessing();
  }

  /** The figures of the training, epoch by epoch; empty for a model that was loaded. */
  public Optional<History> history() {
    return Optional.ofNullable(history);
  }

  /**
   * The model as one safetensors file, as {@link ImageClassifier#save} writes it: for {@link
   * ImageClassifier#open(java.nio.file.Path, Graph)} with this {@link #graph}, in a program without
   * Spark.
   */
  public byte[] toSafeTensors() {
    return trained.file().clone();
  }

  @Override
  public StructType transformSchema(StructType schema) {
    ImageColumns.requireImages(schema, getImageCol());
    Metadata classes =
        NominalAttribute.defaultAttr()
            .withName(getPredictionCol())
            .withValues(classNames().toArray(String[]::new))
            .toMetadata();
    return ImageColumns.withPredictions(schema, this, classes);
  }

  /**
   * Classifies every image.
   *
   * @throws IllegalArgumentException if the column of images is missing or of another type, or an
   *     output's name is taken
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = dataset.schema();
    StructType result = transformSchema(schema);
    int name = ImageColumns.contains(schema, getNameCol()) ? schema.fieldIndex(getNameCol()) : -1;
    Inference inference =
        new Inference(
            trained.broadcast(dataset.sparkSession().sparkContext(), options()),
            schema.fieldIndex(getImageCol()),
            name,
            getInferenceBatchSize(),
            getHandleInvalid());
    return dataset
        .toDF()
        .mapPartitions(inference, Encoders.row(result))
        .to(result); // an encoder forgets the columns' metadata
  }

  /** What executors share; for tests. */
  Optional<Broadcast<ExecutorClassifier>> broadcast() {
    return trained.broadcast();
  }

  /** A copy shares the weights, also those on the executors. */
  @Override
  public AlexNetModel copy(ParamMap extra) {
    return copyValues(new AlexNetModel(uid, trained, history), extra).setParent(parent());
  }

  /**
   * Frees the memory and threads that the model has on the executors, in the driver and in all of
   * its copies' name. What {@link #transform} gave before can no longer be computed; a further
   * transform sends the model anew. Spark does the same when it stops, and some time after the
   * model and what it transformed have become garbage.
   */
  @Override
  public void close() {
    trained.close();
  }

  /** Writes params and weights, to any file system that Hadoop knows. */
  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<AlexNetModel> read() {
    return new Reader();
  }

  /** Reads what {@link #save} wrote. */
  public static AlexNetModel load(String path) {
    return read().load(path);
  }

  private static Path file(String path) {
    return new Path(new Path(path, "data"), "model.safetensors");
  }

  private static final class Writer extends MLWriter {

    private final AlexNetModel model;

    Writer(AlexNetModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      Path file = file(path);
      try {
        FileSystem files = file.getFileSystem(sparkSession().sparkContext().hadoopConfiguration());
        try (var output = files.create(file)) {
          output.write(model.trained.file());
          output.hsync();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write the model " + file, e);
      }
      // Last, as there is no model without it.
      DefaultParamsWriter.saveMetadata(model, path, sparkSession());
    }
  }

  private static final class Reader extends MLReader<AlexNetModel> {

    @Override
    public AlexNetModel load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sparkSession(), AlexNetModel.class.getName());
      AlexNetModel model = new AlexNetModel(metadata.uid());
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      Path file = file(path);
      try {
        FileSystem files = file.getFileSystem(sparkSession().sparkContext().hadoopConfiguration());
        FileStatus status = files.getFileStatus(file);
        if (status.getLen() > Integer.MAX_VALUE - 8) {
          throw new IOException("larger than a model may be: " + status.getLen() + " bytes");
        }
        byte[] bytes = new byte[(int) status.getLen()];
        try (var input = files.open(file)) {
          input.readFully(bytes);
        }
        model.trained = TrainedFile.of(bytes, model.options());
      } catch (UncheckedIOException | IllegalArgumentException e) {
        throw new UncheckedIOException(
            "the model " + file + " cannot be used: " + e.getMessage(), new IOException(e));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the model " + file + ": " + e.getMessage(), e);
      }
      return model;
    }
  }
}
