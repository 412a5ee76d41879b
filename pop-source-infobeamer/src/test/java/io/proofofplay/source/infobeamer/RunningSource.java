package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A source on a thread of its own. */
final class RunningSource implements AutoCloseable {

  /** A second is the promise; the rest is for a machine that has other things to do. */
  private static final long LONGEST_MILLIS = TimeUnit.SECONDS.toMillis(4);

  private final EventSource source;
  private final Thread thread;
  private final AtomicReference<Throwable> fault = new AtomicReference<>();

  RunningSource(EventSource source, Intake intake) {
    this.source = source;
    this.thread =
        new Thread(
            () -> {
              try {
                source.run(intake);
              } catch (Throwable e) {
                fault.set(e);
              }
            },
            "source-under-test");
    thread.setDaemon(true);
    thread.start();
  }

  static RunningSource of(InfoBeamerConfig config, Intake intake) {
    return new RunningSource(
        new InfoBeamerSource(config, new SourceContext("test", TimeSource.system())), intake);
  }

  /** Waits until run has returned by itself. */
  void awaitEnd() {
    try {
      thread.join(LONGEST_MILLIS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(thread.isAlive()).as("run goes on").isFalse();
    assertThat(fault.get()).isNull();
  }

  /** Waits until run has ended, however it did. */
  void join() {
    try {
      thread.join(LONGEST_MILLIS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until run has thrown. */
  void awaitFault(String message) {
    try {
      thread.join(LONGEST_MILLIS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(thread.isAlive()).as("run goes on").isFalse();
    assertThat(fault.get()).hasMessage(message);
  }

  /** Waits until the thread is inside a method of this name. */
  void awaitCallOf(String method) {
    awaitCallOf(thread, method);
  }

  static void awaitCallOf(Thread thread, String method) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (Arrays.stream(thread.getStackTrace()).noneMatch(f -> f.getMethodName().equals(method))) {
      Thread.onSpinWait();
      assertThat(System.nanoTime() - until).as("nobody calls %s", method).isNegative();
    }
  }

  void interrupt() {
    thread.interrupt();
  }

  boolean isRunBy(Thread other) {
    return thread.equals(other);
  }

  boolean isAlive() {
    return thread.isAlive();
  }

  EventSource source() {
    return source;
  }

  /** Closes the source; fails if run goes on. */
  @Override
  public void close() {
    source.close();
    awaitEnd();
  }
}
