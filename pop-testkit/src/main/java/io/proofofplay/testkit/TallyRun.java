package io.proofofplay.testkit;

import io.proofofplay.testkit.Tally.Outcome;
import java.util.function.LongSupplier;

/**
 * Counts what a test does while it does it, and keeps that as a {@link Tally}, however the test
 * ends:
 *
 * <pre>{@code
 * try (TallyRun run = TallyRun.of("KillIT.killed", "kill -9").lost(evidence::lost)) {
 *   // do it, round by round, and judge
 *   run.held();
 * }
 * }</pre>
 *
 * <p>From its beginning on there is a tally that does not hold, so that a test whose process dies
 * in the middle has one as well. A test that runs several times in a build, as with several
 * parameters, has one tally of all of them.
 *
 * <p>Not thread-safe: for the thread of the test.
 */
public final class TallyRun implements AutoCloseable {

  private final Tally before;
  private final String test;
  private final String what;
  private LongSupplier acceptedAtTheEnd = () -> 0;
  private LongSupplier lostAtTheEnd = () -> 0;
  private LongSupplier repeatedAtTheEnd = () -> 0;
  private long rounds;
  private long faults;
  private long accepted;
  private long lost;
  private long repeated;
  private boolean held;

  private TallyRun(String test, String what) {
    this.test = test;
    this.what = what;
    before = Tally.kept(test).orElse(new Tally(test, what, 0, 0, 0, 0, 0, Outcome.HELD));
    before.plus(seen()).keep();
  }

  /**
   * Begins to count.
   *
   * @param test the test, as {@code Class.method}
   * @param what what is done, in a few words
   */
  public static TallyRun of(String test, String what) {
    return new TallyRun(test, what);
  }

  /** Asks at the end how many events were accepted. */
  public TallyRun accepted(LongSupplier atTheEnd) {
    acceptedAtTheEnd = atTheEnd;
    return this;
  }

  /** Asks at the end how many events were seen to be lost. */
  public TallyRun lost(LongSupplier atTheEnd) {
    lostAtTheEnd = atTheEnd;
    return this;
  }

  /** Asks at the end how many events came again. */
  public TallyRun repeated(LongSupplier atTheEnd) {
    repeatedAtTheEnd = atTheEnd;
    return this;
  }

  /** One round was made, with so many faults. */
  public void round(long faultsOfIt) {
    rounds(1, faultsOfIt);
  }

  /** So many rounds were made, with so many faults in all. */
  public void rounds(long more, long faultsOfThem) {
    rounds += more;
    faults += faultsOfThem;
  }

  /** So many more events were accepted, and of these so many were lost and came again. */
  public void events(long acceptedOfThem, long lostOfThem, long repeatedOfThem) {
    accepted += acceptedOfThem;
    lost += lostOfThem;
    repeated += repeatedOfThem;
  }

  /** All is done, and all that the test claims was looked at and is so. */
  public void held() {
    held = true;
  }

  private Tally seen() {
    return new Tally(
        test,
        what,
        rounds,
        faults,
        accepted + acceptedAtTheEnd.getAsLong(),
        lost + lostAtTheEnd.getAsLong(),
        repeated + repeatedAtTheEnd.getAsLong(),
        held ? Outcome.HELD : Outcome.BROKEN);
  }

  /** Keeps the tally. */
  @Override
  public void close() {
    before.plus(seen()).keep();
  }
}
