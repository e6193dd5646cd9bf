package io.alexnet.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.alexnet.init.Constant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterOptionsTest {

  private static final ParameterOptions OPTIONS = ParameterOptions.of(new Constant(0));

  @Test
  void aMissingInitialiserIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> OPTIONS.initializer(null));
    assertEquals("a parameter needs an initialiser", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.POSITIVE_INFINITY, Float.NaN, -1})
  void multipliersThatCannotBeMeantAreRefused(float wrong) {
    var rate = assertThrows(IllegalArgumentException.class, () -> OPTIONS.multipliers(wrong, 2));
    assertTrue(rate.getMessage().endsWith("learning rate " + wrong + ", decay 2.0"));
    var decay = assertThrows(IllegalArgumentException.class, () -> OPTIONS.multipliers(2, wrong));
    assertTrue(decay.getMessage().endsWith("learning rate 2.0, decay " + wrong));
  }
}
