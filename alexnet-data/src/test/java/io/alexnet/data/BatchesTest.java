package io.alexnet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.data.image.Augment;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.image.Normalization;
import io.alexnet.data.source.Shapes;
import io.alexnet.tensor.Shape;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class BatchesTest {

  private static final Augment EVERYTHING =
      Augment.paper()
          .shift(0.2)
          .brightness(0.1)
          .contrast(0.2)
          .saturation(0.4)
          .hue(0.1)
          .cutout(0.3)
          .mixup(0.4);

  private static Batches colours(int size, int... unreadable) {
    return Batches.of(ResizedImages.of(new Colours(size, 16, 3, unreadable), 12))
        .imageSize(8)
        .batchSize(10)
        .seed(5);
  }

  /** What an epoch gave: each batch's pixels, labels, and with whom it was mixed. */
  private record Recorded(
      List<float[]> images, List<int[]> labels, List<int[]> partners, List<Float> shares) {
    static Recorded of(BatchSource source, int epoch, int firstBatch) {
      Recorded recorded =
          new Recorded(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      try (BatchSource.Batches batches = source.open(epoch, firstBatch)) {
        for (Batch batch; (batch = batches.next()) != null; ) {
          assertEquals(source.imageShape().prepend(batch.size()), batch.images().shape());
          recorded.images.add(batch.images().toArray());
          recorded.labels.add(batch.labels().clone());
          recorded.partners.add(batch.partnerLabels().clone());
          recorded.shares.add(batch.share());
        }
      }
      return recorded;
    }

    void assertSameAs(Recorded other, int from) {
      assertEquals(images.size() - from, other.images.size());
      for (int i = from; i < images.size(); i++) {
        assertArrayEquals(images.get(i), other.images.get(i - from));
        assertArrayEquals(labels.get(i), other.labels.get(i - from));
        assertArrayEquals(partners.get(i), other.partners.get(i - from));
        assertEquals(shares.get(i), other.shares.get(i - from));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "3, 2", "4, 5"})
  void theBitsDependOnTheSeedAndNotOnThreadsOrDepth(int threads, int depth) {
    Batches one = colours(57).shuffle(true).augment(EVERYTHING).threads(1).depth(1);
    Batches many = colours(57).shuffle(true).augment(EVERYTHING).threads(threads).depth(depth);
    for (int epoch = 0; epoch < 3; epoch++) {
      Recorded.of(one.build(), epoch, 0).assertSameAs(Recorded.of(many.build(), epoch, 0), 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 6})
  void anEpochCanBeJoinedAtAnyBatch(int firstBatch) {
    BatchSource source = colours(57).shuffle(true).augment(EVERYTHING).threads(2).build();
    assertEquals(6, source.batches());
    Recorded whole = Recorded.of(source, 3, 0);
    whole.assertSameAs(Recorded.of(source, 3, firstBatch), firstBatch);
  }

  /**
   * 57 images in batches of 10: the last has 7; 51: 1, so that of several parts all but one end.
   */
  @ParameterizedTest
  @CsvSource({"57, 1", "57, 2", "57, 3", "57, 10", "51, 4", "59, 7"})
  void thePartsOfABatchMakeUpTheBatch(int size, int parts) {
    Augment augment = EVERYTHING.mixup(0);
    Recorded whole = Recorded.of(colours(size).shuffle(true).augment(augment).build(), 2, 1);
    List<Recorded> each = new ArrayList<>();
    int images = 0;
    for (int part = 0; part < parts; part++) {
      BatchSource source = colours(size).shuffle(true).augment(augment).part(part, parts).build();
      each.add(Recorded.of(source, 2, 1));
      images += source.size();
      assertTrue(source.batches() <= colours(size).build().batches());
      assertEquals(source.batches() - 1, each.get(part).labels.size());
      assertEquals(colours(size).shuffle(true).build().fingerprint(), source.fingerprint());
    }
    assertEquals(size, images);
    for (int b = 0; b < whole.labels.size(); b++) {
      int number = b;
      List<Recorded> having = each.stream().filter(r -> r.labels.size() > number).toList();
      float[] pixels = new float[0];
      int[] labels = new int[0];
      for (Recorded part : having) {
        pixels = concat(pixels, part.images.get(b));
        int[] more = part.labels.get(b);
        labels = Arrays.copyOf(labels, labels.length + more.length);
        System.arraycopy(more, 0, labels, labels.length - more.length, more.length);
      }
      assertArrayEquals(whole.labels.get(b), labels);
      assertArrayEquals(whole.images.get(b), pixels);
    }
  }

  private static float[] concat(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void mixupMixesEachImageWithItsPartnerByOneShare() {
    Augment plain = Augment.none().randomCrop();
    Recorded apart = Recorded.of(colours(57).shuffle(true).augment(plain).build(), 1, 0);
    BatchSource source = colours(57).shuffle(true).augment(plain.mixup(1)).threads(3).build();
    Recorded mixed = Recorded.of(source, 1, 0);
    Set<Float> shares = new HashSet<>(mixed.shares());
    assertEquals(6, shares.size(), "each batch has its own");
    int length = 3 * 8 * 8;
    for (int b = 0; b < 6; b++) {
      float share = mixed.shares().get(b);
      int size = b < 5 ? 10 : 7; // of seven the fourth is in the middle
      assertEquals(size, mixed.labels().get(b).length);
      assertArrayEquals(apart.labels().get(b), mixed.labels().get(b));
      for (int i = 0; i < size; i++) {
        int partner = size - 1 - i;
        assertEquals(apart.labels().get(b)[partner], mixed.partners().get(b)[i]);
        for (int k = 0; k < length; k++) {
          float own = apart.images().get(b)[i * length + k];
          float other = apart.images().get(b)[partner * length + k];
          float expected = i == partner ? own : share * own + (1 - share) * other;
          assertEquals(expected, mixed.images().get(b)[i * length + k]);
        }
      }
    }
    assertEquals(Set.of(1f), new HashSet<>(apart.shares()));
  }

  @Test
  void theCacheDoesNotChangeWhatComesOut() {
    ResizedImages cached = ResizedImages.of(new Colours(30, 16, 3), 12);
    for (long bytes : new long[] {0, 5 * 12 * 12 * 3}) {
      ResizedImages bounded = cached.cacheBytes(bytes);
      for (int epoch = 0; epoch < 2; epoch++) {
        Recorded.of(Batches.of(cached).threads(2).build(), epoch, 0)
            .assertSameAs(Recorded.of(Batches.of(bounded).threads(2).build(), epoch, 0), 0);
      }
      assertEquals(bytes, bounded.cachedBytes());
    }
    assertEquals(30 * 12 * 12 * 3, cached.cachedBytes());
  }

  @Test
  void everyEpochHasEachExampleOnceAndAnOrderOfItsOwn() {
    ResizedImages images = ResizedImages.of(new Colours(57, 4, 1), 4);
    BatchSource source = Batches.of(images).batchSize(10).shuffle(true).seed(1).build();
    List<List<Float>> orders = new ArrayList<>();
    for (int epoch = 0; epoch < 2; epoch++) {
      List<Float> firstPixels = new ArrayList<>();
      Set<List<Float>> distinct = new HashSet<>();
      for (float[] batch : Recorded.of(source, epoch, 0).images()) {
        for (int i = 0; i < batch.length; i += 16) {
          firstPixels.add(batch[i]);
          distinct.add(List.of(batch[i], batch[i + 1], batch[i + 2], batch[i + 3], batch[i + 4]));
        }
      }
      assertEquals(57, distinct.size());
      orders.add(firstPixels);
    }
    assertNotEquals(orders.get(0), orders.get(1));
  }

  @Test
  void labelsGoWithTheirImages() {
    Colours colours = new Colours(23, 4, 1);
    BatchSource source =
        Batches.of(ResizedImages.of(colours, 4)).batchSize(5).shuffle(true).seed(9).build();
    int seen = 0;
    try (BatchSource.Batches batches = source.open(0, 0)) {
      for (Batch batch; (batch = batches.next()) != null; ) {
        for (int i = 0; i < batch.size(); i++) {
          float pixel = batch.images().get(i, 0, 0, 0);
          float next = batch.images().get(i, 0, 3, 3);
          int example = -1;
          for (int k = 0; k < colours.size(); k++) {
            byte[] pixels = colours.image(k).pixels();
            if ((pixels[0] & 0xFF) / 255f == pixel && (pixels[15] & 0xFF) / 255f == next) {
              example = k;
            }
          }
          assertEquals(colours.label(example), batch.labels()[i]);
          seen++;
        }
      }
    }
    assertEquals(23, seen);
  }

  @Test
  void withoutShuffleAndAugmentationComesTheCentreInOrder() {
    Colours colours = new Colours(3, 12, 3);
    BatchSource source =
        Batches.of(ResizedImages.of(colours, 12)).imageSize(8).batchSize(2).build();
    assertEquals(Shape.of(3, 8, 8), source.imageShape());
    Recorded epoch = Recorded.of(source, 7, 0);
    assertArrayEquals(new int[] {0, 1}, epoch.labels().get(0));
    assertArrayEquals(new int[] {0}, epoch.labels().get(1));
    for (int i = 0; i < 3; i++) {
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < 8; y++) {
          for (int x = 0; x < 8; x++) {
            float expected = colours.image(i).sample(2 + x, 2 + y, c) / 255f;
            int at = ((i % 2 * 3 + c) * 8 + y) * 8 + x;
            assertEquals(expected, epoch.images().get(i / 2)[at]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void resizedCropsDependOnTheSeedAndNotOnThreads(int threads) {
    Augment augment = Augment.none().resizedCrop(0.1, 1, 0.5, 2).mirror();
    Batches batches = colours(57).shuffle(true).augment(augment);
    Recorded.of(batches.threads(2).build(), 2, 0)
        .assertSameAs(Recorded.of(batches.threads(threads).build(), 2, 3), 3);
  }

  /** Of three images, in batches of two: the last one holds a single image. */
  @Test
  void tenCropsAreTheCornersAndTheCentreAndTheirMirrorImages() {
    Colours colours = new Colours(3, 13, 3);
    BatchSource source =
        Batches.of(ResizedImages.of(colours, 13)).imageSize(8).batchSize(29).tenCrops(true).build();
    assertEquals(10, source.views());
    assertEquals(30, source.size());
    assertEquals(20, source.batchSize());
    assertEquals(Shape.of(3, 8, 8), source.imageShape());
    Recorded epoch = Recorded.of(source, 0, 0);
    assertEquals(2, epoch.images().size());
    assertEquals(10 * 3 * 8 * 8, epoch.images().get(1).length);
    int[][] corners = {{0, 0}, {5, 0}, {0, 5}, {5, 5}, {2, 2}}; // left and top, by hand
    for (int i = 0; i < 3; i++) {
      for (int view = 0; view < 10; view++) {
        int row = i % 2 * 10 + view;
        assertEquals(i % 2, epoch.labels().get(i / 2)[row]);
        for (int c = 0; c < 3; c++) {
          for (int y = 0; y < 8; y++) {
            for (int x = 0; x < 8; x++) {
              int left = corners[view % 5][0] + (view < 5 ? x : 7 - x);
              float expected = colours.image(i).sample(left, corners[view % 5][1] + y, c) / 255f;
              assertEquals(expected, epoch.images().get(i / 2)[((row * 3 + c) * 8 + y) * 8 + x]);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 10", "9, 10", "10, 10", "32, 30", "1000, 110"})
  void aBatchOfTenCropsHoldsWholeImages(int asked, int expected) {
    BatchSource source = colours(11).batchSize(asked).tenCrops(true).threads(2).build();
    assertEquals(expected, source.batchSize());
    assertEquals(110, source.batches() * expected - expected + source.lastBatchSize());
    Recorded whole = Recorded.of(source, 0, 0);
    assertEquals(110, whole.labels().stream().mapToInt(labels -> labels.length).sum());
    whole.assertSameAs(Recorded.of(source, 0, source.batches() - 1), source.batches() - 1);
    Recorded.of(colours(11).batchSize(asked).tenCrops(true).threads(1).depth(1).build(), 0, 0)
        .assertSameAs(whole, 0);
  }

  @Test
  void shufflingKeepsTheViewsOfAnImageTogether() {
    float[] centres = Recorded.of(colours(11).shuffle(true).build(), 3, 0).images().get(0);
    Recorded crops =
        Recorded.of(colours(11).batchSize(10).shuffle(true).tenCrops(true).build(), 3, 0);
    int size = 3 * 8 * 8;
    for (int i = 0; i < 10; i++) {
      assertArrayEquals(
          Arrays.copyOfRange(centres, i * size, (i + 1) * size),
          Arrays.copyOfRange(crops.images().get(i), 4 * size, 5 * size));
    }
  }

  /** An image that is not kept in memory is not decoded ten times. */
  @Test
  void allViewsAreCutFromOneDecodedImage() {
    AtomicInteger decoded = new AtomicInteger();
    Dataset counted =
        new ForwardingDataset(new Colours(4, 16, 3)) {
          @Override
          public Image image(int index) {
            decoded.incrementAndGet();
            return super.image(index);
          }
        };
    ResizedImages images = ResizedImages.of(counted, 12).cacheBytes(0);
    Recorded.of(Batches.of(images).imageSize(8).tenCrops(true).build(), 0, 0);
    assertEquals(4, decoded.get());
  }

  @Test
  void buffersAreUsedAgain() {
    Map<float[], Boolean> arrays = new IdentityHashMap<>();
    try (BatchSource.Batches batches = colours(200).depth(2).threads(2).build().open(0, 0)) {
      for (Batch batch; (batch = batches.next()) != null; ) {
        arrays.put(batch.images().array(), true);
      }
    }
    assertEquals(3, arrays.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void aBadImageStopsTheEpochAtItsBatchWhateverTheThreads(int threads) {
    Augment augment = Augment.none().mixup(1);
    BatchSource source = colours(57, 36, 33, 38).augment(augment).threads(threads).depth(5).build();
    try (BatchSource.Batches batches = source.open(0, 0)) {
      for (int i = 0; i < 3; i++) {
        assertNotNull(batches.next());
      }
      ImageException thrown = assertThrows(ImageException.class, batches::next);
      assertEquals("colours 33: made to fail", thrown.getMessage());
    }
    assertEquals(Set.of(), prefetchThreads());
  }

  @Test
  void noThreadIsLeftBehind() {
    BatchSource source = colours(500).threads(3).build();
    BatchSource.Batches stoppedEarly = source.open(0, 0);
    assertNotNull(stoppedEarly.next());
    assertFalse(prefetchThreads().isEmpty());
    stoppedEarly.close();
    assertEquals(Set.of(), prefetchThreads());
    stoppedEarly.close();
    assertThrows(IllegalStateException.class, stoppedEarly::next);

    BatchSource.Batches readToTheEnd = source.open(0, 48);
    assertNotNull(readToTheEnd.next());
    assertNotNull(readToTheEnd.next());
    assertNull(readToTheEnd.next());
    assertEquals(Set.of(), prefetchThreads());
    assertNull(readToTheEnd.next());
  }

  private static Set<String> prefetchThreads() {
    Set<String> names = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("alexnet-prefetch")) {
        names.add(thread.getName());
      }
    }
    return names;
  }

  private static ResizedImages slow(CountDownLatch decodable) {
    return ResizedImages.of(
        new ForwardingDataset(new Colours(57, 16, 3)) {
          @Override
          public Image image(int index) {
            try {
              decodable.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            return super.image(index);
          }
        },
        12);
  }

  @Test
  void aWaitingConsumerCanBeInterrupted() throws InterruptedException {
    CountDownLatch decodable = new CountDownLatch(1);
    BatchSource.Batches batches = Batches.of(slow(decodable)).build().open(0, 0);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread consumer =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              thrown.set(assertThrows(UncheckedIOException.class, batches::next));
            });
    consumer.start();
    // The interruption ends the wait for the batch; then the epoch is closed, and only the images
    // that are being decoded are still waited for.
    awaitMethod(consumer, "close");
    decodable.countDown();
    consumer.join();
    assertEquals("interrupted while waiting for batch 0", thrown.get().getCause().getMessage());
    assertEquals(Set.of(), prefetchThreads());
  }

  @Test
  void aWaitingConsumerIsToldThatAnotherThreadHasClosedTheEpoch() throws InterruptedException {
    CountDownLatch decodable = new CountDownLatch(1);
    BatchSource.Batches batches =
        Batches.of(slow(decodable)).imageSize(12).batchSize(8).threads(2).build().open(0, 0);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread consumer =
        new Thread(() -> thrown.set(assertThrows(IllegalStateException.class, batches::next)));
    consumer.setDaemon(true);
    consumer.start();
    awaitMethod(consumer, "wait");
    Thread closer = new Thread(batches::close);
    closer.start();
    awaitMethod(closer, "join");
    decodable.countDown();
    closer.join();
    consumer.join(10_000);
    assertFalse(consumer.isAlive(), "it waits for what nobody makes any more");
    assertEquals("the batches of this epoch are closed", thrown.get().getMessage());
  }

  private static void awaitMethod(Thread thread, String method) throws InterruptedException {
    while (Arrays.stream(thread.getStackTrace())
        .noneMatch(frame -> frame.getMethodName().equals(method))) {
      Thread.sleep(1);
    }
  }

  @Test
  void asManyBatchesAsThereAreMayBeMadeAhead() {
    BatchSource source =
        Batches.of(ResizedImages.of(Shapes.of(5, 16, 1), 16))
            .batchSize(2)
            .depth(Integer.MAX_VALUE)
            .build();
    for (int first = 0; first <= 3; first++) {
      int batches = 0;
      try (BatchSource.Batches open = source.open(0, first)) {
        while (open.next() != null) {
          batches++;
        }
      }
      assertEquals(3 - first, batches);
    }
  }

  @Test
  void optionsAreCheckedWhenBuilt() {
    ResizedImages images = ResizedImages.of(new Colours(5, 16, 3), 12);
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).batchSize(0).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).imageSize(13).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).imageSize(0).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).threads(0).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).depth(0).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).part(2, 2).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).part(0, 0).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).part(0, 6).build());
    Normalization rgb = Normalization.perChannel(new float[3], new float[] {1, 1, 1});
    assertThrows(
        IllegalArgumentException.class,
        () -> Batches.of(images.channels(1)).normalization(rgb).build());
    Normalization largerImage =
        Normalization.meanImage(new float[3 * 16 * 16], new float[] {1, 1, 1});
    assertThrows(
        IllegalArgumentException.class,
        () -> Batches.of(images).normalization(largerImage).build());
    assertThrows(
        IllegalArgumentException.class,
        () -> Batches.of(images).batchSize(6).shuffle(true).build());
    Batches tenCrops = Batches.of(images).imageSize(8).tenCrops(true).shuffle(true);
    assertEquals(50, tenCrops.batchSize(59).build().batchSize(), "views of five images");
    assertThrows(IllegalArgumentException.class, () -> tenCrops.batchSize(60).build());
    assertThrows(IllegalArgumentException.class, () -> Batches.of(images).tenCrops(true).build());
    assertThrows(
        IllegalArgumentException.class,
        () -> Batches.of(images).imageSize(8).augment(EVERYTHING).tenCrops(true).build());
    BatchSource source = Batches.of(images).batchSize(100).build();
    assertEquals(5, source.batchSize());
    assertThrows(IndexOutOfBoundsException.class, () -> source.open(0, 2));
    assertThrows(IllegalArgumentException.class, () -> source.open(-1, 0));
  }

  @Test
  void theSameIndexIsTheSameImageInMemory() {
    ResizedImages images = ResizedImages.of(new Colours(5, 12, 3), 12);
    assertSame(images.pixels(3), images.pixels(3));
    assertEquals(12 * 12, images.channels(1).pixels(0).length);
    assertEquals(0, Arrays.compare(images.pixels(2), new Colours(5, 12, 3).image(2).pixels()));
  }

  private static BatchSource files(String folder, String lastName, int lastLabel, long seed) {
    Dataset dataset =
        new ForwardingDataset(new Colours(20, 16, 3)) {
          @Override
          public String name(int index) {
            return folder + (index < 19 ? "image " + index : lastName);
          }

          @Override
          public int label(int index) {
            return index < 19 ? super.label(index) : lastLabel;
          }
        };
    return Batches.of(ResizedImages.of(dataset, 12))
        .imageSize(8)
        .batchSize(10)
        .shuffle(true)
        .seed(seed)
        .build();
  }

  @Test
  void theFingerprintIsOfNamesLabelsAndOrderButNotOfTheFolder() {
    String fingerprint = files("here/a/", "last.jpg", 0, 1).fingerprint();
    assertEquals(fingerprint, files("here/a/", "last.jpg", 0, 1).fingerprint());
    assertEquals(fingerprint, files("C:\\b\\", "last.jpg", 0, 1).fingerprint(), "moved");
    assertNotEquals(fingerprint, files("here/a/", "other.jpg", 0, 1).fingerprint());
    assertNotEquals(fingerprint, files("here/a/", "last.jpg", 1, 1).fingerprint());
    assertNotEquals(fingerprint, files("here/a/", "last.jpg", 0, 2).fingerprint());
    assertNotEquals(colours(20).build().fingerprint(), colours(21).build().fingerprint());
  }
}
