package io.proofofplay.spool.file;

import java.security.SecureRandom;

/** Names of lives of a spool: one for every opening, never given twice. */
final class SpoolId {

  private static final int LENGTH = 13;

  private SpoolId() {}

  /** 64 random bits in lower-case letters and digits, always as many. */
  static String random() {
    String digits = Long.toUnsignedString(new SecureRandom().nextLong(), Character.MAX_RADIX);
    return "0".repeat(LENGTH - digits.length()) + digits;
  }
}
