package io.alexnet.train;

import io.alexnet.graph.Network;
import io.alexnet.graph.Node;
import io.alexnet.graph.Plan;
import io.alexnet.kernels.ActivationFunction;
import io.alexnet.layer.Activation;
import io.alexnet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Looks for dead ReLUs: for layers most of whose units, the channels of an image or the features of
 * a vector, give 0 wherever one looks. No gradient passes such a unit, so that what leads to it
 * learns no more.
 */
final class DeadUnits {

  /** At least so many batches of an epoch are looked at: enough to see, too few to cost time. */
  private static final int LOOKS = 16;

  /** A unit that few images are for is not dead; a verdict waits until this many were seen. */
  private static final int IMAGES = 256;

  private static final class Layer {
    final Node node;
    final boolean[] alive;
    int images;
    boolean warned;

    Layer(Node node) {
      this.node = node;
      alive = new boolean[node.shape().dimension(0)];
    }
  }

  private final Network network;
  private final int batchesBetweenLooks;
  private final List<Layer> layers;

  /**
   * @param batches in an epoch
   */
  DeadUnits(Network network, int batches) {
    this.network = network;
    this.batchesBetweenLooks = Math.max(1, batches / LOOKS);
    layers = network.graph().layers().stream().filter(DeadUnits::isRelu).map(Layer::new).toList();
  }

  private static boolean isRelu(Node node) {
    return node.layer() instanceof Activation activation
        && activation.function() == ActivationFunction.RELU;
  }

  /**
   * To be called between the forward and the backward pass of each batch. ReLUs that the latter
   * does not go through, as what leads to them is frozen, are passed over.
   *
   * @param index of the batch in its epoch
   */
  void look(int images, int index) {
    if (index % batchesBetweenLooks != 0) {
      return;
    }
    Plan plan = network.plan(images, true);
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Tensor output = plan.keptOutput(layer.node);
      if (output != null) {
        findLiving(output, layer.alive);
        layer.images += images;
      }
    }
  }

  private static void findLiving(Tensor output, boolean[] alive) {
    int batch = output.shape().dimension(0);
    int pixels = output.size() / (batch * alive.length);
    int from = output.offset();
    for (int n = 0; n < batch; n++) {
      for (int unit = 0; unit < alive.length; unit++, from += pixels) {
        for (int i = from; i < from + pixels && !alive[unit]; i++) {
          alive[unit] = output.array()[i] > 0;
        }
      }
    }
  }

  /** Says which layers have come to be mostly dead, for the log; mostly none. */
  List<String> endEpoch(int epoch) {
    List<String> warnings = new ArrayList<>();
    for (Layer layer : layers) {
      if (layer.images < IMAGES) {
        continue;
      }
      int dead = 0;
      for (boolean alive : layer.alive) {
        dead += alive ? 0 : 1;
      }
      boolean mostly = 2 * dead > layer.alive.length;
      if (mostly && !layer.warned) {
        warnings.add(
            ("dead ReLUs: by the end of epoch %d, %d of the %d units of '%s' gave nothing but 0 for"
                    + " %d images: try a lower learning rate, He's initialiser or a leaky ReLU")
                .formatted(epoch, dead, layer.alive.length, layer.node.name(), layer.images));
      }
      layer.warned = mostly;
      Arrays.fill(layer.alive, false);
      layer.images = 0;
    }
    return warnings;
  }
}
