package io.proofofplay.core.relay;

import io.proofofplay.core.model.Batch;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;

/**
 * The oldest batch on its way out: which of its events are done with, and in which parts the rest
 * is to be sent.
 *
 * <p>Invariants: the ranges of the plan are in order and cover every event that is not done; a
 * range that was tried stays as it is until it is done, split or found too large, because a retry
 * sends the same bytes under the same id.
 *
 * <p>Not thread-safe.
 */
final class Head {

  private final Batch batch;
  private final BitSet done;
  private final Deque<Range> plan = new ArrayDeque<>();
  private int removed;

  /** What was left of a range when a part was last cut from it. */
  private Range rest;

  private final Doubts doubts = new Doubts();

  Head(Batch batch, BitSet doneAhead) {
    this.batch = batch;
    done = (BitSet) doneAhead.clone();
    plan.push(new Range(0, batch.size()));
  }

  /** This as another destination sees it: what is done with stays so, and nothing is in doubt. */
  Head afresh() {
    Head same = new Head(batch, done);
    same.removed = removed;
    return same;
  }

  Batch batch() {
    return batch;
  }

  boolean isDone() {
    return done.nextClearBit(0) >= batch.size();
  }

  boolean isDone(int index) {
    return done.get(index);
  }

  /** How many of its events the spool still has. */
  int kept() {
    return batch.size() - removed;
  }

  /** How many events are done with but cannot be taken off the front of the spool yet. */
  int holes() {
    return done.cardinality() - removed;
  }

  /**
   * The next part in order, at most so many bytes, save a single larger event. What does not fit
   * into one part is divided into as few as possible, of about the same size.
   */
  Batch next(long limitBytes) {
    Range range = undone();
    int to = cut(range, limitBytes);
    if (to < range.to()) {
      plan.pop();
      rest = new Range(to, range.to());
      plan.push(rest);
      plan.push(new Range(range.from(), to));
      doubts.nextRange();
    }
    return batch.part(range.from(), to);
  }

  /**
   * The current range was too large: it is cut anew, together with the rest of what it was cut
   * from, so that no small parts come of it.
   */
  void recut() {
    Range tried = plan.pop();
    if (rest != null && rest.equals(plan.peek())) {
      plan.pop();
      plan.push(new Range(tried.from(), rest.to()));
      rest = null;
    } else {
      plan.push(tried);
    }
  }

  /** Where the first part of a range ends. */
  private int cut(Range range, long limitBytes) {
    int parts = parts(range, limitBytes);
    if (parts == 1) {
      return range.to();
    }
    // The least bound that needs no more parts makes them even.
    long tooSmall = 0;
    long enough = limitBytes;
    while (enough - tooSmall > 1) {
      long middle = tooSmall + (enough - tooSmall) / 2;
      if (parts(range, middle) == parts) {
        enough = middle;
      } else {
        tooSmall = middle;
      }
    }
    return endOfPart(range, range.from(), enough);
  }

  private int parts(Range range, long limitBytes) {
    if (limitBytes == SizeLimit.NONE) {
      return 1;
    }
    int parts = 0;
    for (int at = range.from(); at < range.to(); at = endOfPart(range, at, limitBytes)) {
      parts++;
    }
    return parts;
  }

  /** Where a part ends that begins here and is as large as the bound allows. */
  private int endOfPart(Range range, int from, long limitBytes) {
    int to = from + 1;
    long bytes = batch.events().get(from).length();
    while (to < range.to()) {
      bytes += batch.events().get(to).length();
      if (bytes > limitBytes) {
        break;
      }
      to++;
    }
    return to;
  }

  /** The first range of the plan, cut so that it holds nothing that is done. */
  private Range undone() {
    while (true) {
      Range range = plan.pop();
      int from = done.nextClearBit(range.from());
      if (from >= range.to()) {
        doubts.nextRange();
        continue;
      }
      int set = done.nextSetBit(from);
      int to = set < 0 || set > range.to() ? range.to() : set;
      if (to < range.to()) {
        plan.push(new Range(to, range.to()));
      }
      if (from == range.from() && to == range.to()) {
        plan.push(range);
        return range;
      }
      doubts.nextRange();
      Range left = new Range(from, to);
      plan.push(left);
      return left;
    }
  }

  /** What is in doubt about the current range. */
  Doubts doubts() {
    return doubts;
  }

  /** Splits the current range, which has more than one event, in the middle. */
  void split() {
    Range range = plan.pop();
    int middle = range.from() + range.size() / 2;
    plan.push(new Range(middle, range.to()));
    plan.push(new Range(range.from(), middle));
    doubts.nextRange();
  }

  /** Marks a part of this batch as done with. */
  void finish(Batch part) {
    int from = part.id().from() - batch.id().from();
    done.set(from, from + part.size());
    doubts.nextRange();
    if (plan.isEmpty() || isDone()) {
      return;
    }
    undone();
  }

  /** Marks an event as done with that was sent out of its turn. */
  void finishAhead(Batch part) {
    int from = part.id().from() - batch.id().from();
    done.set(from, from + part.size());
  }

  /** The part at the front that is done with and not yet taken off the spool. */
  Optional<Batch> finishedFront() {
    int behind = Math.min(done.nextClearBit(0), batch.size());
    if (behind == removed) {
      return Optional.empty();
    }
    Batch front = batch.part(removed, behind);
    removed = behind;
    return Optional.of(front);
  }

  /**
   * Another single event than the first one left.
   *
   * @param skip how many to pass over, round and round; 0 is the one that comes next in order
   */
  Optional<Batch> neighbour(int skip) {
    int candidates = batch.size() - done.cardinality() - 1;
    if (candidates < 1) {
      return Optional.empty();
    }
    int at = done.nextClearBit(done.nextClearBit(0) + 1);
    for (int i = skip % candidates; i > 0; i--) {
      at = done.nextClearBit(at + 1);
    }
    return Optional.of(batch.part(at, at + 1));
  }
}
