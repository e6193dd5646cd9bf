package io.alexnet.train;

import io.alexnet.batch.Batch;
import io.alexnet.batch.BatchSource;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.layer.Parameter;
import io.alexnet.loss.Loss;
import io.alexnet.loss.SoftmaxCrossEntropy;
import io.alexnet.optim.LearningRate;
import io.alexnet.optim.Optimizer;
import io.alexnet.optim.Sgd;
import io.alexnet.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a network: batch by batch forward, loss, backward and optimiser, epoch by epoch validation
 * and checkpoint.
 *
 * <pre>{@code
 * History history =
 *     Trainer.of(network)
 *         .optimizer(Sgd.momentum(0.9f).weightDecay(5e-4f))
 *         .learningRate(LearningRate.step(0.01f, 0.1f, 60))
 *         .checkpoint(folder)
 *         .fit(train, validation, 200);
 * }</pre>
 *
 * <p>The same network, seed, data and settings give the same weights bit for bit, on any number of
 * threads, and also if the training was stopped and resumed in between. Used by one thread, but for
 * {@link #stop}, {@link #pause} and {@link #proceed}.
 */
public final class Trainer {

  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private final Network network;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private final Map<String, String> notes = new TreeMap<>();
  private final Map<String, Tensor> tensorNotes = new TreeMap<>();
  private final BooleanSupplier stopping = this::stopping; // made once: a step allocates nothing
  private Optimizer optimizer = Sgd.momentum(0.9f).weightDecay(5e-4f);

  /** Null for the optimiser's own. */
  private LearningRate givenRate;

  /** Of the fit under way. */
  private LearningRate learningRate;

  private Loss loss = new SoftmaxCrossEntropy();
  private float clipNorm = Float.POSITIVE_INFINITY;
  private float clipValue = Float.POSITIVE_INFINITY;
  private int accumulate = 1;
  private EarlyStopping earlyStopping;
  private CheckpointFolder checkpoints;
  private int checkpointSteps;
  private int keep = 2;
  private Metric bestBy;
  private Path resumeFrom;
  private Replicas replicas;
  private int averageEvery = 1;

  private Optimizer.Bound boundOptimizer;

  /** What the optimiser is bound to: those that were trainable then. */
  private List<Parameter> learning;

  /** The others. */
  private List<Parameter> frozen;

  private final ExplodingGradients explodingGradients = new ExplodingGradients();
  private TrainingState state = new TrainingState();
  private TrainingData data;
  private Exchange exchange;
  private Path lastWritten;

  /** Of the last epoch, while its checkpoints are not in the folder yet; else null. */
  private TrainingData checkpointsOwed;

  private final Object pausing = new Object();
  private volatile boolean pauseRequested;
  private volatile boolean stopRequested;
  private boolean interrupted;

  private Trainer(Network network) {
    this.network = network;
  }

  /** A trainer for this network, which stays the caller's to close. */
  public static Trainer of(Network network) {
    return new Trainer(network);
  }

  /** Momentum 0.9 and weight decay 5e-4 unless set. A new optimiser begins without memory. */
  public Trainer optimizer(Optimizer optimizer) {
    this.optimizer = optimizer;
    this.boundOptimizer = null;
    return this;
  }

  /** Constantly the optimiser's {@link Optimizer#defaultRate} unless set: 0.01, of Adam 0.0002. */
  public Trainer learningRate(LearningRate schedule) {
    this.givenRate = schedule;
    return this;
  }

  /**
   * A constant rate.
   *
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public Trainer learningRate(float rate) {
    return learningRate(LearningRate.constant(rate));
  }

  /** Softmax cross-entropy unless set. */
  public Trainer loss(Loss loss) {
    this.loss = loss;
    return this;
  }

  /**
   * Limits the norm of the gradients of all trainable parameters together: g ← g · min(1,
   * maxNorm/‖g‖) (Pascanu et al. 2013, algorithm 1). PyTorch's clip_grad_norm_, Keras's
   * global_clipnorm, Caffe's clip_gradients.
   *
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public Trainer clipNorm(float maxNorm) {
    this.clipNorm = requirePositive("the clip norm", maxNorm);
    return this;
  }

  /**
   * Limits each element of the gradients, before {@link #clipNorm} if both are set: g ← min(max(g,
   * −maxValue), maxValue). PyTorch's clip_grad_value_, Keras's clipvalue.
   *
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public Trainer clipValue(float maxValue) {
    this.clipValue = requirePositive("the clip value", maxValue);
    return this;
  }

  private static float requirePositive(String name, float value) {
    if (!(value > 0 && value < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be positive and finite, not " + value);
    }
    return value;
  }

  /**
   * Makes one step from this many batches of the source, as if they were one large batch (but batch
   * norm sees each for itself); the last step of an epoch takes what is left.
   *
   * @throws IllegalArgumentException if under 1
   */
  public Trainer accumulate(int batches) {
    if (batches < 1) {
      throw new IllegalArgumentException(
          "gradients must be accumulated over at least 1 batch, not " + batches);
    }
    this.accumulate = batches;
    return this;
  }

  /**
   * Trains this network together with its replicas, each of which has a trainer of its own with the
   * same settings: every step's gradients are added up over all of them, so that each takes the
   * same step, as one network would from the whole batch. Give each replica a network of the same
   * seed, or the same checkpoint, and its part of every batch; its part of the validation data,
   * too, or none to any. The epoch's figures, loss and gradient norm of a step, and evaluations are
   * those of all replicas' examples.
   *
   * <p>Not the same as with one network are batch norm, which sees each part for itself and keeps
   * the mean of the replicas' statistics, and the masks of dropout. Sums are made in another order,
   * so weights differ in their last bits.
   *
   * <p>Only the first replica writes checkpoints; all resume from the same. A {@link #stop} of one
   * stops all when they next exchange something. Alone unless set.
   */
  public Trainer replicas(Replicas replicas) {
    this.replicas = replicas;
    return this;
  }

  /**
   * Lets every replica take steps of its own, and all have the mean of their weights, and of the
   * optimiser's memory, after this many, and before each checkpoint and validation: local SGD
   * (Stich, "Local SGD Converges Fast and Communicates Little", 2019), which exchanges less and is
   * no longer the same as training with one network. A step's batch is then the replica's part. 1
   * unless set: gradients are added up at every step.
   *
   * @throws IllegalArgumentException if under 1
   */
  public Trainer averageEvery(int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("averagings must be at least 1 step apart, not " + steps);
    }
    this.averageEvery = steps;
    return this;
  }

  /** Ends the training when there is no more progress; off unless set. */
  public Trainer earlyStopping(EarlyStopping earlyStopping) {
    this.earlyStopping = earlyStopping;
    return this;
  }

  /**
   * Keeps {@link Checkpoint#LAST}, the one before it and {@link Checkpoint#BEST} in this folder,
   * after each epoch and on a stop; a missing folder is made. What another training has left there
   * is replaced, with a warning, unless {@link #resume} goes on with it. Off unless set.
   */
  public Trainer checkpoint(Path folder) {
    this.checkpoints = new CheckpointFolder(folder);
    return this;
  }

  /**
   * Also writes {@link Checkpoint#LAST} whenever this many steps are done, for long epochs.
   *
   * @throws IllegalArgumentException if under 1
   */
  public Trainer checkpointEvery(int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("checkpoints must be at least 1 step apart, not " + steps);
    }
    this.checkpointSteps = steps;
    return this;
  }

  /**
   * How many checkpoints to keep beside the best: the newest, and those before it to fall back on
   * if it is damaged; 2 unless set.
   *
   * @throws IllegalArgumentException if under 1
   */
  public Trainer keepCheckpoints(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("at least 1 checkpoint must be kept, not " + count);
    }
    this.keep = count;
    return this;
  }

  /**
   * What makes an epoch the best; unless set, what early stopping goes by, without it the
   * validation's top-1, and without validation data the training loss. {@link Checkpoint#BEST} is
   * the best of those epochs whose weights were kept: if a training is resumed by another metric
   * than before, or without that file, an earlier one may have been better, and a warning says so.
   */
  public Trainer bestBy(Metric metric) {
    this.bestBy = metric;
    return this;
  }

  /**
   * Adds text to every checkpoint, for the program that is going to read it: say, the name of the
   * model.
   *
   * @throws IllegalArgumentException if the key is one of the checkpoint's own, or has no value, or
   *     one longer than a file's text may be ({@link SafeTensors#LONGEST_TEXT})
   */
  public Trainer note(String key, String value) {
    if (value == null) {
      throw new IllegalArgumentException("the note '" + key + "' has no value");
    }
    if (value.length() > SafeTensors.LONGEST_TEXT) {
      throw new IllegalArgumentException(
          "the note '%s' has %d characters, more than the %d that a checkpoint can hold"
              .formatted(key, value.length(), SafeTensors.LONGEST_TEXT));
    }
    if (Checkpoint.isReserved(key)) {
      throw new IllegalArgumentException("a checkpoint uses the key '" + key + "' itself");
    }
    notes.put(key, value);
    return this;
  }

  /**
   * Adds a tensor to every checkpoint, for the program that is going to read it: say, the mean
   * image that the network's inputs are normalised by. It is kept, not copied, and written as it is
   * then.
   *
   * @throws IllegalArgumentException if the network or the optimiser has a tensor of this name, or
   *     it has no value
   */
  public Trainer note(String name, Tensor value) {
    if (value == null) {
      throw new IllegalArgumentException("the note '" + name + "' has no value");
    }
    if (network.state().containsKey(name)
        || name.startsWith(Checkpoint.OPTIMIZER)
        || name.equals(SafeTensors.METADATA)) {
      throw new IllegalArgumentException("a checkpoint uses the name '" + name + "' itself");
    }
    tensorNotes.put(name, value);
    return this;
  }

  /** Adds a listener; they are told in the order of adding. */
  public Trainer listener(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Lets the next {@link #fit} go on where a checkpoint stands, with the bits that a training
   * without a break would have had: give it the same network, seed, data and settings. If
   * checkpoints are kept in another folder, the best one is copied there.
   *
   * @param path a checkpoint, or the folder of one
   */
  public Trainer resume(Path path) {
    this.resumeFrom = path;
    return this;
  }

  /**
   * Lets {@link #fit} end after the step under way, with a checkpoint, and does not wait for it: a
   * shutdown hook that calls this must wait for the fit itself, or the JVM ends first. From any
   * thread or a listener; if no fit is under way, the next one ends before its first step. An
   * interrupt of the training thread does the same; with {@linkplain #replicas replicas}, one that
   * comes while it waits for data makes that fail.
   */
  public void stop() {
    stopRequested = true;
    wake();
  }

  /**
   * Lets {@link #fit} wait before its next step, until {@link #proceed} or {@link #stop}: nothing
   * is computed meanwhile, and all memory is kept. From any thread. The pause ends with the fit.
   */
  public void pause() {
    pauseRequested = true;
  }

  /** Ends a {@link #pause}, if there is one. From any thread. */
  public void proceed() {
    pauseRequested = false;
    wake();
  }

  private void wake() {
    synchronized (pausing) {
      pausing.notifyAll();
    }
  }

  /**
   * Trains until {@code epochs} epochs are done in all. A further call goes on from there, as it
   * does after a stop; in the middle of an epoch with the same training data only.
   *
   * <p>What is frozen ({@link Network#freeze}) when it begins takes no memory of the optimiser and
   * stays until it ends. Where other parameters are frozen than in an earlier call, the optimiser
   * begins without memory.
   *
   * <p>Warns in the log of layers most of whose ReLUs give nothing but 0, and of gradients a
   * hundred times as long as before.
   *
   * @param validation null for none
   * @param epochs in all, those before a resume included; at least 1. If as many are done, nothing
   *     is trained; in the middle of an epoch, fewer than have begun are refused
   * @throws IllegalArgumentException if data, network and settings do not fit together, or the heap
   *     cannot hold what the plan of a batch needs, of training or of validation, or validation its
   *     table of classes
   * @throws IllegalStateException if the network's weights were declared constant, or it is a
   *     replica; if a parameter is thawed meanwhile; or if the data end before they said they
   *     would. What the data throw, as for an image that cannot be read, is handed on. The step
   *     under way is undone then, and a further call goes on with it. If validation fails, the
   *     epoch trained before it is kept in {@link Checkpoint#LAST}; with replicas, if the first's
   *     does
   * @throws CheckpointException if a checkpoint cannot be resumed from or written
   * @throws DivergenceException if an image holds NaN or infinite numbers, or the loss or a
   *     gradient comes to, at that step; if a weight does, before the next checkpoint and at the
   *     latest at the end of the epoch. The checkpoints stay as they were before, and so do batch
   *     norm's statistics of the step
   */
  public History fit(BatchSource train, BatchSource validation, int epochs) {
    check(train, validation, epochs);
    learningRate = givenRate == null ? LearningRate.constant(optimizer.defaultRate()) : givenRate;
    try {
      if (writesCheckpoints()) {
        checkpoints.prepare(); // deletes what is unfinished, which it must not of another replica
      }
      exchange = new Exchange(replicas, averageEvery);
      boolean kept = checkpoints != null || resumeFrom != null;
      TrainingData given = exchange.data(train, validation, kept ? train.fingerprint() : "");
      if (resumeFrom == null && state.batch > 0 && state.batch == data.batches()) {
        state.batch = given.batches(); // what is left of the epoch is its validation
      } else if (resumeFrom == null && state.batch > 0 && !given.continues(data)) {
        throw new IllegalArgumentException(
            "an earlier call ended after batch %d of an epoch: go on with its data, not with others"
                .formatted(state.batch));
      }
      data = given;
      prepareOptimizer();
      if (state.batch > 0 && epochs <= state.epoch) {
        throw new IllegalArgumentException(
            "epoch %d has begun: train for at least as many, not %d"
                .formatted(state.epoch + 1, epochs));
      }
      if (writesCheckpoints()) {
        checkpoints.warnOfOthers();
      }
      exchange.begin(network, boundOptimizer.state(), state);
      DeadUnits deadUnits = new DeadUnits(network, data.batches());
      TrainingStep step =
          new TrainingStep(
              network,
              loss,
              clipValue,
              clipNorm,
              boundOptimizer,
              deadUnits,
              exchange.batchSize(train, data));
      Evaluator evaluator = new Evaluator(network, loss);
      Progress progress = new Progress(state, epochs, data.batches());
      for (TrainingListener listener : listeners) {
        listener.onStart(List.copyOf(state.records), epochs);
      }
      if (loss instanceof SoftmaxCrossEntropy && network.graph().endsInSoftmax()) {
        warn(
            "the network ends in a softmax, of which the loss takes another: it will learn little;"
                + " leave that layer out of a network that is to be trained");
      }
      History.End end = run(train, validation, epochs, step, deadUnits, evaluator, progress);
      History history = new History(state.records, end);
      for (TrainingListener listener : listeners) {
        listener.onEnd(history);
      }
      return history;
    } finally {
      stopRequested = false;
      pauseRequested = false;
      if (interrupted) {
        interrupted = false;
        Thread.currentThread().interrupt();
      }
    }
  }

  private void check(BatchSource train, BatchSource validation, int epochs) {
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, not " + epochs);
    }
    network.requireTrainable();
    if (network.parameters().stream().noneMatch(Parameter::trainable)) {
      throw new IllegalArgumentException("nothing to train: every parameter is frozen");
    }
    DataCheck.source(train, "training data", network);
    if (train.batchSize() > train.size()) {
      throw new IllegalArgumentException(
          "a batch of %d is more than the training data's %d examples"
              .formatted(train.batchSize(), train.size()));
    }
    network.plan(train.lastBatchSize(), true); // too few for a layer: said now, not an epoch later
    long heap = replicas == null ? Runtime.getRuntime().maxMemory() : replicas.heapBytes();
    TrainingMemory memory = TrainingMemory.require(network, train.batchSize(), optimizer, heap);
    if (validation != null) {
      DataCheck.source(validation, "validation data", network);
      DataCheck.sameClasses(train.classNames(), validation.classNames());
      Evaluator.requireMemory(network, heap);
      memory.requireValidation(network, Math.min(validation.batchSize(), validation.size()), heap);
    } else if (earlyStopping != null && earlyStopping.metric() != Metric.TRAIN_LOSS
        || bestBy != null && bestBy != Metric.TRAIN_LOSS) {
      throw new IllegalArgumentException(
          "early stopping or the best checkpoint go by validation, but there is no validation data");
    }
  }

  private void prepareOptimizer() {
    List<Parameter> trainable = network.parameters().stream().filter(Parameter::trainable).toList();
    if (boundOptimizer == null || !trainable.equals(learning)) {
      boundOptimizer = optimizer.bind(trainable, network.kernels(), network.team());
      learning = trainable;
      frozen = network.parameters().stream().filter(p -> !p.trainable()).toList();
      state.optimizerSteps = 0;
    }
    if (resumeFrom != null) {
      Checkpoint checkpoint = Checkpoint.read(resumeFrom);
      state = checkpoint.restore(network, data, boundOptimizer.state(), learningRate);
      lastWritten = checkpoint.file();
      checkpointsOwed = null;
      if (writesCheckpoints()) {
        checkpoints.resumed(checkpoint.file());
        warnOfBetter();
      }
      resumeFrom = null;
      LOG.info("resumed from {} after {} steps", checkpoint.file(), state.step);
    }
  }

  private History.End run(
      BatchSource train,
      BatchSource validation,
      int epochs,
      TrainingStep step,
      DeadUnits deadUnits,
      Evaluator evaluator,
      Progress progress) {
    if (checkpointsOwed != null) {
      writeEpoch();
    }
    while (state.epoch < epochs) {
      if (earlyStopping != null && earlyStopping.isDue(state.records)) {
        return History.End.NO_PROGRESS;
      }
      boolean trainedBefore = state.batch == data.batches();
      boolean whole = trainEpoch(train, step, progress);
      requireFiniteState();
      if (!whole) {
        write(Checkpoint.LAST, data);
        return History.End.STOPPED;
      }
      Evaluation evaluation = null;
      if (validation != null) {
        long began = System.nanoTime();
        evaluation = evaluate(validation, evaluator, trainedBefore);
        if (evaluation == null) {
          write(Checkpoint.LAST, data);
          return History.End.STOPPED;
        }
        state.validationNanos = System.nanoTime() - began;
      }
      endEpoch(evaluation);
      deadUnits.endEpoch(state.epoch).forEach(this::warn);
      if (state.epoch < epochs && stopping()) {
        return History.End.STOPPED;
      }
    }
    return History.End.COMPLETED;
  }

  /**
   * Of all replicas together; null if stopped before its end. If it fails, the epoch that was
   * trained is not lost; if it does in another replica, only if this one is not ended before.
   *
   * @param kept whether it was trained by an earlier call, or is in a checkpoint already
   */
  private Evaluation evaluate(BatchSource validation, Evaluator evaluator, boolean kept) {
    try {
      Evaluation own = evaluator.evaluate(validation, stopping, null);
      return own == null ? null : exchange.sum(own);
    } catch (Exception | OutOfMemoryError e) {
      if (!kept) {
        try {
          write(Checkpoint.LAST, data);
        } catch (Exception notWritten) {
          e.addSuppressed(notWritten);
        }
      }
      throw e;
    }
  }

  /** Trains the rest of the epoch under way; false if stopped before its end. */
  private boolean trainEpoch(BatchSource source, TrainingStep step, Progress progress) {
    if (state.batch == data.batches()) {
      return true; // stopped before its validation
    }
    int available = source.batches(); // another replica may have one more
    try (BatchSource.Batches batches = source.open(state.epoch, Math.min(state.batch, available))) {
      while (state.batch < data.batches()) {
        waitWhilePaused();
        if (stopping() || !takeStep(batches, available, step, progress)) {
          return false;
        }
      }
      return true;
    }
  }

  /** One step of the optimiser; false if stopped before there were the batches for it. */
  private boolean takeStep(
      BatchSource.Batches batches, int available, TrainingStep step, Progress progress) {
    long began = System.nanoTime();
    requireStillFrozen();
    state.rate = rate();
    int last = Math.min(state.batch + accumulate, data.batches());
    if (!addBatches(batches, Math.min(last, available), step)) {
      return false;
    }
    boolean taken = step.examples() > 0; // else this replica's part of the batch is empty
    if (taken) {
      step.finish(state.optimizerSteps + 1, state.rate);
    }
    state.batch = last;
    state.add(step, System.nanoTime() - began);
    boolean checkpointDue = checkpointSteps > 0 && state.step % checkpointSteps == 0;
    boolean epochEnds = last == data.batches();
    DivergenceException.Finding finding =
        exchange.afterUpdate(state, checkpointDue || epochEnds, stopWanted());
    if (finding != null) {
      throw diverged(finding, state.step);
    }
    if (taken) {
      tellOf(step, progress);
    }
    for (int i = 0; i < listeners.size(); i++) {
      listeners.get(i).onStep(progress);
    }
    if (checkpointDue) {
      requireFiniteState();
      write(Checkpoint.LAST, data);
    }
    return true;
  }

  /** Adds up the gradients of a step's batches; false if stopped before there were all of them. */
  private boolean addBatches(BatchSource.Batches batches, int end, TrainingStep step) {
    step.begin();
    boolean added = false;
    try {
      DivergenceException.Finding finding = null;
      for (int i = state.batch; i < end && finding == null; i++) {
        Batch batch = Evaluator.next(batches, stopping);
        if (batch == null) {
          return false;
        }
        finding = step.add(batch, exchange.draw(state.step * accumulate + i - state.batch), i);
      }
      finding = exchange.afterBackward(step, state, finding, stopWanted());
      if (finding != null) {
        throw diverged(finding, state.step + 1);
      }
      added = true;
      return true;
    } finally {
      if (!added) { // stopped, or broken off by the data: the step is to be taken again
        step.abandon();
      }
    }
  }

  private void tellOf(TrainingStep step, Progress progress) {
    progress.stepLoss = step.lossSum() / step.examples();
    progress.gradientScale = step.gradientScale();
    progress.gradientNorm = step.gradientNorm();
    String warning = explodingGradients.observe(step.gradientNorm(), state.epoch + 1, state.step);
    if (warning != null) {
      warn(warning);
    }
  }

  private float rate() {
    float rate = learningRate.at(state.step, state.epoch + (double) state.batch / data.batches());
    if (!(rate >= 0 && rate < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the learning-rate schedule gives %s at step %d".formatted(rate, state.step + 1));
    }
    return rate;
  }

  private void endEpoch(Evaluation evaluation) {
    state.endEpoch(evaluation);
    checkpointsOwed = data;
    exchange.agreedOn(state);
    EpochRecord record = lastRecord();
    learningRate.observe(evaluation == null ? record.trainLoss() : record.validationLoss());
    for (TrainingListener listener : listeners) {
      listener.onEpoch(record, evaluation);
    }
    writeEpoch();
  }

  /** The checkpoints of the epoch just done; owed until all are written. */
  private void writeEpoch() {
    // In this order a crash in between costs nothing: the epoch is done again, to the same end.
    if (writesCheckpoints() && checkpoints.isBest(state.records, bestBy())) {
      write(Checkpoint.BEST, checkpointsOwed);
    }
    write(Checkpoint.LAST, checkpointsOwed);
    checkpointsOwed = null;
  }

  private Metric bestBy() {
    if (bestBy != null) {
      return bestBy;
    }
    if (earlyStopping != null) {
      return earlyStopping.metric();
    }
    return Double.isNaN(lastRecord().validationTop1()) ? Metric.TRAIN_LOSS : Metric.VALIDATION_TOP1;
  }

  private EpochRecord lastRecord() {
    return state.records.get(state.records.size() - 1);
  }

  /** Of an epoch better than any whose weights a resumed training still has. */
  private void warnOfBetter() {
    if (state.records.isEmpty()) {
      return;
    }
    int best = bestBy().best(state.records, 0) + 1;
    int kept = checkpoints.bestEpoch();
    if (best > 0 && kept <= state.epoch && kept != best) {
      LOG.warn(
          "the best epoch so far was {}, by {}, whose weights are gone: {} is of the best of {}",
          best,
          bestBy(),
          Checkpoint.BEST,
          kept == 0 ? "those to come" : "epoch " + kept + " and those to come");
    }
  }

  private boolean writesCheckpoints() {
    return checkpoints != null && (replicas == null || replicas.rank() == 0);
  }

  private void write(String name, TrainingData of) {
    if (!writesCheckpoints()) {
      return;
    }
    requireStillFrozen();
    Consumer<Path> writer =
        file ->
            Checkpoint.write(
                file, network, of, boundOptimizer.state(), learningRate, state, notes, tensorNotes);
    lastWritten =
        name.equals(Checkpoint.BEST)
            ? checkpoints.writeBest(state.records, writer)
            : checkpoints.writeLast(keep, writer);
    for (TrainingListener listener : listeners) {
      listener.onCheckpoint(lastWritten);
    }
  }

  private void warn(String warning) {
    LOG.warn(warning);
    listeners.forEach(listener -> listener.onWarning(warning));
  }

  /** What is thawed in mid-fit would not learn: the optimiser has no memory for it. */
  private void requireStillFrozen() {
    for (int i = 0; i < frozen.size(); i++) {
      if (frozen.get(i).trainable()) {
        throw new IllegalStateException(
            "'%s' was thawed while fit is under way: let fit end, thaw it and call fit again"
                .formatted(frozen.get(i).name()));
      }
    }
  }

  /** Before a checkpoint takes the place of a good one, and at an epoch's end without any. */
  private void requireFiniteState() {
    requireFinite("", network.state());
    requireFinite(Checkpoint.OPTIMIZER, boundOptimizer.state());
  }

  private void requireFinite(String prefix, Map<String, Tensor> tensors) {
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      if (!entry.getValue().isFinite()) {
        String what = "'" + prefix + entry.getKey() + "' has become NaN or infinite";
        throw diverged(DivergenceException.Finding.of(what, null), state.step);
      }
    }
  }

  private DivergenceException diverged(DivergenceException.Finding finding, long step) {
    return new DivergenceException(finding, state.epoch + 1, step, state.rate, lastWritten);
  }

  private void waitWhilePaused() {
    if (!pauseRequested) {
      return;
    }
    synchronized (pausing) {
      while (pauseRequested && !stopWanted()) {
        try {
          pausing.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
  }

  /** Replicas stop together, when they have told each other. */
  private boolean stopping() {
    return replicas == null ? stopWanted() : exchange.stopping();
  }

  private boolean stopWanted() {
    if (Thread.interrupted()) {
      interrupted = true; // and restored when fit is over: files could not be written meanwhile
    }
    return stopRequested || interrupted;
  }
}
