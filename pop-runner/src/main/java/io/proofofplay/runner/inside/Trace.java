package io.proofofplay.runner.inside;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One thing that is known of an event.
 *
 * @param is where it is, or what became of it
 * @param sink which sink's files tell it; empty for those of all
 * @param words it in words
 * @param details it for programs, in the order in which it is shown
 */
record Trace(Is is, String sink, String words, Map<String, Object> details) {

  /** Where an event may be. */
  enum Is {
    WAITING,
    DELIVERED,
    DEAD,
    DISCARDED,
    REJECTED,
    DROPPED,
    /** It may be one of several of which not all are named. */
    PERHAPS_DROPPED,
  }

  Trace {
    details = new LinkedHashMap<>(details);
  }
}
