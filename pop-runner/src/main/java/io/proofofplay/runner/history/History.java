package io.proofofplay.runner.history;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.json.Members;
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
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

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

  /** What is remembered of an event; of the last ones, one for the device and one for the asset. */
  private static final Members MEMBERS =
      Members.of(
          "uuid", "ts", "duration", "device.id", "device.serial", "asset.id", "asset.filename");

  private static final int COUNT = MEMBERS.count();

  /** From here on two members are for one field. */
  private static final int FIRST_OF_TWO = 3;

  /** About what an event takes. */
  private static final int LINE = 128;

  /** What is kept for the next batch; more than that is had again when it is needed. */
  private static final int LARGEST_SPARE = 128 << 10;

  /** The part of the room that the comings and goings of sources get. */
  private static final int SHARE = 16;

  /** What the last batch was written into, for the next one; empty while it is in use. */
  private final AtomicReference<HistoryLine> spareLines = new AtomicReference<>();

  private final TimeSource time;
  private final RollingLog delivered;
  private final RollingLog connections;
  private boolean begun;

  History(Path directory, HistoryConfig bounds, TimeSource time, Executor packer) {
    this.time = time;
    Path folder = directory.resolve(FOLDER);
    long share = bounds.maxBytes().bytes() / SHARE;
    delivered =
        new RollingLog(
            folder, DELIVERED, bounds.maxBytes().bytes() - share, bounds.maxAge(), packer);
    connections = new RollingLog(folder, CONNECTIONS, share, bounds.maxAge(), packer);
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
                relay.spool().directory().toAbsolutePath().normalize(),
                relay.history(),
                time,
                packer()))
        : Optional.empty();
  }

  /** One thread, that ends when there is nothing to pack. */
  private static Executor packer() {
    ThreadPoolExecutor packer =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "pop-history");
              thread.setDaemon(true);
              return thread;
            });
    packer.allowCoreThreadTimeOut(true);
    return packer;
  }

  @Override
  public void submitted(String sink, Batch batch, SubmitResult result, Duration took) {
    if (!(result instanceof Delivered answer)) {
      return;
    }
    HistoryLine spare = spareLines.getAndSet(null);
    HistoryLine lines = spare == null ? new HistoryLine(LINE * (1 + batch.size())) : spare;
    lines.add(
        "B",
        time.now().toString(),
        sink,
        batch.id().toString(),
        "" + answer.reason().status(),
        "" + took.toMillis(),
        "" + batch.size());
    int[] spans = new int[2 * COUNT];
    for (PopEvent event : batch.events()) {
      if (!addAsItStands(lines, event, spans)) {
        add(lines, event);
      }
    }
    delivered.append(lines.bytes(), lines.length(), time.now());
    if (lines.bytes().length <= LARGEST_SPARE) {
      lines.clear();
      spareLines.set(lines);
    }
  }

  /** Copies what needs no change; {@code false}, with nothing added, if something does. */
  private static boolean addAsItStands(HistoryLine lines, PopEvent event, int[] spans) {
    if (event.length() > LARGEST
        || !JsonScanner.spans(event.array(), event.offset(), event.length(), MEMBERS, spans)) {
      return false;
    }
    // The id, which is the first, is written whole.
    for (int i = 3; i < spans.length; i += 2) {
      if (!HistoryLine.isShort(spans[i])) {
        return false;
      }
    }
    byte[] array = event.array();
    lines.put('E');
    for (int member = 0; member < COUNT; member++) {
      if (member >= FIRST_OF_TWO && spans[2 * member + 1] <= 0) {
        // The first of two has no text: the second one stands for it.
        member++;
      }
      lines.put('\t');
      if (spans[2 * member + 1] > 0) {
        lines.put(array, spans[2 * member], spans[2 * member + 1]);
      }
      if (member >= FIRST_OF_TWO && (member - FIRST_OF_TWO) % 2 == 0) {
        member++;
      }
    }
    lines.put('\n');
    return true;
  }

  private static void add(HistoryLine lines, PopEvent event) {
    if (event.length() > LARGEST) {
      JsonNumber ts = event.ts();
      lines.addEvent(event.uuid(), ts == null ? "" : ts.text(), "", "", "");
      return;
    }
    String[] texts = JsonScanner.texts(event.array(), event.offset(), event.length(), MEMBERS);
    lines.addEvent(
        texts[0], texts[1], texts[2], either(texts[3], texts[4]), either(texts[5], texts[6]));
  }

  private static String either(String one, String other) {
    return one == null || one.isEmpty() ? other : one;
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
    connections.append(line.bytes(), line.length(), time.now());
  }
}
