package io.proofofplay.bench;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What is measured.
 *
 * @param name what the table calls it, but for who does it
 * @param kind what is done
 * @param by who does it
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
    By by,
    String durability,
    int sources,
    long waiting,
    long events,
    long warmup,
    String javaOpts) {

  /** Who does the work. */
  enum By {
    /** The packaged relay. */
    RELAY(""),
    /** The bare loop. */
    FLOOR("floor"),
    /**
     * The bare loop, which in a drain also keeps what the relay keeps: that a batch is done with is
     * forced to the disk as often, and what was delivered is written down as briefly.
     */
    KEEPING_FLOOR("keeping floor");

    private final String words;

    By(String words) {
      this.words = words;
    }

    /** What a row of it is called behind its name. */
    String suffix() {
      return words.isEmpty() ? "" : " (" + words + ")";
    }
  }

  /** The kinds of load. */
  enum Kind {
    /** Players say what they have as fast as it is delivered, and are {@link #ahead} of that. */
    FLOOD,
    /** Nobody says anything, and what waits is delivered. */
    DRAIN,
    /** Each player says ten events a second. */
    STEADY,
    /**
     * The same, behind events that wait already: each event that is counted was delivered, and one
     * was taken for it as long as the players keep pace; else what waits becomes less.
     */
    ON_TOP
  }

  /** Events in a batch, as shipped. */
  static final int BATCH = 500;

  /** How far players are ahead of what is delivered, however few they are: twenty batches. */
  private static final int AHEAD = 20 * BATCH;

  /** And if they are many, how far each of them is. */
  private static final int AHEAD_EACH = 20;

  /** The most that a player says at a time: half a batch. */
  private static final int CHUNK = BATCH / 2;

  /** How many sources say something steadily, and for how long before it counts. */
  private static final int STEADY_SOURCES = 1000;

  private static final int STEADY_WARMUP_SECONDS = 5;

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
      for (By by : List.of(By.RELAY, By.FLOOR)) {
        all.add(new Scenario(durability, Kind.FLOOD, by, durability, 1, 0, events, warmup, own));
      }
    }
    for (By by : By.values()) {
      all.add(drain("drain", by, warmup + events, plan));
    }
    all.add(steady(By.RELAY, plan));
    String large = "drain-" + brief(plan.backlog());
    for (By by : By.values()) {
      all.add(drain(large, by, plan.backlog(), plan));
    }
    return all;
  }

  /**
   * What shows how the cost of an event grows, each once. The floor is there for the most sources,
   * so that it can be seen how much of what they cost is the relay's; that of one is a row of its
   * own.
   */
  static List<Scenario> scale(Plan plan) {
    List<Scenario> all = new ArrayList<>();
    all.add(steady(By.FLOOR, plan));
    long events = plan.events();
    long warmup = plan.warmup();
    String own = plan.javaOpts();
    int most = Collections.max(plan.sources());
    for (int sources : plan.sources()) {
      boolean hasFloor = sources == most && sources > 1;
      for (By by : hasFloor ? List.of(By.RELAY, By.FLOOR) : List.of(By.RELAY)) {
        all.add(
            new Scenario(
                "sources-" + sources,
                Kind.FLOOD,
                by,
                "on-failure",
                sources,
                0,
                events,
                warmup,
                own));
      }
    }
    for (long waiting : plan.waiting()) {
      all.add(
          new Scenario(
              "waiting-" + waiting,
              Kind.ON_TOP,
              By.RELAY,
              "write-ahead",
              1,
              waiting,
              events,
              warmup,
              own));
    }
    return all;
  }

  private static Scenario steady(By by, Plan plan) {
    long eachSecond = (long) STEADY_SOURCES * RATE;
    return new Scenario(
        "steady",
        Kind.STEADY,
        by,
        "write-ahead",
        STEADY_SOURCES,
        0,
        eachSecond * plan.seconds(),
        eachSecond * STEADY_WARMUP_SECONDS,
        plan.javaOpts());
  }

  /** A drain of all that waits. */
  private static Scenario drain(String name, By by, long waiting, Plan plan) {
    long warmup = Math.min(plan.warmup(), waiting / 2 / BATCH * BATCH);
    return new Scenario(
        name,
        Kind.DRAIN,
        by,
        "write-ahead",
        1,
        waiting,
        waiting - warmup,
        warmup,
        (SMALL_HEAP + " " + plan.javaOpts()).strip());
  }

  private static String brief(long number) {
    return number % 1_000_000 == 0 ? number / 1_000_000 + "M" : Long.toString(number);
  }

  /**
   * How many of so many events each player says: as many as the others, and so that all together
   * make whole batches, because the last one would else wait for others.
   *
   * @param together how many are wanted of all together
   * @return that share, rounded up
   */
  long each(long together) {
    long step = BATCH / BigInteger.valueOf(BATCH).gcd(BigInteger.valueOf(sources)).longValue();
    long share = (together + sources - 1) / sources;
    return (share + step - 1) / step * step;
  }

  /**
   * How far all players together are ahead of what is delivered, so that there is always something
   * to receive and nothing gathers inside. Without an end they would be as far ahead as they can
   * receive, and what is counted would be the delivery of what had come before.
   */
  long ahead() {
    return Math.max(AHEAD, (long) AHEAD_EACH * sources);
  }

  /** How much a player says before it is the next one's turn: all together half of that. */
  int chunk() {
    return (int) Math.max(1, Math.min(CHUNK, ahead() / 2 / sources));
  }

  /** Whether it is not the relay that does it. */
  boolean isFloor() {
    return by != By.RELAY;
  }

  /** What the table calls it. */
  String title() {
    return name + by.suffix();
  }

  /** The least time between two batches that are not full. */
  String minInterval() {
    return kind == Kind.STEADY ? "100ms" : "1s";
  }
}
