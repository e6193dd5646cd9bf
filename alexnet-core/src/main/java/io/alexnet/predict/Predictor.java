package io.alexnet.predict;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.graph.Network;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A trained network that any number of threads may ask at the same time:
 *
 * <pre>{@code
 * try (Predictor predictor = Predictor.of(network)) {
 *   Tensor probabilities = predictor.predict(images); // from any thread
 * }
 * }</pre>
 *
 * <p>There is one set of weights, the network's. Each call in progress has a workspace of its own,
 * a {@linkplain Network#replica replica} with buffers and kernels; there are at most as many as the
 * builder says, made when they are first needed, and further calls wait for one. A warm call
 * allocates nothing but its result, if no more than four batch sizes take turns. Results do not
 * depend on the number of threads, bit for bit; of another batch size the kernels may be others,
 * which round differently.
 *
 * <p>While a predictor is open the network's parameters and state must not change: make it when the
 * training is done. The network itself stays the caller's and may be closed before the predictor.
 */
public final class Predictor implements AutoCloseable {

  private final Network first;
  private final int threads;
  private final String layer;
  private final boolean softmax;
  private final Shape outputShape;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Workspaces that are not at work. The last used is the next to be. */
  private final ArrayDeque<Network> idle = new ArrayDeque<>();

  private final int most;
  private int made;
  private boolean closed;

  private Predictor(Builder builder) {
    threads = builder.threads;
    layer = builder.layer;
    softmax = layer == null && !builder.network.graph().endsInSoftmax();
    outputShape =
        layer == null
            ? builder.network.outputShape()
            : builder.network.graph().layer(layer).shape();
    most = builder.workspaces;
    first = builder.network.replica(threads);
    try {
      if (!first.weightsConstant()) { // else what the network has prepared is used
        first.weightsConstant(true);
      }
      first.keepOutputs(layer == null ? List.of() : List.of(layer));
    } catch (Throwable t) { // no memory for folded weights
      first.close(); // nobody else can
      throw t;
    }
    idle.push(first);
    made = 1;
  }

  /** One workspace for each processor, each computing on the thread that calls. */
  public static Predictor of(Network network) {
    return builder(network).build();
  }

  /** For a predictor with other options than {@link #of}. */
  public static Builder builder(Network network) {
    return new Builder(network);
  }

  /** Of one image: (channels, height, width). */
  public Shape inputShape() {
    return first.inputShape();
  }

  /** For one image: (classes), unless another layer's output was asked for. */
  public Shape outputShape() {
    return outputShape;
  }

  /**
   * The probabilities of the classes for each image: the softmax of the network's outputs, or the
   * outputs themselves if its last layer is a {@link io.alexnet.layer.Softmax}. A NaN among an
   * image's logits makes all its probabilities NaN.
   *
   * @param images (batch, channels, height, width)
   * @return (batch, classes), the caller's own; or what {@link Builder#output} asked for
   * @throws IllegalArgumentException if the images are not of the network's shape
   * @throws IllegalStateException if the predictor is closed
   */
  public Tensor predict(Tensor images) {
    return predict(images, 1);
  }

  /**
   * The mean over several views of each image.
   *
   * @param images (examples · views, channels, height, width), an example's views one after another
   * @return (examples, classes)
   * @throws IllegalArgumentException if the images are not of the network's shape, or their number
   *     is no multiple of the views
   * @throws IllegalStateException if the predictor is closed
   */
  public Tensor predict(Tensor images, int views) {
    int batch = batchOf(images);
    if (views < 1 || batch % views != 0) {
      throw new IllegalArgumentException(
          "%d images are not %d views of each example".formatted(batch, views));
    }
    Tensor result = Tensor.zeros(outputShape.prepend(batch / views));
    predict(images, views, result);
    return result;
  }

  /**
   * The same into a tensor of the caller's; allocates nothing once warm.
   *
   * @param into (examples, classes), overwritten
   * @throws IllegalArgumentException as {@link #predict(Tensor, int)}, and if the result is not of
   *     this shape
   * @throws IllegalStateException if the predictor is closed
   */
  public void predict(Tensor images, int views, Tensor into) {
    int batch = batchOf(images);
    if (into.shape().rank() == 0
        || (long) into.shape().dimension(0) * views != batch
        || into.size() != (long) batch / views * outputShape.size()) {
      throw new IllegalArgumentException(
          "%d views in %d images give no result of %s".formatted(views, batch, into.shape()));
    }
    Network workspace = borrow();
    try {
      Tensor outputs = workspace.infer(images);
      average(layer == null ? outputs : workspace.output(layer), views, into);
    } finally {
      giveBack(workspace);
    }
  }

  /**
   * Every example of the source's epoch 0, in its order, batch by batch on this thread. That is the
   * order of the data only if the source does not shuffle; give it one without augmentation, too.
   *
   * @param results receives for each example an array of its own, as a row of {@link #predict}; of
   *     several views the mean. The source's labels are not looked at
   * @throws IllegalArgumentException if the source's images are not of the network's shape
   * @throws IllegalStateException if the predictor is closed, or the source ends before it said it
   *     would; what it throws itself, as for an image that cannot be read, is handed on
   */
  public void predict(BatchSource source, Consumer<float[]> results) {
    if (!source.imageShape().equals(inputShape())) {
      throw new IllegalArgumentException(
          "the data has images of %s but the network takes %s"
              .formatted(source.imageShape(), inputShape()));
    }
    try (BatchSource.Batches batches = source.open(0, 0)) {
      for (int done = 0; done < source.batches(); done++) {
        Batch batch = batches.next();
        if (batch == null) {
          throw new IllegalStateException(
              "the data ended before the last batch that they promised");
        }
        Tensor rows = predict(batch.images(), source.views());
        for (int n = 0; n < rows.shape().dimension(0); n++) {
          results.accept(rows.slice(n, n + 1).toArray());
        }
      }
    }
  }

  private int batchOf(Tensor images) {
    first.requireInput(images);
    return images.shape().dimension(0);
  }

  /** Of each example's views, rows of {@code outputs} one after another. */
  private void average(Tensor outputs, int views, Tensor into) {
    int size = outputShape.size();
    int examples = into.shape().dimension(0);
    into.fill(0);
    for (int row = 0; row < examples * views; row++) {
      int from = outputs.offset() + row * size;
      int to = into.offset() + row / views * size;
      if (softmax) {
        addSoftmax(outputs.array(), from, size, views, into.array(), to);
      } else {
        for (int i = 0; i < size; i++) {
          into.array()[to + i] += outputs.array()[from + i] / views;
        }
      }
    }
  }

  /** p_c += e^(x_c) / Σ_j e^(x_j) / views, in double and shifted by the largest x. */
  private static void addSoftmax(float[] x, int from, int classes, int views, float[] p, int to) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, x[from + c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp((double) x[from + c] - largest);
    }
    for (int c = 0; c < classes; c++) {
      p[to + c] += (float) (Math.exp((double) x[from + c] - largest) / sum / views);
    }
  }

  private Network borrow() {
    lock.lock();
    try {
      while (!closed && idle.isEmpty() && made == most) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        throw new IllegalStateException("the predictor is closed");
      }
      if (!idle.isEmpty()) {
        return idle.pop();
      }
      made++;
    } finally {
      lock.unlock();
    }
    try {
      return first.replica(threads); // reads nothing that the first one's runs change
    } catch (Throwable t) { // no thread or no memory to be had
      lock.lock();
      try {
        made--;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      throw t;
    }
  }

  private void giveBack(Network workspace) {
    lock.lock();
    try {
      idle.push(workspace);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the calls in progress and ends the threads; calls that wait, or come later, throw.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      while (idle.size() < made) {
        changed.awaitUninterruptibly();
      }
      idle.forEach(Network::close);
    } finally {
      lock.unlock();
    }
  }

  /** Options of a predictor. */
  public static final class Builder {

    private final Network network;
    private int workspaces = Runtime.getRuntime().availableProcessors();
    private int threads = 1;
    private String layer;

    private Builder(Network network) {
      this.network = network;
    }

    /** Calls that may be in progress at the same time; one for each processor unless set. */
    public Builder workspaces(int workspaces) {
      this.workspaces = requirePositive(workspaces, "workspaces");
      return this;
    }

    /**
     * Threads that compute one call, the caller's included; 1 unless set, which is best if there
     * are as many callers as processors. A single caller has its answer soonest with all of them.
     * Each workspace owns its own.
     */
    public Builder threads(int threads) {
      this.threads = requirePositive(threads, "threads");
      return this;
    }

    /**
     * The layer whose output is wanted in place of the classes' probabilities, as features of an
     * image: {@code relu7} gives the last hidden layer of AlexNet.
     *
     * @throws IllegalArgumentException if there is no such layer
     */
    public Builder output(String layer) {
      network.graph().layer(layer);
      this.layer = layer;
      return this;
    }

    private static int requirePositive(int number, String of) {
      if (number < 1) {
        throw new IllegalArgumentException(of + " must be at least 1, not " + number);
      }
      return number;
    }

    /** Makes the predictor and its first workspace. */
    public Predictor build() {
      return new Predictor(this);
    }
  }
}
