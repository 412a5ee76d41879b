package io.proofofplay.runner.config;

import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Setting;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.RetryPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import java.time.Duration;

/**
 * How the relay delivers to one sink, whatever its type.
 *
 * @param timeout the longest time of one attempt, as a whole
 * @param batch how events are gathered
 * @param retry how long to wait after a failure
 * @param spool how events are kept until they are delivered
 */
public record Delivery(
    @Setting(value = "longest time of one attempt, the whole exchange", min = "100ms", max = "1h")
        Duration timeout,
    @Setting("how events are gathered into batches") BatchPolicy batch,
    @Setting("how long to wait after a failure") RetryPolicy retry,
    @Setting("how events are kept until they are delivered") SpoolPolicy spool)
    implements Checked {

  /** Puts the defaults where nothing is given. */
  public Delivery {
    timeout = timeout == null ? Duration.ofSeconds(30) : timeout;
    batch = batch == null ? BatchPolicy.defaults() : batch;
    retry = retry == null ? RetryPolicy.defaults() : retry;
    spool = spool == null ? SpoolPolicy.defaults() : spool;
  }

  @Override
  public void check(Problems problems) {
    if (spool.maxBytes().compareTo(batch.maxBytes()) < 0) {
      problems.add(
          "spool.maxBytes",
          spool.maxBytes()
              + " is less than one batch (batch.maxBytes is "
              + batch.maxBytes()
              + "); write at least that");
    }
  }
}
