package io.alexnet.loss;

import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.ThreadTeam;
import java.util.Objects;

/**
 * 1/classes · Σ_{c ≠ label} max(0, margin − x_label + x_c) (Weston and Watkins 1999). PyTorch's
 * MultiMarginLoss. On the hinge itself the slope is 0.
 *
 * @param margin by which the label's logit should lead, positive
 */
public record MultiClassHinge(float margin) implements Loss {

  /** Throws {@link IllegalArgumentException} if the margin is not positive and finite. */
  public MultiClassHinge {
    if (!(margin > 0 && margin < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("the margin must be positive, not " + margin);
    }
  }

  /** With a margin of 1. */
  public MultiClassHinge() {
    this(1);
  }

  @Override
  public Bound bind(Kernels kernels, ThreadTeam team, int batch, int classes) {
    return (logits, labels, scale, dLogits) -> {
      double sum = 0;
      for (int n = 0; n < batch; n++) {
        int row = logits.offset() + n * classes;
        float own = logits.array()[row + Objects.checkIndex(labels[n], classes)];
        int violations = 0;
        double loss = 0;
        for (int c = 0; c < classes; c++) {
          float violation = margin - own + logits.array()[row + c];
          boolean hinged = c == labels[n] || violation <= 0; // a NaN is a violation and so is seen
          if (!hinged) {
            loss += violation;
            violations++;
          }
          if (dLogits != null) {
            dLogits.array()[dLogits.offset() + n * classes + c] = hinged ? 0 : scale / classes;
          }
        }
        if (dLogits != null) {
          dLogits.array()[dLogits.offset() + n * classes + labels[n]] =
              -scale * violations / classes;
        }
        sum += loss / classes;
      }
      return sum;
    };
  }
}
