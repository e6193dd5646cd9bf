package io.alexnet.data;

import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.random.SplitMix64;
import java.util.List;

/** Random images of two classes, made up on demand; some of them may be unreadable. */
record Colours(int size, int side, int channels, int... unreadable) implements Dataset {

  @Override
  public List<String> classNames() {
    return List.of("even", "odd");
  }

  @Override
  public int label(int index) {
    return index % 2;
  }

  @Override
  public String name(int index) {
    return "colours " + index;
  }

  @Override
  public Image image(int index) {
    for (int i : unreadable) {
      if (i == index) {
        throw new ImageException(name(index), "made to fail");
      }
    }
    SplitMix64 random = SplitMix64.of(4, index);
    byte[] pixels = new byte[side * side * channels];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextLong();
    }
    return new Image(side, side, channels, pixels);
  }
}
