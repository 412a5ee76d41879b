package io.proofofplay.runner.architecture.broken.core.relay;

import com.fasterxml.jackson.core.JsonFactory;

/** The engine must not know an adapter, nor Jackson. */
public final class Engine {

  io.proofofplay.runner.architecture.broken.sink.http.HttpSink sink;
  JsonFactory json;
}
