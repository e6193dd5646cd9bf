package io.alexnet.format;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.alexnet.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The oracle: what another engine makes of a file. */
final class OnnxRuntime {

  private OnnxRuntime() {}

  static float[] run(Path model, Tensor batch) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(model.toString(), options);
          OnnxTensor images =
              OnnxTensor.createTensor(
                  environment,
                  FloatBuffer.wrap(batch.toArray()),
                  Arrays.stream(batch.shape().dimensions()).asLongStream().toArray());
          OrtSession.Result result =
              session.run(Map.of(session.getInputNames().iterator().next(), images))) {
        FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] values = new float[output.remaining()];
        output.get(values);
        return values;
      }
    }
  }
}
