package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.PopEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers the events of one chunk, to copy their bytes once: into one array, as long as they are
 * together, of which every event is a part.
 *
 * <p>Not thread-safe.
 */
final class EventChunk {

  private static final int FEW = 16;

  /** Offset and length of each event, in turn. */
  private int[] spans = new int[2 * FEW];

  private int count;
  private int bytes;

  void add(int offset, int length) {
    if (2 * count == spans.length) {
      spans = Arrays.copyOf(spans, 2 * spans.length);
    }
    spans[2 * count] = offset;
    spans[2 * count + 1] = length;
    count++;
    bytes += length;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  /** How many bytes the events have. */
  int bytes() {
    return bytes;
  }

  /** The events, copied out of the array in which they stand; the chunk is empty again. */
  List<PopEvent> take(byte[] array, String sender) {
    byte[] copy = new byte[bytes];
    List<PopEvent> events = new ArrayList<>(count);
    int at = 0;
    for (int i = 0; i < count; i++) {
      int length = spans[2 * i + 1];
      System.arraycopy(array, spans[2 * i], copy, at, length);
      events.add(PopEvent.scanned(copy, at, length, sender));
      at += length;
    }
    count = 0;
    bytes = 0;
    return events;
  }

  /** Gives memory back, before a wait that may be long. */
  void rest() {
    if (spans.length > 2 * FEW && count == 0) {
      spans = new int[2 * FEW];
    }
  }
}
