package io.alexnet.layer;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Set;
import java.util.stream.Collectors;

/** All kinds of layers that the library has, for tests that none may be missing from. */
public final class LayerClasses {

  private LayerClasses() {}

  /** The names of their classes. */
  public static Set<String> names() {
    return new ClassFileImporter()
        .importPackages("io.alexnet.layer").stream()
            .filter(type -> type.isAssignableTo(Layer.class) && !type.isInterface())
            .map(JavaClass::getName)
            .collect(Collectors.toSet());
  }
}
