package io.proofofplay.core.json;

/**
 * Finds the same members in one object after another, which costs less where each looks like the
 * one before: as long, and different only within the values that are sought.
 *
 * <p>Such an object needs no look at its structure. What is no text's end, within a text, and a
 * digit, within a number, leads a reader from left to right to the same places as before.
 *
 * <p>Not thread-safe.
 */
public final class MemberFinder {

  private final Members members;
  private final Shape shape = new Shape();

  /** As the spans, from the beginning of the object on. */
  private final int[] places;

  /**
   * A finder that has seen no object yet.
   *
   * @param members what to look for
   */
  public MemberFinder(Members members) {
    this.members = members;
    places = new int[2 * members.count()];
  }

  /**
   * Where the texts of the members stand; all as in {@link JsonScanner#spans}.
   *
   * @param bytes holds an object in which {@link JsonScanner#faultOf} found no fault
   * @param offset where it begins
   * @param count its length in bytes
   * @param spans twice as long as the members are many: gets where each begins, and how long it is
   * @return {@code false} if the texts do not stand there as they are
   */
  public boolean find(byte[] bytes, int offset, int count, int[] spans) {
    if (count == shape.length() && shape.fits(bytes, offset)) {
      for (int i = 0; i < places.length; i += 2) {
        int found = places[i + 1];
        spans[i] = found < 0 ? places[i] : places[i] + offset;
        spans[i + 1] = found;
      }
      return true;
    }
    if (!JsonScanner.spans(bytes, offset, count, members, spans)) {
      return false;
    }
    if (count <= Shape.LONGEST) {
      remember(bytes, offset, count, spans);
    }
    return true;
  }

  private void remember(byte[] bytes, int offset, int count, int[] spans) {
    shape.remember(bytes, offset, count);
    int stop = 0;
    for (int i = 0; i < places.length; i += 2) {
      int found = spans[i + 1];
      places[i + 1] = found;
      if (found < 0) {
        places[i] = spans[i];
        // It may come behind all others, in the next one.
        stop = count;
        continue;
      }
      int from = spans[i] - offset;
      places[i] = from;
      shape.mayVary(from, found);
      // With what ends the value.
      stop = Math.max(stop, Math.min(count, from + found + 1));
    }
    shape.compareBefore(stop);
  }
}
