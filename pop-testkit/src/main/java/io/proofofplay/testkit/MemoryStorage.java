package io.proofofplay.testkit;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.RefusedLines;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A storage in memory that keeps its promises, and breaks them when a test says so. It outlives
 * what is opened in it: closed and opened again, it still holds what it held, as a directory does.
 *
 * <p>What was not forced is known: {@link #kill()} forgets it, as a power cut does.
 *
 * <p>Thread-safe.
 */
public final class MemoryStorage implements Storage {

  /**
   * A refused line as it was kept.
   *
   * @param time when it came
   * @param source the source that sent it
   * @param line what it was
   */
  public record Refused(Instant time, String source, RefusedLine line) {}

  /** The dead letters of a sink, and what is asked about them. */
  private static final class MemoryLetters {
    private final List<DeadLetter> there = new CopyOnWriteArrayList<>();
    private final List<DeadLetter> discarded = new CopyOnWriteArrayList<>();
    private final Queue<DeadLetterRequest> requests = new ConcurrentLinkedQueue<>();
    private final List<String> answers = new CopyOnWriteArrayList<>();
  }

  private final TimeSource time;
  private final MemoryDisk disk = new MemoryDisk();
  private final Map<String, Stall> stalls = new ConcurrentHashMap<>();
  private final Map<String, MemoryQueue> queues = new TreeMap<>();
  private final Map<String, MemorySpool> spools = new TreeMap<>();
  private final Map<String, MemoryLetters> dead = new TreeMap<>();
  private final Map<String, List<Drop>> drops = new TreeMap<>();
  private final Map<String, byte[]> memories = new TreeMap<>();
  private final List<Refused> refused = new CopyOnWriteArrayList<>();
  private String unusable = "";
  private String ledgersUnusable = "";

  /**
   * An empty storage.
   *
   * @param time stamps the batches
   */
  public MemoryStorage(TimeSource time) {
    this.time = time;
  }

  @Override
  public synchronized Spool openSpool(
      String sink, SpoolPolicy keeping, BatchPolicy batches, boolean oneSender) throws IOException {
    expectUsable();
    MemorySpool before = spools.get(sink);
    if (before != null && before.isLive()) {
      throw new StorageInUse("the spool of sink " + sink + " is open; close it first");
    }
    MemoryQueue queue = queue(sink);
    queue.begin(keeping, batches, oneSender);
    MemorySpool spool = new MemorySpool(queue);
    spools.put(sink, spool);
    return spool;
  }

  @Override
  public synchronized DeadLetters openDeadLetters(String sink) throws IOException {
    expectUsable();
    MemoryLetters letters = letters(sink);
    return new DeadLetters() {
      @Override
      public void put(DeadLetter letter) throws IOException {
        expectForce();
        letters.there.add(letter);
      }

      @Override
      public long takeOut(Taker taker) throws IOException {
        List<DeadLetter> taken = new ArrayList<>();
        for (DeadLetter letter : letters.there) {
          if (taker.take(letter)) {
            taken.add(letter);
          }
        }
        expectForce();
        taker.keep();
        letters.there.removeAll(taken);
        return taken.size();
      }

      @Override
      public long discard(Instant when, Predicate<DeadLetter> which) throws IOException {
        expectForce();
        List<DeadLetter> gone = letters.there.stream().filter(which).toList();
        letters.discarded.addAll(gone);
        letters.there.removeAll(gone);
        return gone.size();
      }

      @Override
      public long kept() {
        return letters.there.size();
      }

      @Override
      public Optional<DeadLetterRequest> request() {
        return Optional.ofNullable(letters.requests.poll());
      }

      @Override
      public void answer(DeadLetterRequest request, long done, String problem) {
        letters.answers.add(request.id() + ": " + done + (problem.isEmpty() ? "" : ", " + problem));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized DropLedger openDropLedger(String sink) throws IOException {
    expectUsable();
    if (!ledgersUnusable.isEmpty()) {
      throw new IOException(ledgersUnusable);
    }
    List<Drop> entries = drops.computeIfAbsent(sink, any -> new CopyOnWriteArrayList<>());
    return new DropLedger() {
      @Override
      public void record(Drop drop) throws IOException {
        expectForce();
        entries.add(drop);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized RefusedLines openRefusedLines() throws IOException {
    expectUsable();
    return new RefusedLines() {
      @Override
      public void put(Instant when, String source, RefusedLine line) {
        if (!disk.failsToForce()) {
          refused.add(new Refused(when, source, line));
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized byte[] recall(String source) throws IOException {
    expectUsable();
    return memories.getOrDefault(source, new byte[0]).clone();
  }

  @Override
  public synchronized void remember(String source, byte[] memory) throws IOException {
    expectUsable();
    expectForce();
    memories.put(source, memory.clone());
  }

  @Override
  public boolean couldKeep(String sink, int bytes) {
    return !disk.isFull() && !disk.failsToForce();
  }

  @Override
  public synchronized Set<String> sinks() throws IOException {
    expectUsable();
    Set<String> names = new TreeSet<>(queues.keySet());
    names.addAll(dead.keySet());
    names.addAll(drops.keySet());
    return names;
  }

  /**
   * Lets go of the storage. It can be used again at once.
   *
   * @throws IllegalStateException if a spool in it is still open; the port forbids that
   */
  @Override
  public synchronized void close() {
    spools.forEach(
        (sink, spool) -> {
          if (spool.isLive()) {
            throw new IllegalStateException(
                "the storage is closed while the spool of sink " + sink + " is open");
          }
        });
  }

  /** The power fails: every open spool is dead, and what was not forced is gone. */
  public synchronized void kill() {
    spools.values().forEach(MemorySpool::cutOff);
  }

  /** From now on spools answer {@code NO_SPACE}. Side files have a reserve and go on. */
  public void fill() {
    disk.fill();
  }

  /** From now on nothing can be forced: syncs, dead letters and drop ledgers throw. */
  public void failForces() {
    disk.failForces();
  }

  /** From now on no batch can be read. */
  public void failReads() {
    disk.failReads();
  }

  /** The disk is well again. */
  public void repair() {
    disk.repair();
  }

  /**
   * From now on no call to the spool of a sink returns that has to do with the disk, and nobody
   * learns its books.
   *
   * @param sink the sink's name
   */
  public void hang(String sink) {
    stall(sink).begin();
  }

  /**
   * Waits until a call to the spool of a sink hangs.
   *
   * @param sink the sink's name
   * @throws AssertionError if there is none for a generous time
   * @throws InterruptedException if the thread is interrupted
   */
  public void awaitHanging(String sink) throws InterruptedException {
    stall(sink).awaitHeld();
  }

  /**
   * What hangs goes on.
   *
   * @param sink the sink's name
   */
  public void goOn(String sink) {
    stall(sink).end();
  }

  private Stall stall(String sink) {
    return stalls.computeIfAbsent(sink, any -> new Stall());
  }

  /**
   * From now on nothing can be opened.
   *
   * @param message what the exception says; empty makes it usable again
   */
  public synchronized void refuseToOpen(String message) {
    unusable = message;
  }

  /**
   * From now on no drop ledger can be opened, while all else can.
   *
   * @param message what the exception says; empty makes it possible again
   */
  public synchronized void refuseToOpenLedgers(String message) {
    ledgersUnusable = message;
  }

  /**
   * The oldest sealed batch of a sink turns out to be unreadable; the spool counts it as damaged.
   *
   * @param sink the sink's name
   */
  public synchronized void damageOldest(String sink) {
    queue(sink).damageOldest();
  }

  /**
   * What waits for a sink.
   *
   * @param sink the sink's name
   * @return a copy, oldest first, those of the open batch included
   */
  public synchronized List<PopEvent> waiting(String sink) {
    return queue(sink).waiting();
  }

  /**
   * The books of a sink's spool, whether or not it is open.
   *
   * @param sink the sink's name
   * @return its stats
   */
  public synchronized SpoolStats stats(String sink) {
    return queue(sink).stats();
  }

  /**
   * How often a sink's spool was asked to read ahead.
   *
   * @param sink the sink's name
   * @return the number since this storage was made
   */
  public synchronized int readAheads(String sink) {
    return queue(sink).readAheads();
  }

  /**
   * The dead letters of a sink.
   *
   * @param sink the sink's name
   * @return a copy, in order
   */
  public synchronized List<DeadLetter> dead(String sink) {
    return List.copyOf(letters(sink).there);
  }

  /**
   * The dead letters of a sink that were discarded.
   *
   * @param sink the sink's name
   * @return a copy, in order
   */
  public synchronized List<DeadLetter> discarded(String sink) {
    return List.copyOf(letters(sink).discarded);
  }

  /**
   * Leaves a request about dead letters, as an operator does.
   *
   * @param sink the sink's name
   * @param request what is asked for
   */
  public synchronized void ask(String sink, DeadLetterRequest request) {
    letters(sink).requests.add(request);
  }

  /**
   * What the relay has answered to requests about dead letters.
   *
   * @param sink the sink's name
   * @return a copy, in order: the request's id, a colon, how many were done, and the problem
   */
  public synchronized List<String> answers(String sink) {
    return List.copyOf(letters(sink).answers);
  }

  private MemoryLetters letters(String sink) {
    return dead.computeIfAbsent(sink, any -> new MemoryLetters());
  }

  /**
   * The drop ledger of a sink.
   *
   * @param sink the sink's name
   * @return a copy, in order
   */
  public synchronized List<Drop> drops(String sink) {
    return List.copyOf(drops.getOrDefault(sink, new ArrayList<>()));
  }

  /**
   * The refused lines.
   *
   * @return a copy, in order
   */
  public List<Refused> refused() {
    return List.copyOf(refused);
  }

  private MemoryQueue queue(String sink) {
    return queues.computeIfAbsent(
        sink, any -> new MemoryQueue("memory" + queues.size(), disk, stall(sink), time));
  }

  private void expectUsable() throws IOException {
    if (!unusable.isEmpty()) {
      throw new IOException(unusable);
    }
  }

  private void expectForce() throws IOException {
    if (disk.failsToForce()) {
      throw new IOException("the disk in memory fails to force");
    }
  }
}
