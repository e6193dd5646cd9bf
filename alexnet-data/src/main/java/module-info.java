/** Images, datasets, augmentation and batches. */
module io.alexnet.data {
  requires transitive io.alexnet.core;
  requires java.desktop;
  requires org.slf4j;
}
