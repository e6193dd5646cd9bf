package io.alexnet.data.image;

/**
 * The changes drawn for one use of one image: which square of it, mirrored or not, and what becomes
 * of a sample v in [0, 1]: gain · v + offset of its channel.
 *
 * @param left the crop's left edge; a crop may lie partly outside, where edge pixels are repeated
 * @param top the crop's upper edge
 */
public record Distortion(int left, int top, boolean mirror, float gain, float[] offsets) {}
