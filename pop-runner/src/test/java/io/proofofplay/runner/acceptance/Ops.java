package io.proofofplay.runner.acceptance;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a running daemon says of itself at its status endpoint, which must be configured as {@link
 * #LISTEN}.
 */
final class Ops {

  /** The part of a configuration that opens the endpoint on a free port. */
  static final String LISTEN = "ops: {listen: \"127.0.0.1:0\"}\n";

  private static final Pattern PORT = Pattern.compile("ops: listens on 127\\.0\\.0\\.1:(\\d+)");

  private static final int PATIENCE_MILLIS = 5_000;

  /**
   * An answer.
   *
   * @param status its status
   * @param body its text
   */
  record Answer(int status, String body) {}

  private final PackagedPop daemon;
  private int port;

  Ops(PackagedPop daemon) {
    this.daemon = daemon;
  }

  /** Asks; empty if there is nobody to answer, or not yet. */
  Optional<Answer> get(String path) {
    try {
      if (port == 0) {
        Matcher said = PORT.matcher(daemon.err());
        if (!said.find()) {
          return Optional.empty();
        }
        port = Integer.parseInt(said.group(1));
      }
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
      int status = connection.getResponseCode();
      try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        return Optional.of(
            new Answer(status, new String(body.readAllBytes(), StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The samples of {@code /metrics}, as they stand there, with their values. */
  Optional<Map<String, Double>> metrics() {
    return get("/metrics")
        .map(
            answer -> {
              Map<String, Double> samples = new LinkedHashMap<>();
              for (String line : answer.body().lines().toList()) {
                int blank = line.lastIndexOf(' ');
                if (!line.startsWith("#") && blank > 0) {
                  samples.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
                }
              }
              return samples;
            });
  }

  /** The status of {@code /ready}; 0 if nobody answers. */
  int ready() {
    return get("/ready").map(Answer::status).orElse(0);
  }

  /** The status of a path of a daemon that may not listen yet, but will. */
  int status(String path) {
    AtomicReference<Answer> answer = new AtomicReference<>();
    Await.until(
        "an answer of " + path,
        daemon::story,
        () -> {
          get(path).ifPresent(answer::set);
          return answer.get() != null;
        });
    return answer.get().status();
  }

  /** How many events all sources were told to be accepted. */
  long accepted() {
    return accepted(answered());
  }

  /** The same, as {@code /metrics} told it. */
  static long accepted(Map<String, Double> samples) {
    return samples.entrySet().stream()
        .filter(sample -> sample.getKey().startsWith("pop_events_accepted_total{"))
        .mapToLong(sample -> sample.getValue().longValue())
        .sum();
  }

  /** The books of a sink, which a running daemon must be able to tell. */
  Account account(String sink) {
    return Account.of(answered(), sink);
  }

  /** The metrics of a daemon that may not listen yet, but will. */
  private Map<String, Double> answered() {
    AtomicReference<Map<String, Double>> answer = new AtomicReference<>();
    Await.until(
        "an answer of /metrics",
        daemon::story,
        () -> {
          metrics().ifPresent(answer::set);
          return answer.get() != null;
        });
    return answer.get();
  }

  /**
   * The books of one sink, as {@code /metrics} tells them.
   *
   * @param recovered left by an earlier life
   * @param taken accepted in this one
   * @param delivered confirmed
   * @param waiting still to be delivered
   * @param dead dead letters
   * @param dropped given up, for whatever reason
   * @param imbalance what the daemon itself finds wrong
   */
  record Account(
      long recovered,
      long taken,
      long delivered,
      long waiting,
      long dead,
      long dropped,
      long imbalance) {

    static Account of(Map<String, Double> samples, String sink) {
      return new Account(
          sum(samples, "pop_events_recovered_total", sink),
          sum(samples, "pop_events_taken_total", sink),
          sum(samples, "pop_events_delivered_total", sink),
          sum(samples, "pop_events_waiting", sink),
          sum(samples, "pop_events_dead_total", sink),
          sum(samples, "pop_events_dropped_total", sink),
          sum(samples, "pop_events_imbalance", sink));
    }

    private static long sum(Map<String, Double> samples, String name, String sink) {
      String label = "sink=\"" + sink + "\"";
      return samples.entrySet().stream()
          .filter(sample -> sample.getKey().startsWith(name + "{"))
          .filter(sample -> sample.getKey().contains(label))
          .mapToLong(sample -> sample.getValue().longValue())
          .sum();
    }

    /** Whether nothing is missing and nothing too much. */
    boolean balances() {
      return imbalance == 0 && recovered + taken == delivered + waiting + dead + dropped;
    }
  }
}
