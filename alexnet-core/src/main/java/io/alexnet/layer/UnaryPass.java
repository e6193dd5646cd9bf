package io.alexnet.layer;

/** The pass of a {@link UnaryLayer}: its four buffers. */
abstract class UnaryPass implements Pass {

  final Buffer x;
  final Buffer y;

  /** Null where no gradient is asked for. */
  final Buffer dx;

  /** Null in inference. */
  final Buffer dy;

  UnaryPass(Binding binding) {
    x = binding.input();
    y = binding.output();
    dx = binding.inputGradient();
    dy = binding.outputGradient();
  }
}
