package io.proofofplay.testkit;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool.Append;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The events of one sink, as they outlive a spool that is closed. What was appended since the last
 * force is the tail of them; a power cut takes it away.
 *
 * <p>Thread-safe: every method holds this object's lock, also while the disk hangs, so that whoever
 * asks for its books waits as well.
 */
final class MemoryQueue {

  /** The room that a frame takes beside its event, about as much as on a disk. */
  private static final int FRAME_BYTES = 20;

  /** A sealed batch, or what is left of it. */
  private record Sealed(Batch batch, Instant begun) {}

  private final String life;
  private final MemoryDisk disk;
  private final Stall stall;
  private final TimeSource time;
  private final List<Sealed> sealed = new ArrayList<>();
  private List<PopEvent> open = new ArrayList<>();
  private long openBytes;
  private Instant openBegun;
  private long nextNumber;
  private long sealedEvents;
  private long sealedBytes;

  /** How many of the last events a power cut would take: all of them in the open batch. */
  private int unforced;

  private SpoolPolicy keeping = SpoolPolicy.defaults();
  private BatchPolicy batches = BatchPolicy.defaults();
  private boolean oneSender;
  private long appended;
  private long recovered;
  private long damaged;
  private long withdrawn;
  private int readAheads;

  MemoryQueue(String life, MemoryDisk disk, Stall stall, TimeSource time) {
    this.life = life;
    this.disk = disk;
    this.stall = stall;
    this.time = time;
  }

  /** Begins another life, with other limits. */
  synchronized void begin(SpoolPolicy newKeeping, BatchPolicy newBatches, boolean newOneSender) {
    keeping = newKeeping;
    batches = newBatches;
    oneSender = newOneSender;
    seal();
    appended = 0;
    damaged = 0;
    withdrawn = 0;
    recovered = events();
  }

  /** All is in memory: only that it was asked for is of interest. */
  synchronized void readAhead() {
    readAheads++;
  }

  synchronized int readAheads() {
    return readAheads;
  }

  /** Goes on with other limits. */
  synchronized void adopt(SpoolPolicy newKeeping, BatchPolicy newBatches, boolean newOneSender)
      throws IOException {
    stall.pass();
    if (disk.failsToForce()) {
      throw new IOException("the disk in memory fails to force");
    }
    seal();
    keeping = newKeeping;
    batches = newBatches;
    oneSender = newOneSender;
  }

  synchronized Append append(List<PopEvent> events) {
    if (events.isEmpty()) {
      throw new IllegalArgumentException("no events; at least one is right");
    }
    stall.pass();
    if (disk.isFull()) {
      return Append.NO_SPACE;
    }
    long room = keeping.maxBytes().bytes() - bytes();
    for (PopEvent event : events) {
      room -= event.length() + FRAME_BYTES;
    }
    if (room < 0) {
      return Append.FULL;
    }
    // Sealing forces, and a force that fails must leave none of these events behind.
    if (disk.failsToForce() && seals(events)) {
      return Append.NO_SPACE;
    }
    for (PopEvent event : events) {
      if (closesBefore(event)) {
        seal();
      }
      if (open.isEmpty()) {
        openBegun = time.now();
      }
      open.add(event);
      openBytes += event.length();
      unforced++;
      if (batches.isFull(open.size(), openBytes)) {
        seal();
      }
    }
    appended += events.size();
    return Append.KEPT;
  }

  private boolean closesBefore(PopEvent event) {
    return batches.closesBefore(open.size(), openBytes, event.length())
        || (oneSender && !open.isEmpty() && !open.get(0).sender().equals(event.sender()));
  }

  private boolean seals(List<PopEvent> events) {
    long bytes = openBytes;
    for (PopEvent event : events) {
      bytes += event.length();
    }
    boolean full = batches.isFull(open.size() + events.size(), bytes);
    return full || (oneSender && events.stream().anyMatch(this::closesBefore));
  }

  synchronized void force() throws IOException {
    stall.pass();
    if (!disk.failsToForce()) {
      unforced = 0;
      return;
    }
    if (keeping.durability() == Durability.WRITE_AHEAD) {
      withdrawn += unforced;
      cutUnforced();
    }
    throw new IOException("the disk in memory fails to force");
  }

  synchronized boolean roll() throws IOException {
    if (open.isEmpty()) {
      return false;
    }
    stall.pass();
    if (disk.failsToForce()) {
      throw new IOException("the disk in memory fails to force");
    }
    seal();
    return true;
  }

  private void seal() {
    if (!open.isEmpty()) {
      insert(sealed.size(), new Sealed(new Batch(BatchId.of(life, nextNumber++), open), openBegun));
      open = new ArrayList<>();
      openBytes = 0;
    }
    unforced = 0;
  }

  synchronized Optional<Batch> batch(int index) throws IOException {
    stall.pass();
    if (disk.failsToRead()) {
      throw new IOException("the disk in memory fails to read");
    }
    return index < sealed.size() ? Optional.of(sealed.get(index).batch()) : Optional.empty();
  }

  synchronized void remove(BatchId done) {
    stall.pass();
    Batch oldest = sealed.isEmpty() ? null : sealed.get(0).batch();
    if (oldest == null || !oldest.id().whole().equals(done.whole())) {
      throw new IllegalArgumentException(
          "batch " + done + " is not the oldest, which is " + oldest);
    }
    int size = oldest.size();
    int gone = done.isPart() ? done.to() - oldest.id().from() : size;
    boolean leading = done.isPart() ? done.from() == oldest.id().from() : !oldest.id().isPart();
    if (!leading || gone > size) {
      throw new IllegalArgumentException("part " + done + " does not begin " + oldest);
    }
    Instant begun = take(0).begun();
    if (gone < size) {
      insert(0, new Sealed(oldest.part(gone, size), begun));
    }
  }

  synchronized Optional<Batch> evict(Optional<BatchId> inFlight) throws IOException {
    int index = inFlight.isPresent() && isOldest(inFlight.get()) ? 1 : 0;
    if (index >= sealed.size() && !roll()) {
      return Optional.empty();
    }
    Optional<Batch> taken = batch(index);
    taken.ifPresent(batch -> take(index));
    return taken;
  }

  private boolean isOldest(BatchId id) {
    return !sealed.isEmpty() && sealed.get(0).batch().id().whole().equals(id.whole());
  }

  synchronized SpoolStats stats() {
    Optional<Instant> oldest = Optional.empty();
    if (!sealed.isEmpty()) {
      oldest = Optional.of(sealed.get(0).begun());
    } else if (!open.isEmpty()) {
      oldest = Optional.of(openBegun);
    }
    return new SpoolStats(
        events(),
        open.size(),
        openBytes,
        sealed.size(),
        bytes(),
        oldest,
        appended,
        recovered,
        damaged,
        withdrawn,
        keeping.durability() == Durability.WRITE_AHEAD ? unforced : 0,
        0);
  }

  synchronized List<PopEvent> waiting() {
    List<PopEvent> events = new ArrayList<>();
    for (Sealed one : sealed) {
      events.addAll(one.batch().events());
    }
    events.addAll(open);
    return events;
  }

  /** Forgets what a power cut would. */
  synchronized void cutUnforced() {
    List<PopEvent> lost = open.subList(open.size() - unforced, open.size());
    for (PopEvent event : lost) {
      openBytes -= event.length();
    }
    lost.clear();
    unforced = 0;
  }

  /** The oldest sealed batch turns out to be unreadable. */
  synchronized void damageOldest() {
    if (!sealed.isEmpty()) {
      damaged += take(0).batch().size();
    }
  }

  private void insert(int index, Sealed one) {
    sealed.add(index, one);
    sealedEvents += one.batch().size();
    sealedBytes += one.batch().bytes();
  }

  private Sealed take(int index) {
    Sealed one = sealed.remove(index);
    sealedEvents -= one.batch().size();
    sealedBytes -= one.batch().bytes();
    return one;
  }

  private long events() {
    return sealedEvents + open.size();
  }

  private long bytes() {
    return sealedBytes + openBytes + events() * FRAME_BYTES;
  }
}
