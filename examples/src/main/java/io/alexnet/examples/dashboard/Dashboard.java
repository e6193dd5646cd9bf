package io.alexnet.examples.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.alexnet.examples.dashboard.LiveTraining.State;
import io.alexnet.examples.page.Json;
import io.alexnet.examples.page.Page;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A page on this machine that shows a training as it goes on and can pause and stop it.
 *
 * <p>It listens on the loopback address only, answers only requests that were made to a name of
 * that address (else a page elsewhere could reach it by a name that it lets resolve to the loopback
 * address), and takes orders only from its own page, which knows a secret of this dashboard's. It
 * is not protected from other programs and users on the same machine.
 *
 * <p>The training never waits for a reader: see {@link LiveTraining}. {@link #close} ends all of
 * its threads and connections.
 */
public final class Dashboard implements AutoCloseable {

  private static final int MOST_STREAMS = 16;
  private static final int OTHER_REQUESTS = 4;
  private static final long BETWEEN_NEWS = 200;

  /** So often, in milliseconds, something is sent, if only to notice that nobody is there. */
  private static final long HEARTBEAT = 5000;

  private static final long LAST_WORD_SECONDS = 1;
  private static final int HTTP_PORT = 80;
  private static final String TOKEN_HEADER = "X-Dashboard-Token";
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final LiveTraining live = new LiveTraining();
  private final HttpServer server;
  private final ExecutorService threads;
  private final Semaphore streams = new Semaphore(MOST_STREAMS);
  private final Set<String> hosts;
  private final String token;
  private final Object orders = new Object();
  private volatile Trainer trainer;

  private Dashboard(HttpServer server) {
    this.server = server;
    int port = server.getAddress().getPort();
    hosts = // browsers leave out the port that a URL without one means
        port == HTTP_PORT
            ? Set.of("localhost", "127.0.0.1", "[::1]")
            : Set.of("localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port);
    byte[] secret = new byte[16];
    new SecureRandom().nextBytes(secret);
    token = HexFormat.of().formatHex(secret);
    AtomicInteger made = new AtomicInteger();
    int most = MOST_STREAMS + OTHER_REQUESTS;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most,
            most,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "alexnet-dashboard-" + made.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    threads = pool;
    server.setExecutor(threads);
    server.createContext("/", this::answer);
  }

  /**
   * Opens a dashboard, which tells that a training is being prepared.
   *
   * @param port 0 for any that is free
   * @throws java.net.BindException if the port is in use or not allowed
   */
  public static Dashboard open(int port) throws IOException {
    Dashboard dashboard =
        new Dashboard(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0));
    dashboard.server.start();
    return dashboard;
  }

  /** Where it is to be seen, on this machine. */
  public String url() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return "http://%s:%d/".formatted(host.contains(":") ? "[::1]" : host, address.getPort());
  }

  /** Takes the trainer's buttons in hand; before its fit. */
  public void show(String title, Trainer trainer) {
    live.title(title);
    this.trainer = trainer;
  }

  /** To be added to the trainer. */
  public TrainingListener listener() {
    return live;
  }

  /**
   * Tells that all went well.
   *
   * @param note a line about what came of it
   */
  public void finished(String note) {
    live.state(State.FINISHED, note);
  }

  /**
   * Ends the dashboard: those who look at it are told how the training ended. That it failed, if
   * nothing else has been said.
   */
  @Override
  public void close() {
    live.state(State.FAILED, "the training ended with an error; see where it was started");
    boolean interrupted = false;
    try {
      streams.tryAcquire(MOST_STREAMS, LAST_WORD_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    server.stop(0); // closes the connections of those who do not read, too
    threads.shutdownNow();
    try {
      threads.awaitTermination(LAST_WORD_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Security-Policy", POLICY);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("X-Frame-Options", "DENY");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("Cache-Control", "no-store");
      if (!isFromHere(exchange)) {
        send(exchange, 403, "text/plain", "refused: only this machine's own pages are answered\n");
        return;
      }
      String path = exchange.getRequestURI().getPath();
      switch (path == null ? "" : path) {
        case "/" -> get(exchange, "text/html", this::page);
        case "/style.css" ->
            get(exchange, "text/css", () -> Page.style() + resource("dashboard.css"));
        case "/charts.js" -> get(exchange, "text/javascript", Page::charts);
        case "/dashboard.js" -> get(exchange, "text/javascript", () -> resource("dashboard.js"));
        case "/events" -> events(exchange);
        case "/pause" -> order(exchange, this::pause);
        case "/continue" -> order(exchange, this::proceed);
        case "/stop" -> order(exchange, this::stop);
        default -> send(exchange, 404, "text/plain", "there is no such page\n");
      }
    }
  }

  /** Whether the request was made to this machine by name, and not by a page from elsewhere. */
  private boolean isFromHere(HttpExchange exchange) {
    Headers request = exchange.getRequestHeaders();
    List<String> host = request.get("Host");
    if (host == null || host.size() != 1 || !hosts.contains(host.get(0).toLowerCase(Locale.ROOT))) {
      return false;
    }
    String site = request.getFirst("Sec-Fetch-Site"); // browsers tell who made them ask
    if (site != null
        && !site.equals("same-origin")
        && !site.equals("none")
        && !isLinkToPage(exchange)) {
      return false;
    }
    List<String> origin = request.get("Origin");
    return origin == null || origin.size() == 1 && origin.get(0).equals("http://" + host.get(0));
  }

  /** A click on the page's address, as in a terminal on the web: who links sees nothing of it. */
  private static boolean isLinkToPage(HttpExchange exchange) {
    Headers request = exchange.getRequestHeaders();
    return exchange.getRequestMethod().equals("GET")
        && exchange.getRequestURI().getPath().equals("/")
        && "navigate".equals(request.getFirst("Sec-Fetch-Mode"))
        && "document".equals(request.getFirst("Sec-Fetch-Dest"));
  }

  private void get(HttpExchange exchange, String type, Supplier<String> content)
      throws IOException {
    if (isMethod(exchange, "GET")) {
      send(exchange, 200, type, content.get());
    }
  }

  private String page() {
    return Page.fill(resource("dashboard.html"), Map.of("token", token));
  }

  private static String resource(String name) {
    return Page.resource(Dashboard.class, name);
  }

  private boolean isMethod(HttpExchange exchange, String method) throws IOException {
    if (exchange.getRequestMethod().equals(method)) {
      return true;
    }
    exchange.getResponseHeaders().set("Allow", method);
    send(exchange, 405, "text/plain", "only " + method + "\n");
    return false;
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  /** Tells one reader all there is and then what is new, until there is no more or it is gone. */
  private void events(HttpExchange exchange) throws IOException {
    if (!isMethod(exchange, "GET")) {
      return;
    }
    if (!streams.tryAcquire()) {
      send(exchange, 503, "text/plain", "too many pages look at this training\n");
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    try {
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      LiveTraining.Reader reader = new LiveTraining.Reader();
      while (!reader.isDone()) {
        Map<String, Object> news = live.news(reader, HEARTBEAT);
        String event = news == null ? ":\n\n" : "data: " + Json.line(news) + "\n\n";
        out.write(event.getBytes(StandardCharsets.UTF_8));
        out.flush();
        live.rest(BETWEEN_NEWS);
      }
      out.close(); // all is sent before close() goes on
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the dashboard is closed
    } finally {
      streams.release();
    }
  }

  /**
   * An order changes something, so it must come from our own page.
   *
   * @param order gives false if it makes no sense at this point
   */
  private void order(HttpExchange exchange, BooleanSupplier order) throws IOException {
    if (!isMethod(exchange, "POST")) {
      return;
    }
    Headers request = exchange.getRequestHeaders();
    String given = request.getFirst(TOKEN_HEADER);
    boolean known =
        given != null
            && MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    if (!request.containsKey("Origin") || !known) {
      send(exchange, 403, "text/plain", "refused: not from the dashboard's own page\n");
      return;
    }
    boolean taken;
    synchronized (orders) {
      taken = trainer != null && order.getAsBoolean();
    }
    if (taken) {
      exchange.sendResponseHeaders(204, -1);
    } else {
      send(exchange, 409, "text/plain", "not possible at this point of the training\n");
    }
  }

  private boolean pause() {
    boolean pauses =
        live.moves(Set.of(State.TRAINING), State.PAUSED, "before the next step; all is kept");
    if (pauses) {
      trainer.pause();
    }
    return pauses;
  }

  private boolean proceed() {
    boolean proceeds = live.moves(Set.of(State.PAUSED), State.TRAINING, "");
    if (proceeds) {
      trainer.proceed();
    }
    return proceeds;
  }

  private boolean stop() {
    boolean stops =
        live.moves(
            Set.of(State.TRAINING, State.PAUSED), State.STOPPING, "after the step in progress");
    if (stops) {
      trainer.stop();
    }
    return stops;
  }
}
