package io.proofofplay.runner.acceptance;

/** The configuration of most tests here: one player, {@code lobby}, and one sink, billing. */
final class Yaml {

  private Yaml() {}

  /**
   * A configuration; more of its parts can stand before or behind it.
   *
   * @param port the player's
   * @param url where the sink {@code billing} delivers
   * @param settings more of the sink's, a line each, such as {@code batch: {maxEvents: 50}}
   */
  static String delivering(int port, String url, String... settings) {
    StringBuilder yaml =
        new StringBuilder(
            """
            sources:
              lobby: {type: infobeamer, port: %d}
            sinks:
              billing:
                type: http
                url: %s
            """
                .formatted(port, url));
    for (String setting : settings) {
      yaml.append("    ").append(setting).append('\n');
    }
    return yaml.toString();
  }
}
