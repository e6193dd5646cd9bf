package io.alexnet.examples.cli;

import io.alexnet.data.Preprocessing;
import io.alexnet.data.image.Image;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.source.ImageFolder;
import io.alexnet.graph.Network;
import io.alexnet.predict.Predictor;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Many image files, read and computed several at a time. How they are cut into chunks depends on
 * the files alone, so that no result depends on the threads: another batch size may round
 * otherwise.
 */
final class ImageChunks {

  /** Views that are computed together: AlexNet takes 61 MB for them on each thread. */
  private static final int CHUNK = 16;

  private final List<Path> files;
  private final Preprocessing preprocessing;
  private final int chunk;
  private final int threads;

  /**
   * @param views of each image
   */
  ImageChunks(List<Path> files, Preprocessing preprocessing, int views, int threads) {
    this.files = files;
    this.preprocessing = preprocessing;
    chunk = Math.max(1, CHUNK / views);
    this.threads = threads;
  }

  /**
   * The files that the user named, and of each folder the images in it.
   *
   * @throws Failure if a folder holds none
   */
  static List<Path> files(List<Path> named) {
    List<Path> files = new ArrayList<>();
    for (Path path : named) {
      if (Files.isDirectory(path)) {
        List<Path> found = ImageFolder.files(path);
        if (found.isEmpty()) {
          throw new Failure(path + ": there are no images in this folder");
        }
        files.addAll(found);
      } else {
        files.add(path);
      }
    }
    return files;
  }

  /** For the work on these files: all threads on one chunk, or a thread for each of several. */
  Predictor.Builder predictor(Network network) {
    boolean one = files.size() <= chunk;
    return Predictor.builder(network).workspaces(one ? 1 : threads).threads(one ? threads : 1);
  }

  /**
   * Gives each file's result to {@code done}, in the order of the files, on this thread. A file
   * that cannot be read is one line on {@code err}, and the others go on.
   *
   * @param compute the results of some resized images, called by several threads at once
   * @param bad receives the files that cannot be read, in their places
   * @return whether all could be read
   */
  <T> boolean forEach(
      Function<List<Image>, List<T>> compute,
      BiConsumer<Path, T> done,
      BiConsumer<Path, ImageException> bad,
      PrintWriter err) {
    boolean all = true;
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<List<Object>>> chunks = new ArrayList<>();
      for (int from = 0; from < files.size(); from += chunk) {
        List<Path> some = files.subList(from, Math.min(from + chunk, files.size()));
        chunks.add(workers.submit(() -> compute(some, compute)));
      }
      for (int i = 0; i < files.size(); i++) {
        List<Object> results = get(chunks.get(i / chunk));
        if (results.get(i % chunk) instanceof ImageException e) {
          err.println("alexnet: " + e.getMessage());
          bad.accept(files.get(i), e);
          all = false;
        } else {
          @SuppressWarnings("unchecked") // what compute gave
          T result = (T) results.get(i % chunk);
          done.accept(files.get(i), result);
        }
        if (i % chunk == chunk - 1) {
          chunks.set(i / chunk, null); // its results are the caller's now
        }
      }
    } finally {
      end(workers);
    }
    return all;
  }

  /** A result, or an {@link ImageException}, for each file. */
  private <T> List<Object> compute(List<Path> some, Function<List<Image>, List<T>> compute) {
    ImageDecoder decoder = new ImageDecoder();
    List<Object> results = new ArrayList<>();
    List<Image> images = new ArrayList<>();
    for (Path file : some) {
      try {
        images.add(
            preprocessing.resized(decoder.decode(file))); // at once: 16 photographs are large
        results.add(null);
      } catch (ImageException e) {
        results.add(e);
      }
    }
    int next = 0;
    List<T> computed = images.isEmpty() ? List.of() : compute.apply(images);
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i) == null) {
        results.set(i, computed.get(next++));
      }
    }
    return results;
  }

  /** Waits, after a failure, for what is under way: nothing here outlives the command. */
  private static void end(ExecutorService workers) {
    workers.shutdownNow();
    try {
      workers.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause(); // decoding and computing throw no other
    }
  }
}
