package io.alexnet.peers;

import static org.bytedeco.pytorch.global.torch.MemoryFormat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.LocalResponseNormOptions;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** PyTorch's C++ library: oneDNN for convolutions, MKL for matrix products. */
final class LibtorchEngine implements Engine {

  private static final long[] ONE = {1, 1};
  private static final String MATHS =
      "org.bytedeco:mkl, or org.bytedeco:openblas in its place, behind libtorch's matrix products";

  private final Task task;
  private final Tensor images;
  private final Tensor labels;
  private final Tensor[] weights = new Tensor[8];
  private final Tensor[] biases = new Tensor[8];
  private final SGD optimizer;
  private final LocalResponseNormOptions lrn = new LocalResponseNormOptions(5);
  private double loss;
  private float[] logits;

  LibtorchEngine(Task task) {
    this.task = task;
    torch.set_num_threads(task.threads());
    torch.manual_seed(1);
    lrn.alpha().put(1e-4);
    lrn.beta().put(0.75);
    lrn.k().put(2);
    images =
        stored(
            torch
                .from_blob(new FloatPointer(task.images()), task.batch(), 3, Task.SIZE, Task.SIZE)
                .clone());
    long[] numbers = java.util.Arrays.stream(task.labels()).asLongStream().toArray();
    labels = Tensor.create(numbers, task.batch());
    layer(0, 0, 96, 3, 11, 11);
    layer(1, 0.1, 256, 96, 5, 5);
    layer(2, 0, 384, 256, 3, 3);
    layer(3, 0.1, 384, 384, 3, 3);
    layer(4, 0.1, 256, 384, 3, 3);
    layer(5, 0.1, 4096, 9216);
    layer(6, 0.1, 4096, 4096);
    layer(7, 0, Task.CLASSES, 4096);
    TensorVector parameters = new TensorVector();
    for (int i = 0; i < weights.length; i++) {
      parameters.push_back(weights[i]);
      parameters.push_back(biases[i]);
    }
    SGDOptions options = new SGDOptions(Task.RATE);
    options.momentum().put(Task.MOMENTUM);
    options.weight_decay().put(Task.DECAY);
    optimizer = task.train() ? new SGD(parameters, options) : null;
  }

  private void layer(int i, double bias, long... shape) {
    Tensor weight = torch.randn(shape).mul_(new Scalar(0.01));
    weights[i] = (shape.length == 4 ? stored(weight) : weight).set_requires_grad(task.train());
    biases[i] = torch.zeros(shape[0]).add_(new Scalar(bias)).set_requires_grad(task.train());
  }

  private Tensor stored(Tensor tensor) {
    return task.channelsLast() ? tensor.contiguous(MemoryFormat.ChannelsLast) : tensor;
  }

  @Override
  public String version() {
    return "libtorch %s, %s, %s"
        .formatted(
            torch.TORCH_VERSION,
            mapped("libmkl_") ? "MKL" : mapped("openblas") ? "OpenBLAS" : "no " + MATHS,
            task.channelsLast() ? "channels_last" : "contiguous");
  }

  private static boolean mapped(String library) {
    try {
      return Files.readString(Path.of("/proc/self/maps")).contains(library);
    } catch (java.io.IOException e) {
      return false;
    }
  }

  @Override
  public long parameters() {
    long sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i].numel() + biases[i].numel();
    }
    return sum;
  }

  @Override
  public void step() {
    try (PointerScope scope = new PointerScope()) {
      if (task.train()) {
        optimizer.zero_grad();
        Tensor mean = torch.cross_entropy_loss(forward(), labels);
        mean.backward();
        optimizer.step();
        loss = mean.item_double();
      } else {
        try (InferenceMode guard = new InferenceMode(true)) {
          logits = new float[task.batch() * Task.CLASSES];
          new FloatPointer(forward().contiguous().data_ptr()).get(logits);
        }
      }
    }
  }

  private Tensor forward() {
    Tensor x = pool(normalise(conv(images, 0, 4, 0)));
    x = pool(normalise(conv(x, 1, 1, 2)));
    x = pool(conv(conv(conv(x, 2, 1, 1), 3, 1, 1), 4, 1, 1));
    x = dense(torch.flatten(x, 1, -1), 5);
    return torch.linear(dense(x, 6), weights[7], new TensorOptional(biases[7]));
  }

  private Tensor conv(Tensor x, int i, long stride, long padding) {
    return torch.relu_(
        torch.conv2d(
            x,
            weights[i],
            new TensorOptional(biases[i]),
            new long[] {stride, stride},
            new long[] {padding, padding},
            ONE,
            1));
  }

  private Tensor normalise(Tensor x) {
    return task.lrn() ? torch.local_response_norm(x, lrn) : x;
  }

  private static Tensor pool(Tensor x) {
    return torch.max_pool2d(x, new long[] {3, 3}, new long[] {2, 2}, new long[] {0, 0}, ONE, false);
  }

  private Tensor dense(Tensor x, int i) {
    Tensor y = torch.relu_(torch.linear(x, weights[i], new TensorOptional(biases[i])));
    return task.train() ? torch.dropout(y, 0.5, true) : y;
  }

  @Override
  public double loss() {
    return task.train() ? loss : task.loss(logits);
  }

  @Override
  public void close() {}
}
