package io.alexnet.data.predict;

/**
 * A class that an image may be of.
 *
 * @param className of the class
 * @param index of the network's output
 * @param probability from 0 to 1; NaN if the network gave no numbers, as for weights that have none
 */
public record Prediction(String className, int index, float probability) {}
