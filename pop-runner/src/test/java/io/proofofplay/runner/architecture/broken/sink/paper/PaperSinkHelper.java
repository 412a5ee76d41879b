package io.proofofplay.runner.architecture.broken.sink.paper;

import com.google.inject.Injector;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hc.standin.Client;

/** A sink must not know Guice, start threads, look at the clock, or use another's client. */
public final class PaperSinkHelper {

  Injector injector;
  Client client;

  ExecutorService threads() {
    return Executors.newCachedThreadPool();
  }

  void start() {
    new Thread(this::start).start();
  }

  void sleep() throws InterruptedException {
    Thread.sleep(System.currentTimeMillis() - System.nanoTime());
  }

  Instant now() {
    return Instant.now();
  }
}
