package io.proofofplay.source.infobeamer;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.json.JsonFault;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.BegunOffer;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One connection, from the player's banner to its end: banner, path, {@code ok!}, header, events.
 *
 * <p>Nothing is sent but the path: what follows it would reach the node's own code, which may fail
 * on it. One framer serves the whole connection, since {@code ok!}, header and events often arrive
 * in one segment.
 *
 * <p>Not thread-safe; used once.
 */
final class PlayerSession implements Lookout.Post {

  /** The bytes that are gathered, as long as they need no wait, for one offer. */
  static final int CHUNK_BYTES = 64 * 1024;

  /**
   * The most of them, where offers take long: what a force of the disk costs is then shared by
   * more. A buffer of 512 KiB holds it.
   */
  static final int LARGEST_CHUNK_BYTES = 448 * 1024;

  /** The most events of one offer: what is kept of each is more than the bytes of a tiny one. */
  static final int MOST_EVENTS = 4096;

  /** An offer that takes so long is a dear one: a disk was waited for. */
  static final long DEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** How long what comes is taken when the connection is to end, if all that had come has been. */
  static final long LONGEST_LAST_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** A line is in memory more than once while it grows and becomes an event. */
  private static final int LONGEST_LINE_OF_THE_HEAP = 8;

  /** What all sources of a process gather together: a part of its heap, 2 MiB of 32 MiB. */
  private static final int ALL_CHUNKS_BYTES =
      (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 16);

  /** What each of them may gather, however many they are. */
  private static final int LEAST_CHUNK_BYTES = 2 * 1024;

  /** The longest line up to the header; what is longer is no introduction. */
  private static final ByteSize INTRODUCTION = ByteSize.ofKiB(64);

  /** Both engines begin so: {@code Info Beamer PI 0.9 ...} and {@code Info Beamer 1.0 ...}. */
  private static final byte[] BANNER = "Info Beamer".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] OK = "ok!".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NOT_FOUND = "404".getBytes(StandardCharsets.US_ASCII);

  private static final String SENDER = "pop";

  private enum Arrival {
    LINE,
    TOO_LONG,
    SILENCE,
    /** It is long, and others' long lines have all the memory there is for such. */
    NO_ROOM,
    END
  }

  private final InfoBeamerConfig config;
  private final TimeSource time;
  private final PlayerConnection connection;
  private final Intake intake;
  private final Presence presence;
  private final RepeatWindow window;
  private final Lookout lookout;

  /** For the buffer of a long line and a copy of it: of the smaller one before, or of the event. */
  private final LineRoom.Turn turn;

  private final LineFramer framer;
  private final EventChunk chunk = new EventChunk();

  private String sender;
  private long introducedAt;
  private long lastLineAt;
  private boolean heardEvents;

  /** Whether it was seen that the connection is to end, and when that was. */
  private boolean isLeft;

  private long leftAt;

  /** What was begun to be offered, and what that came from; or null. */
  private BegunOffer begun;

  private RepeatWindow.Sifted begunFrom;

  /** What broke the connection while it was looked after, or null. */
  private IOException broken;

  /** A line that is no event, which whoever looked out has left to this source's own thread. */
  private RefusedLine refused;

  /** Whether the last read was as much as one takes. */
  private boolean wasFull;

  /** What the next offer may gather, as far as there is memory for it. */
  private int wantedBytes = CHUNK_BYTES;

  PlayerSession(
      String source,
      InfoBeamerConfig config,
      TimeSource time,
      PlayerConnection connection,
      Intake intake,
      Presence presence,
      RepeatWindow window,
      LineRoom room,
      Lookout lookout) {
    this.config = config;
    this.time = time;
    this.connection = connection;
    this.intake = intake;
    this.presence = presence;
    this.window = window;
    this.lookout = lookout;
    int longest = (int) longestLine(config, Runtime.getRuntime().maxMemory()).bytes();
    this.turn =
        room.turn(
            source, 2L * LineFramer.most(longest), time, connection::isLeft, intake::isClosed);
    this.framer = new LineFramer(longest, Crowd.PROCESS, turn);
  }

  /** The longest line: what is asked for, as far as a heap of so many bytes allows. */
  static ByteSize longestLine(InfoBeamerConfig config, long heap) {
    ByteSize most = new ByteSize(heap / LONGEST_LINE_OF_THE_HEAP);
    return config.maxLineBytes().compareTo(most) <= 0 ? config.maxLineBytes() : most;
  }

  /** Hears the player out. */
  Ending run() throws InterruptedException {
    try {
      return hear();
    } finally {
      framer.end();
    }
  }

  private Ending hear() throws InterruptedException {
    Optional<Ending> none = introduction();
    return none.isPresent() ? none.get() : events();
  }

  private Optional<Ending> introduction() {
    try {
      Optional<Ending> none = banner(deadline());
      if (none.isEmpty()) {
        connection.send((config.request() + "\n").getBytes(StandardCharsets.UTF_8));
        long deadline = deadline();
        none = answer(deadline);
        if (none.isEmpty()) {
          none = header(deadline);
        }
      }
      return none;
    } catch (IOException e) {
      return Optional.of(
          Ending.failed(
              "the connection broke before the player had introduced itself ("
                  + Wording.of(e)
                  + "); it may be starting or stopping"));
    }
  }

  private long deadline() {
    return time.nanos() + config.headerTimeout().toNanos();
  }

  private Optional<Ending> banner(long deadline) throws IOException {
    return switch (nextLine(deadline)) {
      case LINE -> startsWith(BANNER) ? Optional.empty() : foreign(line());
      case TOO_LONG -> foreign("a line without end");
      case SILENCE ->
          Optional.of(
              Ending.failed(
                  "accepted the connection, but sent no banner within "
                      + Wording.duration(config.headerTimeout())
                      + "; the player hangs, or it is another program: correct host and port"));
      case NO_ROOM -> noRoom();
      case END -> closedBefore("a banner");
    };
  }

  private static Optional<Ending> foreign(String what) {
    return Optional.of(
        Ending.unfit(
            "is no info-beamer player: it began with "
                + what
                + " where \"Info Beamer ...\" is right; correct host and port"));
  }

  private Optional<Ending> answer(long deadline) throws IOException {
    return switch (nextLine(deadline)) {
      case LINE -> {
        if (is(OK)) {
          yield Optional.empty();
        }
        yield Optional.of(
            Ending.unfit(
                is(NOT_FOUND)
                    ? "has no node "
                        + Wording.quote(config.path())
                        + " (it answered 404); correct path, start the package on the player, or"
                        + " set raw: "
                        + !config.raw()
                        + " for another kind of engine"
                    : answered(line())));
      }
      case TOO_LONG -> Optional.of(Ending.unfit(answered("a line without end")));
      case SILENCE ->
          Optional.of(
              Ending.failed(
                  "did not answer the path "
                      + Wording.quote(config.request())
                      + " within "
                      + Wording.duration(config.headerTimeout())
                      + "; the player hangs"));
      case NO_ROOM -> noRoom();
      case END -> closedBefore("an answer to the path " + Wording.quote(config.request()));
    };
  }

  private String answered(String what) {
    return "answered the path "
        + Wording.quote(config.request())
        + " with "
        + what
        + " where \"ok!\" is right; correct path";
  }

  private Optional<Ending> header(long deadline) throws IOException {
    return switch (nextLine(deadline)) {
      case LINE -> {
        Optional<JsonFault> fault =
            JsonScanner.faultOf(framer.array(), framer.offset(), framer.length());
        if (fault.isPresent()) {
          yield noHeader("its first line was " + line() + " (" + Wording.of(fault.get()) + ")");
        }
        Optional<String> name =
            JsonScanner.text(framer.array(), framer.offset(), framer.length(), SENDER);
        if (name.isEmpty()) {
          yield noHeader(
              "its first line was " + line() + " (" + Wording.of(JsonFault.MEMBER_MISSING) + ")");
        }
        introduced(name.get());
        yield Optional.empty();
      }
      case TOO_LONG ->
          noHeader(
              "its first line was longer than "
                  + (config.maxLineBytes().bytes() < INTRODUCTION.bytes()
                      ? "maxLineBytes, " + config.maxLineBytes()
                      : INTRODUCTION));
      case SILENCE ->
          noHeader("it sent no whole line within " + Wording.duration(config.headerTimeout()));
      case NO_ROOM -> noRoom();
      case END -> closedBefore("a header");
    };
  }

  private void introduced(String name) {
    introducedAt = time.nanos();
    lastLineAt = introducedAt;
    sender = name;
    presence.introduced(name);
  }

  /** A player without proof of play also says {@code ok!}, and then nothing or something else. */
  private Optional<Ending> noHeader(String what) {
    return Optional.of(
        Ending.unfit(
            "is a player without proof of play at "
                + Wording.quote(config.path())
                + ": "
                + what
                + " where {\"pop\":\"<name>\"} is right; give the player a package with proof of"
                + " play, or correct path"));
  }

  private static Optional<Ending> noRoom() {
    return Optional.of(
        Ending.failed(
            "began with a long line for which there was no memory in time, because long lines of"
                + " other sources take it; more heap has room for more (POP_JAVA_OPTS=-Xmx128m)"));
  }

  private static Optional<Ending> closedBefore(String what) {
    return Optional.of(
        Ending.failed(
            "closed the connection before " + what + "; the player may be starting or stopping"));
  }

  private Arrival nextLine(long deadline) throws IOException {
    while (!framer.next()) {
      if (framer.lacksRoom()) {
        return Arrival.NO_ROOM;
      }
      // One more than the longest may be its carriage return.
      if (framer.isSkipping() || framer.buffered() > INTRODUCTION.bytes() + 1) {
        return Arrival.TOO_LONG;
      }
      long left = deadline - time.nanos();
      if (left <= 0) {
        return Arrival.SILENCE;
      }
      if (framer.fillWithin(connection, left) < 0) {
        return Arrival.END;
      }
    }
    return framer.tooLong() == null && framer.length() <= INTRODUCTION.bytes()
        ? Arrival.LINE
        : Arrival.TOO_LONG;
  }

  private Ending events() throws InterruptedException {
    while (true) {
      if (!takeLines() || !beLookedAfter()) {
        return Ending.closed();
      }
      Optional<Ending> ending = receive();
      if (ending.isPresent()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        return takeLines() && takeTail() ? ending.get() : Ending.closed();
      }
    }
  }

  /**
   * Lets the lookout of all sources hear the player, as long as nothing is out of the ordinary;
   * says whether the intake is open.
   */
  private boolean beLookedAfter() throws InterruptedException {
    if (wasFull || !connection.canBeAttended() || !lookout.isOfUse()) {
      return true;
    }
    framer.rest();
    chunk.rest();
    if (!isOrdinary()) {
      return true;
    }
    lookout.lookAfter(connection, this, Math.max(0, patience()), time);
    if (begun != null) {
      RepeatWindow.Sifted sifted = begunFrom;
      BegunOffer unfinished = begun;
      begun = null;
      begunFrom = null;
      if (!conclude(unfinished.finish(), sifted)) {
        return false;
      }
      lastLineAt = time.nanos();
    }
    return takeLines();
  }

  private boolean isOrdinary() {
    return broken == null && !framer.hasTurn() && !framer.isSkipping() && !connection.isLeft();
  }

  @Override
  public Lookout.Look look() {
    int enough = enough();
    if (!isOrdinary() || framer.buffered() >= enough) {
      return Lookout.Look.OWN;
    }
    long before = framer.ended();
    try {
      int read = framer.fill(connection, 0, enough);
      wasFull = framer.isFull() || read == LineFramer.READ_BYTES;
      if (read < 0) {
        return Lookout.Look.OWN;
      }
    } catch (IOException e) {
      broken = e;
      return Lookout.Look.OWN;
    }
    if (!gatherLines(false)) {
      return Lookout.Look.OWN;
    }
    List<PopEvent> events = chunk.isEmpty() ? List.of() : chunk.take(framer.array(), sender);
    framer.rest();
    chunk.rest();
    if (!events.isEmpty()) {
      heardEvents = true;
      RepeatWindow.Sifted sifted = window.sift(events);
      if (!sifted.fresh().isEmpty()) {
        begunFrom = sifted;
        begun = intake.begin(sifted.fresh());
        return Lookout.Look.BEGUN;
      }
      taken(sifted);
    }
    if (framer.ended() != before) {
      lastLineAt = time.nanos();
    }
    return Lookout.Look.DONE;
  }

  @Override
  public boolean wasFull() {
    return wasFull;
  }

  @Override
  public boolean settle() {
    if (!begun.settle()) {
      return false;
    }
    taken(begunFrom);
    begun = null;
    begunFrom = null;
    lastLineAt = time.nanos();
    return true;
  }

  /** Waits for bytes, and takes those that are there; says how the connection ended, if it did. */
  private Optional<Ending> receive() {
    try {
      if (broken != null) {
        throw broken;
      }
      if (isLeftForLong()) {
        return ended("the relay has left it");
      }
      if (!connection.hasMore()) {
        framer.rest();
        chunk.rest();
      }
      long left = patience();
      // Whoever looks out may not have looked for as long as a disk takes.
      if (left <= 0 && !connection.hasMore()) {
        return Optional.of(
            new Ending(
                Ending.Outcome.QUIET,
                "sent no line for "
                    + Wording.duration(config.idleReconnect())
                    + "; connecting anew, because a node that was reloaded forgets its clients"));
      }
      int enough = enough();
      long wait = Math.max(1, left);
      int read = framer.fill(connection, wait, enough);
      while (read > 0 && framer.buffered() < enough && !framer.hasTurn() && connection.hasMore()) {
        read = framer.fill(connection, wait, enough);
      }
      wasFull = framer.buffered() >= enough;
      // The time that others hold us up is no silence of the player.
      lastLineAt += turn.waited();
      return read < 0
          ? ended("closed the connection; it stopped or was restarted")
          : Optional.empty();
    } catch (IOException e) {
      return ended("the connection broke (" + Wording.of(e) + ")");
    }
  }

  private int enough() {
    return Crowd.PROCESS.share(ALL_CHUNKS_BYTES, LEAST_CHUNK_BYTES, wantedBytes);
  }

  /**
   * A player that goes on must not hold up whoever comes in this source's place. What had come
   * before is taken, however long its offers last.
   */
  private boolean isLeftForLong() {
    if (connection.isLeft() && !isLeft) {
      isLeft = true;
      leftAt = time.nanos();
    }
    if (!isLeft) {
      return false;
    }
    // An offer would hear that the intake is closed; lines that are no events are not offered.
    return intake.isClosed() || (!connection.owes() && time.nanos() - leftAt >= LONGEST_LAST_NANOS);
  }

  private long patience() {
    return config.idleReconnect().isZero()
        ? Long.MAX_VALUE
        : config.idleReconnect().toNanos() - (time.nanos() - lastLineAt);
  }

  private Optional<Ending> ended(String reason) {
    long lasted = time.nanos() - introducedAt;
    Duration enough = heardEvents ? Reconnects.LASTING : Reconnects.LONGEST;
    if (lasted >= enough.toNanos()) {
      return Optional.of(new Ending(Ending.Outcome.LOST, reason));
    }
    return Optional.of(
        new Ending(heardEvents ? Ending.Outcome.BRIEF : Ending.Outcome.FAILED, reason));
  }

  /** Takes all lines that have ended; says whether the intake is open. */
  private boolean takeLines() throws InterruptedException {
    long before = framer.ended();
    if (refused != null) {
      intake.refuse(refused);
      refused = null;
      lastLineAt = time.nanos();
    }
    while (!gatherLines(true)) {
      if (!offer()) {
        return false;
      }
    }
    boolean open = offer();
    if (framer.ended() != before) {
      // Taken after the offer: the time that a full spool holds us up is no silence of the player.
      lastLineAt = time.nanos();
    }
    return open;
  }

  /**
   * Gathers the events of the lines that have ended; says whether those are all.
   *
   * @param isOwn whether this is the source's own thread: no other writes down what is refused
   */
  private boolean gatherLines(boolean isOwn) {
    while (chunk.count() < MOST_EVENTS) {
      boolean isEvent = framer.nextEvent();
      if (!isEvent && !framer.next()) {
        return true;
      }
      Optional<Refusal> refusal =
          isEvent || framer.tooLong() != null ? Optional.empty() : refusal();
      if (framer.tooLong() == null && refusal.isEmpty()) {
        chunk.add(framer.offset(), framer.length());
        continue;
      }
      refused = refusal.isPresent() ? framer.refused(refusal.get()) : framer.tooLong();
      if (!isOwn) {
        return false;
      }
      intake.refuse(refused);
      refused = null;
    }
    return false;
  }

  /** Takes what stands behind the last line end; it may have been cut off. */
  private boolean takeTail() throws InterruptedException {
    if (!framer.finish()) {
      return true;
    }
    if (framer.tooLong() != null) {
      intake.refuse(framer.tooLong());
    } else if (refusal().isPresent()) {
      intake.refuse(framer.refused(Refusal.TORN));
    } else {
      chunk.add(framer.offset(), framer.length());
    }
    return offer();
  }

  private Optional<Refusal> refusal() {
    return PopEvent.refusalOf(framer.array(), framer.offset(), framer.length());
  }

  /** Offers what was gathered; says whether the intake is open. */
  private boolean offer() throws InterruptedException {
    if (chunk.isEmpty()) {
      return true;
    }
    heardEvents = true;
    boolean isSmall = chunk.bytes() <= CHUNK_BYTES;
    List<PopEvent> events = chunk.take(framer.array(), sender);
    if (isSmall && framer.hasTurn()) {
      // As large as what anybody gathers: no reason to hold others up while it is offered.
      framer.rest();
    }
    RepeatWindow.Sifted sifted = window.sift(events);
    List<PopEvent> fresh = sifted.fresh();
    return conclude(fresh.isEmpty() ? Intake.Answer.ACCEPTED : offer(fresh), sifted);
  }

  /** Does what an answer asks for; says whether the intake is open. */
  private boolean conclude(Intake.Answer first, RepeatWindow.Sifted sifted) {
    // An offer has waited as the policy says; a player buffers without bound, so its socket is read
    // on, whatever becomes of these.
    Intake.Answer answer = first == Intake.Answer.FULL ? intake.giveUp(sifted.fresh()) : first;
    if (answer == Intake.Answer.CLOSED) {
      return false;
    }
    taken(sifted);
    return true;
  }

  private void taken(RepeatWindow.Sifted sifted) {
    // Only what was taken, or given up and booked, may make its repeats vanish.
    window.add(sifted);
    if (sifted.repeated() > 0) {
      intake.repeated(sifted.repeated());
    }
    if (sifted.reusedIds() > 0) {
      intake.reusedId(sifted.reusedIds());
    }
  }

  /** Offers, and learns from how long that takes how much to gather for the next one. */
  private Intake.Answer offer(List<PopEvent> events) throws InterruptedException {
    long began = time.nanos();
    turn.offered();
    Intake.Answer answer = intake.offer(events);
    wantedBytes =
        time.nanos() - began >= DEAR_NANOS
            ? Math.min(LARGEST_CHUNK_BYTES, 2 * wantedBytes)
            : Math.max(CHUNK_BYTES, wantedBytes / 2);
    return answer;
  }

  private boolean startsWith(byte[] beginning) {
    return framer.length() >= beginning.length && matches(beginning);
  }

  private boolean is(byte[] line) {
    return framer.length() == line.length && matches(line);
  }

  private boolean matches(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (framer.array()[framer.offset() + i] != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private String line() {
    return Wording.quote(framer.array(), framer.offset(), framer.length());
  }
}
