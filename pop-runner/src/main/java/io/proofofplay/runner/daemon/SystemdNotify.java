package io.proofofplay.runner.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * systemd's own program for the notify socket, which is a Unix socket for datagrams: the JDK has
 * none. It waits until systemd has taken in what it was told, so that the unit knows whose word it
 * is; for that the unit needs {@code NotifyAccess=all}.
 */
final class SystemdNotify implements Watchdog.Line {

  /** It does this in some milliseconds, and gives up by itself after 5 s. */
  private static final int LONGEST_SECONDS = 30;

  private static final int MOST_WORDS = 300;

  /** How Java starts a program; see the constructor. */
  private static final String MECHANISM = "jdk.lang.Process.launchMechanism";

  private final List<String> command;

  SystemdNotify() {
    this("systemd-notify");
  }

  SystemdNotify(String program) {
    // By itself and not by a program of the Java runtime, which refuses to serve a process of
    // another version: after an update of Java under a relay that runs, nothing could be told.
    if (System.getProperty(MECHANISM) == null) {
      System.setProperty(MECHANISM, "FORK");
    }
    // Not a word about a main process: that one is known.
    command = List.of(program, "WATCHDOG=1");
  }

  @Override
  public void tell() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // The rest is none of its business: a backend's secret may be among it.
    builder.environment().keySet().retainAll(List.of("NOTIFY_SOCKET"));
    Process process;
    try {
      process = builder.start();
    } catch (OutOfMemoryError e) {
      throw new IOException("no thread to run " + command.get(0) + " in: " + e.getMessage(), e);
    }
    try {
      process.getOutputStream().close();
      if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(command.get(0) + " does not end");
      }
      if (process.exitValue() != 0) {
        throw new IOException(
            command.get(0) + " ended with " + process.exitValue() + ": " + words(process));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(command.get(0) + " was not waited for", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String words(Process process) throws IOException {
    try (InputStream said = process.getInputStream()) {
      return new String(said.readNBytes(MOST_WORDS), StandardCharsets.UTF_8).strip();
    }
  }
}
