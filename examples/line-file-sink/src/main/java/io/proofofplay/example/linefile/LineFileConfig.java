package io.proofofplay.example.linefile;

import io.proofofplay.core.config.Setting;
import java.nio.file.Path;

/**
 * The settings of a sink of type {@code line-file}.
 *
 * @param file the file that events are appended to
 */
public record LineFileConfig(
    @Setting(
            value = "file that events are appended to, one a line; its directory must be there",
            required = true,
            example = "/var/lib/plays/plays.ndjson")
        Path file) {}
