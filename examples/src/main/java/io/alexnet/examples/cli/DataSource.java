package io.alexnet.examples.cli;

import io.alexnet.data.Dataset;
import io.alexnet.data.Split;
import io.alexnet.data.image.ImageDecoder;
import io.alexnet.data.source.Cifar10;
import io.alexnet.data.source.FashionMnist;
import io.alexnet.data.source.Flowers17;
import io.alexnet.data.source.ImageFolder;
import io.alexnet.data.source.ImageFolder.Check;
import io.alexnet.data.source.ImageList;
import io.alexnet.data.source.Mnist;
import io.alexnet.data.source.NpzImages;
import io.alexnet.data.source.PackedImages;
import io.alexnet.data.source.Packer;
import io.alexnet.data.source.Shapes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code --data} names: a kind of data and where it is.
 *
 * @param path null for the generated shapes
 * @param download whether to fetch what is not at the path yet
 */
record DataSource(Kind kind, Path path, boolean download) {

  enum Kind {
    SHAPES,
    FLOWERS17,
    FOLDER,
    LIST,
    PACKED,
    NPZ,
    MNIST,
    FASHION_MNIST,
    CIFAR10;

    @Override
    public String toString() {
      return Choice.label(this);
    }
  }

  private static final Set<Kind> NEED_A_PATH =
      EnumSet.of(Kind.FOLDER, Kind.LIST, Kind.PACKED, Kind.NPZ);

  /**
   * @param text as in {@code shapes} or {@code folder:photos/train}
   * @throws TypeConversionException if it names no kind, or not the place that the kind needs
   */
  static DataSource parse(String text) {
    int colon = text.indexOf(':');
    Kind kind = new Choice<>(Kind.class).convert(colon < 0 ? text : text.substring(0, colon));
    String path = colon < 0 ? "" : text.substring(colon + 1);
    if (kind == Kind.SHAPES) {
      if (!path.isEmpty()) {
        throw new TypeConversionException("the shapes are generated and take no path");
      }
      return new DataSource(kind, null, false);
    }
    if (path.isEmpty()) {
      if (NEED_A_PATH.contains(kind)) {
        throw new TypeConversionException(kind + " needs a path, as in " + kind + ":PATH");
      }
      return new DataSource(kind, Path.of("data", kind.toString()), true);
    }
    return new DataSource(kind, Path.of(path), false);
  }

  /**
   * The images to train and to validate with: the data's own test set, or a share of each class; of
   * all classes or of those that the recipe has. An image is on the same side either way.
   *
   * @throws io.alexnet.data.DatasetException if the data are not there or not what they should be
   * @throws Failure if the recipe has classes that the data have not
   */
  Split open(Recipe recipe) {
    Split split = openAll(recipe);
    return recipe.classes.isEmpty() ? split : ClassSelection.of(split, recipe.classes);
  }

  /**
   * The second part of {@link #open}. Where the data keep it apart, the first is not looked
   * through: it can be a hundred gigabytes.
   *
   * @throws io.alexnet.data.DatasetException as {@link #open}
   */
  Dataset openValidation(Recipe recipe) {
    if (recipe.classes.isEmpty() && kind == Kind.FOLDER && ImageFolder.hasParts(path)) {
      return ImageFolder.validation(path);
    }
    if (recipe.classes.isEmpty() && kind == Kind.LIST && ImageList.hasParts(path)) {
      return ImageList.forTest(path);
    }
    return open(recipe).validation();
  }

  /** Whether there are images for testing alone, which {@link #open} leaves out. */
  boolean hasTestBesideValidation() {
    return kind == Kind.FOLDER && ImageFolder.hasParts(path) && ImageFolder.hasTest(path);
  }

  private Split openAll(Recipe recipe) {
    double share = 1 - recipe.validationSplit;
    return switch (kind) {
      case SHAPES -> shapes(recipe, recipe.seed).split(share, recipe.seed);
      case FLOWERS17 -> flowers().split(share, recipe.seed);
      case FOLDER -> ImageFolder.split(path, share, recipe.seed);
      case LIST -> ImageList.split(path, share, recipe.seed);
      case PACKED -> PackedImages.split(path, share, recipe.seed);
      case NPZ -> NpzImages.split(path, share, recipe.seed);
      case MNIST, FASHION_MNIST, CIFAR10 -> withTestSet();
    };
  }

  /**
   * All images, or the test set if there is one; of the shapes, some that no run was trained with.
   */
  Dataset openForTest(Recipe recipe) {
    return switch (kind) {
      case SHAPES -> shapes(recipe, ~recipe.seed);
      case FLOWERS17 -> flowers();
      case FOLDER -> ImageFolder.forTest(path);
      case LIST -> ImageList.forTest(path);
      case PACKED -> PackedImages.forTest(path);
      case NPZ -> NpzImages.forTest(path);
      case MNIST, FASHION_MNIST, CIFAR10 -> withTestSet().validation();
    };
  }

  /**
   * Packs all images: in two parts if the data has a test set, else as one, for each training to
   * split.
   *
   * @throws io.alexnet.data.DatasetException if the data are not there, or cannot be packed
   */
  Packer.Summary pack(Packer packer) {
    if (path != null) {
      packer.root(download || Files.isDirectory(path) ? path : path.getParent());
    }
    ImageDecoder decoder = new ImageDecoder();
    Check check = Check.NONE; // packing decodes every image anyway
    return switch (kind) {
      case SHAPES -> throw new Failure("the shapes are generated: there is nothing to pack");
      case NPZ -> throw new Failure(this + " holds pixels: there is nothing to pack");
      case PACKED -> throw new Failure(this + " is packed already");
      case FLOWERS17 -> packer.pack(flowers());
      case FOLDER ->
          ImageFolder.hasParts(path)
              ? packer.pack(ImageFolder.parts(path, decoder, check))
              : packer.pack(ImageFolder.in(path, decoder, check));
      case LIST ->
          ImageList.hasParts(path)
              ? packer.pack(ImageList.parts(path, decoder, check))
              : packer.pack(ImageList.in(path, decoder, check));
      case MNIST, FASHION_MNIST, CIFAR10 -> packer.pack(withTestSet());
    };
  }

  private static Dataset shapes(Recipe recipe, long seed) {
    return Shapes.of(recipe.images, recipe.imageSize, seed);
  }

  private Dataset flowers() {
    return download ? Flowers17.download(path) : Flowers17.in(path);
  }

  private Split withTestSet() {
    return switch (kind) {
      case MNIST -> download ? Mnist.download(path) : Mnist.in(path);
      case FASHION_MNIST -> download ? FashionMnist.download(path) : FashionMnist.in(path);
      case CIFAR10 -> download ? Cifar10.download(path) : Cifar10.in(path);
      default -> throw new IllegalStateException(kind + " has none");
    };
  }

  @Override
  public String toString() {
    return path == null || download ? kind.toString() : kind + ":" + path;
  }
}
