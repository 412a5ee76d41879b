package io.proofofplay.source.infobeamer;

/** The same for the connections of a crowd, which are of another kind. */
final class CrowdedDialerTest extends SocketDialerTest {

  private final Lookout lookout = new Lookout(new Crowd(), 0, Lookout.PACE);

  @Override
  Lookout lookout() {
    return lookout;
  }
}
