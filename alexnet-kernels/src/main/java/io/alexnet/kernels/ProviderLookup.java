package io.alexnet.kernels;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.alexnet.kernels.simd.SimdKernels;
import java.lang.management.ManagementFactory;
import org.slf4j.LoggerFactory;

/** Chooses the provider once; see {@link Kernels#best()}. */
final class ProviderLookup {

  /** Not a static initialiser's: that would wrap the exception for an unknown name. */
  private static Kernels best;

  private ProviderLookup() {}

  static synchronized Kernels best() {
    if (best == null) {
      best = choose(System.getProperty(Kernels.PROVIDER_PROPERTY, "auto"));
    }
    return best;
  }

  private static Kernels choose(String provider) {
    return switch (provider) {
      case "scalar" -> Kernels.scalar();
      case "simd" -> simd();
      case "auto" -> {
        String obstacle = obstacleToSimd();
        if (obstacle == null) {
          yield simd();
        }
        LoggerFactory.getLogger(Kernels.class)
            .warn("Kernels run without SIMD, many times slower: {}", obstacle);
        yield Kernels.scalar();
      }
      default ->
          throw new IllegalStateException(
              "the system property "
                  + Kernels.PROVIDER_PROPERTY
                  + " must be auto, scalar or simd, not '"
                  + provider
                  + "'");
    };
  }

  static Kernels simd() {
    if (!vectorModuleIsReadable()) {
      throw new IllegalStateException(
          "SIMD kernels need the module jdk.incubator.vector: start java with "
              + Kernels.VECTOR_MODULE_FLAG);
    }
    return SimdKernels.INSTANCE;
  }

  /**
   * What would make each vector an object on the heap instead of a register. Measured without AVX:
   * ReLU 20 times slower than its scalar loop, and worse wherever fma falls back to BigDecimal.
   */
  private static String obstacleToSimd() {
    if (!vectorModuleIsReadable()) {
      return "the module jdk.incubator.vector is not readable; start java with "
          + Kernels.VECTOR_MODULE_FLAG;
    }
    if ("false".equals(vmOption("UseFMA"))) {
      return "this processor (or -XX:UseAVX=0, -XX:-UseFMA) has no fused multiply-add";
    }
    if ("false".equals(vmOption("UseCompiler"))) {
      return "nothing is compiled; start java without -Xint";
    }
    String tier = vmOption("TieredStopAtLevel");
    if (tier != null && Integer.parseInt(tier) < 4) {
      return "the optimising compiler is off; start java without -XX:TieredStopAtLevel=" + tier;
    }
    return null;
  }

  private static boolean vectorModuleIsReadable() {
    return ModuleLayer.boot()
        .findModule("jdk.incubator.vector")
        .map(Kernels.class.getModule()::canRead)
        .orElse(false);
  }

  /** Null where this JVM has no such option. */
  private static String vmOption(String name) {
    try {
      HotSpotDiagnosticMXBean vm =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return vm == null ? null : vm.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
