package io.alexnet.loss;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import java.util.Objects;

/**
 * 1/classes · Σ_c (x_c − t_c)², with t one-hot: 1 at the label, 0 elsewhere. PyTorch's MSELoss,
 * Keras's MeanSquaredError.
 */
public record MeanSquaredError() implements Loss {

  @Override
  public Bound bind(Kernels kernels, ThreadTeam team, int batch, int classes) {
    return (logits, labels, scale, dLogits) -> {
      double sum = 0;
      for (int n = 0; n < batch; n++) {
        int label = Objects.checkIndex(labels[n], classes);
        double row = 0;
        for (int c = 0; c < classes; c++) {
          int i = n * classes + c;
          float difference = logits.array()[logits.offset() + i] - (c == label ? 1 : 0);
          row += (double) difference * difference;
          if (dLogits != null) {
            dLogits.array()[dLogits.offset() + i] = scale * 2 * difference / classes;
          }
        }
        sum += row / classes;
      }
      return sum;
    };
  }
}
