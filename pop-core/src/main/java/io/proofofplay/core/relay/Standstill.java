package io.proofofplay.core.relay;

import java.util.List;

/**
 * A loop of the relay that has not come round for longer than all that it waits for may take:
 * nothing in the process will get it going again.
 *
 * @param thread the name of its thread, such as {@code pop-chores}
 * @param why since when and in what, for people
 * @param where what the thread is about, the innermost call first
 */
public record Standstill(String thread, String why, List<StackTraceElement> where) {

  /** Copies the calls. */
  public Standstill {
    where = List.copyOf(where);
  }

  static Standstill of(Thread thread, String why) {
    return new Standstill(thread.getName(), why, List.of(thread.getStackTrace()));
  }

  @Override
  public String toString() {
    return thread + " " + why;
  }
}
