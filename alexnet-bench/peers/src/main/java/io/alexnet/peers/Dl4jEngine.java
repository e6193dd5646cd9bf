package io.alexnet.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Deeplearning4j on its CPU backend. Its momentum is Nesterov's: it has no other. */
final class Dl4jEngine implements Engine {

  private final Task task;
  private final MultiLayerNetwork network;
  private final INDArray images;
  private final INDArray labels;
  private INDArray output;

  Dl4jEngine(Task task) {
    this.task = task;
    images = Nd4j.createFromArray(task.images()).reshape(task.batch(), 3, Task.SIZE, Task.SIZE);
    labels = Nd4j.zeros(task.batch(), Task.CLASSES);
    for (int n = 0; n < task.batch(); n++) {
      labels.putScalar(n, task.labels()[n], 1);
    }
    NeuralNetConfiguration.ListBuilder layers =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .updater(new Nesterovs(Task.RATE, Task.MOMENTUM))
            .l2(Task.DECAY)
            .weightInit(new NormalDistribution(0, 0.01))
            .activation(Activation.RELU)
            .list();
    layers.layer(conv(96, 11, 4, 0, 0));
    normalise(layers);
    layers.layer(pool()).layer(conv(256, 5, 1, 2, 0.1));
    normalise(layers);
    layers.layer(pool());
    layers.layer(conv(384, 3, 1, 1, 0)).layer(conv(384, 3, 1, 1, 0.1));
    layers.layer(conv(256, 3, 1, 1, 0.1)).layer(pool());
    layers.layer(new DenseLayer.Builder().nOut(4096).biasInit(0.1).build());
    // What is dropped is a layer's input.
    layers.layer(new DenseLayer.Builder().nOut(4096).biasInit(0.1).dropOut(0.5).build());
    layers.layer(
        new OutputLayer.Builder(LossFunction.MCXENT)
            .activation(Activation.SOFTMAX)
            .nOut(Task.CLASSES)
            .dropOut(0.5)
            .build());
    layers.setInputType(InputType.convolutional(Task.SIZE, Task.SIZE, 3));
    network = new MultiLayerNetwork(layers.build());
    network.init();
  }

  private static ConvolutionLayer conv(int filters, int size, int stride, int padding, double b) {
    return new ConvolutionLayer.Builder(size, size)
        .stride(stride, stride)
        .padding(padding, padding)
        .nOut(filters)
        .biasInit(b)
        .build();
  }

  private static SubsamplingLayer pool() {
    return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
        .kernelSize(3, 3)
        .stride(2, 2)
        .build();
  }

  private void normalise(NeuralNetConfiguration.ListBuilder layers) {
    if (task.lrn()) {
      // Its alpha is not divided by the window's size.
      layers.layer(new LocalResponseNormalization.Builder(2, 5, 1e-4 / 5, 0.75).build());
    }
  }

  @Override
  public String version() {
    return "Deeplearning4j %s, %s"
        .formatted(jarVersion(), Nd4j.getBackend().getClass().getSimpleName());
  }

  /** As Maven has written it into the jar. */
  private static String jarVersion() {
    String file = "/META-INF/maven/org.deeplearning4j/deeplearning4j-nn/pom.properties";
    Properties properties = new Properties();
    try (InputStream in = MultiLayerNetwork.class.getResourceAsStream(file)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return properties.getProperty("version", "of unknown version");
  }

  @Override
  public long parameters() {
    return network.numParams();
  }

  @Override
  public void step() {
    if (task.train()) {
      network.fit(images, labels);
    } else {
      output = network.output(images, false);
    }
  }

  /** In training its score, with the penalty on the weights. */
  @Override
  public double loss() {
    if (task.train()) {
      return network.score() - network.calcRegularizationScore(true);
    }
    return task.lossOfProbabilities(output.dup('c').data().asFloat());
  }

  @Override
  public void close() {
    network.close();
  }
}
