package io.proofofplay.runner.daemon;

import io.proofofplay.core.relay.Standstill;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that the relay lives, where its unit asks for that ({@code WatchdogSec=}): twice in
 * the time after which systemd ends and starts what has not told it, and each time only if all of
 * the relay's own loops move. So a process that hangs is started anew, and one that waits for a
 * backend or reads a large backlog is not.
 *
 * <p>That it cannot be told keeps nothing from running.
 */
final class Watchdog {

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  /** A start reads all that waits. One that takes longer than this does not end. */
  static final Duration LONGEST_START = Duration.ofHours(1);

  /** Whatever is asked for, there are no more processes for it than these. */
  private static final long LEAST_NANOS = Duration.ofMillis(100).toNanos();

  /** A lock of the JDK is six calls deep, and the relay's own are what is wanted. */
  private static final int MOST_CALLS = 16;

  /** What is looked at. */
  interface Life {

    /** Whether it has not run yet. */
    boolean isStarting();

    /** Whether it stops, or has ended: no more is told then. */
    boolean isOver();

    /** A loop that stands still. */
    Optional<Standstill> standstill();
  }

  /** The way to systemd. */
  @FunctionalInterface
  interface Line {

    /**
     * Tells that the relay lives.
     *
     * @throws IOException if that could not be told; says why
     */
    void tell() throws IOException;
  }

  private final Duration patience;
  private final Line line;
  private final Life life;
  private final TimeSource time;
  private final Thread starter = Thread.currentThread();
  private final long began;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition never = lock.newCondition();

  // The one thread that looks.
  private boolean saidStandstill;
  private boolean saidUnheard;
  private boolean saidBlind;

  /** One for a daemon that the calling thread is about to start. */
  Watchdog(Duration patience, Line line, Life life, TimeSource time) {
    this.patience = patience;
    this.line = line;
    this.life = life;
    this.time = time;
    this.began = time.nanos();
  }

  /**
   * How long systemd waits for word from this process.
   *
   * @param environment its variables
   * @param pid its number
   * @return the time; empty if no word is wanted, or from another process
   */
  static Optional<Duration> patience(Map<String, String> environment, long pid) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String whose = environment.getOrDefault("WATCHDOG_PID", String.valueOf(pid));
    if (socket.isEmpty()
        || !whose.equals(String.valueOf(pid))
        || !micros.matches("0*[1-9]\\d{0,14}")) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos(Long.parseLong(micros) * 1000));
  }

  /** Watches a daemon that the calling thread starts, until it ends; if systemd wants that. */
  static void watch(Daemon daemon) {
    patience(System.getenv(), ProcessHandle.current().pid())
        .ifPresent(
            patience ->
                new Watchdog(patience, new SystemdNotify(), daemon.life(), TimeSource.system())
                    .begin());
  }

  private void begin() {
    Thread thread = new Thread(this::run, "pop-watchdog");
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      LOG.warn(
          "pop: systemd is not told that the relay lives, for want of a thread: {}",
          e.getMessage());
    }
  }

  private void run() {
    try {
      // The first half is that of the start, which has other things to do.
      long wait = usual();
      while (!life.isOver()) {
        await(wait);
        wait = runOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void await(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long end = time.nanos() + nanos;
      long left = nanos;
      while (left > 0) {
        time.await(never, left);
        left = end - time.nanos();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Looks, and tells what is well.
   *
   * @return nanoseconds until the next look
   */
  long runOnce() {
    try {
      return look();
    } catch (RuntimeException | Error e) {
      sayBlind(e);
      return soon();
    }
  }

  /** Whoever ended here would have systemd end the relay without a word of why. */
  private void sayBlind(Throwable fault) {
    if (saidBlind) {
      return;
    }
    try {
      LOG.error(
          "pop: it cannot be seen whether the relay's loops move ({}), and systemd is not told that"
              + " they do; if that stays so, it starts the relay anew within {} s",
          fault.toString(),
          patience.toSeconds(),
          fault);
      saidBlind = true;
    } catch (RuntimeException | Error e) {
      // As where there is no memory: the next look says it, if it has to.
      saidBlind = false;
    }
  }

  private long look() {
    if (life.isOver()) {
      return usual();
    }
    Optional<Standstill> standstill = life.isStarting() ? endlessStart() : life.standstill();
    if (standstill.isPresent()) {
      complain(standstill.get());
      return soon();
    }
    saidStandstill = false;
    saidBlind = false;
    return tell() ? usual() : soon();
  }

  private Optional<Standstill> endlessStart() {
    if (time.nanos() - began <= LONGEST_START.toNanos()) {
      return Optional.empty();
    }
    return Optional.of(
        new Standstill(
            starter.getName(),
            "has been starting the relay for " + LONGEST_START.toMinutes() + " min",
            List.of(starter.getStackTrace())));
  }

  private boolean tell() {
    try {
      line.tell();
      saidUnheard = false;
      return true;
    } catch (IOException | RuntimeException | Error e) {
      // Whoever ended here would be taken for a relay that hangs.
      if (!saidUnheard) {
        saidUnheard = true;
        LOG.error(
            "pop: systemd wants to be told that the relay lives (WatchdogSec=), and cannot be: {};"
                + " it will end and start it every {} s; install systemd-notify, or write"
                + " WatchdogSec=0 with systemctl edit",
            e instanceof IOException ? e.getMessage() : e.toString(),
            patience.toSeconds());
      }
      return false;
    }
  }

  private void complain(Standstill standstill) {
    if (!saidStandstill) {
      saidStandstill = true;
      LOG.error(
          "pop: {}, in {}; systemd is not told any more that the relay lives, and starts it anew"
              + " within {} s",
          standstill,
          where(standstill.where()),
          patience.toSeconds());
    }
  }

  /** In one line, as the log has it: nobody is there to ask for more. */
  private static String where(List<StackTraceElement> calls) {
    return calls.stream()
        .limit(MOST_CALLS)
        .map(StackTraceElement::toString)
        .collect(Collectors.joining(" < "));
  }

  private long usual() {
    return Math.max(LEAST_NANOS, patience.toNanos() / 2);
  }

  /** A fault that passes must not cost a restart. */
  private long soon() {
    return Math.max(LEAST_NANOS, patience.toNanos() / 20);
  }
}
