package io.proofofplay.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The sizes, from system properties; README.md says what they mean.
 *
 * @param only which rows, see {@link #chosen}; {@code all} for all
 * @param floor whether the floor is measured too
 * @param minutes how long all of it may take
 * @param runs how often
 * @param events how many are counted
 * @param warmup how many go before them
 * @param seconds how long a steady rate is kept
 * @param sources the numbers of sources of the rows of scale
 * @param waiting the numbers of waiting events of the rows of scale
 * @param backlog how many wait in the large drain
 * @param javaOpts what is added to the shipped JVM flags
 * @param directory where spools lie
 * @param results where the JSON is written
 * @param dist the packaged program
 */
record Plan(
    String only,
    boolean floor,
    int minutes,
    int runs,
    long events,
    long warmup,
    int seconds,
    List<Integer> sources,
    List<Long> waiting,
    long backlog,
    String javaOpts,
    Path directory,
    Path results,
    Path dist) {

  static Plan ofProperties() {
    return new Plan(
        property("only", "all"),
        Boolean.parseBoolean(property("floor", "true")),
        Integer.parseInt(property("minutes", "13")),
        Integer.parseInt(property("runs", "3")),
        whole("events", "1000000"),
        whole("warmup", "400000"),
        Integer.parseInt(property("seconds", "10")),
        Arrays.stream(property("sources", "1,10,100,1000").split(",", -1))
            .map(Integer::valueOf)
            .toList(),
        Arrays.stream(property("waiting", "0,10000,1000000,10000000").split(",", -1))
            .map(Long::valueOf)
            .toList(),
        Math.max(2L * Scenario.BATCH, whole("backlog", "10000000")),
        property("javaOpts", ""),
        Path.of(property("directory", "target/bench")).toAbsolutePath(),
        Path.of(property("results", "target/bench")).toAbsolutePath(),
        Path.of(property("dist", "../pop-runner/target/dist")).toAbsolutePath());
  }

  private static String property(String name, String usual) {
    String value = System.getProperty("bench." + name);
    return value == null || value.isBlank() ? usual : value;
  }

  /** A number of events, in whole batches: the last one would else wait for others. */
  private static long whole(String name, String usual) {
    long number = Long.parseLong(property(name, usual));
    return Math.max(Scenario.BATCH, number / Scenario.BATCH * Scenario.BATCH);
  }

  /**
   * Which rows are wanted.
   *
   * @param names the names of all that there are
   * @return those whose names {@link #only} holds, or the beginning of their names
   * @throws IllegalArgumentException if it holds something else
   */
  Set<String> chosen(Set<String> names) {
    if (only.equals("all")) {
      return names;
    }
    Set<String> chosen = new LinkedHashSet<>();
    for (String part : only.split(",", -1)) {
      String wanted = part.strip();
      List<String> found =
          names.contains(wanted)
              ? List.of(wanted)
              : names.stream().filter(name -> name.startsWith(wanted)).toList();
      if (found.isEmpty() || wanted.isEmpty()) {
        throw new IllegalArgumentException(
            "bench.only: there is no row \"%s\"; write all, or some of %s, or the beginning of one"
                .formatted(wanted, String.join(", ", names)));
      }
      chosen.addAll(found);
    }
    return chosen;
  }
}
