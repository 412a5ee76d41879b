package io.proofofplay.testkit;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import java.util.List;

/**
 * Passes everything on; a test overrides what it wants otherwise. What a source begins to offer
 * comes through {@link #offer} of this intake when it is finished.
 *
 * <p>As thread-safe as the intake behind it.
 */
public class ForwardingIntake implements Intake {

  private final Intake next;

  /**
   * An intake before another.
   *
   * @param next gets everything
   */
  public ForwardingIntake(Intake next) {
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
  public boolean isClosed() {
    return next.isClosed();
  }

  @Override
  public void refuse(RefusedLine line) {
    next.refuse(line);
  }

  @Override
  public void repeated(int events) {
    next.repeated(events);
  }

  @Override
  public void reusedId(int events) {
    next.reusedId(events);
  }

  @Override
  public byte[] recall() {
    return next.recall();
  }

  @Override
  public void remember(byte[] memory) {
    next.remember(memory);
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
