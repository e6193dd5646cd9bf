package io.alexnet.data.source;

import io.alexnet.data.DatasetException;
import io.alexnet.format.AtomicFile;
import io.alexnet.format.LockFile;
import io.alexnet.format.OneLine;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file on the web and the checksum it must have. Immutable.
 *
 * <p>The file is written as {@code name.part} beside its place and moved there when it is whole and
 * its checksum is right, so whatever stands under its name is complete. A part that was left by a
 * cut connection is continued where it ended, and one of a run before if there is a checksum: the
 * file may have changed since. Of several that want the same file at the same time, in this process
 * or in others, one fetches it and the others wait for the lock of an empty hidden file beside it,
 * which stays.
 *
 * <p>On {@link HttpURLConnection}: unlike java.net.http's client it has a time limit on each read,
 * so a stalled server is noticed, and it starts no threads that nobody could end on Java 17.
 */
public final class Download {

  private static final Logger LOG = LoggerFactory.getLogger(Download.class);
  private static final int ATTEMPTS = 4;
  private static final int MAX_REDIRECTS = 5;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final String url;
  private final String algorithm;
  private final String checksum;
  private final Duration timeout;

  private Download(String url, String algorithm, String checksum, Duration timeout) {
    this.url = url;
    this.algorithm = algorithm;
    this.checksum = checksum;
    this.timeout = timeout;
  }

  /**
   * A file that is taken as it comes, if the server sends all of it.
   *
   * @throws IllegalArgumentException if it is no address
   */
  public static Download of(String url) {
    URI.create(url);
    return new Download(url, null, null, Duration.ofSeconds(30));
  }

  /**
   * @param checksum in hexadecimal
   */
  public Download sha256(String checksum) {
    return new Download(url, "SHA-256", checksum, timeout);
  }

  /**
   * For archives that are only known by their MD5: proof against accidents, not against malice.
   *
   * @param checksum in hexadecimal
   */
  public Download md5(String checksum) {
    return new Download(url, "MD5", checksum, timeout);
  }

  /**
   * Longest wait for a connection and for each read; 30 seconds at first.
   *
   * @throws IllegalArgumentException if under a millisecond or over 24 days
   */
  public Download timeout(Duration timeout) {
    if (timeout.compareTo(Duration.ofMillis(1)) < 0
        || timeout.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "a time limit must be from a millisecond to 24 days, not " + timeout);
    }
    return new Download(url, algorithm, checksum, timeout);
  }

  /** Fetches the file into a folder, under its own name; see {@link #to}. */
  public Path into(Path folder) {
    return to(folder.resolve(url.substring(url.lastIndexOf('/') + 1)));
  }

  /**
   * Fetches the file, unless it is there.
   *
   * @return {@code file}
   * @throws DatasetException if it cannot be fetched or has another checksum; the message names
   *     what to fetch by hand and where to put it
   * @throws UncheckedIOException if this thread is interrupted while another fetches the file; it
   *     is afterwards, too
   */
  public Path to(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        AtomicFile.createFolder(file.toAbsolutePath().getParent());
        try (LockFile alone = LockFile.await(LockFile.beside(file))) {
          if (!Files.isRegularFile(file)) { // still: another may have fetched it meanwhile
            fetchAndMove(file);
            return file;
          }
        }
      }
      String wrong = wrongChecksum(file);
      if (wrong != null) {
        throw new DatasetException(file + wrong + "; delete it and fetch it again");
      }
      return file;
    } catch (FileLockInterruptionException e) {
      throw Interruption.during("waiting for another download of " + file);
    } catch (IOException e) {
      throw new DatasetException(
          "cannot fetch "
              + url
              + " ("
              + (e.getMessage() == null ? e.getClass().getSimpleName() : e)
              + "); fetch it by hand and save it as "
              + file,
          e);
    }
  }

  private void fetchAndMove(Path file) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    if (algorithm == null) {
      Files.deleteIfExists(part); // of a run before, when the server may have had another file
    }
    fetch(part);
    String wrong = wrongChecksum(part);
    if (wrong != null) {
      Files.delete(part); // continuing it would never make it right
      throw new DatasetException("what came for " + file + wrong);
    }
    try (FileOutputStream whole = new FileOutputStream(part.toFile(), true)) {
      whole.getFD().sync(); // or its name could survive a power failure, and its content not
    }
    AtomicFile.move(part, file);
  }

  private void fetch(Path part) throws IOException {
    for (int attempt = 1; ; attempt++) {
      long from = Files.exists(part) ? Files.size(part) : 0;
      try {
        LOG.info("fetching {}{}", url, from > 0 ? " from byte " + from : "");
        fetchFrom(from, part);
        return;
      } catch (Refused e) {
        throw e;
      } catch (IOException e) {
        boolean progress = Files.exists(part) && Files.size(part) > from;
        if (attempt >= ATTEMPTS || !progress) {
          throw e;
        }
        LOG.info("connection lost: {}", e.toString());
      }
    }
  }

  /** The server answered, and the answer is no. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }

    @Override
    public String toString() {
      return getMessage();
    }
  }

  private void fetchFrom(long from, Path part) throws IOException {
    HttpURLConnection connection = connect(from);
    try {
      int status = connection.getResponseCode();
      if (status == RANGE_NOT_SATISFIABLE && from > 0) {
        if (from == totalOf(connection)) {
          return; // nothing was missing but the move to its place
        }
        Files.delete(part);
        fetchFrom(0, part);
        return;
      }
      boolean continued = status == HttpURLConnection.HTTP_PARTIAL && continuesAt(connection, from);
      if (!continued && status != HttpURLConnection.HTTP_OK) {
        throw new Refused("the server answered " + status);
      }
      long start = continued ? from : 0;
      long announced = connection.getContentLengthLong();
      try (InputStream in = connection.getInputStream();
          OutputStream out =
              Files.newOutputStream(
                  part,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  continued ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
        in.transferTo(out);
      }
      long received = Files.size(part) - start;
      if (announced >= 0 && received < announced) {
        throw new IOException(
            "the connection ended after " + received + " of " + announced + " bytes");
      }
      if (continued && start + received < totalOf(connection)) {
        throw new IOException(
            "the server sent " + received + " bytes only of those from " + start + " on");
      }
    } finally {
      connection.disconnect();
    }
  }

  /** Follows redirections itself, as those from http to https are not followed otherwise. */
  private HttpURLConnection connect(long from) throws IOException {
    URI target = URI.create(url);
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (!(target.toURL().openConnection() instanceof HttpURLConnection connection)) {
        throw new MalformedURLException("not an http address: " + target);
      }
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout((int) timeout.toMillis());
      connection.setReadTimeout((int) timeout.toMillis());
      if (from > 0) {
        connection.setRequestProperty("Range", "bytes=" + from + "-");
      }
      String location = connection.getHeaderField("Location");
      if (connection.getResponseCode() / 100 != 3 || location == null) {
        return connection;
      }
      connection.disconnect();
      try {
        target = target.resolve(location);
      } catch (IllegalArgumentException e) {
        throw new Refused("redirected to what is no address: " + OneLine.of(location));
      }
    }
    throw new Refused("redirected more than " + MAX_REDIRECTS + " times");
  }

  private static boolean continuesAt(HttpURLConnection connection, long from) {
    String range = connection.getHeaderField("Content-Range");
    return range != null && range.startsWith("bytes " + from + "-");
  }

  /** The whole file's size, as in {@code bytes *}{@code /1234}; −1 if the server does not say. */
  private static long totalOf(HttpURLConnection connection) {
    String range = connection.getHeaderField("Content-Range");
    try {
      return range == null ? -1 : Long.parseLong(range.substring(range.indexOf('/') + 1));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** What to say behind the file's name if its checksum is wrong; null if it is right. */
  private String wrongChecksum(Path file) throws IOException {
    if (algorithm == null) {
      return null;
    }
    String actual = digest(file);
    return actual.equalsIgnoreCase(checksum)
        ? null
        : ": has " + algorithm + " " + actual + ", not " + checksum + " as expected of " + url;
  }

  private String digest(Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance(algorithm))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(algorithm + " is part of every Java platform", e);
    }
  }
}
