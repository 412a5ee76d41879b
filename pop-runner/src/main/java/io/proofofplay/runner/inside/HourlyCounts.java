package io.proofofplay.runner.inside;

import io.proofofplay.runner.history.DeliveredEvent;
import io.proofofplay.runner.history.HistoryView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

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

  private static final Duration DAY = Duration.ofDays(1);

  /** The uuids of an hour, and the counts, while they are gathered. */
  private static final class Gathering {
    private final Set<String> uuids = new HashSet<>();
    private final SortedMap<String, SortedMap<String, Long>> counts = new TreeMap<>();

    void add(DeliveredEvent event) {
      if (uuids.add(event.uuid())) {
        counts
            .computeIfAbsent(event.device(), device -> new TreeMap<>())
            .merge(event.asset(), 1L, Long::sum);
      }
    }

    String digest() {
      byte[][] sorted =
          uuids.stream().map(uuid -> uuid.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
      Arrays.sort(sorted, Arrays::compareUnsigned);
      try {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        for (byte[] uuid : sorted) {
          sha.update(uuid);
          sha.update((byte) '\n');
        }
        return HexFormat.of().formatHex(sha.digest());
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java runtime has SHA-256", e);
      }
    }
  }

  /**
   * The hours of a window in which something was played, by sink and time. It reads the history
   * once for each day, so that a month needs no more memory than a day.
   */
  static List<HourlyCounts> of(HistoryView history, Set<String> sinks, Window window)
      throws IOException {
    SortedSet<Instant> days = new TreeSet<>();
    history.deliveries(
        event ->
            played(event, sinks, window)
                .ifPresent(moment -> days.add(moment.truncatedTo(ChronoUnit.DAYS))));
    SortedMap<String, List<HourlyCounts>> bySink = new TreeMap<>();
    for (Instant day : days) {
      Window one = new Window(day, day.plus(DAY));
      SortedMap<String, SortedMap<Instant, Gathering>> gathered = new TreeMap<>();
      history.deliveries(
          event ->
              played(event, sinks, window)
                  .filter(one::holds)
                  .ifPresent(
                      moment ->
                          gathered
                              .computeIfAbsent(event.sink(), sink -> new TreeMap<>())
                              .computeIfAbsent(
                                  moment.truncatedTo(ChronoUnit.HOURS), hour -> new Gathering())
                              .add(event)));
      gathered.forEach(
          (sink, hours) ->
              hours.forEach(
                  (hour, found) ->
                      bySink
                          .computeIfAbsent(sink, key -> new ArrayList<>())
                          .add(
                              new HourlyCounts(
                                  sink, hour, found.digest(), found.uuids.size(), found.counts))));
    }
    return bySink.values().stream().flatMap(List::stream).toList();
  }

  private static Optional<Instant> played(DeliveredEvent event, Set<String> sinks, Window window) {
    return sinks.contains(event.sink())
        ? Window.moment(event.ts()).filter(window::holds)
        : Optional.empty();
  }
}
