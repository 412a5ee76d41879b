package io.proofofplay.runner.check;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.SourceConfig;
import io.proofofplay.source.infobeamer.InfoBeamerConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Whether a source finds its peer: runs the real source until it says so, and takes no event. Only
 * for players that tell everybody everything; to another peer, an event that is read here may be
 * lost to the relay.
 */
final class SourceCheck {

  private static final Duration SLACK = Duration.ofSeconds(5);

  private final String subject;
  private final SourceConfig config;
  private final Adapters adapters;
  private final SourceContext context;

  SourceCheck(String name, SourceConfig config, Adapters adapters, TimeSource time) {
    subject = "source " + name;
    this.config = config;
    this.adapters = adapters;
    context = new SourceContext(name, time);
  }

  List<Finding> run() throws InterruptedException {
    if (!(config.settings() instanceof InfoBeamerConfig player)) {
      return List.of(
          Finding.note(subject, "a source of type " + config.type() + " is not looked at here"));
    }
    Listening listening = new Listening();
    try (EventSource source = adapters.source(config, context)) {
      Thread thread = new Thread(() -> listening.to(source), "pop-check-source");
      thread.setDaemon(true);
      thread.start();
      String address = player.host() + ":" + player.port();
      Duration longest =
          player.connectTimeout().plus(player.headerTimeout().multipliedBy(2)).plus(SLACK);
      Finding first = listening.findings.poll(longest.toMillis(), TimeUnit.MILLISECONDS);
      return List.of(
          first == null
              ? Finding.fail(
                  subject, address + " did not answer within " + longest.toSeconds() + " s")
              : new Finding(first.outcome(), subject, prefixed(address, first)));
    }
  }

  private static String prefixed(String address, Finding finding) {
    return finding.outcome() == Finding.Outcome.OK
        ? address + " is a player with proof of play, " + finding.text()
        : finding.text();
  }

  /** Hears the first word of the source and takes nothing. */
  private static final class Listening implements Intake {

    private final BlockingQueue<Finding> findings = new LinkedBlockingQueue<>();

    void to(EventSource source) {
      try {
        source.run(this);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        findings.add(Finding.fail("", "the source failed: " + e));
      }
    }

    @Override
    public Answer offer(List<PopEvent> events) {
      return Answer.CLOSED;
    }

    @Override
    public Answer giveUp(List<PopEvent> events) {
      return Answer.CLOSED;
    }

    @Override
    public void refuse(RefusedLine line) {
      // The relay keeps such lines; here nothing is kept.
    }

    @Override
    public void connected(String sender) {
      findings.add(Finding.ok("", "it calls itself \"" + sender + "\""));
    }

    @Override
    public void disconnected(String reason) {
      findings.add(Finding.fail("", reason));
    }
  }
}
