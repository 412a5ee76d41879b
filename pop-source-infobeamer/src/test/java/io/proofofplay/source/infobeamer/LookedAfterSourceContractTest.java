package io.proofofplay.source.infobeamer;

import io.proofofplay.testkit.EventSourceContract;
import java.io.IOException;

/** The rules of the port, where a source is looked after by whichever thread looks out. */
final class LookedAfterSourceContractTest implements EventSourceContract {

  private final Lookout lookout = new Lookout(new Crowd(), 0, Lookout.PACE);

  @Override
  public Peer peer() throws IOException {
    return new InfoBeamerSourceContractTest.Player(lookout);
  }
}
