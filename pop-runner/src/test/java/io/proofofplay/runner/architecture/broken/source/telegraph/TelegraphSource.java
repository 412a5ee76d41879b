package io.proofofplay.runner.architecture.broken.source.telegraph;

import io.proofofplay.runner.architecture.broken.core.relay.Engine;
import io.proofofplay.runner.architecture.broken.runner.wheel.Wheel;
import io.proofofplay.runner.architecture.broken.sink.http.HttpSink;

/** A source must not know the engine, another adapter, or the runner. */
public final class TelegraphSource {

  Engine engine;
  HttpSink sink;
  Wheel wheel;
}
