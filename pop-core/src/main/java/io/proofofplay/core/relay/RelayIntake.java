package io.proofofplay.core.relay;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.BegunOffer;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.RefusedLines;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The relay's side of one source: hands events to every lane, and keeps the source's counts. */
final class RelayIntake implements Intake {

  private static final Logger LOG = LoggerFactory.getLogger(RelayIntake.class);

  /** The id of a longer event may be as long, and takes several times that while it is read. */
  private static final int LONG = 64 << 10;

  /** The lanes that kept a list which was answered FULL because of others. */
  private record Half(List<PopEvent> events, List<Lane> keptBy) {}

  private final String name;
  private final Supplier<List<Lane>> lanesNow;
  private final RefusedLines refusedLines;
  private final Storage storage;
  private final TimeSource time;
  private final Listeners listeners;
  private final Seldom refusedSeldom;
  private final Seldom problemSeldom;
  private final Seldom implausibleSeldom;
  private final Seldom repeatedSeldom;
  private final Seldom reusedSeldom;
  private final LongAdder accepted = new LongAdder();
  private final LongAdder implausible = new LongAdder();
  private final LongAdder repeated = new LongAdder();
  private final LongAdder reusedIds = new LongAdder();

  private volatile boolean closed;
  private volatile byte[] memory;

  /**
   * The last list that was answered FULL: whoever offers it again or gives it up does not give it
   * twice to a lane that kept it. Several threads on one intake may overwrite each other's; a lane
   * may then get a list twice, as the port says.
   */
  private volatile Half half = new Half(List.of(), List.of());

  // Guarded by this.
  private final Map<Refusal, Long> refused = new EnumMap<>(Refusal.class);

  /** When the last line was refused, by reason; by {@link TimeSource#nanos}. */
  private final Map<Refusal, Long> refusedAt = new EnumMap<>(Refusal.class);

  /** When an id was reused last, by {@link TimeSource#nanos}. */
  private OptionalLong reusedAt = OptionalLong.empty();

  private boolean connected;
  private boolean everTold;
  private Optional<String> sender = Optional.empty();
  private Optional<String> problem = Optional.empty();
  private Instant since;
  private long connections;

  /** When the peer went away last, or this was made, by {@link TimeSource#nanos}. */
  private long awaySince;

  RelayIntake(
      String name,
      Supplier<List<Lane>> lanesNow,
      RefusedLines refusedLines,
      Storage storage,
      TimeSource time,
      Listeners listeners) {
    this.name = name;
    this.lanesNow = lanesNow;
    this.refusedLines = refusedLines;
    this.storage = storage;
    this.time = time;
    this.listeners = listeners;
    refusedSeldom = new Seldom(time);
    problemSeldom = new Seldom(time);
    implausibleSeldom = new Seldom(time);
    repeatedSeldom = new Seldom(time);
    reusedSeldom = new Seldom(time);
    since = time.now();
    awaySince = time.nanos();
  }

  @Override
  public Answer offer(List<PopEvent> events) throws InterruptedException {
    if (closed) {
      return Answer.CLOSED;
    }
    if (events.isEmpty()) {
      return Answer.ACCEPTED;
    }
    return offer(events, keptBefore(events));
  }

  /** Offers events to all lanes, save those that have kept them. */
  private Answer offer(List<PopEvent> events, List<Lane> keptBy) throws InterruptedException {
    List<Lane> done = keptBy;
    List<Lane> lanes = lanesNow.get();
    while (true) {
      Answer answer = keep(events, lanes, done);
      if (answer != Answer.ACCEPTED) {
        return answer;
      }
      List<Lane> now = lanesNow.get();
      if (now.equals(lanes)) {
        accept(events);
        return Answer.ACCEPTED;
      }
      // A sink that came while these were kept, perhaps in place of the only one, has them too.
      done = both(done, lanes);
      lanes = now;
    }
  }

  @Override
  public BegunOffer begin(List<PopEvent> events) {
    if (closed || events.isEmpty() || isSame(half.events(), events)) {
      return Intake.super.begin(events);
    }
    List<Lane> lanes = lanesNow.get();
    List<Door.Unforced> put = new ArrayList<>(lanes.size());
    for (Lane lane : lanes) {
      put.add(lane.door().put(events));
    }
    return new Begun(events, lanes, put);
  }

  /** Events that were put into lanes, and are not forced there. */
  private final class Begun implements BegunOffer {

    private final List<PopEvent> events;
    private final List<Lane> lanes;

    /** Of each lane in turn. */
    private final List<Door.Unforced> put;

    private final List<Lane> done;

    Begun(List<PopEvent> events, List<Lane> lanes, List<Door.Unforced> put) {
      this.events = events;
      this.lanes = lanes;
      this.put = put;
      this.done = new ArrayList<>(lanes.size());
    }

    @Override
    public boolean settle() {
      for (int i = 0; i < put.size(); i++) {
        if (put.get(i).force()) {
          done.add(lanes.get(i));
        }
      }
      if (done.size() < lanes.size() || !lanesNow.get().equals(lanes)) {
        return false;
      }
      accept(events);
      return true;
    }

    @Override
    public Answer finish() throws InterruptedException {
      return closed ? Answer.CLOSED : offer(events, done);
    }
  }

  private static List<Lane> both(List<Lane> some, List<Lane> others) {
    List<Lane> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }

  /** Has all these lanes keep events, save those that have done so. */
  private Answer keep(List<PopEvent> events, List<Lane> lanes, List<Lane> done)
      throws InterruptedException {
    List<Lane> full = null;
    for (Lane lane : lanes) {
      if (done.contains(lane)) {
        continue;
      }
      switch (lane.door().keep(events)) {
        case KEPT -> {}
        case CLOSED -> {
          return Answer.CLOSED;
        }
        case FULL -> {
          full = full == null ? new ArrayList<>(lanes.size()) : full;
          full.add(lane);
        }
      }
    }
    if (full != null) {
      Answer answer = waitForRoom(full, events);
      if (answer == Answer.FULL) {
        List<Lane> keptBy = both(done, lanes);
        keptBy.removeAll(full);
        half = new Half(List.copyOf(events), keptBy);
      }
      return answer;
    }
    return Answer.ACCEPTED;
  }

  /** Lets the full lanes wait for room; takes those out that found some. */
  private Answer waitForRoom(List<Lane> full, List<PopEvent> events) throws InterruptedException {
    long began = time.nanos();
    for (Lane lane : List.copyOf(full)) {
      switch (lane.door().keepOrWait(events, began)) {
        case KEPT -> full.remove(lane);
        case CLOSED -> {
          return Answer.CLOSED;
        }
        case FULL -> {}
      }
    }
    return full.isEmpty() ? Answer.ACCEPTED : Answer.FULL;
  }

  private List<Lane> keptBefore(List<PopEvent> events) {
    Half known = half;
    if (!isSame(known.events(), events)) {
      return List.of();
    }
    half = new Half(List.of(), List.of());
    return known.keptBy();
  }

  /** The very same events, not equal ones: equal events may well be played twice. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(List<PopEvent> one, List<PopEvent> other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (int i = 0; i < one.size(); i++) {
      if (one.get(i) != other.get(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Answer giveUp(List<PopEvent> events) {
    if (closed) {
      return Answer.CLOSED;
    }
    List<Lane> done = keptBefore(events);
    List<Lane> lanes = lanesNow.get();
    while (true) {
      for (Lane lane : lanes) {
        if (!done.contains(lane) && lane.door().keepSome(events) == Door.Keep.CLOSED) {
          return Answer.CLOSED;
        }
      }
      List<Lane> now = lanesNow.get();
      if (now.equals(lanes)) {
        accept(events);
        return Answer.ACCEPTED;
      }
      done = both(done, lanes);
      lanes = now;
    }
  }

  private void accept(List<PopEvent> events) {
    accepted.add(events.size());
    listeners.accepted(name, events);
    Instant now = time.now();
    int[] span = new int[2];
    for (PopEvent event : events) {
      if (PlayTime.isImplausible(event, now, span)) {
        implausible.increment();
        sayImplausible(event, now);
      }
    }
  }

  private void sayImplausible(PopEvent event, Instant now) {
    long count = implausibleSeldom.due();
    if (count > 0) {
      LOG.warn(
          "source {}: {} has the time {}, while this device has {}; one of the two clocks is"
              + " wrong; the event is kept as it was sent{}",
          name,
          event.length() > LONG ? "an event of " + event.length() + " bytes" : named(event),
          excerpt(String.valueOf(event.ts())),
          now.getEpochSecond(),
          count > 1 ? "; " + (count - 1) + " more since the last word" : "");
    }
  }

  private static String named(PopEvent event) {
    return "event " + excerpt(event.uuid());
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void refuse(RefusedLine line) {
    if (closed) {
      return;
    }
    synchronized (this) {
      refused.merge(line.reason(), 1L, Long::sum);
      refusedAt.put(line.reason(), time.nanos());
    }
    refusedLines.put(time.now(), name, line);
    long count = refusedSeldom.due();
    if (count > 0) {
      LOG.warn(
          "source {}: refused a line: {}, at byte {}, {} bytes: {}{}",
          name,
          line.reason().text(),
          line.offset(),
          line.length(),
          excerpt(new String(line.start(), StandardCharsets.ISO_8859_1)),
          count > 1 ? "; " + (count - 1) + " more since the last word" : "");
    }
    listeners.tell(listener -> listener.refused(name, line));
  }

  /** The beginning, for a log line, without what could disturb a terminal. */
  private static String excerpt(String text) {
    return text.substring(0, Math.min(text.length(), 60)).replaceAll("[^\\x20-\\x7e]", "?");
  }

  @Override
  public void repeated(int events) {
    repeated.add(events);
    if (repeatedSeldom.due() > 0) {
      LOG.info(
          "source {}: left out events that had come before, {} since the start",
          name,
          repeated.sum());
    }
  }

  @Override
  public void reusedId(int events) {
    reusedIds.add(events);
    synchronized (this) {
      reusedAt = OptionalLong.of(time.nanos());
    }
    if (reusedSeldom.due() > 0) {
      LOG.warn(
          "source {}: took events under a uuid that other events had before, {} since the start;"
              + " give every event a uuid of its own, for a backend may take one for the other",
          name,
          reusedIds.sum());
    }
  }

  @Override
  public byte[] recall() {
    byte[] ours = memory;
    if (ours != null) {
      // Another source of the same name, in the life of the same relay.
      return ours.clone();
    }
    try {
      return storage.recall(name);
    } catch (IOException e) {
      LOG.warn("source {}: what it left for this start cannot be read: {}", name, e.toString());
      return new byte[0];
    }
  }

  @Override
  public void remember(byte[] bytes) {
    memory = bytes.clone();
  }

  /** Keeps what the source wants to be remembered. For when all that was accepted is kept. */
  void keepMemory() {
    byte[] wanted = memory;
    if (wanted == null) {
      return;
    }
    try {
      storage.remember(name, wanted);
    } catch (IOException e) {
      LOG.warn(
          "source {}: what came last cannot be remembered ({}); events that the player repeats"
              + " after the next start may be delivered again",
          name,
          e.toString());
    }
  }

  @Override
  public void connected(String peer) {
    boolean away;
    Duration gap;
    synchronized (this) {
      away = !connected;
      gap = Duration.ofNanos(time.nanos() - awaySince);
      connected = true;
      everTold = true;
      sender = Optional.of(peer);
      problem = Optional.empty();
      since = time.now();
      connections++;
    }
    LOG.info(
        "source {}: connected to \"{}\"{}",
        name,
        excerpt(peer),
        // What it played meanwhile was told to nobody; whoever misses plays looks for this line.
        away ? " after " + Spans.text(gap) + " without it" : "");
    listeners.tell(listener -> listener.connected(name, peer));
    for (Lane lane : lanesNow.get()) {
      lane.signOfLife();
    }
  }

  @Override
  public void disconnected(String reason) {
    boolean change;
    boolean other;
    synchronized (this) {
      change = connected || !everTold;
      other = !change && !problem.equals(Optional.of(reason));
      if (change) {
        since = time.now();
      }
      if (connected) {
        awaySince = time.nanos();
      }
      connected = false;
      everTold = true;
      problem = Optional.of(reason);
    }
    if (closed) {
      // The relay's own end ended it, which is no trouble.
      LOG.debug("source {}: not connected: {}", name, reason);
    } else if (change || (other && problemSeldom.due() > 0)) {
      LOG.warn("source {}: not connected: {}", name, reason);
    }
    if (change) {
      listeners.tell(listener -> listener.disconnected(name, reason));
    }
  }

  void close() {
    closed = true;
  }

  synchronized SourceStats stats() {
    long now = time.nanos();
    Map<Refusal, Duration> lastRefused = new EnumMap<>(Refusal.class);
    refusedAt.forEach((reason, at) -> lastRefused.put(reason, Duration.ofNanos(now - at)));
    return new SourceStats(
        connected,
        sender,
        problem,
        since,
        connections,
        accepted.sum(),
        implausible.sum(),
        refused,
        lastRefused,
        repeated.sum(),
        reusedIds.sum(),
        reusedAt.isPresent()
            ? Optional.of(Duration.ofNanos(now - reusedAt.getAsLong()))
            : Optional.empty());
  }
}
