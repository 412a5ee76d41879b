package io.proofofplay.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a JVM with the serial collector has allocated, from what it writes at each collection:
 * how full each generation was before and after.
 */
final class GcLog {

  private static final Pattern GENERATION =
      Pattern.compile(
          "\\[(\\d+)ms\\].*GC\\((\\d+)\\) (DefNew|Tenured): (\\d+)K\\(\\d+K\\)->(\\d+)K.*");

  private GcLog() {}

  /**
   * Allocated between two moments, to within one young generation.
   *
   * @param lines the log
   * @param from milliseconds on the clock of the log, see {@link Subject#gcOption}
   * @param to likewise
   * @return bytes
   */
  static double allocated(List<String> lines, long from, long to) {
    Map<String, Long> left = new HashMap<>();
    long sum = 0;
    for (String line : lines) {
      Matcher generation = GENERATION.matcher(line);
      if (!generation.matches()) {
        continue;
      }
      long at = Long.parseLong(generation.group(1));
      long before = Long.parseLong(generation.group(4));
      if (at > from && at <= to) {
        sum += Math.max(0, before - left.getOrDefault(generation.group(3), 0L));
      }
      left.put(generation.group(3), Long.parseLong(generation.group(5)));
    }
    return sum * 1024.0;
  }
}
