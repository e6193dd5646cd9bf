package io.alexnet.fuzz;

import io.alexnet.data.Dataset;
import io.alexnet.data.DatasetException;
import io.alexnet.data.Split;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.image.ImageException;
import io.alexnet.data.predict.ImageClassifier;
import io.alexnet.data.source.Cifar10;
import io.alexnet.data.source.Idx;
import io.alexnet.data.source.ImageFolder;
import io.alexnet.data.source.ImageList;
import io.alexnet.data.source.NpzImages;
import io.alexnet.data.source.PackedImages;
import io.alexnet.examples.cli.RunFiles;
import io.alexnet.format.FormatException;
import io.alexnet.format.Npy;
import io.alexnet.format.Npz;
import io.alexnet.format.Onnx;
import io.alexnet.format.OnnxModel;
import io.alexnet.format.SafeTensors;
import io.alexnet.graph.Network;
import io.alexnet.train.Checkpoint;
import io.alexnet.train.CheckpointException;
import io.alexnet.train.CsvMetrics;
import io.alexnet.train.CsvNorms;
import io.alexnet.train.EpochRecord;
import io.alexnet.train.Trainer;
import io.alexnet.train.TrainingListener;
import io.alexnet.train.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Every reader of files that there is, each with a sound file, and what it may throw when it is
 * given another in its place.
 */
enum Reader {
  SAFETENSORS("tensors.safetensors", FormatException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.safetensors(folder.resolve(fileName));
    }

    @Override
    void read(Path folder) throws IOException {
      try (SafeTensors file = SafeTensors.open(folder.resolve(fileName))) {
        file.metadata();
        for (String name : file.names()) {
          file.shape(name);
          file.read(name);
        }
        file.verify();
      }
    }
  },

  NPY("array.npy", FormatException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.npy(folder.resolve(fileName));
    }

    @Override
    void read(Path folder) throws IOException {
      Npy.read(folder.resolve(fileName));
    }
  },

  NPZ("arrays.npz", FormatException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.npz(folder.resolve(fileName));
    }

    @Override
    void read(Path folder) throws IOException {
      try (Npz file = Npz.open(folder.resolve(fileName))) {
        for (String name : file.names()) {
          file.shape(name);
          if (file.type(name).equals("u1")) {
            file.readBytes(name);
          }
          file.read(name);
        }
      }
    }
  },

  NPZ_IMAGES("images.npz", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.npz(folder.resolve(fileName));
    }

    @Override
    void read(Path folder) {
      readAll(NpzImages.split(folder.resolve(fileName), 0.5, 1));
    }
  },

  ONNX("network.onnx", FormatException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.onnx(folder.resolve(fileName));
    }

    @Override
    void read(Path folder) throws IOException {
      OnnxModel model = Onnx.read(folder.resolve(fileName));
      model.metadata();
    }
  },

  CHECKPOINT(Checkpoint.LAST, CheckpointException.class) {
    @Override
    void prepare(Path folder) {
      Samples.checkpoint(folder);
    }

    @Override
    byte[] repaired(byte[] file) {
      return Repair.safetensors(file);
    }

    @Override
    void read(Path folder) {
      Path file = folder.resolve(fileName);
      Checkpoint checkpoint = Checkpoint.read(file);
      checkpoint.notes();
      checkpoint.epochs();
      checkpoint.steps();
      try (Network network = Samples.network()) {
        Trainer trainer = Samples.trainer(network).resume(file);
        trainer.listener(
            new TrainingListener() {
              @Override
              public void onStart(List<EpochRecord> earlier, int epochs) {
                trainer.stop();
              }
            });
        trainer.fit(Samples.batches(), Samples.batches(), 3);
      }
    }
  },

  WEIGHTS("weights.safetensors", CheckpointException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.model(folder.resolve(fileName));
    }

    @Override
    byte[] repaired(byte[] file) {
      return Repair.safetensors(file);
    }

    @Override
    void read(Path folder) {
      try (Network network = Samples.network()) {
        Weights.in(folder.resolve(fileName)).load(network);
        Checkpoint.loadWeights(folder.resolve(fileName), network);
      }
    }
  },

  MODEL("model.safetensors", IOException.class, CheckpointException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.model(folder.resolve(fileName));
    }

    @Override
    byte[] repaired(byte[] file) {
      return Repair.safetensors(file);
    }

    @Override
    void read(Path folder) throws IOException {
      ImageClassifier.open(folder.resolve(fileName), Samples.graph(), 1, 1).close();
    }
  },

  METRICS("metrics.csv", UncheckedIOException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Run.copyTo(folder);
    }

    @Override
    void read(Path folder) {
      CsvMetrics.read(folder.resolve(fileName));
    }
  },

  NORMS("norms.csv", UncheckedIOException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Run.copyTo(folder);
    }

    @Override
    void read(Path folder) {
      CsvNorms.read(folder.resolve(fileName));
    }
  },

  CONFIGURATION("config.json", RunFiles.REFUSAL) {
    @Override
    void prepare(Path folder) throws IOException {
      Run.copyTo(folder);
    }

    @Override
    void read(Path folder) {
      RunFiles.readConfiguration(folder);
    }
  },

  EVALUATION("evaluation.json", RunFiles.REFUSAL) {
    @Override
    void prepare(Path folder) throws IOException {
      Run.copyTo(folder);
    }

    @Override
    void read(Path folder) {
      RunFiles.readReport(folder);
    }
  },

  IDX_IMAGES("images", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Files.write(folder.resolve(fileName), Samples.idxImages());
      Files.write(folder.resolve("labels"), Samples.idxLabels());
    }

    @Override
    void read(Path folder) {
      readAll(Idx.of(folder.resolve("images"), folder.resolve("labels"), Samples.CLASSES));
    }
  },

  IDX_LABELS("labels", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      IDX_IMAGES.prepare(folder);
    }

    @Override
    void read(Path folder) throws IOException {
      IDX_IMAGES.read(folder);
    }
  },

  IDX_GZIP("images", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      IDX_IMAGES.prepare(folder);
      Files.write(folder.resolve(fileName), Samples.gzip(Samples.idxImages()));
    }

    @Override
    byte[] repaired(byte[] file) throws IOException {
      return Samples.gzip(file);
    }

    @Override
    void read(Path folder) throws IOException {
      IDX_IMAGES.read(folder);
    }
  },

  CIFAR_BINARY("data_batch_2.bin", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.cifarBinaries(folder);
    }

    @Override
    void read(Path folder) {
      readAll(Cifar10.in(folder));
    }
  },

  CIFAR_TAR("cifar-10-binary.tar.gz", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Files.write(folder.resolve(fileName), Samples.gzip(Samples.tar()));
    }

    @Override
    byte[] repaired(byte[] file) throws IOException {
      return Samples.gzip(file);
    }

    @Override
    void read(Path folder) {
      readAll(Cifar10.in(folder));
    }
  },

  CIFAR_ZIP("cifar.zip", DatasetException.class, ImageException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.cifarZip(folder.resolve(fileName));
    }

    @Override
    void read(Path folder) {
      readAll(Cifar10.in(folder));
    }
  },

  PACKED_INDEX("packed/index.tsv", DatasetException.class, ImageException.class) {
    @Override
    void prepare(Path folder) {
      Samples.packed(folder.resolve("packed"));
    }

    @Override
    byte[] repaired(byte[] file) {
      return Repair.packedIndex(file);
    }

    @Override
    void read(Path folder) {
      readAll(PackedImages.in(folder.resolve("packed")));
    }
  },

  PACKED_SHARD("packed/all-00000.npy", DatasetException.class, ImageException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      PACKED_INDEX.prepare(folder);
    }

    @Override
    void read(Path folder) {
      readAll(PackedImages.in(folder.resolve("packed")));
    }
  },

  IMAGE_LIST("train.txt", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.list(folder);
    }

    @Override
    void read(Path folder) {
      readAll(ImageList.in(folder.resolve(fileName)));
    }
  },

  CLASS_NAMES("synset_words.txt", DatasetException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Samples.namedFolder(folder);
    }

    @Override
    void read(Path folder) {
      readAll(ImageFolder.in(folder));
    }
  },

  JPEG("picture.jpg", ImageException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Files.write(folder.resolve(fileName), Samples.picture("jpg", 24, 17));
    }

    @Override
    void read(Path folder) {
      decode(folder.resolve(fileName));
    }
  },

  PNG("picture.png", ImageException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Files.write(folder.resolve(fileName), Samples.picture("png", 24, 17));
    }

    @Override
    byte[] repaired(byte[] file) {
      return Repair.png(file);
    }

    @Override
    void read(Path folder) {
      decode(folder.resolve(fileName));
    }
  },

  GIF("picture.gif", ImageException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Files.write(folder.resolve(fileName), Samples.picture("gif", 24, 17));
    }

    @Override
    void read(Path folder) {
      decode(folder.resolve(fileName));
    }
  },

  BMP("picture.bmp", ImageException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Files.write(folder.resolve(fileName), Samples.picture("bmp", 24, 17));
    }

    @Override
    void read(Path folder) {
      decode(folder.resolve(fileName));
    }
  },

  /** Nothing here writes WebP. */
  WEBP("picture.webp", ImageException.class) {
    @Override
    void prepare(Path folder) throws IOException {
      Files.copy(AWKWARD_IMAGES.resolve("webp_lossy_a.webp"), folder.resolve(fileName));
    }

    @Override
    void read(Path folder) {
      decode(folder.resolve(fileName));
    }
  };

  /** What the decoder's tests are about; Maven starts tests in their module's folder. */
  private static final Path AWKWARD_IMAGES =
      Path.of("../alexnet-data/src/test/resources/io/alexnet/data/image/awkward");

  /** Of an image file; the limit is the decoder's, and other formats have none but their size. */
  private static final long IMAGE_BYTES = 32_000_000;

  final String fileName;
  private final List<Class<? extends Throwable>> refusals;

  @SafeVarargs
  Reader(String fileName, Class<? extends Throwable>... refusals) {
    this.fileName = fileName;
    this.refusals = List.of(refusals);
  }

  /** Puts sound files into a folder: {@link #fileName} and what it needs beside it. */
  abstract void prepare(Path folder) throws IOException;

  /** Reads all there is. */
  abstract void read(Path folder) throws IOException;

  /**
   * A changed file with checksums that are right again, so that the change gets past them; the same
   * file where there are none.
   */
  byte[] repaired(byte[] file) throws IOException {
    return file;
  }

  /** Whether a reader may refuse a file with it. */
  boolean refusesWith(Throwable e) {
    return refusals.stream().anyMatch(refusal -> refusal.isInstance(e));
  }

  /** Folders of files to begin with, besides the sound one: some whose reading once went wrong. */
  List<Path> corpora() {
    Path own = Path.of("src/test/resources/corpus", name().toLowerCase(Locale.ROOT));
    return Stream.of(own, AWKWARD_IMAGES)
        .filter(folder -> folder == own || fileName.startsWith("picture."))
        .filter(Files::isDirectory)
        .toList();
  }

  private static void decode(Path file) {
    ImageDecoder decoder = new ImageDecoder().maxBytes(IMAGE_BYTES);
    decoder.check(file);
    decoder.decode(file);
  }

  private static void readAll(Split split) {
    readAll(split.train());
    readAll(split.validation());
  }

  private static void readAll(Dataset dataset) {
    List<String> names = dataset.classNames();
    for (int i = 0; i < dataset.size(); i++) {
      names.get(dataset.label(i));
      dataset.name(i);
      dataset.image(i);
    }
  }
}
