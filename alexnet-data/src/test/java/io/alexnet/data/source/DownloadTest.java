package io.alexnet.data.source;

import static io.alexnet.data.source.DatasetAssertions.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alexnet.data.random.SplitMix64;
import io.alexnet.format.LockFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DownloadTest {

  private final byte[] content = new byte[300_000];
  private final List<String> ranges = new ArrayList<>();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private HttpServer server;
  private String base;
  private Path file;
  @TempDir Path folder;

  @BeforeEach
  void start() throws IOException {
    SplitMix64 random = new SplitMix64(8);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) random.nextLong();
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.start();
    base = "http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort();
    file = folder.resolve("data/archive.bin");
  }

  @AfterEach
  void stop() {
    server.stop(0);
    executor.shutdownNow();
  }

  /** Serves the content, from where the client asks; each answer ends after so many bytes. */
  private String serve(int... limits) {
    server.createContext(
        "/archive.bin",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          ranges.add(String.valueOf(range));
          int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
          if (from >= content.length) {
            exchange.getResponseHeaders().add("Content-Range", "bytes */" + content.length);
            exchange.sendResponseHeaders(416, -1);
            exchange.close();
            return;
          }
          if (range != null) {
            exchange
                .getResponseHeaders()
                .add("Content-Range", "bytes " + from + "-299999/" + content.length);
          }
          exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
          int limit = ranges.size() <= limits.length ? limits[ranges.size() - 1] : content.length;
          int length = Math.min(limit, content.length - from);
          exchange.getResponseBody().write(content, from, length);
          cut(exchange, length == content.length - from);
        });
    return base + "/archive.bin";
  }

  private static void cut(HttpExchange exchange, boolean whole) throws IOException {
    exchange.getResponseBody().flush();
    if (!whole) {
      throw new IOException("cut"); // the server then closes the connection
    }
    exchange.close();
  }

  private String sha256() {
    return digest("SHA-256");
  }

  private String digest(String algorithm) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private void assertWhole() throws IOException {
    assertArrayEquals(content, Files.readAllBytes(file));
    assertFalse(Files.exists(part()));
  }

  private Path part() {
    return file.resolveSibling("archive.bin.part");
  }

  @Test
  void aFileIsFetchedOnce() throws IOException {
    Download download = Download.of(serve()).sha256(sha256());
    assertEquals(file, download.into(file.getParent()));
    assertWhole();
    download.to(file);
    assertEquals(List.of("null"), ranges);
  }

  /** The answers' first halves come; the second ones when both downloads are under way. */
  @Test
  void twoDownloadsOfOneFileFetchItOnce() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    CountDownLatch both = new CountDownLatch(1);
    server.createContext(
        "/archive.bin",
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 150_000);
          exchange.getResponseBody().flush();
          try {
            both.await();
          } catch (InterruptedException e) {
            exchange.close();
          }
          exchange.getResponseBody().write(content, 150_000, 150_000);
          exchange.close();
        });
    Download download = Download.of(base + "/archive.bin").sha256(sha256());
    FutureTask<Path> first = new FutureTask<>(() -> download.to(file));
    FutureTask<Path> second = new FutureTask<>(() -> download.to(file));
    new Thread(first).start();
    while (requests.get() == 0) {
      Thread.sleep(1);
    }
    Thread late = new Thread(second);
    late.start();
    while (late.getState() != Thread.State.WAITING && requests.get() < 2) {
      Thread.sleep(1);
    }
    both.countDown();
    assertEquals(file, first.get());
    assertEquals(file, second.get());
    assertWhole();
    assertEquals(1, requests.get());
  }

  @Test
  void waitingForAnotherDownloadCanBeInterrupted() throws IOException {
    Download download = Download.of(serve()).sha256(sha256());
    Files.createDirectories(file.getParent());
    try (LockFile another = LockFile.await(LockFile.beside(file))) {
      Thread.currentThread().interrupt();
      String message =
          assertThrows(UncheckedIOException.class, () -> download.to(file)).getMessage();
      assertTrue(Thread.interrupted(), "the interruption is passed on");
      assertEquals("interrupted while waiting for another download of " + file, message);
    }
    download.to(file);
    assertWhole();
  }

  @Test
  void aCutConnectionIsContinuedWhereItEnded() throws IOException {
    Download.of(serve(100_000, 50_000)).sha256(sha256()).to(file);
    assertWhole();
    assertEquals(3, ranges.size());
    assertTrue(ranges.get(1).startsWith("bytes="), ranges.toString());
  }

  @Test
  void aPartOfAnEarlierRunIsContinued() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(part(), Arrays.copyOf(content, 123_456));
    Download.of(serve()).sha256(sha256()).to(file);
    assertWhole();
    assertEquals(List.of("bytes=123456-"), ranges);
  }

  /** What was begun then may be of another file than the server has now. */
  @Test
  void withoutAChecksumAPartOfAnEarlierRunIsNot() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(part(), new byte[123_456]);
    Download.of(serve(100_000)).to(file);
    assertWhole();
    assertEquals(List.of("null", "bytes=100000-"), ranges);
  }

  /** As some caches do. */
  @Test
  void aServerThatSendsLessThanTheRestIsAskedAgain() throws IOException {
    server.createContext(
        "/capped.bin",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          ranges.add(String.valueOf(range));
          if (range == null) {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, 100_000);
            cut(exchange, false);
            return;
          }
          int from = Integer.parseInt(range.replaceAll("\\D", ""));
          exchange
              .getResponseHeaders()
              .add("Content-Range", "bytes " + from + "-" + (from + 99_999) + "/300000");
          exchange.sendResponseHeaders(206, 100_000);
          exchange.getResponseBody().write(content, from, 100_000);
          cut(exchange, true);
        });
    Download.of(base + "/capped.bin").to(file);
    assertWhole();
    assertEquals(List.of("null", "bytes=100000-", "bytes=200000-"), ranges);
  }

  @Test
  void settingsThatCannotBeMeantAreRefused() {
    Download download = Download.of(base + "/archive.bin");
    for (Duration bad :
        List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofDays(30), Duration.ofSeconds(-1))) {
      assertThrows(IllegalArgumentException.class, () -> download.timeout(bad));
    }
    assertThrows(IllegalArgumentException.class, () -> Download.of("http://h/a b.tgz"));
  }

  @Test
  void aWholePartOnlyMoves() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(part(), content);
    Download.of(serve()).sha256(sha256()).to(file);
    assertWhole();
    assertEquals(List.of("bytes=300000-"), ranges);
  }

  @Test
  void aPartLongerThanTheFileIsThrownAway() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(part(), new byte[content.length + 5]);
    Download.of(serve()).sha256(sha256()).to(file);
    assertWhole();
    assertEquals(List.of("bytes=300005-", "null"), ranges);
  }

  @Test
  void aServerThatIgnoresRangesIsReadFromTheStart() throws IOException {
    server.createContext(
        "/plain.bin",
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
          exchange.close();
        });
    Files.createDirectories(file.getParent());
    Files.write(part(), new byte[1000]);
    Download.of(base + "/plain.bin").sha256(sha256()).to(file);
    assertWhole();
  }

  @Test
  void redirectionsAreFollowedAndCounted() throws IOException {
    serve();
    server.createContext("/moved.bin", exchange -> redirect(exchange, "/archive.bin"));
    server.createContext("/loop.bin", exchange -> redirect(exchange, "/loop.bin"));
    Download.of(base + "/moved.bin").sha256(sha256()).to(file);
    assertWhole();
    Path other = folder.resolve("loop.bin");
    assertRefused(other, "redirected", () -> Download.of(base + "/loop.bin").to(other));
    server.createContext("/portal.bin", exchange -> redirect(exchange, "/log in?to=a|b"));
    assertRefused(
        other, "what is no address: /log in", () -> Download.of(base + "/portal.bin").to(other));
  }

  private static void redirect(HttpExchange exchange, String location) throws IOException {
    exchange.getResponseHeaders().add("Location", location);
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  @Test
  void aWrongChecksumIsRefusedAndNothingIsLeft() {
    Download download = Download.of(serve()).sha256("00".repeat(32));
    assertRefused(sha256(), "00".repeat(32), () -> download.to(file));
    assertFalse(Files.exists(file));
    assertFalse(Files.exists(part()));
  }

  @Test
  void anMd5WillDo() throws IOException {
    Download download = Download.of(serve());
    String wrong = "has MD5 " + digest("MD5") + ", not " + "00".repeat(16) + " as expected";
    assertRefused(file, wrong, () -> download.md5("00".repeat(16)).to(file));
    assertFalse(Files.exists(file));
    download.md5(digest("MD5")).to(file);
    assertWhole();
  }

  @Test
  void aWrongFileInPlaceIsNamedAndLeftAlone() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[3]);
    assertRefused(file, "fetch it again", () -> Download.of(serve()).sha256(sha256()).to(file));
    assertEquals(3, Files.size(file));
    assertEquals(List.of(), ranges);
  }

  @Test
  void anAbsentFileIsReportedWithWhatToDo() {
    String url = base + "/absent.bin";
    assertRefused(
        url + " (the server answered 404); fetch it by hand and save it as " + file,
        "cannot fetch",
        () -> Download.of(url).to(file));
  }

  @Test
  void withoutAServerTheMessageSaysWhatToFetchByHand() {
    String url = serve();
    server.stop(0);
    assertRefused(url, "save it as " + file, () -> Download.of(url).to(file));
  }

  @Test
  void aServerThatStallsIsGivenUp() {
    CountDownLatch never = new CountDownLatch(1);
    server.createContext(
        "/stalled.bin",
        exchange -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            exchange.close();
          }
        });
    Download download = Download.of(base + "/stalled.bin").timeout(Duration.ofMillis(100));
    assertRefused(file, "timed out", () -> download.to(file));
  }
}
