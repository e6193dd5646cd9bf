package io.alexnet.peers;

/** The engines. */
enum Peer {
  OURS("io.alexnet:alexnet-core"),
  LIBTORCH("org.bytedeco:pytorch and org.bytedeco:mkl:*-redist"),
  DL4J("org.nd4j:nd4j-native and org.bytedeco:openblas"),
  ONNXRUNTIME("com.microsoft.onnxruntime:onnxruntime");

  private final String artefact;

  Peer(String artefact) {
    this.artefact = artefact;
  }

  /** Where its native code comes from. */
  String artefact() {
    return artefact;
  }

  Engine open(Task task) throws Exception {
    return switch (this) {
      case OURS -> new AlexNetEngine(task);
      case LIBTORCH -> new LibtorchEngine(task);
      case DL4J -> new Dl4jEngine(task);
      case ONNXRUNTIME -> new OnnxRuntimeEngine(task);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
