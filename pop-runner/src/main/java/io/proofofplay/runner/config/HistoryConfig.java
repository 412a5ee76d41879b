package io.proofofplay.runner.config;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Setting;
import java.time.Duration;

/**
 * How much is remembered of what was delivered, to answer questions later.
 *
 * @param maxAge how long
 * @param maxBytes how much room it may take
 */
public record HistoryConfig(
    @Setting(
            value = "how long what was delivered is remembered for `pop where`; `0s` is not at all",
            min = "0s",
            max = "3650d")
        Duration maxAge,
    @Setting(
            value = "most bytes that the memory of it may take beside the spool; `0B` is none",
            min = "0B",
            max = "1024GiB")
        ByteSize maxBytes) {

  /** Puts the defaults where nothing is given. */
  public HistoryConfig {
    maxAge = maxAge == null ? Duration.ofDays(30) : maxAge;
    maxBytes = maxBytes == null ? ByteSize.ofMiB(64) : maxBytes;
  }

  /**
   * The defaults.
   *
   * @return 30 days, 64 MiB
   */
  public static HistoryConfig defaults() {
    return new HistoryConfig(null, null);
  }

  /**
   * Whether anything is remembered.
   *
   * @return whether neither bound is 0
   */
  public boolean isOn() {
    return !maxAge.isZero() && maxBytes.bytes() > 0;
  }
}
