package io.proofofplay.runner.architecture.broken.spool.file;

/** A spool must not know another adapter. */
public final class Spool {

  io.proofofplay.runner.architecture.broken.sink.http.HttpSink sink;
}
