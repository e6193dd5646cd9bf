package io.alexnet.spark;

import java.io.Serializable;

/** An image file on its way to the replica that learns from it, by any of Spark's serialisers. */
final class LabelledFile implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Among all rows for training, or all for validation. */
  final long index;

  final byte[] file;
  final int label;
  final String name;
  final boolean validation;

  LabelledFile(long index, byte[] file, int label, String name, boolean validation) {
    this.index = index;
    this.file = file;
    this.label = label;
    this.name = name;
    this.validation = validation;
  }
}
