package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.SourceContext;

/**
 * Makes sources of the type {@code infobeamer}.
 *
 * <p>Thread-safe: it has no state.
 */
public final class InfoBeamerSourceProvider implements EventSourceProvider<InfoBeamerConfig> {

  /** Called by {@link java.util.ServiceLoader}. */
  public InfoBeamerSourceProvider() {}

  @Override
  public String type() {
    return "infobeamer";
  }

  @Override
  public Class<InfoBeamerConfig> configType() {
    return InfoBeamerConfig.class;
  }

  @Override
  public EventSource create(InfoBeamerConfig config, SourceContext context) {
    return new InfoBeamerSource(config, context);
  }
}
