package io.proofofplay.runner.architecture.broken.sink.http;

import org.apache.hc.standin.Client;

/** Here the HTTP client is right. */
public final class HttpSink {

  Client client;
}
