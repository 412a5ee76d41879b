package io.proofofplay.testkit;

import io.proofofplay.testkit.Tally.Outcome;
import java.util.OptionalLong;
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
  private OptionalLong known = OptionalLong.empty();
  private LongSupplier knownAtTheEnd = () -> 0;
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
    before = Tally.kept(test).orElse(Tally.none(test, what, Outcome.HELD));
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

  /**
   * Asks at the end how many events were known to be accepted before the program was ended, by what
   * it had said itself: at least so many must be accepted then.
   */
  public TallyRun known(LongSupplier atTheEnd) {
    knownAtTheEnd = atTheEnd;
    known(0);
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

  /** So many more events were known to be accepted before the program was ended. */
  public void known(long more) {
    known = OptionalLong.of(known.orElse(0) + more);
  }

  /**
   * All is done, and all that the test claims was looked at and is so.
   *
   * @throws AssertionError if fewer events were accepted than were known to be
   */
  public void held() {
    Tally seen = seen();
    if (seen.accepted() < seen.known().orElse(0)) {
      throw new AssertionError(
          test
              + ": "
              + seen.known().getAsLong()
              + " events were known to be accepted before the end, and "
              + seen.accepted()
              + " were found");
    }
    held = true;
  }

  private Tally seen() {
    return new Tally(
        test,
        what,
        rounds,
        faults,
        accepted + acceptedAtTheEnd.getAsLong(),
        known.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(known.getAsLong() + knownAtTheEnd.getAsLong()),
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
