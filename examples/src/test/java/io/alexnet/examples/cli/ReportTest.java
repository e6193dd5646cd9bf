package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.data.source.Shapes;
import io.alexnet.examples.page.Chromium;
import io.alexnet.examples.page.Json;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

  private static final String HOSTILE = "<script>alert(1)<script> & \"'{{data}}";

  @TempDir Path temporary;
  private Path run;

  @BeforeEach
  void nameTheRun() {
    run = temporary.resolve("it's a run");
  }

  private Invocation train(Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", "--model", "small", "--image-size", 16));
    if (!List.of(more).contains("--data")) {
      args.addAll(List.of("--images", 80));
    }
    args.addAll(List.of("--out", run, "--batch-size", 8));
    args.addAll(Arrays.asList(more));
    return Invocation.of(args.toArray());
  }

  private String html() throws IOException {
    return Files.readString(run.resolve("report.html"));
  }

  private Map<?, ?> data() throws IOException {
    Matcher data =
        Pattern.compile("(?s)<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(html());
    assertTrue(data.find());
    return (Map<?, ?>) Json.read(new StringReader(data.group(1)));
  }

  private static BufferedImage picture(Object uri) throws IOException {
    String text = (String) uri;
    assertTrue(text.startsWith("data:image/"), text);
    byte[] bytes = Base64.getDecoder().decode(text.substring(text.indexOf(',') + 1));
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }

  @Test
  void holdsWhatCameOfATraining() throws IOException {
    train("--epochs", 2, "--augment", "crop").succeeds();
    Map<?, ?> data = data();
    assertEquals(2, ((List<?>) data.get("epochs")).size());
    assertEquals(2, data.get("epochsPlanned"));
    List<?> commands = (List<?>) data.get("commands");
    assertEquals(1, commands.size());
    String command = (String) commands.get(0);
    assertTrue(command.startsWith("java -jar alexnet.jar train --model small"), command);
    assertTrue(command.contains("/it'\\''s a run' --batch-size 8 --epochs 2"), command);

    Map<?, ?> norms = (Map<?, ?>) data.get("norms");
    assertEquals(List.of(1, 2), norms.get("epochs"));
    Map<?, ?> layer = (Map<?, ?>) ((List<?>) norms.get("layers")).get(0);
    assertEquals("conv1", layer.get("name"));
    for (String kind : List.of("weight", "gradient")) {
      ((List<?>) layer.get(kind)).forEach(norm -> assertTrue((double) norm > 0, kind));
    }

    Map<?, ?> confusion = (Map<?, ?>) data.get("confusion");
    Map<?, ?> evaluation =
        (Map<?, ?>) Json.read(Files.newBufferedReader(run.resolve("evaluation.json")));
    Map<?, ?> best = (Map<?, ?>) evaluation.get("best");
    Map<?, ?> centre = (Map<?, ?>) ((List<?>) best.get("evaluations")).get(0);
    assertEquals(centre.get("confusion"), confusion.get("matrix"));
    assertEquals(centre.get("classes"), confusion.get("classes"));
    Map<?, ?> shown = (Map<?, ?>) ((Map<?, ?>) data.get("evaluation")).get("best");
    assertEquals(best.get("epoch"), shown.get("epoch"));
    assertEquals(2, ((List<?>) shown.get("evaluations")).size(), "centre and ten crops");

    int wrong = 0;
    for (int c = 0; c < 8; c++) {
      List<?> row = (List<?>) ((List<?>) confusion.get("matrix")).get(c);
      for (int predicted = 0; predicted < 8; predicted++) {
        wrong += c == predicted ? 0 : (int) row.get(predicted);
      }
    }
    List<?> mistakes = (List<?>) data.get("mistakes");
    assertEquals(Math.min(24, wrong), mistakes.size());
    assertTrue(wrong > 0, "a training of two epochs that makes no mistakes");
    Map<?, ?> mistake = (Map<?, ?>) mistakes.get(0);
    BufferedImage image = picture(mistake.get("image"));
    assertEquals(18, image.getWidth());
    int index = Integer.parseInt(((String) mistake.get("name")).replaceAll("\\D", ""));
    var expected = io.alexnet.data.image.Resize.square(Shapes.of(80, 16, 1).image(index), 18);
    for (int i = 0; i < 18 * 18; i++) {
      int rgb = image.getRGB(i % 18, i / 18);
      assertEquals(expected.sample(i % 18, i / 18, 0), rgb >> 16 & 0xff);
      assertEquals(expected.sample(i % 18, i / 18, 2), rgb & 0xff);
    }
    List<?> guesses = (List<?>) mistake.get("guesses");
    assertEquals(5, guesses.size());
    assertFalse(((Map<?, ?>) guesses.get(0)).get("class").equals(mistake.get("label")));

    Map<?, ?> filters = (Map<?, ?>) data.get("filters");
    assertTrue(picture(filters.get("image")).getWidth() > 100);
    assertTrue(data.get("summary").toString().contains("conv1"));
    assertEquals("small", ((Map<?, ?>) data.get("configuration")).get("model"));
  }

  @Test
  void loadsNothingAndRunsItsOwnScriptOnly() throws IOException, NoSuchAlgorithmException {
    train("--epochs", 1).succeeds();
    String html = html();
    String without = html.replace("http://www.w3.org/2000/svg", ""); // only a name
    assertFalse(without.contains("http:") || without.contains("https:"), "an address");
    assertFalse(without.contains("@import") || without.contains("url("), "an address in a style");
    assertFalse(Pattern.compile("<(script|img|iframe|object)[^>]* src=").matcher(html).find());
    Matcher script = Pattern.compile("(?s)<script>(.*?)</script>").matcher(html);
    assertTrue(script.find());
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(script.group(1).getBytes(StandardCharsets.UTF_8));
    String hash = Base64.getEncoder().encodeToString(digest);
    assertTrue(html.contains("script-src 'sha256-" + hash + "'"), "the policy knows the script");
    assertFalse(script.find(), "one script");
  }

  private Path hostileImages() throws IOException {
    Path photos = Files.createDirectory(temporary.resolve("photos"));
    for (int i = 0; i < 40; i++) {
      Path folder = Files.createDirectories(photos.resolve(i % 2 == 0 ? HOSTILE : "plain"));
      // No figure tells the classes apart, so there are mistakes.
      Images.png(folder.resolve(i + "<b>.png"), Shapes.of(1000, 32, 7).image(i / 2));
    }
    return photos;
  }

  @Test
  void noNameIsTakenForMarkup() throws IOException {
    Path photos = hostileImages();
    train("--epochs", 1, "--data", "folder:" + photos).succeeds();
    assertFalse(html().contains("<script>alert"), "a class name as it is");
    assertFalse(html().contains("<b>"), "a file name as it is");
    Map<?, ?> confusion = (Map<?, ?>) data().get("confusion");
    List<?> classes = (List<?>) confusion.get("classes");
    assertTrue(
        classes.stream().anyMatch(c -> HOSTILE.equals(((Map<?, ?>) c).get("class"))),
        classes.toString());
  }

  @Test
  @Timeout(90)
  void aBrowserShowsIt() throws Exception {
    Path photos = hostileImages();
    try (Chromium chromium = Chromium.start(temporary.resolve("profile"))) {
      train("--epochs", 2, "--data", "folder:" + photos).succeeds();
      String url = run.resolve("report.html").toUri().toString();
      chromium.open(url);
      assertEquals("small on folder", chromium.text("h1"));
      assertEquals(6, chromium.count(".chart"));
      assertEquals(2, chromium.count(".matrix tbody tr"));
      assertEquals(0, chromium.count("main b"));
      assertEquals(
          HOSTILE,
          chromium.evaluate(
              "Array.from(document.querySelectorAll('.matrix tbody th'),"
                  + " c => c.textContent).find(name => name !== 'plain')"));
      assertEquals(
          true,
          chromium.evaluate(
              "Array.from(document.images).every(image => image.alt && image.naturalWidth > 0)"));
      assertTrue(chromium.count("#mistake-list > li") > 0);
      assertEquals(
          true, chromium.evaluate("document.documentElement.scrollWidth <= window.innerWidth"));
      chromium.requireQuiet("file:", "data:");
    }
  }

  @Test
  void goesOnWithAResumedTraining() throws IOException {
    train("--epochs", 1, "--schedule", "constant").succeeds();
    Invocation.of("train", "--resume", run, "--epochs", 3).succeeds();
    Map<?, ?> data = data();
    assertEquals(3, ((List<?>) data.get("epochs")).size());
    assertEquals(List.of(1, 2, 3), ((Map<?, ?>) data.get("norms")).get("epochs"));
    List<?> commands = (List<?>) data.get("commands");
    assertEquals(2, commands.size());
    assertTrue(commands.get(1).toString().contains("train --resume"), commands.toString());
    assertNotNull(data.get("mistakes"));
    assertNotNull(data.get("evaluation"));
  }

  @Test
  void canBeMadeOfAnOldRun() throws IOException {
    train("--epochs", 1).succeeds();
    for (String file : List.of("report.html", "norms.csv", "command.txt", "evaluation.json")) {
      Files.delete(run.resolve(file));
    }
    String out = Invocation.of("report", run).succeeds().out();
    assertEquals(run.resolve("report.html") + System.lineSeparator(), out);
    Map<?, ?> data = data();
    assertEquals(List.of(), data.get("commands"));
    assertNull(data.get("norms"));
    assertNull(data.get("evaluation"));
    assertNotNull(data.get("confusion"));
    assertNotNull(data.get("mistakes"));
    assertNotNull(data.get("filters"));
  }

  @Test
  void doesWithoutImagesThatAreGone() throws IOException {
    Path photos = hostileImages();
    train("--epochs", 1, "--data", "folder:" + photos).succeeds();
    Files.move(photos, temporary.resolve("elsewhere"));
    Invocation report = Invocation.of("report", run);
    assertEquals(0, report.exitCode(), report.err());
    assertEquals(1, report.err().lines().count(), report.err());
    assertTrue(report.err().contains("no worst mistakes: "), report.err());
    assertNull(data().get("mistakes"));
    assertNotNull(data().get("confusion"), "what evaluation.json has");
  }

  @Test
  void doesWithoutAnImageThatHasBeenDamaged() throws IOException {
    Path photos = temporary.resolve("photos");
    for (int i = 0; i < 20; i++) {
      Path folder = Files.createDirectories(photos.resolve("class" + i % 2));
      Images.jpeg(folder.resolve(i + ".jpg"), Shapes.of(20, 64, 1).image(i));
    }
    train("--epochs", 1, "--data", "folder:" + photos).succeeds();
    for (int i = 0; i < 20; i++) {
      Path file = photos.resolve("class" + i % 2).resolve(i + ".jpg");
      byte[] bytes = Files.readAllBytes(file);
      byte[] gap = Arrays.copyOf(bytes, bytes.length - 6); // coded data is missing before the end
      System.arraycopy(bytes, bytes.length - 2, gap, gap.length - 2, 2);
      Files.write(file, gap);
    }
    Invocation report = Invocation.of("report", run);
    assertEquals(0, report.exitCode(), report.err());
    assertTrue(report.err().contains("no worst mistakes: " + photos), report.err());
    assertNull(data().get("mistakes"));
    assertNotNull(data().get("filters"));
  }

  @Test
  void doesWithoutAModelThatIsNotThereYet() throws IOException {
    train("--epochs", 2).succeeds();
    Files.delete(run.resolve("checkpoints/best.safetensors"));
    for (String file : List.of("model.safetensors", "evaluation.json", "metrics.csv")) {
      Files.delete(run.resolve(file));
    }
    Invocation.of("report", run).succeeds();
    assertNull(data().get("filters"));
    assertEquals(List.of(), data().get("epochs"));
    assertTrue(html().contains("0 of 2 epochs done."));
  }

  @Test
  void namesTheFileThatIsDamaged() throws IOException {
    train("--epochs", 1).succeeds();
    String before = html();
    for (String name : List.of("metrics.csv", "norms.csv", "evaluation.json")) {
      Path file = run.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      Files.writeString(file, "nonsense");
      Invocation.of("report", run).failsWith(1, name);
      Files.write(file, whole);
    }
    Files.writeString(run.resolve("evaluation.json"), "{\"best\": 1}");
    Invocation.of("report", run).failsWith(1, "evaluation.json");
    assertEquals(before, html(), "the old one stays");
    Invocation.of("report", temporary.resolve("none")).failsWith(1, "no such run folder");
  }

  @Test
  void aDashboardsPortMustBeFree() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      train("--dashboard", taken.getLocalPort())
          .failsWith(1, "--dashboard " + taken.getLocalPort(), "take another");
      assertFalse(Files.exists(run), "nothing has begun");
    }
    train("--dashboard", 65536).failsWith(2, "--dashboard", "0 to 65535");
  }

  /** By the dashboard's button, which does what Ctrl-C does. */
  @Test
  @Timeout(90)
  void aStoppedTrainingHasAReport() throws Exception {
    StringWriter out = new StringWriter();
    String[] args = {
      "train",
      "--model",
      "small",
      "--image-size",
      "16",
      "--images",
      "800",
      "--batch-size",
      "8",
      "--epochs",
      "500",
      "--out",
      run.toString(),
      "--dashboard",
      "0"
    };
    FutureTask<Integer> exit =
        new FutureTask<>(
            () -> AlexNetCommand.execute(new PrintWriter(out), new PrintWriter(out), args));
    Thread training = new Thread(exit, "training");
    training.setDaemon(true);
    training.start();
    try {
      stopByTheDashboard(out, exit);
      assertEquals(130, exit.get(), out.toString());
    } finally {
      training.interrupt(); // which would go on for 500 epochs
      training.join();
    }
    assertTrue(out.toString().contains("stopped; go on with: train --resume"), out.toString());
    assertTrue(html().contains("of 500 epochs done, then stopped; go on with: train --resume"));
    assertNotNull(data().get("filters"));
  }

  private static void stopByTheDashboard(StringWriter out, Future<Integer> exit) throws Exception {
    Chromium.await("the run", () -> out.toString().contains("run folder"));
    Matcher url = Pattern.compile("dashboard (http://.*)/").matcher(out.toString());
    assertTrue(url.find(), out.toString());
    HttpClient client = HttpClient.newHttpClient();
    URI page = URI.create(url.group(1) + "/");
    String html =
        client
            .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    assertTrue(html.contains("dashboard-token"), html);
    HttpRequest stop =
        HttpRequest.newBuilder(page.resolve("/stop"))
            .header("Origin", url.group(1))
            .header("X-Dashboard-Token", html.replaceAll("(?s).*token\" content=\"(\\w+).*", "$1"))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    // Refused until the dashboard has heard of the training, as the last of its listeners.
    while (client.send(stop, HttpResponse.BodyHandlers.discarding()).statusCode() != 204) {
      assertFalse(exit.isDone(), out.toString());
      Thread.sleep(20);
    }
  }

  @Test
  void aDashboardEndsWithItsTraining() throws IOException {
    String out = train("--epochs", 1, "--dashboard").succeeds().out();
    assertTrue(out.matches("(?s)dashboard http://127\\.0\\.0\\.1:\\d+/\\R.*"), out);
    assertFalse(
        Thread.getAllStackTraces().keySet().stream()
            .filter(Thread::isAlive)
            .anyMatch(thread -> thread.getName().startsWith("alexnet-dashboard")));
  }
}
