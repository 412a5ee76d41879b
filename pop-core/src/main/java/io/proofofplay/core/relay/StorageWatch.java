package io.proofofplay.core.relay;

import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which calls to a sink's storage have begun and have not returned. A disk that fails says so; that
 * one hangs shows only here. A call that hangs is not ended, because nothing can end it: it goes on
 * by itself when the disk answers.
 *
 * <p>Thread-safe. Waits for nothing, least of all for the storage.
 */
final class StorageWatch {

  /**
   * A call that takes longer hangs: the slowest card forces the most that is ever forced sooner.
   */
  static final Duration LONGEST = Duration.ofSeconds(30);

  /**
   * A disk that has not answered for so long will not any more; until then nothing is given up that
   * only it could keep.
   */
  static final Duration FOR_GOOD = Duration.ofHours(1);

  /** Who only wants to know how things are does not queue up behind a call that takes longer. */
  private static final Duration SLOW = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(StorageWatch.class);

  /**
   * A call that has not returned.
   *
   * @param caller who waits for it
   * @param what what was asked for
   * @param since when, by the monotonic clock
   */
  record Running(Thread caller, String what, long since) {}

  /**
   * A call to the storage.
   *
   * @param <T> what it answers
   * @param <E> what it may throw
   */
  @FunctionalInterface
  interface Call<T, E extends Exception> {
    T answer() throws E;
  }

  private final String sink;
  private final TimeSource time;

  /** Of a thread that is inside of several calls, the innermost. */
  private final Map<Thread, Running> running = new ConcurrentHashMap<>();

  // The relay's watching thread alone.
  private boolean said;
  private long hungSince;

  StorageWatch(String sink, TimeSource time) {
    this.sink = sink;
    this.time = time;
  }

  /** Makes a call that cannot fail, and knows of it until it has returned. */
  void run(String what, Runnable call) {
    during(
        what,
        () -> {
          call.run();
          return null;
        });
  }

  /**
   * Makes a call, and knows of it until it has returned. One that makes other calls on its way does
   * not hang as long as these return.
   */
  <T, E extends Exception> T during(String what, Call<T, E> call) throws E {
    Running outer = begins(what);
    try {
      return call.answer();
    } finally {
      returned(outer);
    }
  }

  /**
   * Knows of a call from now on, until {@link #returned} is told.
   *
   * @return the call that this one is made inside of; {@code null} for none
   */
  Running begins(String what) {
    Thread caller = Thread.currentThread();
    return running.put(caller, new Running(caller, what, time.nanos()));
  }

  /**
   * The call of this thread that began last has returned.
   *
   * @param outer what {@link #begins} answered
   */
  void returned(Running outer) {
    Thread caller = Thread.currentThread();
    if (outer == null) {
      running.remove(caller);
    } else {
      running.put(caller, new Running(caller, outer.what(), time.nanos()));
    }
  }

  /** Whether there is a call that takes so long that others would have to wait for it. */
  boolean isSlow() {
    return longerThan(SLOW).isPresent();
  }

  /** What hangs and for how long, for people; empty if nothing does. */
  Optional<String> trouble() {
    return longerThan(LONGEST).map(this::words);
  }

  private String words(Running call) {
    return "the spool has not answered for "
        + Spans.text(Duration.ofNanos(time.nanos() - call.since()))
        + ", asked to "
        + call.what();
  }

  /** That a call will not come back; empty while it may. */
  Optional<Standstill> standstill() {
    return longerThan(FOR_GOOD)
        .map(
            call ->
                Standstill.of(call.caller(), "stands still: sink " + sink + ": " + words(call)));
  }

  /** The call that has lasted longest, if it has lasted so long. */
  private Optional<Running> longerThan(Duration bound) {
    long now = time.nanos();
    Running oldest = null;
    for (Running call : running.values()) {
      if (oldest == null || call.since() - oldest.since() < 0) {
        oldest = call;
      }
    }
    return oldest != null && now - oldest.since() >= bound.toNanos()
        ? Optional.of(oldest)
        : Optional.empty();
  }

  /** Says it when something begins to hang, and when that is over. */
  void look() {
    Optional<Running> hangs = longerThan(LONGEST);
    if (hangs.isPresent() && !said) {
      said = true;
      hungSince = hangs.get().since();
      LOG.error("sink {}: {}; goes on by itself once it answers", sink, trouble().orElse("hangs"));
    } else if (hangs.isEmpty() && said) {
      said = false;
      LOG.info(
          "sink {}: the spool answers again, after {}",
          sink,
          Spans.text(Duration.ofNanos(time.nanos() - hungSince)));
    }
  }
}
