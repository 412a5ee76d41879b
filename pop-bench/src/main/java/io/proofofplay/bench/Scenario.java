package io.proofofplay.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What is measured.
 *
 * @param name what the table calls it
 * @param kind what is done
 * @param floor whether the bare loop does it, and not the relay
 * @param durability the sink's {@code spool.durability}
 * @param sources how many players there are
 * @param waiting how many events wait in the spool when it starts
 * @param events how many events are counted: from the players, or with {@link Kind#DRAIN} of those
 *     that wait; with {@link Kind#STEADY} for how many there is time
 * @param warmup how many go before those that are counted
 * @param javaOpts what is added to the shipped JVM flags
 */
record Scenario(
    String name,
    Kind kind,
    boolean floor,
    String durability,
    int sources,
    long waiting,
    long events,
    long warmup,
    String javaOpts) {

  /** The kinds of load. */
  enum Kind {
    /** Players say what they have as fast as it is taken. */
    FLOOD,
    /** Nobody says anything, and what waits is delivered. */
    DRAIN,
    /** Each player says ten events a second. */
    STEADY
  }

  /** Events in a batch, as shipped. */
  static final int BATCH = 500;

  /** The events a second of a player at a steady rate. */
  static final int RATE = 10;

  /** The heap in which a large backlog is drained. */
  private static final String SMALL_HEAP = "-Xmx64m";

  /** What is measured by this plan, each in turn with the floor. */
  static List<Scenario> of(Plan plan) {
    List<Scenario> all = new ArrayList<>();
    long events = plan.events();
    long warmup = plan.warmup();
    String own = plan.javaOpts();
    for (String durability : List.of("write-ahead", "on-failure")) {
      for (boolean floor : new boolean[] {false, true}) {
        all.add(new Scenario(durability, Kind.FLOOD, floor, durability, 1, 0, events, warmup, own));
      }
    }
    for (boolean floor : new boolean[] {false, true}) {
      all.add(
          new Scenario(
              "drain",
              Kind.DRAIN,
              floor,
              "write-ahead",
              1,
              warmup + events,
              events,
              warmup,
              (SMALL_HEAP + " " + own).strip()));
    }
    long steady = 1000L * RATE * plan.seconds();
    all.add(
        new Scenario(
            "steady", Kind.STEADY, false, "write-ahead", 1000, 0, steady, 1000L * RATE * 2, own));
    return all;
  }

  /** What shows how the cost of an event grows, each once. */
  static List<Scenario> scale(Plan plan) {
    List<Scenario> all = new ArrayList<>();
    long events = plan.events();
    long warmup = plan.warmup();
    String own = plan.javaOpts();
    for (int sources : plan.sources()) {
      all.add(
          new Scenario(
              "sources-" + sources,
              Kind.FLOOD,
              false,
              "on-failure",
              sources,
              0,
              events,
              warmup,
              own));
    }
    for (long waiting : plan.waiting()) {
      boolean empty = waiting == 0;
      all.add(
          new Scenario(
              "waiting-" + waiting,
              empty ? Kind.FLOOD : Kind.DRAIN,
              false,
              "write-ahead",
              1,
              waiting,
              empty ? events : Math.min(events, waiting * 4 / 5),
              empty ? warmup : Math.min(warmup, waiting / 5),
              own));
    }
    return all;
  }

  /** The least time between two batches that are not full. */
  String minInterval() {
    return kind == Kind.STEADY ? "100ms" : "1s";
  }
}
