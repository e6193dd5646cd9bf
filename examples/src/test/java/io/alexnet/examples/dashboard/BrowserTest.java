package io.alexnet.examples.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.examples.page.Chromium;
import io.alexnet.train.History;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard as a browser shows it. */
class BrowserTest {

  @TempDir Path folder;

  private static final String CURVE =
      "document.querySelector('#charts path.faint').getAttribute('d').length";

  @Test
  @Timeout(90)
  void showsATrainingAndObeys() throws Exception {
    try (Chromium chromium = Chromium.start(folder.resolve("profile"));
        Dashboard dashboard = Dashboard.open(0);
        TinyTraining training =
            new TinyTraining(
                dashboard,
                "<img src=x onerror=alert(1)>",
                100_000,
                folder.resolve("checkpoints"))) {
      chromium.open(dashboard.url());
      Chromium.await("training", () -> chromium.text("#state").matches("training|validating"));
      assertEquals("<img src=x onerror=alert(1)>", chromium.text("h1"));
      assertEquals(0, chromium.count("h1 img"));
      assertEquals(4, chromium.count("#charts > .chart"));
      long length = (long) chromium.evaluate(CURVE);
      Chromium.await("the curve grows", () -> (long) chromium.evaluate(CURVE) > length + 100);
      String described =
          (String)
              chromium.evaluate("document.querySelector('.plot > svg').getAttribute('aria-label')");
      assertTrue(described.contains("validation from "), described);
      Chromium.await("time left", () -> chromium.text("#left").matches("\\d+:\\d\\d:\\d\\d"));

      chromium.click("#pause");
      Chromium.await("paused", () -> chromium.text("#state").equals("paused"));
      Thread.sleep(100);
      long steps = training.steps.get();
      Thread.sleep(300);
      assertEquals(steps, training.steps.get());
      assertEquals("Continue", chromium.text("#pause"));
      chromium.click("#pause");
      Chromium.await("going on", () -> training.steps.get() > steps);

      Chromium.await("stop", () -> chromium.text("#state").matches("training|validating"));
      chromium.click("#stop");
      assertSame(History.End.STOPPED, training.history.get(20, TimeUnit.SECONDS).end());
      Chromium.await("stopped", () -> chromium.text("#state").equals("stopped"));
      dashboard.close();
      Thread.sleep(500);
      assertEquals("stopped", chromium.text("#state"), "and not tried again");
      chromium.requireQuiet(dashboard.url(), "data:,");
    }
  }
}
