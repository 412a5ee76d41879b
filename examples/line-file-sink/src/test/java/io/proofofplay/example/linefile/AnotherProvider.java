package io.proofofplay.example.linefile;

import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;

/** Claims the type of {@link LineFileProvider}; packed into a jar of its own by a test. */
public final class AnotherProvider implements SubmitterProvider<AnotherProvider.Settings> {

  /** No settings. */
  public record Settings() {}

  @Override
  public String type() {
    return "line-file";
  }

  @Override
  public Class<Settings> configType() {
    return Settings.class;
  }

  @Override
  public Submitter create(Settings settings, SinkContext context) {
    throw new UnsupportedOperationException("is refused before it comes to this");
  }
}
