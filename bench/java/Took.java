import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What a topology takes, from when it begins. CPU time is that of the whole JVM. */
final class Took {
  private final long cpu = cpuNanos();
  private final long start = System.nanoTime();

  /** As JSON; `digest` stands for the results where the program knows them. */
  String asJson(String digest) throws IOException {
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = (cpuNanos() - cpu) / 1e9;
    String form = "{\"seconds\":%.3f,\"cpuSeconds\":%.3f,\"residentMb\":%.1f,\"digest\":\"%s\"}";
    return String.format(Locale.ROOT, form, seconds, cpuSeconds, residentMb(), digest);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }

  /** The most that was resident, where the system says it. */
  private static double residentMb() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) return 0;
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
    }
    return 0;
  }
}
