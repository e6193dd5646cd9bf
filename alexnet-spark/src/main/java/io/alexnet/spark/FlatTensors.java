package io.alexnet.spark;

import io.alexnet.tensor.Tensor;
import java.util.List;

/** The numbers of several tensors, as if they lay one behind the other. */
final class FlatTensors {

  private final List<Tensor> tensors;
  private final long size;

  FlatTensors(List<Tensor> tensors) {
    this.tensors = tensors;
    size = tensors.stream().mapToLong(Tensor::size).sum();
  }

  long size() {
    return size;
  }

  /** Copies the numbers from this place on. */
  void read(long from, float[] numbers, int length) {
    copy(from, numbers, length, true);
  }

  /** Puts numbers to this place. */
  void write(long to, float[] numbers, int length) {
    copy(to, numbers, length, false);
  }

  private void copy(long place, float[] numbers, int length, boolean reading) {
    long begin = 0;
    for (Tensor tensor : tensors) {
      long end = begin + tensor.size();
      int from = (int) (Math.max(begin, place) - place);
      int to = (int) (Math.min(end, place + length) - place);
      if (from < to) {
        int at = tensor.offset() + (int) (place + from - begin);
        if (reading) {
          System.arraycopy(tensor.array(), at, numbers, from, to - from);
        } else {
          System.arraycopy(numbers, from, tensor.array(), at, to - from);
        }
      }
      begin = end;
    }
  }
}
