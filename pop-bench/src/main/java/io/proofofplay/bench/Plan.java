package io.proofofplay.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The sizes, from system properties; README.md says what they mean.
 *
 * @param only which rows, by the beginnings of their names; {@code all} for all
 * @param floor whether the floor is measured too
 * @param runs how often
 * @param events how many are counted
 * @param warmup how many go before them
 * @param seconds how long a steady rate is kept
 * @param sources the numbers of sources of the rows of scale
 * @param waiting the numbers of waiting events of the rows of scale
 * @param javaOpts what is added to the shipped JVM flags
 * @param directory where spools lie
 * @param dist the packaged program
 */
record Plan(
    String only,
    boolean floor,
    int runs,
    long events,
    long warmup,
    int seconds,
    List<Integer> sources,
    List<Long> waiting,
    String javaOpts,
    Path directory,
    Path dist) {

  static Plan ofProperties() {
    return new Plan(
        property("only", "all"),
        Boolean.parseBoolean(property("floor", "true")),
        Integer.parseInt(property("runs", "3")),
        whole("events", "400000"),
        whole("warmup", "100000"),
        Integer.parseInt(property("seconds", "10")),
        Arrays.stream(property("sources", "1,10,100,1000").split(",", -1))
            .map(Integer::valueOf)
            .toList(),
        Arrays.stream(property("waiting", "0,10000,1000000,10000000").split(",", -1))
            .map(Long::valueOf)
            .toList(),
        property("javaOpts", ""),
        Path.of(property("directory", "target/bench")).toAbsolutePath(),
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

  boolean has(Scenario row) {
    return has(row.name()) && (floor || !row.floor());
  }

  boolean has(String name) {
    return only.equals("all")
        || Arrays.stream(only.split(",", -1)).anyMatch(wanted -> name.startsWith(wanted.strip()));
  }
}
