package io.alexnet.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** ONNX Runtime, inference only: the model that {@link OnnxModel} has written. */
final class OnnxRuntimeEngine implements Engine {

  /** The model's file. */
  static final String MODEL_PROPERTY = "io.alexnet.peers.model";

  private final Task task;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Map<String, OnnxTensor> images;
  private final long parameters;
  private final float[] expected;
  private final float[] logits;

  OnnxRuntimeEngine(Task task) throws OrtException, IOException {
    this.task = task;
    Path model = Path.of(System.getProperty(MODEL_PROPERTY));
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(task.threads());
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    options.setSymbolicDimensionValue("batch", task.batch()); // so that it can plan for it
    // Or its threads go on spinning into the other engines' turns.
    options.addConfigEntry("session.force_spinning_stop", "1");
    session = environment.createSession(model.toString(), options);
    long[] shape = {task.batch(), 3, Task.SIZE, Task.SIZE};
    images =
        Map.of(
            "input", OnnxTensor.createTensor(environment, FloatBuffer.wrap(task.images()), shape));
    expected = new float[task.batch() * Task.CLASSES];
    logits = new float[expected.length];
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(OnnxModel.expectation(model))))) {
      parameters = in.readLong();
      for (int i = 0; i < expected.length; i++) {
        expected[i] = in.readFloat();
      }
    }
  }

  @Override
  public String version() {
    return "ONNX Runtime " + environment.getVersion();
  }

  @Override
  public long parameters() {
    return parameters;
  }

  @Override
  public void step() throws OrtException {
    try (OrtSession.Result result = session.run(images)) {
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(logits);
    }
  }

  /** Throws {@link Failure} if the logits are not this library's. */
  @Override
  public double loss() {
    double error = 0;
    double largest = 0;
    for (int i = 0; i < logits.length; i++) {
      error = Math.max(error, Math.abs(logits[i] - expected[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    if (!(error <= 1e-4 * largest)) {
      throw new Failure(
          "logits differ from ours by %.1e of the largest, %.1e".formatted(error, largest));
    }
    return task.loss(logits);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
