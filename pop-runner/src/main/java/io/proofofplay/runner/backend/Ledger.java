package io.proofofplay.runner.backend;

import io.proofofplay.core.model.PopEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a backend keeps, whether or not its port is open at the moment: which events it has, what it
 * answered to which key, and its counts.
 *
 * <p>Thread-safe: one batch at a time.
 */
public final class Ledger {

  /** Where kept events go. */
  public interface Output {

    /**
     * Keeps events. The batch is answered when this has returned.
     *
     * @param events at least one
     * @throws IOException if they could not be kept
     */
    void keep(List<PopEvent> events) throws IOException;
  }

  private final Output output;
  private final SeenEvents seen = new SeenEvents();
  private final Keys keys = new Keys();

  private long requests;
  private long taken;
  private long distinct;
  private long repeats;
  private long conflicts;
  private long reusedKeys;
  private IOException failure;

  /**
   * An empty ledger.
   *
   * @param output where kept events go
   */
  public Ledger(Output output) {
    this.output = output;
  }

  /**
   * What came of a batch.
   *
   * @param answer a line of JSON for the sender
   * @param reusedKey whether its key has stood for another body
   * @param conflicts its events with a known uuid and other bytes
   */
  record Entry(String answer, boolean reusedKey, List<PopEvent> conflicts) {}

  /** Notes an event that was kept in an earlier life. */
  synchronized void known(PopEvent event) {
    count(seen.add(event));
  }

  /** Counts a request, whatever becomes of it, and says the how manieth it is. */
  synchronized long request() {
    return ++requests;
  }

  /**
   * Takes a batch.
   *
   * @param key the idempotency key, if there is one
   * @param bodyHash a hash of the body
   * @param batch the events
   * @return what to answer
   * @throws IOException if the output failed, now or before; what is kept is not known any more
   */
  synchronized Entry take(Optional<String> key, byte[] bodyHash, List<PopEvent> batch)
      throws IOException {
    if (failure != null) {
      throw failure;
    }
    Optional<Keys.Use> use = key.flatMap(keys::find);
    if (use.isPresent() && use.get().isOf(bodyHash)) {
      taken++;
      repeats += use.get().events();
      notifyAll();
      return new Entry(use.get().answer(), false, List.of());
    }
    List<PopEvent> kept = new ArrayList<>(batch.size());
    List<PopEvent> conflicting = new ArrayList<>();
    for (PopEvent event : batch) {
      SeenEvents.Kind kind = seen.add(event);
      count(kind);
      if (kind != SeenEvents.Kind.REPEAT) {
        kept.add(event);
      }
      if (kind == SeenEvents.Kind.CONFLICT) {
        conflicting.add(event);
      }
    }
    if (!kept.isEmpty()) {
      keep(kept);
    }
    taken++;
    String answer =
        String.format(
            Locale.ROOT,
            "{\"events\":%d,\"new\":%d,\"repeats\":%d,\"conflicts\":%d}",
            batch.size(),
            kept.size() - conflicting.size(),
            batch.size() - kept.size(),
            conflicting.size());
    if (use.isPresent()) {
      reusedKeys++;
    } else {
      key.ifPresent(name -> keys.remember(name, new Keys.Use(bodyHash, batch.size(), answer)));
    }
    return new Entry(answer, use.isPresent(), List.copyOf(conflicting));
  }

  private void keep(List<PopEvent> kept) throws IOException {
    try {
      output.keep(kept);
    } catch (IOException e) {
      // They count as seen and may not be kept: nothing that is answered now would be true.
      failure = e;
      notifyAll();
      throw e;
    }
  }

  private void count(SeenEvents.Kind kind) {
    switch (kind) {
      case FIRST -> distinct++;
      case REPEAT -> repeats++;
      case CONFLICT -> conflicts++;
    }
  }

  /** Wakes whoever waits for events; called when a batch has been answered. */
  synchronized void answered() {
    notifyAll();
  }

  /**
   * Waits until so many distinct events are here and their batches answered.
   *
   * @param wanted how many
   * @throws InterruptedException if the thread was interrupted
   * @throws IOException if the output fails
   */
  synchronized void awaitDistinct(long wanted) throws InterruptedException, IOException {
    while (failure == null && distinct < wanted) {
      wait();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * The counts of one moment.
   *
   * @return the totals
   */
  public synchronized Totals totals() {
    return new Totals(
        requests, taken, distinct + repeats + conflicts, distinct, repeats, conflicts, reusedKeys);
  }
}
