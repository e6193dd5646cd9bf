package io.alexnet.examples.cli;

import io.alexnet.graph.Network;
import io.alexnet.layer.ConvolutionChoice;

/** The ways to compute convolutions that {@code --convolution} names. */
enum ConvolutionName {
  AUTO,
  DIRECT,
  WINOGRAD,
  TUNE;

  /** Lets a new run's network compute so; only {@link #TUNE} measures. */
  void applyTo(Network network, int batch) {
    switch (this) {
      case AUTO -> network.convolutions(ConvolutionChoice.AUTO);
      case DIRECT -> network.convolutions(ConvolutionChoice.DIRECT);
      case WINOGRAD -> network.convolutions(ConvolutionChoice.WINOGRAD);
      case TUNE -> network.tuneConvolutions(batch);
    }
  }

  @Override
  public String toString() {
    return Choice.label(this);
  }
}
