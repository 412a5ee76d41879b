package io.proofofplay.runner.config;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An info-beamer package's own settings: {@code config.json} in the working directory, whose keys
 * are the package's options. They become a configuration with the player of this device as its only
 * source.
 */
final class PackageMode {

  /** Where the options stand, as the info-beamer SDK reads them too. */
  private static final String FILE = "config.json";

  /**
   * The options that mean something here; a package may have others, and the player adds its own.
   */
  static final List<String> OPTIONS = List.of("url", "authorization", "min_interval");

  private static final BigDecimal LONGEST_SECONDS = BigDecimal.valueOf(86_400);

  private PackageMode() {}

  /** The options' file, if the working directory is a package's. */
  static Optional<Path> file(Surroundings surroundings) {
    Path file = surroundings.directory().resolve(FILE);
    return surroundings.scratch().isPresent() && Files.exists(file)
        ? Optional.of(file)
        : Optional.empty();
  }

  /** The configuration that the options stand for. Its nodes keep the options' names and lines. */
  static Node.Fields configuration(Node.Fields options, Findings findings) {
    Map<String, Node> backend = new LinkedHashMap<>();
    backend.put("type", new Node.Text("", options.line(), "http"));
    Node url = options.entries().get("url");
    if (url == null || url instanceof Node.Nothing || isEmpty(url)) {
      findings.add(
          options,
          "url",
          (url instanceof Node.Text ? "is empty" : "is missing")
              + "; set it to the address that takes the events, such as https://example.org/pop");
      url = new Node.Text("url", options.line(), "https://example.org/pop");
    }
    backend.put("url", url);
    Node authorization = options.entries().get("authorization");
    if (authorization != null && !isEmpty(authorization)) {
      backend.put("authorization", authorization);
    }
    interval(options, findings)
        .ifPresent(
            interval ->
                backend.put(
                    "batch",
                    new Node.Fields("", interval.line(), Map.of("minInterval", interval))));
    int line = options.line();
    Node.Fields player =
        new Node.Fields("", line, Map.of("type", new Node.Text("", line, "infobeamer")));
    return new Node.Fields(
        "",
        line,
        Map.of(
            "sources", new Node.Fields("", line, Map.of("player", player)),
            "sinks",
                new Node.Fields("", line, Map.of("backend", new Node.Fields("", line, backend)))));
  }

  private static boolean isEmpty(Node node) {
    return node instanceof Node.Text text && text.text().isBlank();
  }

  /** Seconds, with or without a fraction, as a duration. */
  private static Optional<Node.Text> interval(Node.Fields options, Findings findings) {
    Node node = options.entries().get("min_interval");
    if (node == null || node instanceof Node.Nothing || isEmpty(node)) {
      return Optional.empty();
    }
    if (node instanceof Node.Text text) {
      try {
        BigDecimal seconds = new BigDecimal(text.text().strip());
        if (seconds.signum() >= 0 && seconds.compareTo(LONGEST_SECONDS) <= 0) {
          long millis = seconds.movePointRight(3).longValue();
          return Optional.of(new Node.Text(text.key(), text.line(), millis + "ms"));
        }
      } catch (NumberFormatException e) {
        // Said below, in the same words as a number out of bounds.
      }
    }
    findings.add(
        node,
        (node instanceof Node.Text text ? Hidden.quote(text.text()) : node.kind())
            + " is not a number of seconds; write 10 (0 to 86400, default 10)");
    return Optional.empty();
  }
}
