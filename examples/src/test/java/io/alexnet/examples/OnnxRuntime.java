package io.alexnet.examples;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.alexnet.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Runs a file as its users would, by the names that documentation promises. */
public final class OnnxRuntime {

  private OnnxRuntime() {}

  public static float[] logits(Path model, Tensor images) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model.toString());
        OnnxTensor input =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(images.toArray()),
                Arrays.stream(images.shape().dimensions()).asLongStream().toArray());
        OrtSession.Result result = session.run(Map.of("input", input))) {
      FloatBuffer logits = ((OnnxTensor) result.get("logits").orElseThrow()).getFloatBuffer();
      float[] values = new float[logits.remaining()];
      logits.get(values);
      return values;
    }
  }

  public static Map<String, String> metadata(Path model) throws OrtException {
    try (OrtSession session = OrtEnvironment.getEnvironment().createSession(model.toString())) {
      return session.getMetadata().getCustomMetadata();
    }
  }
}
