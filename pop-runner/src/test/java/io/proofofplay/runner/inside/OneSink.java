package io.proofofplay.runner.inside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration of a relay with one sink, {@code billing}, for commands that look inside. */
final class OneSink {

  private OneSink() {}

  /** Writes {@code pop.yaml} into a directory; the spool it names is {@code spool} beside it. */
  static void configureIn(Path directory) throws IOException {
    Files.writeString(
        directory.resolve("pop.yaml"),
        """
        spool: {directory: %s}
        sources: {lobby: {type: infobeamer}}
        sinks: {billing: {type: http, url: "http://127.0.0.1:1/"}}
        """
            .formatted(directory.resolve("spool")));
  }
}
