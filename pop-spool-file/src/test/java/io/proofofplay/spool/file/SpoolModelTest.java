package io.proofofplay.spool.file;

import io.proofofplay.spool.file.SpoolModel.Outcome;
import io.proofofplay.spool.file.SpoolModel.Scale;
import io.proofofplay.testkit.TallyRun;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.ShrinkingDistance;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever is done in whichever order, the spool does what a plain list does. */
class SpoolModelTest {

  private static final int LONGEST = 20;

  /** A sequence of the usual size is as much work as so many small ones. */
  private static final int SMALL_TO_USUAL = 200;

  /**
   * What the sequences are drawn from: the same ones in each build, so that a build tells about the
   * change and not about its luck; others each time with the long runs, which are there to find
   * what nobody has met yet.
   */
  private static final long SEED =
      Long.getLong("pop.seed", Boolean.getBoolean("pop.torture") ? System.nanoTime() : 0);

  private static final AtomicLong TRIES = new AtomicLong();

  private static TallyRun tally;
  private static boolean held = true;
  private static long rounds;

  @BeforeContainer
  static void begin() {
    tally =
        TallyRun.of(
            "SpoolModelTest.aFewEventsReachEveryBound",
            "spool: random sequences beside a plain list");
  }

  @AfterContainer
  static void tell() {
    // Where another method runs alone, nothing of what the row says was done.
    if (held && rounds > 0) {
      tally.held();
    }
    tally.close();
  }

  @Property(edgeCases = EdgeCasesMode.NONE, seed = "1")
  void aFewEventsReachEveryBound(@ForAll("steps") int[] steps) {
    SpoolModel.run(Scale.SMALL, steps, SpoolModelTest::count);
  }

  @Property(edgeCases = EdgeCasesMode.NONE, seed = "2")
  void theBoundsOfTheProduct(@ForAll("steps") int[] steps) {
    if (TRIES.getAndIncrement() % SMALL_TO_USUAL == 0) {
      SpoolModel.run(Scale.USUAL, steps, SpoolModelTest::count);
    }
  }

  private static void count(Outcome outcome) {
    rounds++;
    tally.round(outcome.ends() + outcome.failures());
    tally.events(outcome.promised(), outcome.lost(), 0);
    held &= outcome.held();
  }

  /** Written, not forced, and the power fails before somebody forces. */
  @Example
  void writeCrashFlush() {
    for (int seed = 0; seed < 64; seed++) {
      for (int durability = 0; durability < 3; durability++) {
        int as = step(19, durability);
        SpoolModel.run(Scale.SMALL, new int[] {as, 2, step(5, seed), 4, step(5, seed + 1), 2, 4});
      }
    }
  }

  /** A force fails, the process dies, and what it could not force is read from the cache alone. */
  @Example
  void whatAFailedForceHasLeftIsSafeAfterTheNextStart() {
    for (int seed = 0; seed < 64; seed++) {
      for (int durability = 0; durability < 3; durability++) {
        int[] steps = {
          step(19, durability), 2, step(13, 0), 4, 16, 11, step(5, seed), step(5, seed + 1), 4
        };
        SpoolModel.run(Scale.SMALL, steps);
      }
    }
  }

  /** Sequences that have failed once, of the spool or of a model of it that knew too little. */
  @Example
  void whatHasFailedBefore() {
    int[][] sequences = {
      {0, 21, 18605, 0, 0, 54, 2192, 2006, 1762, 1475, 164, 1198, 2412},
      {18870, 22328, 13550, 64599, 992, 20, 27},
      {29, 1454, 58490, 6, 90, 6, 11, 4, 61460},
      {0, 8, 39693, 22, 6, 1987, 0, 23, 11, 19, 7731},
      {563, 0, 15379},
      {2931, 25, 53869, 22784, 9, 11, 5},
      {54394, 19, 10191, 40199, 57133, 5473, 23495, 0, 30, 33005, 20},
      {50, 11380, 9537, 2496, 21, 48686, 30, 15053, 7, 12, 32660},
      {56494, 24, 30, 33998, 12, 10, 19, 28},
    };
    for (int[] sequence : sequences) {
      SpoolModel.run(Scale.SMALL, sequence);
    }
    int[] large = {
      16826, 10405, 40027, 49461, 44288, 12699, 56327, 12634, 40911, 15135, 41590, 5620, 52871,
      1449, 11058
    };
    SpoolModel.run(Scale.USUAL, large);
    // Its sender was lost by one power cut, and it was still without one after the next.
    int[] orphaned = {
      63644, 22956, 37343, 14535, 45572, 19418, 15015, 49546, 62130, 41975, 21402, 16368, 56372,
      45428, 42565
    };
    SpoolModel.run(Scale.USUAL, orphaned);
  }

  private static int step(int what, int parameter) {
    return what | parameter << 5;
  }

  @Provide
  Arbitrary<int[]> steps() {
    return Arbitraries.fromGenerator(
        random -> {
          Random own = new Random(random.nextLong() ^ SEED);
          return new Steps(own.ints(own.nextInt(LONGEST + 1), 0, 1 << 16).toArray());
        });
  }

  /**
   * Steps that become fewer, and each simpler. Drawn as one array: jqwik's own lists of numbers
   * take longer to be made than the spool takes to live through them.
   */
  private static final class Steps implements Shrinkable<int[]> {

    private final int[] value;

    Steps(int[] value) {
      this.value = value;
    }

    @Override
    public int[] value() {
      return value.clone();
    }

    @Override
    public Stream<Shrinkable<int[]>> shrink() {
      Stream<int[]> halves = IntStream.of(2, 4, 8).boxed().flatMap(parts -> withoutOneOf(parts));
      Stream<int[]> shorter = IntStream.range(0, value.length).mapToObj(at -> without(at, at + 1));
      Stream<int[]> simpler = IntStream.range(0, value.length).boxed().flatMap(at -> simpler(at));
      return Stream.of(halves, shorter, simpler).flatMap(some -> some).map(Steps::new);
    }

    private Stream<int[]> withoutOneOf(int parts) {
      int size = value.length / parts;
      return size < 2
          ? Stream.empty()
          : IntStream.range(0, parts).mapToObj(part -> without(part * size, (part + 1) * size));
    }

    private int[] without(int from, int to) {
      return IntStream.range(0, value.length)
          .filter(at -> at < from || at >= to)
          .map(at -> value[at])
          .toArray();
    }

    private Stream<int[]> simpler(int at) {
      return IntStream.of(
              0, value[at] & 31, (value[at] & 31) | (value[at] >> 6 << 5), value[at] - 32)
          .filter(step -> step >= 0 && step < value[at])
          .distinct()
          .mapToObj(
              step -> {
                int[] steps = value.clone();
                steps[at] = step;
                return steps;
              });
    }

    @Override
    public ShrinkingDistance distance() {
      return ShrinkingDistance.of(value.length, Arrays.stream(value).asLongStream().sum());
    }
  }
}
