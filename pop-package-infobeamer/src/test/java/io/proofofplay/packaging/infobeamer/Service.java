package io.proofofplay.packaging.infobeamer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The package's service, started as a device starts it. */
final class Service implements AutoCloseable {

  private static final String RUNTIME = System.getProperty("java.home");

  private final Process process;
  private final Path log;

  private Service(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** The package as it was built. */
  static Path built() {
    Path folder = Path.of(System.getProperty("pop.package", "target/proof-of-play"));
    if (!Files.exists(folder.resolve("package.json"))) {
      throw new AssertionError(folder + ": the package is not built; run mvn verify");
    }
    return folder.toAbsolutePath();
  }

  /** A copy of the built package, as a device has it: only {@code service} can be executed. */
  static Path unpacked(Path place) throws IOException {
    Path from = built();
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path to = place.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
          if (!to.toFile().setExecutable(file.endsWith("service"), false)) {
            throw new IOException(to + ": cannot be made executable, or the contrary");
          }
        }
      }
    }
    return place;
  }

  /** Puts a file in its place at once, as the device does with {@code config.json}. */
  static void renameIn(Path file, String text) throws IOException {
    Path draft = file.resolveSibling("." + file.getFileName() + ".new");
    Files.writeString(draft, text);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Starts it with the runtime of this JVM. */
  static Service start(Path folder, Path scratch) throws IOException {
    return start(folder, scratch, Map.of("JAVA_HOME", RUNTIME));
  }

  /** Starts it; of the environment it has what a device gives and what is given here. */
  static Service start(Path folder, Path scratch, Map<String, String> more, String... arguments)
      throws IOException {
    Path log = Files.createTempFile(folder.getParent(), "service-", ".log");
    List<String> command = new ArrayList<>(List.of(folder.resolve("service").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("NODE", "root/proof-of-play");
    environment.put("SERIAL", "123098123");
    environment.put("SCRATCH", scratch.toString());
    environment.putAll(more);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new Service(builder.start(), log);
  }

  String log() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitLog(String words) {
    Await.until("\"" + words + "\"", this::log, () -> log().contains(words) || hasEnded());
    if (!log().contains(words)) {
      throw new AssertionError("ended without \"" + words + "\": " + log());
    }
  }

  boolean hasEnded() {
    return !process.isAlive();
  }

  /** Whether it has ended after so long. */
  boolean endsWithin(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  long pid() {
    return process.pid();
  }

  /** Waits for the end; the exit code. */
  int awaitEnd() {
    try {
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        throw new AssertionError("does not end: " + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** SIGTERM; the exit code. */
  int stop() {
    process.destroy();
    return awaitEnd();
  }

  /** SIGKILL, which is how a device ends a service. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      // Else it may still write into the folder that is about to be removed.
      boolean unused = process.waitFor(120, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
