package io.proofofplay.runner.history;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.HistoryConfig;
import io.proofofplay.runner.config.RelayConfig;
import io.proofofplay.runner.history.ConnectionChange.What;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes down what was delivered, before it leaves the spool, and when sources came and went. One
 * write a batch into the system's cache, and no force: a power cut may take the last seconds of the
 * memory, and no event. Where the disk is nearly full it gives way to events: what was remembered
 * first goes, and the last room is not written to.
 *
 * <p>Thread-safe.
 */
public final class History implements RelayListener, AutoCloseable {

  /** In the spool's directory. No sink's folder can have a name with a dot at its beginning. */
  static final String FOLDER = ".history";

  static final String DELIVERED = "delivered";
  static final String CONNECTIONS = "connections";

  /** About what an event takes. */
  private static final int LINE = 128;

  /** What is kept for the next batch; more than that is had again when it is needed. */
  private static final int LARGEST_SPARE = 128 << 10;

  /** The part of the room that the comings and goings of sources get. */
  private static final int SHARE = 16;

  /** What the last batch was written into, for the next one; empty while it is in use. */
  private final AtomicReference<HistoryLine> spareLines = new AtomicReference<>();

  /** For each sink the lines of the batch that is on its way; whoever uses them takes them out. */
  private final Map<String, Prepared> prepared = new ConcurrentHashMap<>();

  /** The lines of a batch's events, before it is known what came of it. Not thread-safe. */
  private static final class Prepared {

    private final HistoryLine lines = new HistoryLine();
    private final BatchLines events = new BatchLines();
    private Batch batch;
  }

  private final TimeSource time;
  private final RollingLog delivered;
  private final RollingLog connections;
  private final HistoryView view;
  private final RoomWatch watch;

  /** What the last change of each source was, before the one that is being told. */
  private LastKnown known = new LastKnown();

  private boolean begun;
  private boolean earlierKnown;

  History(Path directory, HistoryConfig bounds, TimeSource time, Executor packer) {
    this(directory, bounds, DiskRoom.of(directory), time, packer);
  }

  History(Path directory, HistoryConfig bounds, DiskRoom disk, TimeSource time, Executor packer) {
    this.time = time;
    RoomForEvents room = new RoomForEvents(disk, time);
    Path folder = directory.resolve(FOLDER);
    long share = bounds.maxBytes().bytes() / SHARE;
    delivered =
        new RollingLog(
            folder,
            DELIVERED,
            bounds.maxBytes().bytes() - share,
            bounds.maxAge(),
            (now, most) -> new byte[0],
            room,
            time,
            packer);
    connections =
        new RollingLog(
            folder, CONNECTIONS, share, bounds.maxAge(), this::lastKnown, room, time, packer);
    view = new HistoryView(directory);
    // The comings and goings are little, and no time line is without them.
    watch = new RoomWatch(room, time, delivered::give, connections::give);
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

  /** Begins to look, on a thread of its own, whether events have room. */
  public void start() {
    Thread thread = new Thread(watch, "pop-history-room");
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends what {@link #start} began; what is heard is written down all the same. */
  @Override
  public void close() {
    watch.close();
  }

  /** Whoever looks whether events have room. */
  RoomWatch watch() {
    return watch;
  }

  @Override
  public void storage(String sink, Optional<String> trouble) {
    watch.trouble(sink, trouble.isPresent());
  }

  @Override
  public void submitting(String sink, Batch batch) {
    if (LINE * (long) batch.size() > LARGEST_SPARE) {
      return;
    }
    Prepared ours = prepared.remove(sink);
    if (ours == null) {
      ours = new Prepared();
    }
    if (ours.batch != batch) {
      ours.lines.clear();
      ours.events.add(ours.lines, batch);
      ours.batch = batch;
    }
    // Room is had by doubling: what is needed may take up to twice as much.
    if (ours.lines.length() <= 2 * LARGEST_SPARE) {
      prepared.put(sink, ours);
    }
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
    Prepared ready = prepared.remove(sink);
    if (ready != null && ready.batch == batch) {
      lines.put(ready.lines.bytes(), 0, ready.lines.length());
      // Its room is for the next one, and the batch for nobody.
      ready.batch = null;
      if (ready.lines.bytes().length <= LARGEST_SPARE) {
        prepared.put(sink, ready);
      }
    } else {
      new BatchLines().add(lines, batch);
    }
    delivered.append(lines.bytes(), lines.length(), batch.size());
    if (lines.bytes().length <= LARGEST_SPARE) {
      lines.clear();
      spareLines.set(lines);
    }
  }

  @Override
  public void connected(String source, String sender) {
    tell(What.CONNECTED, source, sender);
  }

  @Override
  public void disconnected(String source, String reason) {
    tell(What.DISCONNECTED, source, reason);
  }

  /**
   * How often something could not be written down since the start.
   *
   * @return so many batches and changes of connections
   */
  public long failures() {
    return delivered.failures() + connections.failures();
  }

  private synchronized void tell(What what, String source, String words) {
    recallEarlier();
    Instant now = time.now();
    List<ConnectionChange> changes = new ArrayList<>();
    if (!begun) {
      // Of a relay that was killed nobody could write when its connections ended.
      changes.add(new ConnectionChange(now, What.STARTED, "", ""));
      begun = true;
    }
    changes.add(new ConnectionChange(now, what, source, words));
    HistoryLine lines = new HistoryLine();
    changes.forEach(change -> LastKnown.write(lines, change));
    boolean written = connections.append(lines.bytes(), lines.length(), 1);
    changes.forEach(known::heard);
    if (written) {
      // What could not be written before stands at the beginning of it.
      known.startIsSaid();
    }
  }

  /** What an earlier life knew of its sources; tried again for as long as it cannot be read. */
  private void recallEarlier() {
    if (earlierKnown) {
      return;
    }
    LastKnown all = new LastKnown();
    try {
      view.lastConnections(all::heard);
      all.startIsSaid();
      earlierKnown = true;
    } catch (IOException | RuntimeException e) {
      // Whoever writes next says what is wrong with the folder.
      return;
    }
    known.changes().forEach(all::heard);
    known = all;
  }

  /** What a file of connections begins with: how the sources are, and an empty line behind it. */
  private byte[] lastKnown(Instant now, int mostBytes) {
    HistoryLine lines = known.lines(mostBytes);
    if (lines.length() == 0) {
      return new byte[0];
    }
    HistoryLine all = new HistoryLine();
    all.add("C", now.toString());
    all.put(lines.bytes(), 0, lines.length());
    all.put('\n');
    return Arrays.copyOf(all.bytes(), all.length());
  }
}
