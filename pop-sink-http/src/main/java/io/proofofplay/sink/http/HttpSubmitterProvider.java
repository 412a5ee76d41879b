package io.proofofplay.sink.http;

import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;

/** Makes sinks of the type {@code http}. */
public final class HttpSubmitterProvider implements SubmitterProvider<HttpSinkConfig> {

  /** Made by {@link java.util.ServiceLoader}. */
  public HttpSubmitterProvider() {}

  @Override
  public String type() {
    return "http";
  }

  @Override
  public Class<HttpSinkConfig> configType() {
    return HttpSinkConfig.class;
  }

  @Override
  public Submitter create(HttpSinkConfig config, SinkContext context) {
    return new HttpSubmitter(config, context);
  }
}
