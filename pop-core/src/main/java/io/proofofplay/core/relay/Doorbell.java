package io.proofofplay.core.relay;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells the sink's thread that events have come, once there are as many as it waits for: to wake it
 * for each one costs more than to keep that one.
 *
 * <p>The thread takes a {@link #mark} before it looks at what there is, and then says with {@link
 * #wakeAfter} how much more it needs. What comes between is counted, so that it is never missed; it
 * may be counted twice, and then the thread is woken too early.
 *
 * <p>Thread-safe; one thread is woken.
 */
final class Doorbell {

  /** So much never comes: for who waits for something else. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * What had come by some moment.
   *
   * @param events how many
   * @param bytes their length together
   */
  record Mark(long events, long bytes) {}

  private final Signal signal;
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  // By these counts the thread is woken; written by that thread.
  private volatile long wantedEvents;
  private volatile long wantedBytes;

  Doorbell(Signal signal) {
    this.signal = signal;
  }

  /** What has come by now. */
  Mark mark() {
    return new Mark(events.get(), bytes.get());
  }

  /**
   * Wakes the thread when so much has come since a mark, at once if it has by now.
   *
   * @param since what had come by then
   * @param moreEvents from how many events on; {@link #NEVER} for whatever number
   * @param moreBytes from how many bytes on; {@link #NEVER} for whatever length
   */
  void wakeAfter(Mark since, long moreEvents, long moreBytes) {
    wantedEvents = sum(since.events(), moreEvents);
    wantedBytes = sum(since.bytes(), moreBytes);
    ringIfEnough(events.get(), bytes.get());
  }

  private static long sum(long count, long more) {
    return more == NEVER ? NEVER : count + more;
  }

  /**
   * So many have come, and whoever looks finds them.
   *
   * @param moreBytes their length together
   */
  void came(int moreEvents, long moreBytes) {
    long allBytes = bytes.addAndGet(moreBytes);
    ringIfEnough(events.addAndGet(moreEvents), allBytes);
  }

  private void ringIfEnough(long allEvents, long allBytes) {
    if (allEvents >= wantedEvents || allBytes >= wantedBytes) {
      signal.raise();
    }
  }

  /** Wakes the thread whatever has come. */
  void ring() {
    signal.raise();
  }
}
