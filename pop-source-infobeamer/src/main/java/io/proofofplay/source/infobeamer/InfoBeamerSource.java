package io.proofofplay.source.infobeamer;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events from a node of an info-beamer player: connects, introduces itself with the node's
 * path, and offers every line that follows the player's header.
 *
 * <p>A player without proof of play also answers {@code ok!} and stays silent, so the source counts
 * as connected only after a header: a JSON object with a text {@code pop}. A player that is away is
 * looked for at once and then ever more slowly, up to 30 s; one that answers but never had proof of
 * play is asked again every 30 s. After the path nothing is sent to the player, and neither
 * direction is closed before the other.
 *
 * <p>The player's socket is read all the time: it buffers without bound for a client that does not
 * read. Events for which the intake has no room are given up to it at once. Two things hold the
 * reading up: {@link Intake#offer} itself, also of others' events where many sources are read by
 * one thread ({@link Lookout}), and a line that needs more than the source's own small buffer while
 * the long lines of other sources have all the memory there is for such. That wait is for two
 * minutes at most, besides the time that offers of those lines take, and is told of when it has
 * lasted ten seconds; then the line is refused.
 *
 * <p>A player may send its last events again with each connection, for a relay that was away. What
 * came before, byte for byte, is left out; the last {@link InfoBeamerConfig#repeatWindow} events
 * are known, also after a stop in good order and the next start.
 *
 * <p>{@link #close} ends {@link #run} whatever it waits for, with one exception: the look-up of a
 * host's name, which the JDK cannot cut short. What has arrived by then is taken first, up to 8
 * MiB, unless the intake is closed. While {@code run} is inside {@link Intake#offer}, or has what
 * it and others have begun to offer made safe, it goes on when that returns; the thread is not
 * interrupted, because an interrupt would close the file that the offer may be writing.
 *
 * <p>{@link #run} is for one thread, once; {@link #close} is for any.
 */
public final class InfoBeamerSource implements EventSource {

  private static final Logger LOG = LoggerFactory.getLogger(InfoBeamerSource.class);

  private final String name;
  private final InfoBeamerConfig config;
  private final TimeSource time;
  private final Dialer dialer;
  private final Reconnects reconnects;
  private final Lookout lookout;
  private final String address;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private volatile boolean closed;

  /**
   * A source that opens no connection yet.
   *
   * @param config where the player is
   * @param context the clocks to use
   * @throws IllegalArgumentException if the settings do not work; the message says which and why
   */
  public InfoBeamerSource(InfoBeamerConfig config, SourceContext context) {
    this(
        config,
        context,
        new SocketDialer(config, InetAddress::getAllByName, Lookout.PROCESS, context.time()),
        new Reconnects(() -> ThreadLocalRandom.current().nextDouble()),
        Lookout.PROCESS);
    shortened(config, Runtime.getRuntime().maxMemory())
        .ifPresent(what -> LOG.warn("sources.{}.{}", context.name(), what));
  }

  /** Says that lines cannot be as long as the settings would have them, if that is so. */
  static Optional<String> shortened(InfoBeamerConfig config, long heap) {
    ByteSize most = PlayerSession.longestLine(config, heap);
    return most.equals(config.maxLineBytes())
        ? Optional.empty()
        : Optional.of(
            "maxLineBytes: "
                + config.maxLineBytes()
                + " is more than the memory of this process allows, "
                + most
                + " are taken; more memory makes room for more (POP_JAVA_OPTS=-Xmx128m)");
  }

  InfoBeamerSource(
      InfoBeamerConfig config, SourceContext context, Dialer dialer, Reconnects reconnects) {
    this(config, context, dialer, reconnects, Lookout.PROCESS);
  }

  InfoBeamerSource(
      InfoBeamerConfig config,
      SourceContext context,
      Dialer dialer,
      Reconnects reconnects,
      Lookout lookout) {
    Problems problems = new Problems();
    config.check(problems);
    if (!problems.found().isEmpty()) {
      throw new IllegalArgumentException(
          problems.found().stream()
              .map(problem -> problem.key() + " " + problem.message())
              .collect(Collectors.joining(". ")));
    }
    this.name = context.name();
    this.config = config;
    this.time = context.time();
    this.dialer = dialer;
    this.reconnects = reconnects;
    this.lookout = lookout;
    this.address = addressOf(config);
  }

  private static String addressOf(InfoBeamerConfig config) {
    boolean bare = config.host().indexOf(':') >= 0 && !config.host().startsWith("[");
    return (bare ? "[" + config.host() + "]" : config.host()) + ":" + config.port();
  }

  @Override
  public void run(Intake intake) throws InterruptedException {
    Crowd.PROCESS.enter();
    try {
      hear(intake);
    } finally {
      Crowd.PROCESS.leave();
      lookout.sourceEnded();
    }
  }

  private void hear(Intake intake) throws InterruptedException {
    Presence presence = new Presence(intake);
    RepeatWindow window = new RepeatWindow(config.repeatWindow(), Crowd.PROCESS, RepeatWindow.ALL);
    window.recall(intake.recall());
    Ending.Outcome outcome = null;
    while (!closed && outcome != Ending.Outcome.CLOSED) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      outcome = runOnce(intake, presence, window);
      pause(reconnects.nanosAfter(outcome));
    }
    intake.remember(window.memory());
    if (presence.isTold()) {
      presence.gone(address + ": " + Ending.closed().reason());
    }
  }

  /** One attempt to hear the player, from the connection to its end. */
  private Ending.Outcome runOnce(Intake intake, Presence presence, RepeatWindow window)
      throws InterruptedException {
    Ending ending;
    try (PlayerConnection connection = dialer.dial()) {
      ending =
          new PlayerSession(
                  name,
                  config,
                  time,
                  connection,
                  intake,
                  presence,
                  window,
                  LineRoom.PROCESS,
                  lookout)
              .run();
    } catch (IOException e) {
      ending = Ending.failed(Wording.of(e));
    }
    if (closed) {
      // Whatever the attempt says of itself, it ended because the connection was closed under it.
      ending = Ending.closed();
    }
    switch (ending.outcome()) {
      // Whether a quiet player is away is known when the next connection was tried.
      case QUIET, CLOSED -> {}
      case FAILED, LOST, BRIEF, UNFIT -> presence.gone(address + ": " + ending.reason());
    }
    return ending.outcome();
  }

  private void pause(long nanos) throws InterruptedException {
    long until = time.nanos() + nanos;
    lock.lock();
    try {
      long left = nanos;
      while (!closed && left > 0) {
        time.await(closing, left);
        left = until - time.nanos();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
    dialer.close();
    // A stop waits for what this one wants to be remembered for less time than it would sleep.
    LineRoom.PROCESS.look();
  }

  /** The player's address, for messages. */
  @Override
  public String toString() {
    return "InfoBeamerSource[" + address + "]";
  }
}
