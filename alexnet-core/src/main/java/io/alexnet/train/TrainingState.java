package io.alexnet.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Where a training stands, apart from weights and optimiser: what a checkpoint has to keep. */
final class TrainingState {

  /** Epoch under way, from 0. */
  int epoch;

  /** Batches of this epoch that are done. */
  int batch;

  /** Steps done since the beginning. */
  long step;

  /** Steps of the present optimiser: all of them, unless it took over from another. */
  long optimizerSteps;

  /** Rate of the last step. */
  float rate;

  // of this epoch so far
  long examples;
  double lossSum;
  long top1;
  long trainNanos;
  long validationNanos;

  final List<EpochRecord> records = new ArrayList<>();

  double secondsTrained() {
    return trainNanos * 1e-9;
  }

  /** Counts a step in. */
  void add(TrainingStep done, long nanos) {
    step++;
    optimizerSteps++;
    examples += done.examples();
    lossSum += done.lossSum();
    top1 += done.top1();
    trainNanos += nanos;
  }

  void endEpoch(Evaluation validation) {
    records.add(
        new EpochRecord(
            epoch + 1,
            step,
            lossSum / examples,
            (double) top1 / examples,
            validation == null ? Double.NaN : validation.loss(),
            validation == null ? Double.NaN : validation.top1(),
            validation == null ? Double.NaN : validation.top5(),
            rate,
            examples / secondsTrained(),
            (trainNanos + validationNanos) * 1e-9));
    epoch++;
    batch = 0;
    examples = 0;
    lossSum = 0;
    top1 = 0;
    trainNanos = 0;
    validationNanos = 0;
  }

  /** Every number reads back as the same bits. */
  Map<String, String> toText() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("epoch", Integer.toString(epoch));
    text.put("batch", Integer.toString(batch));
    text.put("step", Long.toString(step));
    if (optimizerSteps != step) {
      text.put("optimizer_steps", Long.toString(optimizerSteps));
    }
    text.put("rate", Float.toString(rate));
    text.put("epoch_examples", Long.toString(examples));
    text.put("epoch_loss_sum", Double.toString(lossSum));
    text.put("epoch_top1", Long.toString(top1));
    text.put("epoch_train_nanos", Long.toString(trainNanos));
    text.put("history", records.stream().map(EpochRecord::toCsv).collect(Collectors.joining("\n")));
    return text;
  }

  /** Throws {@link IllegalArgumentException} if the text is not one of {@link #toText}. */
  static TrainingState ofText(Map<String, String> text) {
    for (String key : new TrainingState().toText().keySet()) {
      if (!text.containsKey(key)) {
        throw new IllegalArgumentException("'" + key + "' is missing");
      }
    }
    TrainingState state = new TrainingState();
    state.epoch = Integer.parseInt(text.get("epoch"));
    state.batch = Integer.parseInt(text.get("batch"));
    state.step = Long.parseLong(text.get("step"));
    state.optimizerSteps = Long.parseLong(text.getOrDefault("optimizer_steps", text.get("step")));
    state.rate = Float.parseFloat(text.get("rate"));
    state.examples = Long.parseLong(text.get("epoch_examples"));
    state.lossSum = Double.parseDouble(text.get("epoch_loss_sum"));
    state.top1 = Long.parseLong(text.get("epoch_top1"));
    state.trainNanos = Long.parseLong(text.get("epoch_train_nanos"));
    if (state.epoch < 0
        || state.batch < 0
        || state.step < 0
        || state.optimizerSteps < 0
        || state.examples < 0) {
      throw new IllegalArgumentException("a count is negative");
    }
    text.get("history").lines().map(EpochRecord::ofCsv).forEach(state.records::add);
    return state;
  }
}
