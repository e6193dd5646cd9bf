package io.alexnet.data;

import io.alexnet.data.image.Image;
import java.util.List;

/**
 * Labelled images, by index. Safe for use by any number of threads; the same index always gives the
 * same image.
 */
public interface Dataset {

  /** Number of images, at least 1. */
  int size();

  /** Channels of every image: 1 (grey) or 3 (RGB). */
  int channels();

  /** Names of the classes; a label is an index into this list. */
  List<String> classNames();

  /** The class of an image, without decoding it. */
  int label(int index);

  /** What an error calls the image: its file, or its number in an archive. */
  String name(int index);

  /**
   * Decodes, or draws, the image.
   *
   * @throws io.alexnet.data.image.ImageException if it cannot be read
   */
  Image image(int index);

  /**
   * Whether images lie ready as pixels with this shorter side, so that nothing would be won by
   * keeping what {@link #image} gave.
   */
  default boolean readyAt(int side) {
    return false;
  }

  /** What the images themselves take of the heap, in bytes: 0 if they are read when asked for. */
  default long heapBytes() {
    return 0;
  }

  /** What this is a part of, and keeps in memory as a whole; itself if it is no part. */
  default Dataset whole() {
    return this;
  }

  /** Some of this dataset's images, in the given order; one that is named twice comes twice. */
  default Dataset subset(int... indices) {
    return new Subset(this, indices.clone());
  }

  /**
   * Only the images of these classes, in the same order; the class at index i of the list gets the
   * label i.
   *
   * @throws IllegalArgumentException if a class is named twice or none has an image
   * @throws IndexOutOfBoundsException if there is no such class
   */
  default Dataset ofClasses(int... classes) {
    return new ClassSubset(this, classes.clone());
  }

  /**
   * Divides each class in the same proportion at random, so that small classes are on both sides.
   *
   * @param trainFraction share of the training side, in 0 &lt; fraction &lt; 1
   */
  default Split split(double trainFraction, long seed) {
    return Split.stratified(this, trainFraction, seed);
  }
}
