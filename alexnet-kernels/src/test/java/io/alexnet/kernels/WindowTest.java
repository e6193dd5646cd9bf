package io.alexnet.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WindowTest {

  @Test
  void rowsComeBeforeColumns() {
    assertEquals(
        new Window(3, 5, 2, 4, 1, 6, 1, 6, 7, 8),
        Window.of(3, 5).stride(2, 4).padding(1, 6).dilation(7, 8));
    assertEquals(
        new Window(3, 5, 2, 4, 1, 6, 9, 10, 7, 8),
        Window.of(3, 5).dilation(7, 8).padding(1, 6, 9, 10).stride(2, 4));
  }
}
