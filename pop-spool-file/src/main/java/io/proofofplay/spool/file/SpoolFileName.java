package io.proofofplay.spool.file;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a spool file. It says all that must be known without a look inside: the file's place
 * in the order, whether it is sealed, how many events it holds, and how many of its first ones are
 * done with.
 *
 * @param number the place in the order, 0 or more; two copies of a file may have the same
 * @param count how many events a sealed file holds; 0 for a file that is still written
 * @param skip how many of the first events are done with, below {@code count}
 */
record SpoolFileName(long number, int count, int skip) {

  /** Larger numbers were made by nobody; taking them up would leave no room for the next. */
  private static final long LARGEST = 100_000_000_000_000L;

  /** With fewer digits a number has zeros before it, so that names stand in its order. */
  private static final int DIGITS = 12;

  /** About the longest name. */
  private static final int LONGEST = 48;

  private static final String OPEN = ".open";
  private static final String TEMPORARY = ".tmp";
  private static final Pattern FORM =
      Pattern.compile(
          "(\\d{12,15})(?:\\.open|-n([1-9]\\d{0,8})(?:-s([1-9]\\d{0,8}))?\\.ndjson)(\\.tmp)?");

  /** The name, if this is one of a file that holds events for good. */
  static Optional<SpoolFileName> of(String name) {
    return name.endsWith(TEMPORARY) ? Optional.empty() : parse(name);
  }

  /** Whether this is a file that a kill has left half written. */
  static boolean isTemporary(String name) {
    return name.endsWith(TEMPORARY) && parse(name).isPresent();
  }

  private static Optional<SpoolFileName> parse(String name) {
    Matcher form = FORM.matcher(name);
    if (!form.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(form.group(1));
    int count = form.group(2) == null ? 0 : Integer.parseInt(form.group(2));
    int skip = form.group(3) == null ? 0 : Integer.parseInt(form.group(3));
    return number > LARGEST || (skip > 0 && skip >= count)
        ? Optional.empty()
        : Optional.of(new SpoolFileName(number, count, skip));
  }

  static SpoolFileName open(long number) {
    return new SpoolFileName(number, 0, 0);
  }

  boolean isOpen() {
    return count == 0;
  }

  /** The name that the file has until it is whole. */
  String temporary() {
    return this + TEMPORARY;
  }

  @Override
  public String toString() {
    // A formatter would take as long as a file takes to be unlinked.
    String digits = Long.toString(number);
    StringBuilder name = new StringBuilder(LONGEST);
    name.append("0".repeat(Math.max(0, DIGITS - digits.length()))).append(digits);
    if (isOpen()) {
      return name.append(OPEN).toString();
    }
    name.append("-n").append(count);
    if (skip > 0) {
      name.append("-s").append(skip);
    }
    return name.append(".ndjson").toString();
  }
}
