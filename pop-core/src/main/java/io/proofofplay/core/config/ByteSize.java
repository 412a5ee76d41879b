package io.proofofplay.core.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written {@code 512B}, {@code 64KiB}, {@code 10MiB} or {@code 1GiB}.
 *
 * @param bytes the number of bytes, 0 or more
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {

  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*(B|KiB|MiB|GiB)");

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size of " + bytes + " bytes; 0 or more is right");
    }
  }

  /**
   * A size in units of 1,024 bytes.
   *
   * @param kibibytes how many
   * @return the size
   */
  public static ByteSize ofKiB(long kibibytes) {
    return new ByteSize(Math.multiplyExact(kibibytes, 1024L));
  }

  /**
   * A size in units of 1,048,576 bytes.
   *
   * @param mebibytes how many
   * @return the size
   */
  public static ByteSize ofMiB(long mebibytes) {
    return new ByteSize(Math.multiplyExact(mebibytes, 1024L * 1024));
  }

  /**
   * Reads a size.
   *
   * @param text such as {@code 64KiB}
   * @return the size
   * @throws IllegalArgumentException if the text is not a size
   */
  public static ByteSize parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException("\"" + text + "\" is not a size");
    }
    long unit =
        switch (form.group(2)) {
          case "KiB" -> 1024L;
          case "MiB" -> 1024L * 1024;
          case "GiB" -> 1024L * 1024 * 1024;
          default -> 1L;
        };
    try {
      return new ByteSize(Math.multiplyExact(Long.parseLong(form.group(1)), unit));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not a size", e);
    }
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  @Override
  public String toString() {
    String[] units = {"B", "KiB", "MiB", "GiB"};
    int unit = 0;
    long count = bytes;
    while (unit < units.length - 1 && count != 0 && count % 1024 == 0) {
      count /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%d%s", count, units[unit]);
  }
}
