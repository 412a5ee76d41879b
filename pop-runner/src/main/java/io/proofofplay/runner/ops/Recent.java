package io.proofofplay.runner.ops;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.Play;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last plays and the last answers, for whoever looks. What is kept is bounded in number and in
 * bytes; events are looked into only when somebody asks, because a flood of them must cost nothing
 * here.
 *
 * <p>Thread-safe.
 */
public final class Recent implements RelayListener {

  /** How many of each are kept. */
  static final int MOST = 20;

  /** A larger event is told by its size alone. */
  static final int LARGEST = 16 * 1024;

  private static final int LONGEST_TEXT = 200;

  /** An accepted event; without its bytes if it is large. */
  private record Taken(Instant at, String source, PopEvent event, int bytes) {}

  /**
   * A play, as far as its event says it.
   *
   * @param at when it was accepted, by the wall clock
   * @param source the source's name
   * @param uuid the event's id; empty if the event is too large to be looked into
   * @param asset the file that was played, else the asset's id
   * @param device the device's serial number, else its id
   * @param startedAt when playback began
   * @param duration how long it played
   * @param bytes the event's size
   */
  public record Shown(
      Instant at,
      String source,
      String uuid,
      Optional<String> asset,
      Optional<String> device,
      Optional<Instant> startedAt,
      Optional<Duration> duration,
      int bytes) {}

  /**
   * What an attempt to deliver came to.
   *
   * @param at when it ended, by the wall clock
   * @param verdict {@code delivered}, {@code later}, {@code held}, {@code too-large} or {@code
   *     rejected}
   * @param status the destination's own code; 0 if there was no answer
   * @param text what happened
   * @param events how many events were sent
   * @param took how long it took
   */
  public record Answered(
      Instant at, String verdict, int status, String text, int events, Duration took) {}

  private final TimeSource time;
  private final ArrayDeque<Taken> taken = new ArrayDeque<>(MOST);
  private final Map<String, ArrayDeque<Answered>> answered = new HashMap<>();

  /**
   * Nothing yet.
   *
   * @param time stamps what is heard
   */
  public Recent(TimeSource time) {
    this.time = time;
  }

  @Override
  public void accepted(String source, List<PopEvent> events) {
    Instant now = time.now();
    List<PopEvent> last = events.subList(Math.max(0, events.size() - MOST), events.size());
    synchronized (taken) {
      for (PopEvent event : last) {
        if (taken.size() == MOST) {
          taken.removeFirst();
        }
        taken.addLast(new Taken(now, source, kept(event), event.length()));
      }
    }
  }

  /** An event's array may hold a thousand others; then it is not kept itself. */
  private static PopEvent kept(PopEvent event) {
    if (event.length() > LARGEST) {
      return null;
    }
    return event.array().length == event.length()
        ? event
        : PopEvent.scanned(event.bytes(), 0, event.length(), null);
  }

  @Override
  public void submitted(String sink, Batch batch, SubmitResult result, Duration took) {
    Answered answer =
        new Answered(
            time.now(),
            Words.of(result),
            result.reason().status(),
            cut(result.reason().text()),
            batch.size(),
            took);
    synchronized (answered) {
      ArrayDeque<Answered> last = answered.computeIfAbsent(sink, name -> new ArrayDeque<>(MOST));
      if (last.size() == MOST) {
        last.removeFirst();
      }
      last.addLast(answer);
    }
  }

  /**
   * The last plays.
   *
   * @return the latest first
   */
  public List<Shown> plays() {
    List<Taken> copies;
    synchronized (taken) {
      copies = new ArrayList<>(taken);
    }
    Collections.reverse(copies);
    return copies.stream().map(Recent::shown).toList();
  }

  private static Shown shown(Taken taken) {
    if (taken.event() == null) {
      return new Shown(
          taken.at(),
          taken.source(),
          "",
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          taken.bytes());
    }
    Play play = taken.event().play();
    return new Shown(
        taken.at(),
        taken.source(),
        cut(taken.event().uuid()),
        play.asset().filename().or(play.asset()::id).map(Recent::cut),
        play.device().serial().or(play.device()::id).map(Recent::cut),
        play.startedAt(),
        play.duration(),
        taken.bytes());
  }

  /**
   * The last answers of each sink that got one.
   *
   * @return by the sink's name, the latest first
   */
  public Map<String, List<Answered>> answers() {
    Map<String, List<Answered>> copies = new HashMap<>();
    synchronized (answered) {
      answered.forEach(
          (sink, last) -> {
            List<Answered> copy = new ArrayList<>(last);
            Collections.reverse(copy);
            copies.put(sink, copy);
          });
    }
    return copies;
  }

  private static String cut(String text) {
    if (text.length() <= LONGEST_TEXT) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST_TEXT - 1)) ? 1 : 0;
    return text.substring(0, LONGEST_TEXT - end) + "…";
  }
}
