package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import io.proofofplay.core.spi.BegunOffer;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import io.proofofplay.testkit.TallyRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random sequences of everything that may happen to the engine, against a model that knows nothing
 * of how it works: which events were accepted, and what the destination has seen. A failure names
 * its seed and tells the sequence; {@code pop.engine.sequences} sets how many are tried, and {@code
 * pop.seed} which one is the first.
 */
class EngineModelTest {

  private static final long SEQUENCES =
      Long.getLong("pop.engine.sequences", Boolean.getBoolean("pop.torture") ? 100_000 : 800);

  /**
   * The same sequences in each build, so that a build tells about the change and not about its
   * luck; others each time with the long runs, which are there to find what nobody has met yet.
   */
  private static final long FIRST =
      Long.getLong("pop.seed", Boolean.getBoolean("pop.torture") ? System.nanoTime() : 0);

  private static final List<PopEvent> EVENTS = Events.numbered(2_000);
  private static final IdentityHashMap<PopEvent, Integer> NUMBERS = new IdentityHashMap<>();

  static {
    EVENTS.forEach(event -> NUMBERS.put(event, NUMBERS.size()));
  }

  @Test
  void whateverHappensEveryAcceptedEventIsDeliveredOrAccountedFor() {
    try (TallyRun run =
        TallyRun.of(
            "EngineModelTest.whateverHappensEveryAcceptedEventIsDeliveredOrAccountedFor",
            "random sequences of answers, restarts, full disks, jumps")) {
      // Said at once, for a run that hangs or is cut short as well.
      System.out.printf("EngineModelTest: %d sequences from -Dpop.seed=%d on%n", SEQUENCES, FIRST);
      // By their difference, as the last ones may lie beyond the largest number.
      for (long seed = FIRST; seed - FIRST < SEQUENCES; seed++) {
        // In the others nothing is reordered, and an event comes once.
        Sequence sequence = new Sequence(seed, Math.floorMod(seed, 3) == 0);
        try {
          play(seed, sequence);
        } finally {
          sequence.count(run);
        }
      }
      run.held();
    }
  }

  /**
   * Seeds that failed once: eleven dead letters in a row, and drops of what a restart had
   * forgotten.
   */
  @ParameterizedTest
  @ValueSource(longs = {676, 909})
  void aSequenceThatFailedOnceStaysMended(long seed) {
    play(seed, new Sequence(seed, false));
  }

  private static void play(long seed, Sequence sequence) {
    try {
      sequence.play();
    } catch (AssertionError | RuntimeException e) {
      String alone = "-Dpop.seed=" + seed + " -Dpop.engine.sequences=1 tries it alone";
      throw new AssertionError(
          "seed " + seed + " (" + alone + "): " + e.getMessage() + "\n" + sequence.told, e);
    }
  }

  /** How the destination answers. */
  private enum Weather {
    WELL,
    DOWN,
    BUSY,
    FORBIDDEN,
    SMALL,
    POISONED,
    BREAKING,
    REJECTING,
    RESETTING,
    FAULTY,
    /** Each answer of another kind. */
    MIXED;

    private static final List<Weather> CALM = List.of(WELL, DOWN, BUSY, FORBIDDEN);
    private static final List<Weather> ANY =
        List.of(
            WELL, DOWN, BUSY, FORBIDDEN, SMALL, POISONED, BREAKING, REJECTING, RESETTING, FAULTY);
  }

  /** One sequence. */
  private static final class Sequence {

    private final Random random;
    private final ManualTime time;
    private final MemoryStorage storage;
    private final StringBuilder told = new StringBuilder();

    /** Whether nothing is in this sequence that may change the order. */
    private final boolean calm;

    private final Durability durability;
    private final WhenFull whenFull;
    private final Duration maxAge;
    private final AtomicLong dropped = new AtomicLong();

    private VirtualRelay relay;
    private Weather weather = Weather.WELL;
    private boolean restarted;
    private int next;

    // What the model knows.
    private final BitSet accepted = new BitSet();
    private final BitSet taken = new BitSet();
    private final int[] confirmed = new int[EVENTS.size()];
    private final long seed;

    /** Whether several sources may offer together. */
    private final boolean mayBegin;

    /** Whether something is wrong with the disk, and whether it is this. */
    private boolean isTroubled;

    private boolean forcesFail;

    private boolean isReordered;
    private boolean mayRepeat;

    /** Events that may be in the spool twice: one of the two may be given up. */
    private long again;

    private final BitSet badAlone = new BitSet();
    private final Map<String, List<PopEvent>> bodies = new HashMap<>();
    private long forgotten;
    private long faults;

    /** Neither taken, nor waiting, nor dead, nor said to be given up. */
    private long lost;

    private int newestInABatch = -1;
    private boolean inside;
    private long notBefore;
    private int deadBefore;
    private int deadAllowed = 1;

    Sequence(long seed, boolean mayBegin) {
      this.seed = seed;
      this.mayBegin = mayBegin;
      random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
      calm = random.nextInt(3) == 0;
      time = ManualTime.flowing();
      storage = new MemoryStorage(time);
      durability =
          random.nextInt(4) > 0
              ? Durability.WRITE_AHEAD
              : random.nextBoolean() ? Durability.INTERVAL : Durability.ON_FAILURE;
      whenFull = oneOf(List.of(WhenFull.values()));
      maxAge = random.nextInt(4) == 0 ? Duration.ofHours(1) : Duration.ZERO;
      start();
    }

    private <T> T oneOf(List<T> all) {
      return all.get(random.nextInt(all.size()));
    }

    private List<Weather> kinds() {
      return calm ? Weather.CALM : Weather.ANY;
    }

    private void start() {
      ScriptedSubmitter backend = new ScriptedSubmitter(time);
      backend.otherwise(this::answer);
      Random chance = new Random(random.nextLong());
      Sink sink =
          Sink.named("billing", backend)
              .withBatch(
                  new BatchPolicy(
                      1 + random.nextInt(20), new ByteSize(4096), Duration.ofSeconds(5)))
              .withSpool(
                  SpoolPolicy.defaults()
                      .withDurability(durability)
                      .withMaxBytes(ByteSize.ofKiB(16 + random.nextInt(16)))
                      .withWhenFull(whenFull, Duration.ofSeconds(2))
                      .withMaxAge(maxAge));
      RelayListener drops =
          new RelayListener() {
            @Override
            public void dropped(String name, Drop drop) {
              dropped.addAndGet(drop.count());
            }
          };
      relay = new VirtualRelay(time, storage, List.of(drops), chance::nextDouble, sink);
      relay.longestStep = Duration.ofSeconds(5);
      notBefore = time.nanos();
      deadBefore = storage.dead("billing").size();
      deadAllowed = 1;
    }

    // ---- the destination

    private SubmitResult answer(Batch batch) {
      assertThat(inside).as("two submissions at once").isFalse();
      inside = true;
      try {
        assertThat(time.nanos() - notBefore).as("the pause that is left").isNotNegative();
        List<PopEvent> before = bodies.putIfAbsent(batch.id().toString(), batch.events());
        if (before != null) {
          assertThat(batch.events()).as("the bytes under %s", batch.id()).isEqualTo(before);
        }
        if (random.nextInt(4) == 0) {
          time.advance(Duration.ofMillis(random.nextInt(2_000)));
        }
        if (random.nextInt(6) == 0) {
          offer(1 + random.nextInt(30));
        }
        return note(batch, verdict(batch));
      } finally {
        inside = false;
      }
    }

    private SubmitResult verdict(Batch batch) {
      Reason reason = new Reason("scripted", 0, "");
      Weather now = weather;
      if (now == Weather.MIXED) {
        now = oneOf(kinds());
      }
      boolean poisoned = batch.events().stream().anyMatch(event -> number(event) % 17 == 3);
      return switch (now) {
        case DOWN -> new Later(reason, Optional.empty(), Doubt.NONE);
        case BUSY ->
            new Later(reason, Optional.of(Duration.ofSeconds(random.nextInt(120))), Doubt.NONE);
        case FORBIDDEN -> new Held(reason);
        case SMALL -> batch.bytes() > 1_500 ? new TooLarge(reason) : well();
        case POISONED -> poisoned ? new Rejected(reason) : well();
        case BREAKING -> poisoned ? new Later(reason, Optional.empty(), Doubt.BYTES) : well();
        case REJECTING -> random.nextInt(20) == 0 ? new TooLarge(reason) : new Rejected(reason);
        case RESETTING ->
            batch.size() > 3 ? new Later(reason, Optional.empty(), Doubt.SIZE) : well();
        case FAULTY -> {
          if (random.nextBoolean()) {
            throw new IllegalStateException("scripted");
          }
          yield null;
        }
        default -> well();
      };
    }

    private static SubmitResult well() {
      return ScriptedSubmitter.delivered();
    }

    private SubmitResult note(Batch batch, SubmitResult verdict) {
      boolean lostAnswer = verdict instanceof Delivered && random.nextInt(25) == 0;
      SubmitResult told = lostAnswer ? Later.because("the answer was lost") : verdict;
      if (verdict instanceof Delivered) {
        take(batch);
      }
      long now = time.nanos();
      notBefore = now;
      if (told instanceof Delivered) {
        for (PopEvent event : batch.events()) {
          confirmed[number(event)]++;
        }
        deadBefore = storage.dead("billing").size();
        deadAllowed = Delivery.BRAKE_AFTER;
      } else if (told instanceof Later later) {
        Duration least =
            later
                .notBefore()
                .filter(asked -> asked.toSeconds() >= 1)
                .orElse(Duration.ofMillis(500));
        notBefore = now + least.toNanos();
      } else if (told instanceof Held) {
        notBefore = now + Duration.ofMillis(500).toNanos();
      }
      if (!(told instanceof Delivered) && batch.size() == 1) {
        badAlone.set(number(batch.events().get(0)));
      }
      return told;
    }

    /** What is sent in a batch comes in order; a single event may be sent to compare. */
    private void take(Batch batch) {
      for (PopEvent event : batch.events()) {
        int number = number(event);
        if (!taken.get(number) && !isReordered && !mayRepeat && (calm || batch.size() > 1)) {
          assertThat(number).as("the order of %s", batch.id()).isGreaterThan(newestInABatch);
          newestInABatch = number;
        }
        taken.set(number);
      }
    }

    private static int number(PopEvent event) {
      return NUMBERS.get(event);
    }

    // ---- what happens

    private void play() {
      int steps = 10 + random.nextInt(60);
      for (int i = 0; i < steps; i++) {
        step();
        check();
      }
      tell("the end");
      storage.repair();
      weather = Weather.WELL;
      relay.drain("billing", Duration.ofHours(40));
      check();
    }

    void count(TallyRun run) {
      run.round(faults);
      int repeated = Arrays.stream(confirmed).map(times -> Math.max(0, times - 1)).sum();
      run.events(accepted.cardinality(), lost, repeated);
    }

    private void step() {
      switch (random.nextInt(14)) {
        case 0, 1, 2 -> {
          int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 80 : 12);
          tell("offer " + count);
          offer(count);
        }
        case 3, 4 -> run(Duration.ofMillis(random.nextInt(3_000)));
        case 5 -> run(Duration.ofSeconds(random.nextInt(60)));
        case 6 -> run(Duration.ofMinutes(random.nextInt(random.nextInt(6) == 0 ? 100 : 10)));
        case 7, 8 -> {
          weather = random.nextInt(6) == 0 ? Weather.MIXED : oneOf(kinds());
          faults += weather == Weather.WELL ? 0 : 1;
          tell("weather " + weather);
        }
        case 9 -> {
          Duration jump = Duration.ofHours(random.nextBoolean() ? 1 : 50L * 365 * 24);
          tell("wall " + jump);
          faults++;
          time.jumpWall(random.nextBoolean() ? jump : jump.negated());
        }
        case 10 -> disk();
        case 11 -> {
          tell("connected");
          relay.intake("player").connected("p");
        }
        case 12 -> steps(1 + random.nextInt(5));
        default -> restart();
      }
    }

    private void disk() {
      faults++;
      isTroubled = true;
      switch (random.nextInt(6)) {
        case 0 -> {
          tell("fill");
          storage.fill();
        }
        case 1 -> {
          tell("fail forces");
          storage.failForces();
          forcesFail = true;
        }
        case 2 -> {
          tell("fail reads");
          storage.failReads();
        }
        default -> {
          tell("repair");
          repair();
        }
      }
    }

    private void repair() {
      storage.repair();
      isTroubled = false;
      forcesFail = false;
    }

    private void restart() {
      faults++;
      restarted = true;
      if (random.nextBoolean() || durability != Durability.WRITE_AHEAD) {
        tell("stop");
        repair();
        relay.stop();
      } else {
        tell("kill");
        storage.kill();
      }
      // Delivered out of their turn, which a restart forgets: they may be sent or given up again.
      for (PopEvent event : storage.waiting("billing")) {
        forgotten += confirmed[number(event)] > 0 ? 1 : 0;
      }
      start();
    }

    private void run(Duration span) {
      tell("run " + span);
      relay.run(span);
    }

    private void steps(int count) {
      tell("steps " + count);
      try {
        for (int i = 0; i < count; i++) {
          relay.lane("billing").runOnce();
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private void offer(int count) {
      int to = Math.min(EVENTS.size(), next + count);
      if (to > next) {
        List<PopEvent> events = EVENTS.subList(next, to);
        accepted.set(next, to);
        next = to;
        // By no chance of its own, so that a seed stays what it was.
        int dice = (int) Math.floorMod(seed * 31 + next, 60L);
        if (mayBegin && dice < 12) {
          playTogether(events, 1 + dice % 3, dice / 3 == 0 && !isTroubled);
        } else {
          relay.play(events);
        }
      }
    }

    /** As by one thread that reads for several sources. */
    private void playTogether(List<PopEvent> events, int sources, boolean failsOnce) {
      tell("by " + sources + " sources together" + (failsOnce ? ", of which a force fails" : ""));
      List<List<PopEvent>> shares = new ArrayList<>();
      List<BegunOffer> begun = new ArrayList<>();
      for (int i = 0; i < sources; i++) {
        List<PopEvent> share =
            events.subList(events.size() * i / sources, events.size() * (i + 1) / sources);
        if (!share.isEmpty()) {
          shares.add(share);
          begun.add(relay.intake("player " + i).begin(share));
        }
      }
      if (failsOnce) {
        faults++;
        storage.failForces();
      }
      // What was sealed, and so forced, before the force that failed comes again.
      mayRepeat |= forcesFail || failsOnce;
      for (int i = 0; i < begun.size(); i++) {
        boolean settled = begun.get(i).settle();
        if (failsOnce && i == 0) {
          storage.repair();
        }
        if (!settled) {
          // What has no room comes behind what another source began later.
          isReordered |= begun.size() > 1;
          again += mayRepeat ? shares.get(i).size() : 0;
          finish(relay.intake("player " + i), begun.get(i), shares.get(i));
        }
      }
    }

    private static void finish(Intake intake, BegunOffer begun, List<PopEvent> events) {
      try {
        if (begun.finish() == Intake.Answer.FULL) {
          intake.giveUp(events);
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private void tell(String what) {
      told.append(what).append('\n');
    }

    // ---- what must be so

    private void check() {
      relay.stats("billing");
      BitSet missing = (BitSet) accepted.clone();
      missing.andNot(taken);
      storage.waiting("billing").forEach(event -> missing.clear(number(event)));
      List<DeadLetter> dead = storage.dead("billing");
      for (DeadLetter letter : dead) {
        missing.clear(number(letter.event()));
        if (!badAlone.get(number(letter.event()))) {
          throw new AssertionError(letter + " was never sent alone and not taken");
        }
      }
      // What the destination took and did not confirm may be given up as well.
      long unconfirmed = taken.stream().filter(number -> confirmed[number] == 0).count();
      int gone = missing.cardinality();
      lost = Math.max(0, gone - dropped.get());
      assertThat(dropped.get())
          .as("events given up")
          .isBetween((long) gone, gone + unconfirmed + forgotten + again);
      assertThat(dead.size() - deadBefore)
          .as("dead letters without a delivery")
          .isLessThanOrEqualTo(deadAllowed);
      if (!mayRepeat && (calm || !restarted)) {
        assertThat(Arrays.stream(confirmed).max().orElse(0))
            .as("deliveries of an event")
            .isLessThanOrEqualTo(1);
      }
    }
  }
}
