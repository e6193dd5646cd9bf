package io.alexnet.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.alexnet.graph.Graph;
import io.alexnet.graph.Network;
import io.alexnet.init.Initializer;
import io.alexnet.kernels.Kernels;
import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.BatchNorm;
import io.alexnet.layer.Binding;
import io.alexnet.layer.Conv2d;
import io.alexnet.layer.Dense;
import io.alexnet.layer.Dropout;
import io.alexnet.layer.Flatten;
import io.alexnet.layer.LocalResponseNorm;
import io.alexnet.layer.MaxPool2d;
import io.alexnet.layer.Pass;
import io.alexnet.layer.Run;
import io.alexnet.layer.Softmax;
import io.alexnet.layer.UnaryLayer;
import io.alexnet.tensor.Shape;
import io.alexnet.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PredictorTest {

  private static final Shape IMAGE = Shape.of(3, 16, 16);

  private static Graph.Builder body() {
    Window three = Window.square(3).padding(1);
    return Graph.of(IMAGE)
        .then("conv1", Conv2d.of(16, Window.square(5).stride(2).padding(2)))
        .then("relu1", Activation.relu())
        .then("norm1", LocalResponseNorm.paper())
        .then("pool1", MaxPool2d.of(Window.square(2).stride(2)))
        .then("conv2", Conv2d.of(32, three).groups(2))
        .then("bn2", BatchNorm.keras())
        .then("relu2", Activation.relu())
        .then("flatten", new Flatten())
        .then("fc3", Dense.of(24))
        .then("relu3", Activation.relu())
        .then("drop3", new Dropout(0.5f))
        .then("fc4", Dense.of(6));
  }

  private static Network network() {
    return Network.builder(body().build()).seed(3).threads(1).build();
  }

  private static Tensor images(int count, String name) {
    Tensor images = Tensor.zeros(IMAGE.prepend(count));
    RandomGenerator random = Initializer.stream(1, name);
    for (int i = 0; i < images.size(); i++) {
      images.array()[i] = (float) random.nextGaussian();
    }
    return images;
  }

  private static float[] softmax(Tensor logits, int row) {
    int classes = logits.shape().dimension(1);
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logits.get(row, c));
    }
    float[] p = new float[classes];
    for (int c = 0; c < classes; c++) {
      p[c] = (float) (Math.exp(logits.get(row, c)) / sum);
    }
    return p;
  }

  @Test
  void givesTheSoftmaxOfWhatTheNetworkInfers() {
    Tensor images = images(4, "images");
    try (Network network = network();
        Predictor predictor = Predictor.of(network)) {
      Tensor logits = network.infer(images).copy();
      Tensor probabilities = predictor.predict(images);
      assertEquals(Shape.of(4, 6), probabilities.shape());
      for (int n = 0; n < 4; n++) {
        assertArrayEquals(softmax(logits, n), probabilities.slice(n, n + 1).toArray(), 1e-5f);
      }
      Tensor views = predictor.predict(images, 2);
      for (int c = 0; c < 6; c++) {
        float mean = (probabilities.get(2, c) + probabilities.get(3, c)) / 2;
        assertEquals(mean, views.get(1, c), 1e-6f);
      }
    }
  }

  @Test
  void outputsOfASoftmaxAreProbabilitiesAlready() {
    Graph graph = body().then("softmax", new Softmax()).build();
    try (Network network = Network.builder(graph).threads(1).build();
        Predictor predictor = Predictor.of(network)) {
      Tensor images = images(2, "images");
      float[] inferred = network.infer(images).toArray();
      assertArrayEquals(inferred, predictor.predict(images).toArray(), 1e-6f);
    }
  }

  @Test
  void eightThreadsGetExactlyWhatOneGets() throws Exception {
    int count = 1000;
    Tensor images = images(count, "many");
    try (Network network = network();
        Predictor predictor = Predictor.builder(network).workspaces(3).build()) {
      float[][] alone = new float[count][];
      for (int n = 0; n < count; n++) {
        alone[n] = predictor.predict(images.slice(n, n + 1)).toArray();
      }
      float[] batch = predictor.predict(images.slice(0, 7)).toArray();
      List<Future<?>> all = new ArrayList<>();
      ExecutorService callers = Executors.newFixedThreadPool(8);
      try {
        for (int caller = 0; caller < 8; caller++) {
          int first = caller * 125; // each begins elsewhere, so that different images meet
          all.add(
              callers.submit(
                  () -> {
                    for (int i = 0; i < count; i++) {
                      int n = (first + i) % count;
                      float[] p = predictor.predict(images.slice(n, n + 1)).toArray();
                      assertArrayEquals(alone[n], p);
                      if (i % 100 == 0) {
                        assertArrayEquals(batch, predictor.predict(images.slice(0, 7)).toArray());
                      }
                    }
                  }));
        }
        for (Future<?> one : all) {
          one.get();
        }
      } finally {
        callers.shutdownNow();
      }
    }
  }

  @Test
  void severalThreadsOfAWorkspaceChangeNoBit() {
    Tensor images = images(5, "images");
    try (Network network = network();
        Predictor one = Predictor.of(network);
        Predictor two = Predictor.builder(network).workspaces(1).threads(2).build()) {
      assertArrayEquals(one.predict(images).toArray(), two.predict(images).toArray());
    }
  }

  @Test
  void whatTheNetworkHasPreparedIsShared() {
    Tensor image = images(1, "image");
    try (Network network = network()) {
      network.weightsConstant(true);
      try (Predictor one = Predictor.of(network);
          Predictor two = Predictor.of(network)) {
        float[] expected = one.predict(image).toArray();
        long prepared = network.preparedWeightsBytes();
        assertTrue(prepared > 0);
        assertArrayEquals(expected, two.predict(image).toArray());
        assertEquals(prepared, network.preparedWeightsBytes());
      }
    }
  }

  @Test
  void theNetworkIsStillTheCallersToTrainAndToClose() {
    Tensor image = images(1, "image");
    Network network = network();
    try (Predictor predictor = Predictor.of(network)) {
      assertFalse(network.weightsConstant());
      network.forward(image, 0);
      network.close();
      assertEquals(6, predictor.predict(image).size());
    }
  }

  @Test
  void givesALayersOutput() {
    Tensor images = images(3, "images");
    try (Network network = network();
        Predictor features = Predictor.builder(network).output("relu3").build()) {
      network.keepOutputs(List.of("relu3"));
      network.infer(images);
      float[] expected = network.output("relu3").toArray();
      assertEquals(Shape.of(24), features.outputShape());
      assertArrayEquals(expected, features.predict(images).toArray(), 1e-5f);
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> Predictor.builder(network).output("relu9"))
              .getMessage();
      assertTrue(message.contains("'relu9'") && message.contains("relu3"), message);
    }
  }

  @Test
  void saysWhatDoesNotFit() {
    try (Network network = network();
        Predictor predictor = Predictor.of(network)) {
      assertThrows(
          IllegalArgumentException.class, () -> predictor.predict(Tensor.zeros(1, 3, 15, 16)));
      for (Tensor images :
          List.of(
              Tensor.zeros(), Tensor.zeros(1), Tensor.zeros(IMAGE), Tensor.zeros(2, 3, 16, 1))) {
        String message = "the network takes images of shape batch×3×16×16, not " + images.shape();
        assertEquals(message, refused(() -> predictor.predict(images)));
        assertEquals(message, refused(() -> predictor.predict(images, 2)));
        assertEquals(message, refused(() -> predictor.predict(images, 1, Tensor.zeros(1, 6))));
      }
      assertEquals(
          "1 views in 1 images give no result of ",
          refused(() -> predictor.predict(images(1, "x"), 1, Tensor.zeros())));
      assertThrows(IllegalArgumentException.class, () -> predictor.predict(images(3, "x"), 2));
      assertThrows(
          IllegalArgumentException.class,
          () -> predictor.predict(images(2, "x"), 1, Tensor.zeros(1, 6)));
      assertThrows(IllegalArgumentException.class, () -> Predictor.builder(network).workspaces(0));
      assertThrows(IllegalArgumentException.class, () -> Predictor.builder(network).threads(0));
      try (Predictor any = Predictor.builder(network).workspaces(Integer.MAX_VALUE).build()) {
        assertArrayEquals(
            predictor.predict(images(2, "x")).toArray(), any.predict(images(2, "x")).toArray());
      }
    }
  }

  /** Before it waits for a workspace, which a closed predictor shows: it has none. */
  @Test
  void wrongImagesTakeNoWorkspace() {
    try (Network network = network()) {
      Predictor predictor = Predictor.of(network);
      predictor.close();
      Tensor wrong = Tensor.zeros(2, 3, 15, 16);
      refused(() -> predictor.predict(wrong));
      refused(() -> predictor.predict(wrong, 2, Tensor.zeros(1, 6)));
    }
  }

  @Test
  void aCallThatFailsGivesItsWorkspaceBack() {
    AtomicBoolean due = new AtomicBoolean();
    Graph graph = body().then("breaks", new BreaksOnce(due)).build();
    Tensor image = images(1, "image");
    try (Network network = Network.builder(graph).threads(1).build()) {
      Predictor predictor = Predictor.builder(network).workspaces(1).build();
      float[] expected = predictor.predict(image).toArray();
      due.set(true);
      String message =
          assertThrows(IllegalStateException.class, () -> predictor.predict(image)).getMessage();
      assertEquals("as the test wants it", message);
      Duration longEnough = Duration.ofSeconds(20);
      Tensor next = assertTimeoutPreemptively(longEnough, () -> predictor.predict(image));
      assertArrayEquals(expected, next.toArray());
      predictor.close(); // only here, as it would wait for a workspace that did not come back
    }
  }

  /** Passes on what it gets, but throws at the next run if that is due. */
  private record BreaksOnce(AtomicBoolean due) implements UnaryLayer {

    @Override
    public Shape outputShape(Shape input) {
      return input;
    }

    @Override
    public Set<BufferUse> bufferUse(boolean training) {
      return Set.of();
    }

    @Override
    public Pass bind(Binding binding) {
      return new Pass() {
        @Override
        public void forward(Run run) {
          if (due.getAndSet(false)) {
            throw new IllegalStateException("as the test wants it");
          }
          binding.output().copyFrom(binding.input());
        }

        @Override
        public void backward(Run run) {
          throw new UnsupportedOperationException();
        }
      };
    }
  }

  private static String refused(Runnable mistake) {
    return assertThrows(IllegalArgumentException.class, mistake::run).getMessage();
  }

  @Test
  void afterCloseACallSaysSo() {
    try (Network network = network()) {
      Predictor predictor = Predictor.of(network);
      predictor.close();
      predictor.close();
      String message =
          assertThrows(IllegalStateException.class, () -> predictor.predict(images(1, "x")))
              .getMessage();
      assertEquals("the predictor is closed", message);
    }
  }

  /** With one workspace, callers take turns; the close waits for the one at work. */
  @Test
  void aCloseAmongCallersEndsAllOfThem() throws Exception {
    Tensor images = images(64, "images");
    long threadsBefore = teamThreads();
    try (Network network = network()) {
      Predictor predictor = Predictor.builder(network).workspaces(2).threads(2).build();
      CountDownLatch begun = new CountDownLatch(4);
      ExecutorService callers = Executors.newFixedThreadPool(4);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(
            callers.submit(
                () -> {
                  while (true) {
                    predictor.predict(images);
                    begun.countDown();
                  }
                }));
      }
      begun.await();
      predictor.close();
      for (Future<?> one : all) {
        ExecutionException e =
            assertThrows(ExecutionException.class, () -> one.get(20, TimeUnit.SECONDS));
        assertEquals("the predictor is closed", e.getCause().getMessage());
      }
      callers.shutdownNow();
    }
    assertEquals(threadsBefore, teamThreads());
  }

  private static long teamThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("alexnet-team"))
        .count();
  }

  @Test
  void aWarmCallAllocatesNothingButItsResult() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    for (Kernels kernels : List.of(Kernels.scalar(), Kernels.simd())) {
      try (Network network = Network.builder(body().build()).threads(1).kernels(kernels).build();
          Predictor predictor = Predictor.builder(network).output("fc4").build();
          Predictor probabilities = Predictor.of(network)) {
        Tensor images = images(2, "images");
        Tensor into = Tensor.zeros(2, 6);
        long start = System.nanoTime();
        long perCall;
        do { // until the JIT has compiled the vector code, every vector operation allocates
          long before = threads.getThreadAllocatedBytes(self);
          for (int i = 0; i < 50; i++) {
            predictor.predict(images, 1, into);
            probabilities.predict(images, 1, into);
          }
          perCall = (threads.getThreadAllocatedBytes(self) - before) / 100;
        } while (perCall >= 64 && System.nanoTime() - start < Duration.ofSeconds(60).toNanos());
        assertTrue(perCall < 64, perCall + " bytes a call");
      }
    }
  }
}
