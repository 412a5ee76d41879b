package io.proofofplay.runner.inside;

import io.proofofplay.runner.history.DeliveredEvent;
import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * What was delivered to a sink in one hour of play: how often on which device and with which asset,
 * each event once, and a digest that the backend can compute from its own events.
 *
 * @param sink the sink
 * @param hour the beginning of the hour, by the events' own {@code ts}
 * @param digest SHA-256, in hexadecimal, over the distinct uuids in the order of their UTF-8 bytes,
 *     a line feed behind each
 * @param plays how many distinct uuids
 * @param counts plays by device and asset
 */
record HourlyCounts(
    String sink,
    Instant hour,
    String digest,
    long plays,
    SortedMap<String, SortedMap<String, Long>> counts) {

  /** What a uuid takes while it is compared with the others of its hour, beside its length. */
  private static final long OVERHEAD = 160;

  /** The part of the heap that those may take which are compared at the same time. */
  private static final int PART = 3;

  private static final int SAMPLE = 256;

  /** One sink's hour. */
  private record Hour(String sink, Instant begin) implements Comparable<Hour> {

    @Override
    public int compareTo(Hour other) {
      int bySink = sink.compareTo(other.sink);
      return bySink != 0 ? bySink : begin.compareTo(other.begin);
    }
  }

  /**
   * What is compared at the same time: hours that follow each other, or those uuids of one hour
   * that lie between two.
   */
  private static final class Portion {
    private final Hour first;
    private final Hour last;

    /** The first uuid, as bytes; {@code null} for no bound. */
    private final byte[] from;

    /** The uuid behind the last one, as bytes; {@code null} for no bound. */
    private final byte[] to;

    Portion(Hour first, Hour last, byte[] from, byte[] to) {
      this.first = first;
      this.last = last;
      this.from = from;
      this.to = to;
    }

    boolean holds(Hour hour, String uuid) {
      if (hour.compareTo(first) < 0 || hour.compareTo(last) > 0) {
        return false;
      }
      if (from == null && to == null) {
        return true;
      }
      byte[] bytes = uuid.getBytes(StandardCharsets.UTF_8);
      return (from == null || Arrays.compareUnsigned(bytes, from) >= 0)
          && (to == null || Arrays.compareUnsigned(bytes, to) < 0);
    }
  }

  /**
   * Reads again what was read, and nothing behind it. The end of it is a place and no time: by a
   * clock that was ahead, what was delivered yesterday was delivered tomorrow.
   *
   * @param read how many deliveries that is
   */
  private record Again(HistoryView history, long read) {

    void deliveries(Consumer<DeliveredEvent> reader) throws IOException {
      long[] left = {read};
      history.deliveries(
          event -> {
            if (left[0]-- > 0) {
              reader.accept(event);
            }
          });
    }
  }

  /** The counts of an hour and its digest so far, while they are gathered. */
  private static final class Gathering {
    private final Set<String> uuids = new HashSet<>();
    private final SortedMap<String, SortedMap<String, Long>> counts = new TreeMap<>();
    private final MessageDigest sha;
    private long plays;

    Gathering() {
      try {
        sha = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java runtime has SHA-256", e);
      }
    }

    void add(DeliveredEvent event) {
      if (uuids.add(event.uuid())) {
        counts
            .computeIfAbsent(event.device(), device -> new TreeMap<>())
            .merge(event.asset(), 1L, Long::sum);
      }
    }

    /** Those of a portion are known; all that follow are behind them. */
    void close() {
      byte[][] sorted =
          uuids.stream().map(uuid -> uuid.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
      plays += sorted.length;
      uuids.clear();
      Arrays.sort(sorted, Arrays::compareUnsigned);
      for (byte[] uuid : sorted) {
        sha.update(uuid);
        sha.update((byte) '\n');
      }
    }

    HourlyCounts counts(Hour hour) {
      return new HourlyCounts(
          hour.sink(), hour.begin(), HexFormat.of().formatHex(sha.digest()), plays, counts);
    }
  }

  /**
   * The hours of a window in which something was played, by sink and time. It reads the history as
   * often as it takes for the uuids that are compared at the same time to fit into the heap. What
   * is delivered behind the end of the first reading is left out: that one would not know of it.
   *
   * @param readings is told how often the history is read from now on, once that is known
   * @throws IOException if the history cannot be read
   */
  static List<HourlyCounts> of(
      HistoryView history, Set<String> sinks, Window window, IntConsumer readings)
      throws IOException {
    return of(history, sinks, window, readings, Runtime.getRuntime().maxMemory() / PART);
  }

  /**
   * The same with a bound of one's own.
   *
   * @param atOnce how many bytes those uuids may take, about
   */
  static List<HourlyCounts> of(
      HistoryView history, Set<String> sinks, Window window, IntConsumer readings, long atOnce)
      throws IOException {
    Function<DeliveredEvent, Optional<Hour>> hourOf = event -> hour(event, sinks, window);
    SortedMap<Hour, Long> weights = new TreeMap<>();
    long[] deliveries = {0};
    history.deliveries(
        event -> {
          deliveries[0]++;
          hourOf
              .apply(event)
              .ifPresent(hour -> weights.merge(hour, weight(event.uuid()), Long::sum));
        });
    Again again = new Again(history, deliveries[0]);
    SortedMap<Hour, Gathering> hours = new TreeMap<>();
    List<Portion> portions = portions(again, hourOf, weights, atOnce);
    readings.accept(portions.size());
    for (Portion portion : portions) {
      again.deliveries(
          event ->
              hourOf
                  .apply(event)
                  .filter(hour -> portion.holds(hour, event.uuid()))
                  .ifPresent(
                      hour -> hours.computeIfAbsent(hour, key -> new Gathering()).add(event)));
      hours.subMap(portion.first, portion.last).values().forEach(Gathering::close);
      Optional.ofNullable(hours.get(portion.last)).ifPresent(Gathering::close);
    }
    List<HourlyCounts> counts = new ArrayList<>();
    hours.forEach((hour, gathered) -> counts.add(gathered.counts(hour)));
    return counts;
  }

  private static long weight(String uuid) {
    return OVERHEAD + uuid.length();
  }

  private static List<Portion> portions(
      Again again,
      Function<DeliveredEvent, Optional<Hour>> hourOf,
      SortedMap<Hour, Long> weights,
      long atOnce)
      throws IOException {
    List<Portion> portions = new ArrayList<>();
    Hour first = null;
    Hour last = null;
    long together = 0;
    for (Map.Entry<Hour, Long> hour : weights.entrySet()) {
      if (first != null && together + hour.getValue() > atOnce) {
        portions.add(new Portion(first, last, null, null));
        first = null;
        together = 0;
      }
      if (hour.getValue() > atOnce) {
        portions.addAll(parts(again, hourOf, hour.getKey(), hour.getValue(), atOnce));
      } else {
        first = first == null ? hour.getKey() : first;
        last = hour.getKey();
        together += hour.getValue();
      }
    }
    if (first != null) {
      portions.add(new Portion(first, last, null, null));
    }
    return portions;
  }

  /** Cuts an hour where a sample of its uuids says that the parts are about equal. */
  private static List<Portion> parts(
      Again again,
      Function<DeliveredEvent, Optional<Hour>> hourOf,
      Hour hour,
      long weight,
      long atOnce)
      throws IOException {
    List<String> sample = new ArrayList<>();
    Random random = new Random(SAMPLE);
    long[] seen = {0};
    again.deliveries(
        event -> {
          if (hourOf.apply(event).filter(hour::equals).isPresent()) {
            long place = seen[0]++ < SAMPLE ? sample.size() : random.nextLong(seen[0]);
            if (place == sample.size()) {
              sample.add(event.uuid());
            } else if (place < SAMPLE) {
              sample.set((int) place, event.uuid());
            }
          }
        });
    byte[][] sorted =
        sample.stream().map(uuid -> uuid.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    Arrays.sort(sorted, Arrays::compareUnsigned);
    int parts = (int) Math.min(sorted.length, weight / atOnce + 1);
    List<Portion> portions = new ArrayList<>();
    byte[] from = null;
    for (int part = 1; part < parts; part++) {
      byte[] to = sorted[part * sorted.length / parts];
      portions.add(new Portion(hour, hour, from, to));
      from = to;
    }
    portions.add(new Portion(hour, hour, from, null));
    return portions;
  }

  private static Optional<Hour> hour(DeliveredEvent event, Set<String> sinks, Window window) {
    return sinks.contains(event.sink())
        ? Window.moment(event.ts())
            .filter(window::holds)
            .map(moment -> new Hour(event.sink(), moment.truncatedTo(ChronoUnit.HOURS)))
        : Optional.empty();
  }
}
