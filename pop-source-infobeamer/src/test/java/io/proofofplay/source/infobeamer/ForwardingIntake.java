package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import java.util.List;

/** Passes everything on; a test overrides what it wants otherwise. */
class ForwardingIntake implements Intake {

  private final Intake next;

  ForwardingIntake(Intake next) {
    this.next = next;
  }

  @Override
  public Answer offer(List<PopEvent> events) throws InterruptedException {
    return next.offer(events);
  }

  @Override
  public Answer giveUp(List<PopEvent> events) {
    return next.giveUp(events);
  }

  @Override
  public void refuse(RefusedLine line) {
    next.refuse(line);
  }

  @Override
  public void connected(String sender) {
    next.connected(sender);
  }

  @Override
  public void disconnected(String reason) {
    next.disconnected(reason);
  }
}
