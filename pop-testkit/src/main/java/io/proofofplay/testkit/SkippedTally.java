package io.proofofplay.testkit;

import io.proofofplay.testkit.Tally.Outcome;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Has the tests of a class that are skipped be seen in the table at the end of a build, with the
 * reason: else a table without them would look like one in which all is well.
 *
 * <pre>{@code
 * @ExtendWith(SkippedTally.class)
 * class FullDiskIT { ... }
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class SkippedTally implements TestWatcher {

  private static final int MOST_CHARS = 100;

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    String test =
        context.getRequiredTestClass().getSimpleName()
            + "."
            + context.getRequiredTestMethod().getName();
    String why = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    Tally skipped =
        Tally.none(
            test,
            why.length() > MOST_CHARS ? why.substring(0, MOST_CHARS) + "…" : why,
            Outcome.SKIPPED);
    Tally.kept(test).map(before -> before.plus(skipped)).orElse(skipped).keep();
  }
}
