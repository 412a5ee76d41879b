package io.proofofplay.runner.history;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.runner.config.RelayConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Writes down what was delivered, before it leaves the spool, and when sources came and went. One
 * write a batch into the system's cache, and no force: a power cut may take the last seconds of the
 * memory, and no event.
 *
 * <p>Thread-safe.
 */
public final class History implements RelayListener {

  /** In the spool's directory. No sink's folder can have a name with a dot at its beginning. */
  static final String FOLDER = ".history";

  static final String DELIVERED = "delivered";
  static final String CONNECTIONS = "connections";

  /**
   * A larger event is remembered by its id and time alone: all members of one that was made to be
   * bad would not fit into the daemon's memory.
   */
  static final int LARGEST = 64 << 10;

  /** The part of the room that the comings and goings of sources get. */
  private static final int SHARE = 16;

  private final TimeSource time;
  private final RollingLog delivered;
  private final RollingLog connections;
  private boolean begun;

  History(Path directory, HistoryConfig bounds, TimeSource time) {
    this.time = time;
    Path folder = directory.resolve(FOLDER);
    long share = bounds.maxBytes().bytes() / SHARE;
    delivered =
        new RollingLog(folder, DELIVERED, bounds.maxBytes().bytes() - share, bounds.maxAge());
    connections = new RollingLog(folder, CONNECTIONS, share, bounds.maxAge());
  }

  /**
   * The history that a configuration asks for.
   *
   * @param relay the configuration
   * @param time stamps the entries
   * @return the history, which writes nothing before it hears something; empty if it is off
   */
  public static Optional<History> of(RelayConfig relay, TimeSource time) {
    return relay.history().isOn()
        ? Optional.of(
            new History(
                relay.spool().directory().toAbsolutePath().normalize(), relay.history(), time))
        : Optional.empty();
  }

  @Override
  public void submitted(String sink, Batch batch, SubmitResult result, Duration took) {
    if (!(result instanceof Delivered answer)) {
      return;
    }
    HistoryLine lines = new HistoryLine();
    lines.add(
        "B",
        time.now().toString(),
        sink,
        batch.id().toString(),
        "" + answer.reason().status(),
        "" + took.toMillis(),
        "" + batch.size());
    for (PopEvent event : batch.events()) {
      add(lines, event);
    }
    delivered.append(lines.bytes(), time.now());
  }

  private static void add(HistoryLine lines, PopEvent event) {
    if (event.length() > LARGEST) {
      JsonNumber ts = event.ts();
      lines.addEvent(event.uuid(), ts == null ? "" : ts.text(), "", "", "");
      return;
    }
    Map<String, Object> members = JsonScanner.read(event.array(), event.offset(), event.length());
    lines.addEvent(
        text(members.get("uuid")),
        text(members.get("ts")),
        text(members.get("duration")),
        either(members.get("device"), "id", "serial"),
        either(members.get("asset"), "id", "filename"));
  }

  private static String either(Object object, String one, String other) {
    if (!(object instanceof Map<?, ?> members)) {
      return "";
    }
    String first = text(members.get(one));
    return first.isEmpty() ? text(members.get(other)) : first;
  }

  private static String text(Object value) {
    if (value instanceof JsonNumber number) {
      return number.text();
    }
    return value instanceof String text ? text : "";
  }

  @Override
  public void connected(String source, String sender) {
    tell("C", source, sender);
  }

  @Override
  public void disconnected(String source, String reason) {
    tell("D", source, reason);
  }

  private synchronized void tell(String what, String source, String words) {
    HistoryLine line = new HistoryLine();
    String now = time.now().toString();
    if (!begun) {
      // Of a relay that was killed nobody could write when its connections ended.
      line.add("S", now);
      begun = true;
    }
    line.add(what, now, source, words);
    connections.append(line.bytes(), time.now());
  }
}
