package io.alexnet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.alexnet.data.source.Shapes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong with the input, it is one line on stderr and an exit code. */
class BadInputTest {

  private static final int FAILURE = 1;
  private static final int USAGE = 2;

  @TempDir static Path shared;
  @TempDir Path temporary;

  /** A run of two classes. */
  private static Path run;

  @BeforeAll
  static void trainOnTwoClasses() throws IOException {
    Path photos = Files.createDirectory(shared.resolve("photos"));
    addClass(photos, "cats", 5);
    addClass(photos, "dogs", 5);
    run = shared.resolve("run");
    Invocation.of(
            "train",
            "--model",
            "small",
            "--image-size",
            16,
            "--data",
            "folder:" + photos,
            "--epochs",
            1,
            "--out",
            run)
        .succeeds();
  }

  private static Path addClass(Path root, String name, int images) throws IOException {
    Path folder = Files.createDirectory(root.resolve(name));
    for (int i = 0; i < images; i++) {
      Images.jpeg(folder.resolve(i + ".jpg"), Shapes.of(100, 32, 1).image(i));
    }
    return folder;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--batch-size 0        | --batch-size must be at least 1, not 0",
        "--checkpoint-every 0  | --checkpoint-every must be at least 1, not 0",
        "--batch-size -3       | --batch-size must be at least 1, not -3",
        "--batch-size many     | 'many' is not an int",
        "--epochs 0            | --epochs must be at least 1, not 0",
        "--learning-rate NaN   | --learning-rate must be above 0, not NaN",
        "--learning-rate 0     | --learning-rate must be above 0, not 0",
        "--learning-rate -1    | --learning-rate must be above 0, not -1",
        "--momentum 1          | --momentum must be in [0, 1), not 1",
        "--weight-decay NaN    | --weight-decay must be 0 or more, not NaN",
        "--resize 100          | --resize 100 is smaller than the images cut from it",
        "--resize 9000         | --resize must be from 1 to 8192, not 9000",
        "--resize 300 --augment crop:0.9 | --resize does not go with the share in --augment crop:0.9",
        "--dropout 1           | --dropout must be in [0, 1), not 1",
        "--validation-split 1  | --validation-split must be between 0 and 1, not 1",
        "--image-size 0        | --image-size must be at least 1, not 0",
        "--images 0            | --images must be at least 1, not 0",
        "--threads 0           | --threads must be at least 1, not 0",
        "--convolution fast    | 'fast' is none of auto, direct, winograd, tune",
        "--clip-norm -1        | --clip-norm must be 0 or more, not -1",
        "--schedule linear     | 'linear' is none of constant, cosine",
        "--schedule step:x:0.1 | 'x' in 'step:x:0.1' is not a whole number",
        "--schedule :          | ':' is none of constant, cosine",
        "--schedule multistep:9,0:0.1 | --schedule: the epochs before a milestone must be at least 1, not 0",
        "--schedule multistep:,:0.1 | '' in 'multistep:,:0.1' is not a whole number",
        "--initializer gauss   | 'gauss' is none of model, glorot, he, gaussian:DEVIATION; did you mean gaussian:DEVIATION?",
        "--initializer gaussian:wide | --initializer: 'wide' in 'gaussian:wide' is no number",
        "--initializer gaussian:0 | needs a positive standard deviation, not 0.0",
        "--resize 1200 --normalization mean-image | a mean image of 3×1200×1200 is more than",
        "--data folder         | folder needs a path, as in folder:PATH",
        "--data list           | list needs a path, as in list:PATH",
        "--data packed:        | packed needs a path, as in packed:PATH",
        "--augment crop,blur   | --augment: 'blur': it is none of crop, resized-crop, mirror",
        "--normalization zero  | 'zero' is none of unit, mean, mean-image, standard",
        "--data shapes:here    | the shapes are generated and take no path",
        "--epochs              | Missing required parameter for option '--epochs'"
      })
  void optionOutOfRange(String options, String message) {
    Path out = temporary.resolve("run");
    Object[] args = ("train --out " + out + " " + options).split(" ");
    Invocation.of(args).failsWith(USAGE, message);
    assertFalse(Files.exists(out), "nothing is begun");
  }

  @Test
  void folderMissing() {
    train("--data", "folder:no-such-folder").failsWith(FAILURE, "no-such-folder: no such folder");
    train("--data", "flowers17:no-such-folder").failsWith(FAILURE, "no-such-folder");
    train("--data", "fashion-mnist:no-such-folder").failsWith(FAILURE, "no-such-folder");
    train("--data", "cifar10:no-such-folder").failsWith(FAILURE, "no-such-folder");
  }

  @Test
  void listThatIsWrong() throws IOException {
    train("--data", "list:no-such-list").failsWith(FAILURE, "no-such-list: no such list");
    train("--data", "list:" + temporary).failsWith(FAILURE, "train.txt: no such list");
    Path list = Files.writeString(temporary.resolve("l.txt"), "a.jpg 0\n");
    train("--data", "list:" + list).failsWith(FAILURE, "l.txt, line 1: no such file", "a.jpg");
  }

  @Test
  void classNamesThatTwoClassesHave() throws IOException {
    Path data = Files.createDirectory(temporary.resolve("data"));
    for (String folder : List.of("n1", "n2", "n3")) {
      addClass(data, folder, 4);
    }
    Files.writeString(data.resolve("LOC_synset_mapping.txt"), "n1 crane\nn2 crane\nn3 daisy\n");
    Path out = temporary.resolve("run");
    Object[] options = {"--data", "folder:" + data, "--out", out, "--epochs", 1};
    train(Invocation.with(options, "--classes", "crane,daisy"))
        .failsWith(FAILURE, "'crane' is the name of classes 0 and 1", "number");
    train(Invocation.with(options, "--classes", "1,2", "--batch-size", 2)).succeeds();
    Invocation.of("evaluate", out, "--data", "folder:" + data)
        .failsWith(FAILURE, "'crane' is the name of classes 0 and 1");
  }

  @Test
  void classesThatAreCalledByNumbersHaveNoRanges() throws IOException {
    Path data = Files.createDirectory(temporary.resolve("data"));
    for (String folder : List.of("1", "2", "3")) {
      addClass(data, folder, 4);
    }
    Object[] options = {"--data", "folder:" + data, "--out", temporary.resolve("run")};
    train(Invocation.with(options, "--classes", "1-2"))
        .failsWith(FAILURE, "a range counts from 0, but '1' is the name of class 0");
    train(Invocation.with(options, "--classes", "0-2"))
        .failsWith(FAILURE, "a range counts from 0, but '2' is the name of class 1");
  }

  @Test
  void summaryOfARunTakesNoOtherNetwork() {
    Invocation.of("summary", run, "--model", "alexnet-bn")
        .failsWith(USAGE, "--model does not go with RUN");
    Invocation.of("summary", run, "--classes", 3)
        .failsWith(USAGE, "--classes does not go with RUN");
  }

  @Test
  void classNamesThatAreWrong() throws IOException {
    addClass(temporary, "cats", 2);
    Files.writeString(temporary.resolve("synset_words.txt"), "dogs Canis familiaris\n");
    train("--data", "folder:" + temporary)
        .failsWith(FAILURE, "synset_words.txt: no line for class cats");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--side 0           | --side must be from 1 to 8192, not 0",
        "--side 8193        | --side must be from 1 to 8192, not 8193",
        "--crop center      | 'center' is none of centre, full; did you mean centre?",
        "--shard-size 0     | --shard-size must be from 1 to 2047 MB, not 0",
        "--shard-size 2048  | --shard-size must be from 1 to 2047 MB, not 2048",
        "--threads 0        | --threads must be at least 1, not 0",
        "--data folder      | folder needs a path"
      })
  void packOptionOutOfRange(String options, String message) {
    Path out = temporary.resolve("packed");
    String data = options.startsWith("--data") ? "" : " --data folder:" + shared.resolve("photos");
    Invocation.of((Object[]) ("pack --out " + out + data + " " + options).split(" "))
        .failsWith(USAGE, message);
    assertFalse(Files.exists(out), "nothing is begun");
  }

  @Test
  void packingWhatIsNotThere() {
    Path out = temporary.resolve("packed");
    Invocation.of("pack", "--out", out).failsWith(USAGE, "--data");
    Invocation.of("pack", "--data", "shapes").failsWith(USAGE, "--out");
    pack("folder:no-such-folder", out).failsWith(FAILURE, "no-such-folder: no such folder");
    pack("shapes", out).failsWith(FAILURE, "the shapes are generated");
    pack("packed:here", out).failsWith(FAILURE, "packed:here is packed already");
    assertFalse(Files.exists(out), "nothing is begun");
  }

  @Test
  void packingToWhereItCannotBeWritten() throws IOException {
    String photos = "folder:" + shared.resolve("photos");
    Path file = Files.createFile(temporary.resolve("file"));
    pack(photos, file).failsWith(FAILURE, file + ": cannot be written: it is a file");
    pack(photos, file.resolve("packed")).failsWith(FAILURE, "cannot be written");
    pack(photos, run).failsWith(FAILURE, run + ": is not empty");
    Path root = temporary.toAbsolutePath().getRoot();
    pack(photos, root).failsWith(FAILURE, root + ": not a folder to pack into");
  }

  @Test
  void packedImagesThatAreNotThere() throws IOException {
    train("--data", "packed:no-such-folder")
        .failsWith(FAILURE, "no-such-folder: not a folder of packed images");
    Path packed = temporary.resolve("packed");
    pack("folder:" + shared.resolve("photos"), packed).succeeds();
    Path shard = packed.resolve("all-00000.npy");
    byte[] whole = Files.readAllBytes(shard);
    Files.delete(shard);
    train("--data", "packed:" + packed).failsWith(FAILURE, "all-00000.npy: missing");
    Files.write(shard, Arrays.copyOf(whole, whole.length - 1));
    train("--data", "packed:" + packed).failsWith(FAILURE, "all-00000.npy: has ", " bytes, not");
    whole[whole.length - 1] ^= 1;
    Files.write(shard, whole);
    train("--data", "packed:" + packed)
        .failsWith(FAILURE, "all-00000.npy, image 9 (dogs/4.jpg): damaged");
  }

  private static Invocation pack(String data, Path out) {
    return Invocation.of("pack", "--data", data, "--out", out, "--side", 18);
  }

  @Test
  void classFolderEmpty() throws IOException {
    addClass(temporary, "cats", 2);
    Files.createDirectory(temporary.resolve("dogs"));
    train("--data", "folder:" + temporary).failsWith(FAILURE, "dogs");
  }

  @Test
  void classOfNothingButATextFile() throws IOException {
    addClass(temporary, "cats", 2);
    Path dogs = Files.createDirectory(temporary.resolve("dogs"));
    Files.writeString(dogs.resolve("a.jpg"), "not a picture");
    train("--data", "folder:" + temporary).failsWith(FAILURE, "dogs");
  }

  @Test
  void predictionOfATextFile() throws IOException {
    Path file = Files.writeString(temporary.resolve("text.jpg"), "not a picture");
    Invocation.of("predict", run, file).failsWith(FAILURE, "text.jpg: not an image");
  }

  @Test
  void predictionOfAnEmptyFile() throws IOException {
    Path file = Files.createFile(temporary.resolve("empty.jpg"));
    Invocation.of("predict", run, file).failsWith(FAILURE, "empty.jpg: the file is empty");
  }

  @Test
  void predictionOfATruncatedFile() throws IOException {
    Path whole = Images.jpeg(temporary.resolve("whole.jpg"), Shapes.of(1, 64, 1).image(0));
    byte[] bytes = Files.readAllBytes(whole);
    Path half = Files.write(temporary.resolve("half.jpg"), Arrays.copyOf(bytes, bytes.length / 2));
    Invocation.of("predict", run, half).failsWith(FAILURE, "half.jpg: the file is truncated");
  }

  @Test
  void predictionOfNothing() {
    Invocation.of("predict", run, "none.jpg").failsWith(FAILURE, "none.jpg: no such file");
    Invocation.of("predict", run, temporary).failsWith(FAILURE, "no images in this folder");
    Invocation.of("predict", run).failsWith(USAGE, "Missing required parameter");
  }

  @Test
  void batchLargerThanTheData() {
    train("--images", 24, "--batch-size", 17)
        .failsWith(FAILURE, "--batch-size 17 is larger than the 16 training images of shapes");
  }

  @Test
  void moreClassesThanOutputs() throws IOException {
    addClass(temporary, "cats", 1);
    addClass(temporary, "dogs", 1);
    addClass(temporary, "owls", 1);
    Invocation.of("evaluate", run, "--data", "folder:" + temporary)
        .failsWith(FAILURE, "has 3 classes", "has 2 outputs");
  }

  @Test
  void otherClassesThanTrainedOn() throws IOException {
    addClass(temporary, "cats", 1);
    addClass(temporary, "owls", 1);
    Invocation.of("evaluate", run, "--data", "folder:" + temporary)
        .failsWith(FAILURE, "'owls'", "'dogs'");
  }

  @Test
  void cropsOtherThanOneOrTen() {
    Invocation.of("evaluate", run, "--crops", 3).failsWith(USAGE, "--crops must be 1 or 10, not 3");
    Invocation.of("predict", run, "image.png", "--crops", "many")
        .failsWith(USAGE, "'many' is not an int");
  }

  @Test
  void nothingToCrop() throws IOException {
    Path whole = temporary.resolve("whole");
    train("--images", 16, "--epochs", 1, "--augment", "mirror", "--out", whole).succeeds();
    String[] told = {"--crops 10", "its augmentation is mirror", "--crops 1", "--augment crop"};
    Invocation.of("evaluate", whole, "--crops", 10).failsWith(FAILURE, told);
    Path image = Images.png(temporary.resolve("image.png"), Shapes.of(1, 32, 1).image(0));
    Invocation.of("predict", whole, image, "--crops", 10).failsWith(FAILURE, told);
  }

  @Test
  void pictureThatCannotBeWritten() throws IOException {
    Path there = Files.writeString(temporary.resolve("there.png"), "somebody's");
    evaluate(there).failsWith(FAILURE, "--confusion " + there + ": it exists");
    assertEquals("somebody's", Files.readString(there));
    Path missing = temporary.resolve("missing").resolve("confusion.png");
    evaluate(missing).failsWith(FAILURE, "--confusion " + missing, "missing is not a folder");
    evaluate(there.resolve("confusion.png")).failsWith(FAILURE, "there.png is not a folder");
    evaluate(temporary.resolve("confusion.jpg")).failsWith(USAGE, "a PNG file", "confusion.jpg");
    evaluate(Path.of("")).failsWith(USAGE, "a PNG file");
  }

  private static Invocation evaluate(Path picture) {
    return Invocation.of("evaluate", run, "--confusion", picture);
  }

  @Test
  void imageSmallerThanTheNetworkNeeds() {
    Invocation.of("train", "--image-size", 40, "--images", 20, "--out", temporary.resolve("run"))
        .failsWith(FAILURE, "images of 40×40 are too small", "it takes 67×67 or more");
    assertFalse(Files.exists(temporary.resolve("run")), "nothing is begun");
  }

  /** Two of three images of each class are to train, 16: in fives one is left over. */
  @Test
  void lastBatchTooSmallForBatchNorm() {
    Path out = temporary.resolve("run");
    Object[] args =
        ("train --model alexnet-bn --image-size 215 --images 24 --batch-size 5 --out " + out)
            .split(" ");
    Invocation.of(args)
        .failsWith(FAILURE, "layer 'bn5'", "choose a batch size", "for an epoch's last batch");
    assertFalse(Files.exists(out.resolve("config.json")), "the folder stays free");
  }

  @Test
  void outThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));
    train("--out", file).failsWith(FAILURE, "--out " + file, "cannot write there");
    train("--out", file.resolve("run")).failsWith(FAILURE, "cannot write there");
  }

  @Test
  void outInFolderThatTakesNone() {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "no /proc");
    train("--out", "/proc/no-such-process").failsWith(FAILURE, "cannot write there: ");
  }

  @Test
  void outThatHoldsAnotherRun() {
    train("--out", run).failsWith(FAILURE, run + " is not empty", "--resume");
  }

  /** Which can take an hour. */
  @Test
  void outIsLookedAtBeforeTheData() throws IOException {
    String missing = "folder:no-such-folder";
    train("--out", run, "--data", missing).failsWith(FAILURE, run + " is not empty");
    Path file = Files.createFile(temporary.resolve("file"));
    train("--out", file, "--data", missing).failsWith(FAILURE, file + ": cannot write there");
    Path below = file.resolve("run");
    train("--out", below, "--data", missing)
        .failsWith(FAILURE, below + ": cannot write there: it is a file");
    Path out = temporary.resolve("new/run");
    train("--out", out, "--data", missing).failsWith(FAILURE, "no-such-folder: no such folder");
    assertFalse(Files.exists(out.getParent()), "nothing is begun");
  }

  @Test
  void optionsThatTheRunHasNotAreNamed() {
    Invocation.of("train", "--resume", run, "--no-lrn")
        .failsWith(USAGE, "has --lrn true, not false: leave it out");
  }

  @Test
  void resumeOfNoRun() {
    Invocation.of("train", "--resume", "no-such-run").failsWith(FAILURE, "no such run folder");
    Invocation.of("train", "--resume", temporary).failsWith(FAILURE, "it has no config.json");
    Invocation.of("train", "--resume", run, "--out", temporary).failsWith(USAGE, "--out");
  }

  @Test
  void resumeWithAnotherModelDataOrSetting() {
    Invocation.of("train", "--resume", run, "--model", "alexnet")
        .failsWith(USAGE, "has --model small, not alexnet");
    Invocation.of("train", "--resume", run, "--data", "shapes").failsWith(USAGE, "not shapes");
    Invocation.of("train", "--resume", run, "--learning-rate", "0.5")
        .failsWith(USAGE, "--learning-rate", "not 0.5");
    Invocation.of("train", "--resume", run, "--freeze", "conv*")
        .failsWith(USAGE, "has no --freeze, not conv*: leave it out");
  }

  @Test
  void resumeFromTheCheckpointOfAnotherModel() throws IOException {
    Path other = temporary.resolve("other");
    train("--images", 16, "--epochs", 1, "--out", other).succeeds();
    Path checkpoint = Path.of("checkpoints", "last.safetensors");
    Path mixed = Files.createDirectories(temporary.resolve("mixed/checkpoints")).getParent();
    Files.copy(run.resolve("config.json"), mixed.resolve("config.json"));
    Files.copy(other.resolve(checkpoint), mixed.resolve(checkpoint));
    Invocation refused = Invocation.of("train", "--resume", mixed, "--epochs", 2);
    refused.failsWith(FAILURE, "last.safetensors");
    assertEquals("", refused.out(), "no training is announced");
    assertArrayEquals(
        Files.readAllBytes(run.resolve("config.json")),
        Files.readAllBytes(mixed.resolve("config.json")),
        "the number of epochs stays as it was");
    try (Stream<Path> files = Files.list(mixed)) {
      assertEquals(
          Set.of("config.json", "checkpoints", RunFolder.LOCK),
          files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
    }
  }

  @Test
  void configurationDamaged() throws IOException {
    Files.writeString(temporary.resolve("config.json"), "{ \"model\" : \"small\", ");
    Invocation.of("evaluate", temporary).failsWith(FAILURE, "config.json");
    Files.writeString(temporary.resolve("config.json"), "{ \"model\" : \"small\" }");
    Invocation.of("evaluate", temporary).failsWith(FAILURE, "config.json");
    String sound = Files.readString(run.resolve("config.json"));
    for (String[] wrong :
        new String[][] {
          {"\"model\" : \"small\"", "\"model\" : \"smalh\""},
          {"\"channels\" : 3", "\"channels\" : 6"},
          {"\"imageSize\" : 16", "\"imageSize\" : -16"},
          {"\"initializer\" : \"model\"", "\"initializer\" : \"gaussian:-1\""},
          {
            "\"schedule\" : \"cosine\"",
            "\"schedule\" : \"" + "warmup:1,".repeat(100_000) + "cosine\""
          },
        }) {
      assertTrue(sound.contains(wrong[0]), sound);
      Files.writeString(temporary.resolve("config.json"), sound.replace(wrong[0], wrong[1]));
      Invocation.of("evaluate", temporary)
          .failsWith(FAILURE, temporary.resolve("config.json").toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"epochs\" : \\d+`            | `\"epochs\" : 1.9`     | 'epochs' must not be 1.9",
        "`\"seed\" : \\d+`              | `\"seed\" : 99999999999999999999` | 'seed' must not be 9",
        "`\"epochs\" : \\d+`            | `\"epochs\" : 0`       | 'epochs' must be at least 1",
        "`\"batchSize\" : \\d+`         | `\"batchSize\" : 0`    | 'batchSize' must be at least 1",
        "`\"momentum\" : [0-9.]+`       | `\"momentum\" : 5`     | 'momentum' must be in [0, 1)",
        "`\"learningRate\" : [0-9.]+`   | `\"learningRate\" : -1` | 'learningRate' must be above",
        "`\"validationSplit\" : [0-9.]+` | `\"validationSplit\" : 2` | 'validationSplit' must be",
        "`\"classes\" : \"\"`           | `\"classes\" : null`   | 'classes' must not be missing",
        "`\"from\" : \"\"`              | `\"from\" : null`      | 'from' must not be missing",
        "`\"channels\" : 3`             | `\"channels\" : 3, \"channels\" : 3` | : line ",
        "`\\}\\s*$`                     | `} {}`                | it goes on behind its end",
      })
  void settingThatCannotBe(String from, String to, String message) throws IOException {
    String sound = Files.readString(run.resolve("config.json"));
    String wrong = sound.replaceFirst(from, to);
    assertNotEquals(sound, wrong);
    Files.writeString(temporary.resolve("config.json"), wrong);
    Invocation.of("evaluate", temporary)
        .failsWith(FAILURE, temporary.resolve("config.json") + ": ", message);
  }

  @Test
  void configurationInAnotherEncoding() throws IOException {
    String text =
        Files.readString(run.resolve("config.json")).replaceFirst("cat|dog|even", "Blüte");
    Files.write(
        temporary.resolve("config.json"), (text + "ü").getBytes(StandardCharsets.ISO_8859_1));
    Invocation.of("evaluate", temporary).failsWith(FAILURE, "config.json: not UTF-8");
  }

  @Test
  void modelDamaged() throws IOException {
    Path copy = Files.createDirectory(temporary.resolve("copy"));
    Files.copy(run.resolve("config.json"), copy.resolve("config.json"));
    Invocation.of("evaluate", copy).failsWith(FAILURE, "there is no model yet");
    Files.write(copy.resolve("model.safetensors"), new byte[100]);
    Invocation.of("evaluate", copy).failsWith(FAILURE, "model.safetensors");
  }

  private Invocation train(Object... more) {
    List<Object> args = new ArrayList<>();
    args.addAll(List.of("train", "--model", "small", "--image-size", 16));
    args.addAll(List.of(more));
    if (!args.contains("--out")) {
      args.addAll(List.of("--out", temporary.resolve("run")));
    }
    return Invocation.of(args.toArray());
  }
}
