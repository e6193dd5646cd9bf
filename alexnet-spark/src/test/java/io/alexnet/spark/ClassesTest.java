package io.alexnet.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;

class ClassesTest {

  private static final StructField TEXTS =
      new StructField("label", DataTypes.StringType, true, Metadata.empty());
  private static final StructField NUMBERS =
      new StructField("label", DataTypes.LongType, true, Metadata.empty());

  private static StructField indexed(String... values) {
    return NominalAttribute.defaultAttr().withName("label").withValues(values).toStructField();
  }

  @Test
  void labelsAreInOrder() {
    Set<String> labels = Set.of("10", "9", "-1");
    assertEquals(
        new Classes(List.of("-1", "10", "9"), List.of("-1", "10", "9"), null),
        Classes.of(TEXTS, labels));
    assertEquals(
        new Classes(List.of("-1", "9", "10"), List.of("-1", "9", "10"), null),
        Classes.of(NUMBERS, labels));
  }

  @Test
  void classesOfTheMetadataNeedNoRows() {
    Classes classes = Classes.of(indexed("rose", "lily", "iris"), Set.of("2", "0"));
    assertEquals(
        new Classes(List.of("0", "1", "2"), List.of("rose", "lily", "iris"), null), classes);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> Classes.of(indexed("rose", "lily"), Set.of("0", "2")));
    assertEquals(
        "labelCol: the label 2 is none of the 2 classes, from 0, in the column's metadata",
        refused.getMessage());
  }

  @Test
  void namesThatNoClassCanHaveAreRefused() {
    Classes.requireNames(TEXTS);
    Classes.requireNames(NUMBERS);
    Classes.requireNames(indexed("rose", "lily"));
    for (String name : List.of("", "li\nly")) {
      String refused =
          assertThrows(
                  IllegalArgumentException.class, () -> Classes.requireNames(indexed("rose", name)))
              .getMessage();
      assertTrue(refused.contains("class 1 in the column's metadata"), refused);
    }
  }

  @Test
  void numbersThatAreNotTheirIndicesAreWarnedOf() {
    assertNull(Classes.of(NUMBERS, Set.of("2", "1", "0")).warning());
    assertNull(Classes.of(TEXTS, Set.of("0", "4", "2")).warning());
    String warning = Classes.of(NUMBERS, Set.of("0", "4", "1")).warning();
    assertTrue(warning.contains("are not 0 to 2 without a gap"), warning);
    assertTrue(warning.contains("labelled 4 is predicted as 2"), warning);
    assertTrue(
        Classes.of(NUMBERS, Set.of("1", "2")).warning().contains("labelled 1 is predicted as 0"));
  }
}
