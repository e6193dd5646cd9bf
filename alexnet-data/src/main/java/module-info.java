/** Images, datasets, augmentation and batches. */
module io.alexnet.data {
  requires transitive io.alexnet.core;
  requires java.desktop;
  requires org.slf4j;

  uses javax.imageio.spi.ImageReaderSpi;

  exports io.alexnet.data;
  exports io.alexnet.data.image;
  exports io.alexnet.data.predict;
  exports io.alexnet.data.source;
}
