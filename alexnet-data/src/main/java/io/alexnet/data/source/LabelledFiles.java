package io.alexnet.data.source;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.source.ImageFolder.Check;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Image files of which the class is known.
 *
 * @param labels one for each file, an index into the class names
 */
record LabelledFiles(ImageDecoder decoder, List<String> classNames, List<Path> files, int[] labels)
    implements Dataset {

  private static final Logger LOG = LoggerFactory.getLogger(LabelledFiles.class);
  private static final int REASONS_TOLD = 5;

  /**
   * These files without those that cannot be read, of which one warning gives the number and names
   * the first.
   *
   * @param source the folder or list that the files are of
   * @throws DatasetException if a class has files but none that can be read; or if it is not the
   *     images that are at fault, but the disk or network they are on, or a heap too small to look
   *     through them
   */
  Dataset readable(Path source, Check check) {
    if (check == Check.NONE) {
      return this;
    }
    Consumer<Path> look = check == Check.DECODE ? decoder::decode : decoder::check;
    String[] complaints = new String[files.size()];
    AtomicReference<Throwable> failure = new AtomicReference<>();
    IntStream.range(0, files.size())
        .parallel() // once, and with nothing else running
        .forEach(
            i -> {
              if (failure.get() == null) { // or a thousand more would be tried in vain
                try {
                  look.accept(files.get(i));
                } catch (ImageException e) {
                  complaints[i] = e.getMessage();
                  if (e.isReadFailure()) {
                    failure.compareAndSet(null, e);
                  }
                } catch (OutOfMemoryError e) {
                  failure.compareAndSet(null, e);
                }
              }
            });
    if (failure.get() != null) {
      throw new DatasetException(failure.get().getMessage(), failure.get());
    }
    List<String> bad = Stream.of(complaints).filter(c -> c != null).toList();
    if (bad.isEmpty()) {
      return this;
    }
    List<String> told = bad.subList(0, Math.min(REASONS_TOLD, bad.size()));
    LOG.warn(
        "{}: skipped {} of {} images that cannot be read: {}{}",
        source,
        bad.size(),
        files.size(),
        String.join("; ", told),
        told.size() < bad.size() ? "; …" : "");
    int[] kept = IntStream.range(0, files.size()).filter(i -> complaints[i] == null).toArray();
    boolean[] readable = new boolean[classNames.size()];
    IntStream.of(kept).forEach(i -> readable[labels[i]] = true);
    for (int i = 0; i < labels.length; i++) {
      if (!readable[labels[i]]) {
        throw new DatasetException(
            source
                + ": none of the images of class '"
                + classNames.get(labels[i])
                + "' can be read: "
                + complaints[i]);
      }
    }
    return subset(kept);
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public int channels() {
    return 3;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public String name(int index) {
    return files.get(index).toString();
  }

  @Override
  public Image image(int index) {
    return decoder.decode(files.get(index));
  }
}
