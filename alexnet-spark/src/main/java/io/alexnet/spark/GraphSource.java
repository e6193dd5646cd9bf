package io.alexnet.spark;

import io.alexnet.graph.Graph;
import java.io.Serializable;

/** Describes the network anew on every machine; each time the same. */
@FunctionalInterface
public interface GraphSource extends Serializable {

  Graph graph();
}
