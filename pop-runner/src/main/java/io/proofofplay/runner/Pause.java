package io.proofofplay.runner;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.LoggerFactory;

/**
 * Holds the end of a program up that could do nothing, as its configuration is wrong or its spool
 * taken. Where whoever starts it knows no pause, such as the system of an info-beamer device, it
 * would else be started all the time and keep the processor from the player. It waits here and not
 * in a shell around it, so that a signal, and a kill above all, ends the one process that there is.
 *
 * <p>Not thread-safe.
 */
final class Pause {

  /** The property that asks for it: seconds, none or 0 for no pause. */
  private static final String SECONDS = "pop.pause";

  /** What may be put right meanwhile: the options of an info-beamer package. */
  private static final Path OPTIONS = Path.of("config.json");

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration NONE = Duration.ZERO;

  private final Duration longest;
  private final Path options;
  private final TimeSource time;
  private final long began;
  private final String known;

  Pause(Duration longest, Path options, TimeSource time) {
    this.longest = longest;
    this.options = options;
    this.time = time;
    began = time.nanos();
    known = longest.equals(NONE) ? "" : stamp();
  }

  /** For a program that begins now. */
  static Pause ofProcess() {
    return new Pause(
        Duration.ofSeconds(Math.max(0, Integer.getInteger(SECONDS, 0))),
        OPTIONS,
        TimeSource.system());
  }

  /** Waits, unless it has done what it should or has run for a while, or the options are others. */
  void before(int code) {
    if (code == ExitCode.DONE || time.nanos() - began >= longest.toNanos()) {
      return;
    }
    LoggerFactory.getLogger(Pause.class)
        .info("pop: waits {} s for something to change before it ends", longest.toSeconds());
    ReentrantLock lock = new ReentrantLock();
    Condition never = lock.newCondition();
    long since = time.nanos();
    lock.lock();
    try {
      while (time.nanos() - since < longest.toNanos() && stamp().equals(known)) {
        time.await(never, LOOK_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** What is other when the file is another; empty if there is none. */
  private String stamp() {
    try {
      BasicFileAttributes file = Files.readAttributes(options, BasicFileAttributes.class);
      return file.fileKey() + " " + file.lastModifiedTime() + " " + file.size();
    } catch (IOException e) {
      return "";
    }
  }
}
