package io.alexnet.examples.dashboard;

import io.alexnet.examples.page.EpochJson;
import io.alexnet.examples.page.Json;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Evaluation;
import io.alexnet.train.History;
import io.alexnet.train.Progress;
import io.alexnet.train.TrainingListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What there is to tell of a training under way. The training only writes it down here; each reader
 * fetches what is new to it, when it is ready for it, so that no reader can hold the training up.
 * Safe for threads.
 */
final class LiveTraining implements TrainingListener {

  enum State {
    PREPARING,
    TRAINING,
    PAUSED,
    STOPPING,
    EVALUATING,
    STOPPED,
    FINISHED,
    FAILED;

    boolean isLast() {
      return this == STOPPED || this == FINISHED || this == FAILED;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How much one reader has been told. Used by that reader alone. */
  static final class Reader {
    private long news;
    private int points;
    private int stepsInPoint;
    private int epochs;
    private boolean told;
    private boolean toldLast;

    /** Whether there will be no more news. */
    boolean isDone() {
      return toldLast;
    }
  }

  private static final int MOST_POINTS = 2048;

  private final StepCurve losses = new StepCurve(MOST_POINTS);
  private final List<EpochRecord> done = new ArrayList<>();
  private State state = State.PREPARING;
  private String title = "AlexNet";
  private String note = "";
  private long news = 1;
  private int epochs;
  private int epoch;
  private int batch;
  private int batches;
  private long step;
  private double loss;
  private double top1;
  private double rate;
  private double imagesPerSecond;
  private double secondsLeft;

  synchronized void title(String title) {
    this.title = title;
    changed();
  }

  /** Unless the training has come to its end; with a line for those who ask what came of it. */
  synchronized void state(State next, String note) {
    if (!state.isLast()) {
      state = next;
      this.note = note;
      changed();
    }
  }

  /** The same, if it is in one of these states; else nothing changes and the answer is false. */
  synchronized boolean moves(Set<State> from, State next, String note) {
    boolean moves = from.contains(state);
    if (moves) {
      state(next, note);
    }
    return moves;
  }

  @Override
  public synchronized void onStart(List<EpochRecord> earlier, int epochs) {
    done.clear();
    done.addAll(earlier);
    this.epochs = epochs;
    epoch = Math.min(earlier.size() + 1, epochs);
    if (state == State.PREPARING) {
      state = State.TRAINING;
    }
    changed();
  }

  @Override
  public synchronized void onStep(Progress progress) {
    epoch = progress.epoch();
    batch = progress.batch();
    batches = progress.batches();
    step = progress.step();
    loss = progress.loss();
    top1 = progress.top1();
    rate = progress.learningRate();
    imagesPerSecond = progress.imagesPerSecond();
    secondsLeft = progress.secondsLeft();
    losses.add(epoch - 1 + (double) batch / batches, progress.stepLoss());
    changed();
  }

  @Override
  public synchronized void onEpoch(EpochRecord record, Evaluation validation) {
    done.add(record);
    changed();
  }

  @Override
  public synchronized void onEnd(History history) {
    if (history.end() == History.End.STOPPED) {
      state(State.STOPPED, "stopped, with a checkpoint");
    } else {
      state(State.EVALUATING, "the training is done; its best and last weights are evaluated");
    }
  }

  private void changed() {
    news++;
    notifyAll();
  }

  /**
   * Waits for something that the reader has not been told.
   *
   * @return it, for JSON; null if there has been nothing new for as long
   */
  synchronized Map<String, Object> news(Reader reader, long milliseconds)
      throws InterruptedException {
    long deadline = System.nanoTime() + milliseconds * 1_000_000;
    while (reader.news == news) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return null;
      }
      wait(left);
    }
    reader.news = news;
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("first", !reader.told);
    map.put("title", title);
    map.put("state", state);
    map.put("note", note);
    map.put("epochs", epochs);
    map.put("epoch", epoch);
    map.put("batch", batch);
    map.put("batches", batches);
    map.put("step", step);
    if (step > 0) {
      map.put("loss", Json.figure(loss));
      map.put("top1", Json.figure(top1));
      map.put("rate", rate);
      map.put("imagesPerSecond", Json.figure(imagesPerSecond));
      map.put("secondsLeft", Json.figure(secondsLeft));
    }
    boolean anew = reader.stepsInPoint != losses.stepsInPoint();
    map.put("stepsInPoint", losses.stepsInPoint());
    map.put("lossesAnew", anew);
    map.put("losses", losses.from(anew ? 0 : reader.points));
    map.put("done", done.subList(reader.epochs, done.size()).stream().map(EpochJson::of).toList());
    reader.told = true;
    reader.points = losses.size();
    reader.stepsInPoint = losses.stepsInPoint();
    reader.epochs = done.size();
    reader.toldLast = state.isLast();
    return map;
  }

  /**
   * Waits, for a reader that is not to be told more often, unless there is nothing more to come.
   */
  synchronized void rest(long milliseconds) throws InterruptedException {
    long deadline = System.nanoTime() + milliseconds * 1_000_000;
    while (!state.isLast()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }
}
