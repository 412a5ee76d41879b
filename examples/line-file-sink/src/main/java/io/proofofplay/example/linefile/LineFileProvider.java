package io.proofofplay.example.linefile;

import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;

/** Makes {@code type: line-file} known to the daemon. */
public final class LineFileProvider implements SubmitterProvider<LineFileConfig> {

  /** Found by {@link java.util.ServiceLoader}. */
  public LineFileProvider() {}

  @Override
  public String type() {
    return "line-file";
  }

  @Override
  public Class<LineFileConfig> configType() {
    return LineFileConfig.class;
  }

  @Override
  public Submitter create(LineFileConfig config, SinkContext context) {
    return new LineFileSubmitter(config.file());
  }
}
