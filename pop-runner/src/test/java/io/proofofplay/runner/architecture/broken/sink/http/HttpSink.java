package io.proofofplay.runner.architecture.broken.sink.http;

import org.apache.hc.client5.http.HttpRoute;

/** Here the HTTP client is right. */
public final class HttpSink {

  HttpRoute route;
}
