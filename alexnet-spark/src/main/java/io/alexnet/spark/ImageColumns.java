package io.alexnet.spark;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What columns a DataFrame must have, and which a model adds. */
final class ImageColumns {

  private ImageColumns() {}

  /**
   * @throws IllegalArgumentException if there is no such column of image files' bytes
   */
  static void requireImages(StructType schema, String column) {
    DataType type = type(schema, column, "imageCol");
    if (!type.equals(DataTypes.BinaryType)) {
      throw new IllegalArgumentException(
          "imageCol: the column '%s' must hold the bytes of image files, as spark.read()"
                  .formatted(column)
              + ".format(\"binaryFile\") gives them, but is of type "
              + type.simpleString());
    }
  }

  /**
   * @throws IllegalArgumentException if there is no such column of texts or numbers
   */
  static void requireLabels(StructType schema, String column) {
    DataType type = type(schema, column, "labelCol");
    if (!(type instanceof NumericType) && !type.equals(DataTypes.StringType)) {
      throw new IllegalArgumentException(
          "labelCol: the column '%s' must hold texts or whole numbers, but is of type %s"
              .formatted(column, type.simpleString()));
    }
  }

  /**
   * @throws IllegalArgumentException if there is no such column of booleans
   */
  static void requireBooleans(StructType schema, String column) {
    DataType type = type(schema, column, "validationIndicatorCol");
    if (!type.equals(DataTypes.BooleanType)) {
      throw new IllegalArgumentException(
          "validationIndicatorCol: the column '%s' must hold booleans, but is of type %s"
              .formatted(column, type.simpleString()));
    }
  }

  private static DataType type(StructType schema, String column, String param) {
    if (!contains(schema, column)) {
      throw new IllegalArgumentException(
          "%s: there is no column '%s' among %s"
              .formatted(param, column, String.join(", ", schema.fieldNames())));
    }
    return schema.apply(column).dataType();
  }

  static boolean contains(StructType schema, String column) {
    return Arrays.asList(schema.fieldNames()).contains(column);
  }

  /**
   * The schema with the columns that a model adds.
   *
   * @param classes what is known of them, for the column of predictions
   * @throws IllegalArgumentException if two columns then have the same name, as Spark compares them
   */
  static StructType withPredictions(StructType schema, AlexNetParams<?> names, Metadata classes) {
    StructType result =
        schema
            .add(new StructField(names.getPredictionCol(), DataTypes.DoubleType, true, classes))
            .add(names.getProbabilityCol(), SQLDataTypes.VectorType())
            .add(names.getPredictedLabelCol(), DataTypes.StringType);
    Set<String> seen = new HashSet<>();
    boolean caseSensitive = SQLConf.get().caseSensitiveAnalysis();
    for (String name : result.fieldNames()) {
      if (!seen.add(caseSensitive ? name : name.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException(
            "there are two columns '%s': drop or rename one, or set another name for the output"
                .formatted(name));
      }
    }
    return result;
  }
}
