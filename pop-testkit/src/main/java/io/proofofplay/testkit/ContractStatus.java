package io.proofofplay.testkit;

import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import java.util.Optional;
import java.util.Set;

/**
 * What the contract with backends makes of the status of an answer, for sinks that speak HTTP: the
 * table that a submitter is held to, and the verdicts that the engine is tried with.
 */
public final class ContractStatus {

  /** Our configuration or the destination is at fault; so are all of 3xx. */
  private static final Set<Integer> HELD = Set.of(401, 403, 404, 405, 407, 410, 421, 451);

  /** The moment is at fault; so it is for all of 5xx. */
  private static final Set<Integer> LATER = Set.of(408, 425, 429);

  private static final int TOO_LARGE = 413;

  private ContractStatus() {}

  /**
   * The verdict on an answer without a {@code Retry-After}.
   *
   * @param status 200 to 599
   * @return the verdict, with the status in its reason; 5xx casts doubt on the bytes
   */
  public static SubmitResult verdict(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status " + status + "; 200 to 599 is right");
    }
    Reason reason = new Reason("answered " + status, status, "");
    if (status < 300) {
      return new Delivered(reason);
    }
    if (status < 400 || HELD.contains(status)) {
      return new Held(reason);
    }
    if (LATER.contains(status)) {
      return new Later(reason, Optional.empty(), Doubt.NONE);
    }
    if (status >= 500) {
      return new Later(reason, Optional.empty(), Doubt.BYTES);
    }
    return status == TOO_LARGE ? new TooLarge(reason) : new Rejected(reason);
  }
}
