package io.alexnet.spark;

import java.util.List;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/**
 * What {@link AlexNetClassifier} and {@link AlexNetModel} are both told: columns, the network, and
 * how images are classified.
 *
 * @param <S> the class itself, which its setters return
 */
public interface AlexNetParams<S extends AlexNetParams<S>> extends Params {

  /** Column of the image files' bytes: JPEG, PNG, GIF, BMP or WebP. */
  default Param<String> imageCol() {
    return new Param<>(
        this, "imageCol", "column of the image files' bytes: JPEG, PNG, GIF, BMP or WebP");
  }

  /** Column that errors name an image by, if there is such a column. */
  default Param<String> nameCol() {
    return new Param<>(
        this, "nameCol", "column that errors name an image by, if there is such a column");
  }

  /** Column for the index of the most probable class. */
  default Param<String> predictionCol() {
    return new Param<>(
        this, "predictionCol", "column for the index of the most probable class, a double");
  }

  /** Column for the classes' probabilities. */
  default Param<String> probabilityCol() {
    return new Param<>(
        this, "probabilityCol", "column for the probabilities of all classes, a vector");
  }

  /** Column for the name of the most probable class. */
  default Param<String> predictedLabelCol() {
    return new Param<>(
        this, "predictedLabelCol", "column for the name of the most probable class, a string");
  }

  /** What transform does with an image that is null or cannot be decoded. */
  default Param<String> handleInvalid() {
    return new Param<>(
        this,
        "handleInvalid",
        "what transform does with an image that is null or cannot be decoded: error (fails and"
            + " names it), skip (leaves the row out) or keep (nulls for its outputs)",
        ParamValidators.inArray(List.of("error", "skip", "keep")));
  }

  /** Images that transform computes together. */
  default IntParam inferenceBatchSize() {
    return new IntParam(
        this,
        "inferenceBatchSize",
        "images that transform computes together, at least 1",
        ParamValidators.gtEq(1));
  }

  /** Which network it is. */
  default Param<String> network() {
    return new Param<>(
        this,
        "network",
        "which network it is: " + String.join(", ", ParamValues.all(ZooNetwork.class)),
        ParamValidators.inArray(ParamValues.all(ZooNetwork.class)));
  }

  /** Side of the square that the network takes. */
  default IntParam imageSize() {
    return new IntParam(
        this,
        "imageSize",
        "side of the square that the network takes, in pixels; the network's own unless set",
        ParamValidators.gtEq(1));
  }

  /** Share of elements dropped in training. */
  default DoubleParam dropout() {
    return new DoubleParam(
        this,
        "dropout",
        "share of elements dropped in training, 0 or more and below 1; the network's own unless"
            + " set",
        ParamValidators.inRange(0, 1, true, false));
  }

  default String getImageCol() {
    return getOrDefault(imageCol());
  }

  /** "content" unless set, as Spark's source {@code binaryFile} has it. */
  default S setImageCol(String column) {
    return with(imageCol(), column);
  }

  default String getNameCol() {
    return getOrDefault(nameCol());
  }

  /** "path" unless set, as Spark's source {@code binaryFile} has it. */
  default S setNameCol(String column) {
    return with(nameCol(), column);
  }

  default String getPredictionCol() {
    return getOrDefault(predictionCol());
  }

  /** "prediction" unless set. */
  default S setPredictionCol(String column) {
    return with(predictionCol(), column);
  }

  default String getProbabilityCol() {
    return getOrDefault(probabilityCol());
  }

  /** "probability" unless set. */
  default S setProbabilityCol(String column) {
    return with(probabilityCol(), column);
  }

  default String getPredictedLabelCol() {
    return getOrDefault(predictedLabelCol());
  }

  /** "predictedLabel" unless set. */
  default S setPredictedLabelCol(String column) {
    return with(predictedLabelCol(), column);
  }

  default String getHandleInvalid() {
    return getOrDefault(handleInvalid());
  }

  /** "error" unless set; or "skip" or "keep". */
  default S setHandleInvalid(String way) {
    return with(handleInvalid(), way);
  }

  default int getInferenceBatchSize() {
    return (int) getOrDefault(inferenceBatchSize());
  }

  /** 32 unless set. */
  default S setInferenceBatchSize(int images) {
    return with(inferenceBatchSize(), images);
  }

  default String getNetwork() {
    return getOrDefault(network());
  }

  /** As set, or else the network's own. */
  default int getImageSize() {
    return isDefined(imageSize())
        ? (int) getOrDefault(imageSize())
        : ParamValues.parse(ZooNetwork.class, getNetwork()).imageSize;
  }

  /** As set, or else the network's own. */
  default double getDropout() {
    return isDefined(dropout())
        ? (double) getOrDefault(dropout())
        : ParamValues.parse(ZooNetwork.class, getNetwork()).dropout;
  }

  @SuppressWarnings("unchecked")
  private <T> S with(Param<T> param, T value) {
    set(param, value);
    return (S) this;
  }
}
