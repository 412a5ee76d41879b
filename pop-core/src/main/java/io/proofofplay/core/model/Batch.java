package io.proofofplay.core.model;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A run of events that is kept, sent and answered as one. Never empty.
 *
 * <p>Immutable and thread-safe.
 */
public final class Batch {

  private final BatchId id;
  private final List<PopEvent> events;
  private final int bytes;

  /**
   * A batch, or the part of one that is left.
   *
   * @param id its name; for a part, as many events as it spans
   * @param events at least one, in the order of their arrival
   */
  public Batch(BatchId id, List<PopEvent> events) {
    this.id = Objects.requireNonNull(id, "id");
    this.events = List.copyOf(events);
    if (events.isEmpty()) {
      throw new IllegalArgumentException("batch " + id + " has no events; at least one is right");
    }
    if (id.isPart() && id.to() - id.from() != events.size()) {
      throw new IllegalArgumentException("part " + id + " has " + events.size() + " events");
    }
    long sum = 0;
    for (PopEvent event : this.events) {
      sum += event.length();
    }
    bytes = Math.toIntExact(sum);
  }

  /**
   * The batch's name.
   *
   * @return the id
   */
  public BatchId id() {
    return id;
  }

  /**
   * The events in the order of their arrival.
   *
   * @return at least one
   */
  public List<PopEvent> events() {
    return events;
  }

  /**
   * The number of events.
   *
   * @return at least 1
   */
  public int size() {
    return events.size();
  }

  /**
   * The length of all events together, without anything between them.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * What the player called itself, if one and the same sent all of this.
   *
   * @return the sender, or empty if there are several or none is known
   */
  public Optional<String> sender() {
    Optional<String> first = events.get(0).sender();
    for (PopEvent event : events) {
      if (!event.sender().equals(first)) {
        return Optional.empty();
      }
    }
    return first;
  }

  /**
   * A part of this.
   *
   * @param first the index in {@link #events()} of the part's first event
   * @param behind the index behind its last one
   * @return the part under an id of its own; this batch itself if the part is all of it
   */
  public Batch part(int first, int behind) {
    Objects.checkFromToIndex(first, behind, events.size());
    if (first == 0 && behind == events.size()) {
      return this;
    }
    return new Batch(id.part(id.from() + first, id.from() + behind), events.subList(first, behind));
  }

  @Override
  public String toString() {
    return "Batch[" + id + ", " + events.size() + " events, " + bytes + " bytes]";
  }
}
