package io.alexnet.spark;

import io.alexnet.format.OneLine;
import java.math.BigDecimal;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** One row of a training's DataFrame. A method that finds a value to be invalid names the row. */
final class ImageRow {

  private final Row row;
  private final String where;

  /**
   * @param row of {@link #select}
   * @param where what the row is called if it has no name
   */
  ImageRow(Row row, String where) {
    this.row = row;
    this.where = where;
  }

  /**
   * The columns that training needs.
   *
   * @param nameCol null if there is none
   * @param validationIndicatorCol null if there is none
   */
  static Dataset<Row> select(
      Dataset<?> dataset,
      String imageCol,
      String labelCol,
      String nameCol,
      String validationIndicatorCol) {
    Column name =
        nameCol == null ? functions.lit(null).cast("string") : column(nameCol).cast("string");
    Column validation =
        validationIndicatorCol == null ? functions.lit(false) : column(validationIndicatorCol);
    return dataset.select(column(imageCol), column(labelCol), name, validation);
  }

  /** By its whole name, in which a point means no field of a structure. */
  private static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  /** The row's name, or where it stands. */
  String name() {
    return row.isNullAt(2) ? where : row.getString(2);
  }

  boolean isNamed() {
    return !row.isNullAt(2);
  }

  byte[] file() {
    if (row.isNullAt(0)) {
      throw invalid("there is no image, its bytes are null");
    }
    return row.getAs(0);
  }

  /** A text as it is, a number without a fraction. */
  String label() {
    Object label = row.get(1);
    if (label == null) {
      throw invalid("the label is null");
    }
    if (label instanceof String text) {
      if (text.isEmpty()) {
        throw invalid("the label is an empty text");
      }
      if (OneLine.isBroken(text)) {
        throw invalid("the label has a line break");
      }
      return text;
    }
    if (label instanceof Long || label instanceof Integer) {
      return label.toString();
    }
    if (label instanceof BigDecimal decimal) {
      try {
        return decimal.toBigIntegerExact().toString();
      } catch (ArithmeticException e) {
        throw invalid("the label is no whole number: " + label);
      }
    }
    double number = ((Number) label).doubleValue();
    if (!(Math.abs(number) < 1L << 53) || number != Math.rint(number)) {
      throw invalid("the label is no whole number: " + label);
    }
    return Long.toString((long) number);
  }

  boolean isValidation() {
    if (row.isNullAt(3)) {
      throw invalid("whether it is for validation is null");
    }
    return row.getBoolean(3);
  }

  private IllegalArgumentException invalid(String reason) {
    return new IllegalArgumentException(OneLine.of(name() + ": " + reason));
  }
}
