/** Tensors, layers, graphs, training and the AlexNet family, on top of the kernels. */
module io.alexnet.core {
  requires transitive io.alexnet.kernels;
  requires com.fasterxml.jackson.core;
  requires org.slf4j;

  // Only for ONNX files, so that who needs none carries no protobuf.
  requires static com.google.protobuf;
  requires static org.tribuo.util.onnx;

  exports io.alexnet.batch;
  exports io.alexnet.format;
  exports io.alexnet.graph;
  exports io.alexnet.init;
  exports io.alexnet.layer;
  exports io.alexnet.loss;
  exports io.alexnet.optim;
  exports io.alexnet.predict;
  exports io.alexnet.tensor;
  exports io.alexnet.train;
  exports io.alexnet.zoo;
}
