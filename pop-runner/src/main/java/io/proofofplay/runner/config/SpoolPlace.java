package io.proofofplay.runner.config;

import io.proofofplay.core.config.Setting;
import java.nio.file.Path;

/**
 * Where events wait.
 *
 * @param directory the directory; one folder per sink inside
 */
public record SpoolPlace(
    @Setting(
            value =
                "where events wait, one folder per sink inside; the default is `$SCRATCH/pop` if"
                    + " `SCRATCH` is set")
        Path directory) {

  /** Puts the default where nothing is given. */
  public SpoolPlace {
    directory = directory == null ? Path.of("./spool") : directory;
  }

  /** The place where nothing is configured: what outlives a package's restart, if there is such. */
  static SpoolPlace in(Surroundings surroundings) {
    return new SpoolPlace(
        surroundings.scratch().map(scratch -> scratch.resolve("pop")).orElse(null));
  }
}
