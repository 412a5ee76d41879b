package io.proofofplay.core.model;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a batch, or of a part of one. The same id always means the same bytes, across retries
 * and restarts; so a part has an id of its own.
 *
 * <p>It prints as {@code <spool>-<number>}, with {@code .<from>-<to>} behind it for a part.
 *
 * @param spool names the life of a spool that made the batch; never given to another one. 1 to 64
 *     characters of {@code A-Z a-z 0-9 _ ~}
 * @param number the batch's number in that life, 0 or more
 * @param from for a part, the index in the batch of its first event; 0 for a whole batch
 * @param to for a part, the index behind its last event; {@link #WHOLE} for a whole batch
 */
public record BatchId(String spool, long number, int from, int to) {

  /** Stands for "to the end" in a batch that is no part. */
  public static final int WHOLE = -1;

  private static final int LONGEST_SPOOL = 64;

  private static final Pattern SPOOL = Pattern.compile("[A-Za-z0-9_~]{1," + LONGEST_SPOOL + "}");

  private static final Pattern FORM =
      Pattern.compile("(" + SPOOL + ")-(\\d{1,18})(?:\\.(\\d{1,9})-(\\d{1,9}))?");

  public BatchId {
    Objects.requireNonNull(spool, "spool");
    if (!isSpool(spool)) {
      throw new IllegalArgumentException("spool id \"" + spool + "\" is not of " + SPOOL);
    }
    if (number < 0) {
      throw new IllegalArgumentException("batch number " + number + " is below 0");
    }
    if (to == WHOLE ? from != 0 : from < 0 || to <= from) {
      throw new IllegalArgumentException("part " + from + "-" + to + " is empty or upside down");
    }
  }

  /** As {@link #SPOOL} says, without a matcher: each batch that is read has an id. */
  private static boolean isSpool(String text) {
    boolean is = !text.isEmpty() && text.length() <= LONGEST_SPOOL;
    for (int i = 0; is && i < text.length(); i++) {
      char c = text.charAt(i);
      is =
          (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || (c >= 'A' && c <= 'Z')
              || c == '_'
              || c == '~';
    }
    return is;
  }

  /**
   * The id of a whole batch.
   *
   * @param spool names the life of the spool
   * @param number the batch's number in it
   * @return the id
   */
  public static BatchId of(String spool, long number) {
    return new BatchId(spool, number, 0, WHOLE);
  }

  /**
   * Reads an id as it prints.
   *
   * @param text a text
   * @return the id; empty if the text is none
   */
  public static Optional<BatchId> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    BatchId whole = of(form.group(1), Long.parseLong(form.group(2)));
    if (form.group(3) == null) {
      return Optional.of(whole);
    }
    int from = Integer.parseInt(form.group(3));
    int to = Integer.parseInt(form.group(4));
    return to <= from ? Optional.empty() : Optional.of(whole.part(from, to));
  }

  /**
   * Whether this names a part of a batch.
   *
   * @return whether it does
   */
  public boolean isPart() {
    return to != WHOLE;
  }

  /**
   * The id of the batch that this is, or is a part of.
   *
   * @return the id of the whole
   */
  public BatchId whole() {
    return isPart() ? of(spool, number) : this;
  }

  /**
   * The id of a part of the same batch.
   *
   * @param first the index in the whole batch of the part's first event
   * @param behind the index behind its last event
   * @return the id
   */
  public BatchId part(int first, int behind) {
    return new BatchId(spool, number, first, behind);
  }

  @Override
  public String toString() {
    return isPart() ? spool + "-" + number + "." + from + "-" + to : spool + "-" + number;
  }
}
