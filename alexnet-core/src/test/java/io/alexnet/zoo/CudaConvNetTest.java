package io.alexnet.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.kernels.Window;
import io.alexnet.layer.Activation;
import io.alexnet.layer.MaxPool2d;
import org.junit.jupiter.api.Test;

class CudaConvNetTest {

  /** Each row's shape and parameters, without what is between. */
  private static String rows(CudaConvNet net) {
    return net.graph().summary().replaceAll(" +", " ");
  }

  @Test
  void fourLayersHalveTheImageThreeTimes() {
    String rows = rows(CudaConvNet.fourLayers(3, 32));
    assertTrue(rows.contains("conv1 (Conv2d) (None, 32, 32, 32) 2,432"), rows);
    assertTrue(rows.contains("pool1 (MaxPool2d) (None, 32, 16, 16) 0"), rows);
    assertTrue(rows.contains("conv2 (Conv2d) (None, 32, 16, 16) 25,632"), rows);
    assertTrue(rows.contains("pool2 (AveragePool2d) (None, 32, 8, 8) 0"), rows);
    assertTrue(rows.contains("conv3 (Conv2d) (None, 64, 8, 8) 51,264"), rows);
    assertTrue(rows.contains("pool3 (AveragePool2d) (None, 64, 4, 4) 0"), rows);
    assertTrue(rows.contains("fc4 (Dense) (None, 10) 10,250"), rows);
    assertTrue(rows.contains("Total params: 89,578"), rows);
    assertFalse(rows.contains("Dropout"), rows);
  }

  @Test
  void fiveLayersOnCropsOf24() {
    String rows = rows(CudaConvNet.fiveLayers(3, 24));
    assertTrue(rows.contains("pool1 (MaxPool2d) (None, 64, 12, 12) 0"), rows);
    assertTrue(rows.contains("pool2 (MaxPool2d) (None, 64, 6, 6) 0"), rows);
    assertTrue(rows.contains("conv4 (Conv2d) (None, 128, 6, 6) 147,584"), rows);
    assertFalse(rows.contains("Dropout"), rows);
    assertTrue(rows.contains("fc5 (Dense) (None, 10) 46,090"), rows);
    assertEquals(2, rows.lines().filter(row -> row.contains("LocalResponseNorm")).count(), rows);
  }

  @Test
  void poolsThatDoNotOverlapGiveTheSameShapes() {
    String overlapping = rows(CudaConvNet.fiveLayers(3, 24));
    String apart = rows(CudaConvNet.fiveLayers(3, 24).overlappingPools(false));
    assertEquals(overlapping, apart);
    assertEquals(
        new MaxPool2d(Window.square(2).stride(2), true),
        CudaConvNet.fiveLayers(3, 24).overlappingPools(false).graph().layers().stream()
            .filter(node -> node.name().equals("pool1"))
            .findFirst()
            .orElseThrow()
            .layer());
  }

  @Test
  void optionsReachTheLayers() {
    String rows =
        rows(
            CudaConvNet.fiveLayers(1, 28)
                .classes(7)
                .activation(Activation.tanh())
                .lrn(false)
                .dropout(0.5f));
    assertTrue(rows.contains("tanh4"), rows);
    assertFalse(rows.contains("LocalResponseNorm"), rows);
    assertTrue(rows.contains("drop5 (Dropout)"), rows);
    assertTrue(rows.contains("fc5 (Dense) (None, 7)"), rows);
  }

  @Test
  void imagesThatVanishAreRefusedByLayer() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> CudaConvNet.fourLayers(3, 2).graph());
    assertTrue(e.getMessage().contains("pool"), e.getMessage());
  }
}
