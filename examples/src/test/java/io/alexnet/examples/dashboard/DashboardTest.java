package io.alexnet.examples.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.examples.page.Json;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.History;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DashboardTest {

  private final HttpClient client = HttpClient.newHttpClient();
  private Dashboard dashboard;
  private URI url;
  private String origin;

  @TempDir Path folder;

  @BeforeEach
  void open() throws IOException {
    dashboard = Dashboard.open(0);
    url = URI.create(dashboard.url());
    origin = "http://" + url.getAuthority();
  }

  @AfterEach
  void nothingIsLeftBehind() throws InterruptedException {
    dashboard.close();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      String name = thread.getName();
      if (name.startsWith("alexnet-dashboard") || name.startsWith("HTTP-Dispatcher")) {
        thread.join(1000); // it may be in its last instructions
        assertFalse(thread.isAlive(), () -> name + ": " + Arrays.toString(thread.getStackTrace()));
      }
    }
    assertThrows(
        ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), url.getPort()));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(url.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private String token() throws IOException, InterruptedException {
    Matcher token =
        Pattern.compile("name=\"dashboard-token\" content=\"([0-9a-f]{32})\"")
            .matcher(get("/").body());
    assertTrue(token.find());
    return token.group(1);
  }

  private int post(String path, String... headers) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve(path)).POST(HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private int order(String path) throws IOException, InterruptedException {
    return post(path, "Origin", origin, "X-Dashboard-Token", token());
  }

  /** The events of a stream, until there are no more. */
  private Stream<Map<?, ?>> events() throws IOException, InterruptedException {
    HttpResponse<java.io.InputStream> response =
        client.send(
            HttpRequest.newBuilder(url.resolve("/events")).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))
        .lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> json(line.substring(6)));
  }

  private static Map<?, ?> json(String line) {
    try {
      return (Map<?, ?>) Json.read(new StringReader(line));
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  private Map<?, ?> event(Predicate<Map<?, ?>> wanted) throws IOException, InterruptedException {
    try (Stream<Map<?, ?>> events = events()) {
      return events.filter(wanted).findFirst().orElseThrow();
    }
  }

  private static Predicate<Map<?, ?>> state(String name) {
    return event -> event.get("state").equals(name);
  }

  /** The answer to a request as it stands, but for its end. */
  private String raw(String... lines) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static EpochRecord epoch(int number) {
    return new EpochRecord(number, number, 1, 0.5, 1, 0.5, 0.9, 0.01f, 100, 1);
  }

  /** When there are no more: a pause is told when it is ordered, and a step may be under way. */
  private static long stepsAtRest(TinyTraining training) throws InterruptedException {
    long before;
    long steps = -1;
    do {
      before = steps;
      Thread.sleep(200);
      steps = training.steps.get();
    } while (steps != before);
    return steps;
  }

  @Test
  void aTrainingIsWatchedPausedAndStopped() throws Exception {
    try (TinyTraining training = new TinyTraining(dashboard, "<b> on shapes", 100_000, folder)) {
      Map<?, ?> event = event(e -> !((List<?>) e.get("done")).isEmpty());
      assertEquals("<b> on shapes", event.get("title"));
      assertEquals("training", event.get("state"));
      assertEquals(100_000, event.get("epochs"));
      assertEquals(8, event.get("batches"));
      assertTrue((double) event.get("secondsLeft") > 1, event.toString());
      Map<?, ?> epoch = (Map<?, ?>) ((List<?>) event.get("done")).get(0);
      assertEquals(1, epoch.get("epoch"));
      assertTrue((double) epoch.get("validationTop1") >= 0, epoch.toString());
      List<?> losses = (List<?>) event(e -> (boolean) e.get("first")).get("losses");
      assertTrue(losses.size() >= 8, "from the first step on: " + losses);
      assertEquals(0.125, (double) ((List<?>) losses.get(0)).get(0));

      assertEquals(204, order("/pause"));
      assertEquals(409, order("/pause"));
      event(state("paused"));
      long steps = stepsAtRest(training);
      assertEquals(204, order("/continue"));
      event(e -> (int) e.get("step") > steps);
      assertEquals(409, order("/continue"));

      order("/pause");
      Stream<Map<?, ?>> stream = events();
      assertEquals(204, order("/stop"));
      assertSame(History.End.STOPPED, training.history.get(20, TimeUnit.SECONDS).end());
      assertEquals(training.steps.get(), Checkpoint.read(folder).steps());
      List<Map<?, ?>> events = new ArrayList<>(stream.toList()); // which ends by itself
      assertEquals("stopped", events.get(events.size() - 1).get("state"));
      assertEquals(409, order("/stop"));
    }
  }

  @Test
  void tellsHowItEnded() throws Exception {
    try (TinyTraining training = new TinyTraining(dashboard, "tiny", 2, folder)) {
      Stream<Map<?, ?>> stream = events();
      training.history.get(20, TimeUnit.SECONDS);
      event(state("evaluating"));
      dashboard.finished("42 % of them");
      List<Map<?, ?>> events = new ArrayList<>(stream.toList());
      Map<?, ?> last = events.get(events.size() - 1);
      assertEquals("finished", last.get("state"));
      assertEquals("42 % of them", last.get("note"));
      long told = events.stream().mapToLong(e -> ((List<?>) e.get("done")).size()).sum();
      assertEquals(2, told, "each epoch once");
    }
  }

  @Test
  void aTrainingThatSaysNothingMoreHasFailed() throws Exception {
    Stream<Map<?, ?>> stream = events();
    new Thread(dashboard::close).start();
    List<Map<?, ?>> events = new ArrayList<>(stream.toList());
    assertEquals("failed", events.get(events.size() - 1).get("state"));
  }

  @Test
  void answersOnlyToNamesOfThisMachine() throws IOException {
    String port = ":" + url.getPort();
    for (String host : List.of("localhost" + port, "127.0.0.1" + port, "[::1]" + port)) {
      String answer = raw("GET / HTTP/1.1", "Host: " + host);
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    }
    for (String host :
        List.of("evil.example", "evil.example" + port, "localhost", "localhost:1", "127.0.0.1.x")) {
      for (String path : List.of("/", "/events", "/charts.js", "/nothing")) {
        String answer = raw("GET " + path + " HTTP/1.1", "Host: " + host);
        assertTrue(answer.startsWith("HTTP/1.1 403"), host + path + ": " + answer);
        assertFalse(answer.contains("token"), answer);
      }
    }
    String two = raw("GET / HTTP/1.1", "Host: localhost" + port, "Host: evil.example");
    assertFalse(two.contains("200 OK"), two);
    assertFalse(raw("GET / HTTP/1.0").contains("200 OK"));
  }

  @Test
  void aLinkOnAnotherPageOpensThePageAndNothingElse() throws IOException {
    String host = "Host: localhost:" + url.getPort();
    String from = "Sec-Fetch-Site: cross-site";
    String click = "Sec-Fetch-Mode: navigate";
    String page = "Sec-Fetch-Dest: document";
    assertTrue(raw("GET / HTTP/1.1", host, from, click, page).startsWith("HTTP/1.1 200"));
    for (String refused :
        List.of(
            raw("GET / HTTP/1.1", host, from, click, "Sec-Fetch-Dest: iframe"),
            raw("GET / HTTP/1.1", host, from, "Sec-Fetch-Mode: no-cors", page),
            raw("GET /events HTTP/1.1", host, from, click, page),
            raw("POST /stop HTTP/1.1", host, from, click, page))) {
      assertTrue(refused.startsWith("HTTP/1.1 403"), refused);
    }
  }

  @Test
  void refusesOtherPages() throws Exception {
    try (TinyTraining training = new TinyTraining(dashboard, "tiny", 100_000, folder)) {
      event(state("training"));
      String token = token();
      for (String path : List.of("/pause", "/continue", "/stop")) {
        assertEquals(403, post(path));
        assertEquals(403, post(path, "X-Dashboard-Token", token), "without an origin");
        assertEquals(403, post(path, "Origin", origin), "without the token");
        assertEquals(403, post(path, "Origin", origin, "X-Dashboard-Token", "0" + token));
        for (String other :
            List.of("http://evil.example", "null", "https://localhost", "http://localhost:1")) {
          assertEquals(403, post(path, "Origin", other, "X-Dashboard-Token", token), other);
        }
        assertEquals(
            403,
            post(
                path,
                "Origin",
                origin,
                "X-Dashboard-Token",
                token,
                "Sec-Fetch-Site",
                "cross-site"));
        assertEquals(405, get(path).statusCode());
      }
      assertEquals(405, order("/events"));
      assertEquals(404, get("/../config.json").statusCode());
      assertFalse(training.history.isDone());
    }
  }

  @Test
  void thereIsNothingToOrderBeforeTheTraining() throws Exception {
    assertEquals("preparing", event(e -> true).get("state"));
    assertEquals(409, order("/stop"));
  }

  @Test
  void thePageLoadsNothingFromElsewhere() throws Exception {
    for (String path : List.of("/", "/style.css", "/charts.js", "/dashboard.js")) {
      HttpResponse<String> response = get(path);
      assertEquals(200, response.statusCode());
      String policy = response.headers().firstValue("Content-Security-Policy").orElseThrow();
      assertTrue(policy.startsWith("default-src 'none';"), policy);
      assertEquals(
          "nosniff", response.headers().firstValue("X-Content-Type-Options").orElseThrow());
      String text = response.body().replace("http://www.w3.org/2000/svg", ""); // only a name
      assertFalse(text.contains("//") && text.contains("http:"), path);
      assertFalse(text.contains("https:"), path);
      assertFalse(text.contains("@import") || text.contains("url("), path);
    }
  }

  /**
   * Five streams that are not read and five that are gone, while more is to be told than a
   * connection holds back.
   */
  @Test
  void readersThatAreSlowOrGoneHoldNothingUp() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(4096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), url.getPort()));
      String request = "GET /events HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      if (i < 5) {
        sockets.add(socket);
      } else {
        socket.getInputStream().read(); // it is being answered
        socket.close();
      }
    }
    dashboard.show("x".repeat(1 << 21), null); // told each time anew
    long longest = 0;
    for (int number = 1; number <= 12; number++) {
      long began = System.nanoTime();
      dashboard.listener().onEpoch(epoch(number), null);
      longest = Math.max(longest, System.nanoTime() - began);
      Thread.sleep(250);
    }
    assertTrue(longest < 2_000_000_000L, "held up for " + longest + " ns");
    // The gone have made room: 16 in all, five of them stuck.
    List<Stream<Map<?, ?>>> streams = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      streams.add(events());
    }
    HttpResponse<?> another =
        client.send(
            HttpRequest.newBuilder(url.resolve("/events")).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(503, another.statusCode());
    long began = System.nanoTime();
    dashboard.close();
    assertTrue(System.nanoTime() - began < 5_000_000_000L, "closed at once");
    streams.forEach(Stream::close);
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void aPortInUseIsRefused() {
    assertThrows(BindException.class, () -> Dashboard.open(url.getPort()));
  }
}
