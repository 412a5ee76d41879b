package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A daemon, started by a command as it is installed, with a player and a backend around it. */
final class RelayProcess implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long LOOK_AGAIN_NANOS = 2_000_000;
  private static final int MOST_LOOKS = 100;

  private final PlayerAndBackend around;
  private final Path directory;
  private final Path spool;
  private final Process process;
  private final long startNanos;

  private RelayProcess(
      PlayerAndBackend around, Path directory, Path spool, Process process, long startNanos) {
    this.around = around;
    this.directory = directory;
    this.spool = spool;
    this.process = process;
    this.startNanos = startNanos;
  }

  /** Starts a command that takes {@code pop.yaml} from its directory. */
  static RelayProcess start(Path directory, Map<String, String> environment, List<String> command)
      throws IOException {
    PlayerAndBackend around = new PlayerAndBackend();
    Path spool = directory.resolve("spool");
    Files.writeString(directory.resolve("pop.yaml"), around.configuration(spool));
    return start(around, directory, spool, environment, command);
  }

  /** Starts a command that has its configuration already. Closing it closes what is around too. */
  static RelayProcess start(
      PlayerAndBackend around,
      Path directory,
      Path spool,
      Map<String, String> environment,
      List<String> command)
      throws IOException {
    long startNanos = System.nanoTime();
    Process process =
        Shell.start(
            directory, environment, command, directory.resolve("out"), directory.resolve("err"));
    return new RelayProcess(around, directory, spool, process, startNanos);
  }

  Path directory() {
    return directory;
  }

  long pid() {
    return process.pid();
  }

  String err() {
    try {
      return Shell.text(directory.resolve("err"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the first event is on disk, and answers how long that took from the start. */
  Duration awaitAccepted() {
    await("an accepted event", () -> waiting(spool) > 0);
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Waits until the backend has an event. */
  void awaitDelivered(String uuid) {
    await("the delivery of " + uuid, () -> around.received().contains(uuid));
  }

  /** Waits until something is so, while the process lives. */
  void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        throw new AssertionError("waited in vain for " + what + ":\n" + err());
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  /**
   * How many events a spool's files hold. A relay that runs gives a file another name, or takes it
   * away, between the list and the look; then it is looked again.
   */
  static long waiting(Path spool) {
    try {
      for (int look = 0; look < MOST_LOOKS; look++) {
        List<Path> files = files(spool);
        try {
          long count = 0;
          for (Path file : files) {
            count +=
                new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains("\"uuid\""))
                    .count();
          }
          if (files(spool).equals(files)) {
            return count;
          }
        } catch (NoSuchFileException e) {
          // It was moved or taken away.
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError(spool + ": the files come and go faster than they are read");
  }

  private static List<Path> files(Path spool) throws IOException {
    try (Stream<Path> files = Files.list(spool.resolve("billing"))) {
      return files
          .filter(each -> each.toString().matches(".*\\d+(\\.open|-n\\d+\\.ndjson)"))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      // Not there yet.
      return List.of();
    }
  }

  /** The most memory that was resident. */
  long residentKib() throws IOException {
    Matcher most =
        Pattern.compile("VmHWM:\\s+(\\d+) kB")
            .matcher(Shell.text(Path.of("/proc/" + pid() + "/status")));
    assertThat(most.find()).isTrue();
    return Long.parseLong(most.group(1));
  }

  /** SIGTERM; it must end in good order, having said nothing on standard output. */
  void stopWell() throws IOException, InterruptedException {
    process.destroy();
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(err()).isZero();
    assertThat(Shell.text(directory.resolve("out"))).isEmpty();
    assertThat(err()).doesNotContain("warning", "jsa");
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    try {
      boolean unused = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    around.close();
  }
}
