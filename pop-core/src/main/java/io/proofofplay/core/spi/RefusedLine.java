package io.proofofplay.core.spi;

import io.proofofplay.core.model.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A line of a player that is no event.
 *
 * <p>Immutable and thread-safe; two are equal when all they hold is.
 */
public final class RefusedLine {

  /** How much of a refused line is kept, in bytes. */
  public static final int KEPT_BYTES = 1024;

  private final Refusal reason;
  private final long offset;
  private final long length;
  private final byte[] start;

  /**
   * A refused line.
   *
   * @param reason why it was refused
   * @param offset where it began, in bytes received on its connection, the banner's first byte
   *     being 0
   * @param length its whole length in bytes, without the line end
   * @param start its first bytes; copied up to {@link #KEPT_BYTES}
   */
  public RefusedLine(Refusal reason, long offset, long length, byte[] start) {
    this.reason = Objects.requireNonNull(reason, "reason");
    this.offset = offset;
    this.length = length;
    this.start = Arrays.copyOf(start, Math.min(start.length, KEPT_BYTES));
  }

  /**
   * Why it was refused.
   *
   * @return the reason
   */
  public Refusal reason() {
    return reason;
  }

  /**
   * Where it began.
   *
   * @return bytes received on its connection before it
   */
  public long offset() {
    return offset;
  }

  /**
   * Its whole length.
   *
   * @return bytes, without the line end
   */
  public long length() {
    return length;
  }

  /**
   * Its beginning.
   *
   * @return a copy of the first bytes, at most {@link #KEPT_BYTES}
   */
  public byte[] start() {
    return start.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RefusedLine line
        && line.reason == reason
        && line.offset == offset
        && line.length == length
        && Arrays.equals(line.start, start);
  }

  @Override
  public int hashCode() {
    return Objects.hash(reason, offset, length, Arrays.hashCode(start));
  }

  @Override
  public String toString() {
    return "RefusedLine["
        + reason.code()
        + " at "
        + offset
        + ", "
        + length
        + " bytes: "
        + new String(start, StandardCharsets.ISO_8859_1)
        + "]";
  }
}
