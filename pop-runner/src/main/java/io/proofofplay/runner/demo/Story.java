package io.proofofplay.runner.demo;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.backend.Totals;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** What happens on the stage, told as it happens. */
final class Story {

  private static final int UNAVAILABLE = 503;

  /** When what happens, in shares of the events played. */
  private static final double GONE = 0.25;

  private static final double LISTED = 0.5;
  private static final double BACK = 0.55;
  private static final double WELL = 0.7;

  /** No part of the story takes longer on any machine that can run it. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration LOOK = Duration.ofMillis(50);

  private final Stage stage;
  private final Terminal terminal;
  private final TimeSource time;
  private final long events;
  private final double rate;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition never = lock.newCondition();

  Story(Stage stage, Terminal terminal, TimeSource time, long events, double rate) {
    this.stage = stage;
    this.terminal = terminal;
    this.time = time;
    this.events = events;
    this.rate = rate;
  }

  /** Tells it to the end; the books are the last line. */
  Books tell() throws ConfigurationException, IOException, InterruptedException {
    introduce();
    stage.start();
    try (Progress progress = new Progress(terminal, time, "  played", events)) {
      chapter("All is well: what is played arrives.");
      until(progress, () -> stage.sent() >= GONE * events);

      stage.takeBackendAway();
      chapter("The backend is gone, its port is closed. The player plays on.");
      until(progress, () -> stage.sent() >= LISTED * events);
      sayProblem();
      terminal.line("  What the relay keeps meanwhile, in " + stage.spoolFolder() + ":");
      for (String line : SpoolListing.of(stage.spoolFolder())) {
        terminal.line("    " + line);
      }
      until(progress, () -> stage.sent() >= BACK * events);

      stage.bringBackendBack(UNAVAILABLE);
      chapter("The backend is back, and answers " + UNAVAILABLE + " to everything.");
      until(progress, () -> stage.sent() >= WELL * events);
      sayProblem();

      stage.makeBackendWell();
      chapter("The backend is well again: the relay sends what has waited, oldest first.");
      until(progress, () -> stage.sent() >= events && stage.totals().distinct() >= events);
    }
    return close();
  }

  private void introduce() throws IOException {
    terminal.line(
        terminal.heading(
            "A player, the relay and a backend: real sockets, real files, one outage."));
    terminal.line("");
    terminal.line("  player   " + stage.playerAddress() + ", plays " + rateText() + " a second");
    terminal.line("  backend  " + stage.backendUrl());
    terminal.line("  relay    all of its configuration, " + stage.configurationFile() + ":");
    for (String line : Files.readAllLines(stage.configurationFile())) {
      terminal.line("             " + line);
    }
    terminal.line("");
  }

  private String rateText() {
    return rate == Math.rint(rate) ? Counted.of((long) rate, "event") : rate + " events";
  }

  private void chapter(String text) {
    terminal.line(terminal.heading("* " + text));
  }

  /** Waits, and shows how far it is. Going on without having reached it shows in the books. */
  private void until(Progress progress, BooleanSupplier reached) throws InterruptedException {
    long began = time.nanos();
    while (!reached.getAsBoolean() && time.nanos() - began < PATIENCE.toNanos()) {
      progress.at(stage.sent(), state());
      lock.lock();
      try {
        time.await(never, LOOK.toNanos());
      } finally {
        lock.unlock();
      }
    }
    progress.mark(stage.sent(), state());
  }

  private void sayProblem() {
    stage.problem().ifPresent(problem -> terminal.line("  The relay says: " + problem));
  }

  private String state() {
    return "received " + stage.totals().distinct() + ", waiting in the relay " + stage.waiting();
  }

  private Books close() throws IOException {
    Totals totals = stage.totals();
    Books books = stage.books();
    chapter("All is played.");
    terminal.line(
        "  The backend was asked "
            + Counted.of(totals.requests(), "time")
            + " and took "
            + Counted.of(totals.taken(), "batch", "batches")
            + ".");
    terminal.line("  The books, by comparing each event byte for byte:");
    if (books.foreign() > 0) {
      terminal.line(
          terminal.bad(
              "  " + Counted.of(books.foreign(), "event") + " arrived that nobody has sent"));
    }
    terminal.line(books.toString());
    return books;
  }
}
