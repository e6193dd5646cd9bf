package io.alexnet.spark;

import io.alexnet.tensor.Tensor;
import io.alexnet.train.Replicas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.storage.TestBlockId;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.reflect.ClassTag;

/**
 * Replicas that are the tasks of a barrier stage. Sums are made by slices, over Spark's own block
 * transfer: each of n tasks adds up one n-th of all numbers, which it fetches from the others'
 * memory, and they fetch the sum from it (reduce-scatter and all-gather, as in Dai et al., "BigDL:
 * A Distributed Deep Learning Framework for Big Data", 2019, §3.3). A task sends and receives 2 ·
 * (n − 1) / n times the numbers, however many tasks there are. The driver sees none of them, only
 * the few that tell how a step went.
 *
 * <p>Each slice is added up in an order that depends on its place alone: its own task's, the next
 * one's, and so on around. That also keeps all from asking the same one at the same time.
 */
final class BlockExchange implements Replicas, AutoCloseable {

  /** Numbers in a block, of 16 MB: a task holds no more than one of another's at a time. */
  static final int BLOCK = 1 << 22;

  /**
   * Consecutive numbers that one task adds up.
   *
   * @param memory for our part of the sum or, if we are the one, the sum
   */
  private record Block(int index, int owner, long start, int length, ByteBuffer memory) {}

  private final Meeting meeting;
  private final String prefix;
  private final int blockLength;
  private final GradientFormat.Codec exact;
  private final GradientFormat.Codec gradientCodec;
  private final BlockManager blockManager = SparkEnv.get().blockManager();
  private final BlockManagerId[] homes; // of the tasks' blocks, by rank

  /** For every number of numbers that came up, the blocks they are divided into: nearest first. */
  private final Map<Long, List<Block>> layouts = new HashMap<>();

  private final List<BlockId> parts = new ArrayList<>();
  private final List<BlockId> sums = new ArrayList<>();
  private final float[] numbers;
  private final float[] others;
  private long nanos;
  private long bytesFetched;

  /**
   * Meets the other tasks of the stage, each of which has to come.
   *
   * @param prefix of the blocks' names: of this attempt to run the stage alone
   */
  BlockExchange(Meeting meeting, String prefix, GradientFormat gradientFormat) {
    this(meeting, prefix, gradientFormat, BLOCK);
  }

  /** The same in blocks of another length, the same one in all tasks. */
  BlockExchange(Meeting meeting, String prefix, GradientFormat gradientFormat, int blockLength) {
    this.meeting = meeting;
    this.prefix = prefix;
    this.blockLength = blockLength;
    exact = GradientFormat.FLOAT32.codec(blockLength);
    gradientCodec = gradientFormat.codec(blockLength);
    numbers = new float[blockLength];
    others = new float[blockLength];
    BlockManagerId own = blockManager.blockManagerId();
    homes =
        Arrays.stream(meeting.gather(own.executorId() + " " + own.host() + " " + own.port()))
            .map(home -> home.split(" "))
            .map(
                home ->
                    BlockManagerId.apply(
                        home[0], home[1], Integer.parseInt(home[2]), Option.empty()))
            .toArray(BlockManagerId[]::new);
  }

  @Override
  public int rank() {
    return meeting.rank();
  }

  @Override
  public int count() {
    return homes.length;
  }

  /** An equal share for each replica of this executor. */
  @Override
  public long heapBytes() {
    String here = homes[rank()].executorId();
    long together = Arrays.stream(homes).filter(home -> home.executorId().equals(here)).count();
    return Runtime.getRuntime().maxMemory() / together;
  }

  /** Time spent on sums so far, waiting for other replicas included. */
  double seconds() {
    return nanos * 1e-9;
  }

  /** From other replicas so far. */
  long bytesFetched() {
    return bytesFetched;
  }

  @Override
  public double[][] sum(List<Tensor> tensors, double... own) {
    return sum(tensors, own, exact);
  }

  @Override
  public double[][] sumGradients(List<Tensor> gradients, double... own) {
    return sum(gradients, own, gradientCodec);
  }

  private double[][] sum(List<Tensor> tensors, double[] own, GradientFormat.Codec codec) {
    long began = System.nanoTime();
    FlatTensors flat = new FlatTensors(tensors);
    List<Block> blocks =
        count() == 1 ? List.of() : layouts.computeIfAbsent(flat.size(), this::layout);
    for (Block block : blocks) {
      if (block.owner != rank()) {
        flat.read(block.start, numbers, block.length);
        codec.write(numbers, block.length, block.memory);
        parts.add(offer(block, "part", codec));
      }
    }
    double[][] all = gather(own); // and all parts are there
    withdraw(sums); // of the call before, which everybody has read
    if (!blocks.isEmpty()) {
      for (Block block : blocks) {
        if (block.owner == rank()) {
          addUp(block, flat, codec);
          sums.add(offer(block, "sum", codec));
        }
      }
      meeting.gather(""); // all sums are there, and all parts are read
      withdraw(parts);
      for (Block block : blocks) {
        if (block.owner != rank()) {
          fetch(block, block.owner, "sum", codec, numbers);
          flat.write(block.start, numbers, block.length);
        }
      }
    }
    nanos += System.nanoTime() - began;
    return all;
  }

  private List<Block> layout(long size) {
    List<Block> blocks = new ArrayList<>();
    for (int owner = 0; owner < count(); owner++) {
      long end = size * (owner + 1) / count();
      for (long start = size * owner / count(); start < end; start += blockLength) {
        int length = (int) Math.min(blockLength, end - start);
        ByteBuffer memory = ByteBuffer.allocate(exact.bytes(length));
        blocks.add(
            new Block(blocks.size(), owner, start, length, memory.order(ByteOrder.LITTLE_ENDIAN)));
      }
    }
    blocks.sort(Comparator.comparingInt(block -> Math.floorMod(block.owner - rank(), count())));
    return blocks;
  }

  /** Makes one of our blocks the sum of everybody's. */
  private void addUp(Block block, FlatTensors flat, GradientFormat.Codec codec) {
    flat.read(block.start, numbers, block.length);
    for (int i = 1; i < count(); i++) {
      fetch(block, (rank() + i) % count(), "part", codec, others);
      for (int j = 0; j < block.length; j++) {
        numbers[j] += others[j];
      }
    }
    codec.write(numbers, block.length, block.memory);
    codec.read(block.memory, numbers, block.length); // the bits that the others get
    flat.write(block.start, numbers, block.length);
  }

  private BlockId id(int rank, String kind, Block block) {
    // BlockId is sealed; of its cases, this is the one that can have any name.
    return new TestBlockId("%s_%d_%s_%d".formatted(prefix, rank, kind, block.index));
  }

  private BlockId offer(Block block, String kind, GradientFormat.Codec codec) {
    BlockId id = id(rank(), kind, block);
    ByteBuffer content = block.memory.slice(0, codec.bytes(block.length));
    boolean kept =
        blockManager.putBytes(
            id,
            new ChunkedByteBuffer(content),
            StorageLevel.MEMORY_AND_DISK_SER(),
            false, // the others know where it is
            ClassTag.apply(byte[].class));
    if (!kept) {
      throw new IllegalStateException("Spark could neither keep nor spill " + id);
    }
    return id;
  }

  private void withdraw(List<BlockId> blocks) {
    boolean interrupted = Thread.interrupted(); // who is cannot wait until a block has been read
    try {
      blocks.forEach(id -> blockManager.removeBlock(id, false));
    } finally {
      blocks.clear();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void fetch(Block block, int from, String kind, GradientFormat.Codec codec, float[] into) {
    BlockId id = id(from, kind, block);
    BlockManagerId home = homes[from];
    ManagedBuffer buffer =
        home.executorId().equals(blockManager.blockManagerId().executorId())
            ? blockManager.getLocalBlockData(id)
            : blockManager
                .blockTransferService()
                .fetchBlockSync(home.host(), home.port(), home.executorId(), id.name(), null);
    try {
      ByteBuffer content = buffer.nioByteBuffer().slice().order(ByteOrder.LITTLE_ENDIAN);
      codec.read(content, into, block.length);
      bytesFetched += content.capacity();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + id + " of " + home, e);
    } finally {
      buffer.release();
    }
  }

  /** Everybody's numbers, and a barrier. */
  private double[][] gather(double[] own) {
    String text = Arrays.stream(own).mapToObj(Double::toString).collect(Collectors.joining("\n"));
    return Arrays.stream(meeting.gather(text))
        .map(each -> each.lines().mapToDouble(Double::parseDouble).toArray())
        .toArray(double[][]::new);
  }

  /** Gives Spark its memory back. After a sum of nothing, lest another task still reads. */
  @Override
  public void close() {
    withdraw(parts);
    withdraw(sums);
  }
}
