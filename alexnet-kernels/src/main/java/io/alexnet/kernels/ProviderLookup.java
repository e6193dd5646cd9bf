package io.alexnet.kernels;

import io.alexnet.kernels.simd.SimdKernels;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Chooses the provider once; see {@link Kernels#best()}. */
final class ProviderLookup {

  static final Supplier<Kernels> BEST = () -> Holder.BEST;

  private ProviderLookup() {}

  private static final class Holder {
    static final Kernels BEST = choose(System.getProperty(Kernels.PROVIDER_PROPERTY, "auto"));
  }

  static Kernels choose(String provider) {
    switch (provider) {
      case "scalar":
        return Kernels.scalar();
      case "simd":
        return simd();
      case "auto":
        if (vectorModuleIsReadable()) {
          return simd();
        }
        LoggerFactory.getLogger(Kernels.class)
            .warn(
                "The module jdk.incubator.vector is not readable, so kernels run without SIMD, many"
                    + " times slower. Start java with {}",
                Kernels.VECTOR_MODULE_FLAG);
        return Kernels.scalar();
      default:
        throw new IllegalStateException(
            Kernels.PROVIDER_PROPERTY + " must be auto, scalar or simd, not '" + provider + "'");
    }
  }

  static Kernels simd() {
    if (!vectorModuleIsReadable()) {
      throw new IllegalStateException(
          "SIMD kernels need the module jdk.incubator.vector: start java with "
              + Kernels.VECTOR_MODULE_FLAG);
    }
    return SimdKernels.INSTANCE;
  }

  private static boolean vectorModuleIsReadable() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }
}
