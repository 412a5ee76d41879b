package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.SourceContext;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Gives out the connections that were put in, then ends the source. */
final class ScriptedDialer implements Dialer {

  private final Deque<Object> results = new ArrayDeque<>();
  private PlayerConnection last;
  private int dialled;
  private InfoBeamerSource source;

  ScriptedDialer connects(PlayerConnection connection) {
    results.add(connection);
    return this;
  }

  ScriptedDialer fails(String message) {
    results.add(new IOException(message));
    return this;
  }

  /** Runs a source to the end of the script, without chance. */
  void play(InfoBeamerConfig config, VirtualTime time, Intake intake) throws InterruptedException {
    play(config, time, 0, intake);
  }

  /** Runs a source to the end of the script. */
  void play(InfoBeamerConfig config, VirtualTime time, double chance, Intake intake)
      throws InterruptedException {
    source =
        new InfoBeamerSource(
            config, new SourceContext("test", time), this, new Reconnects(() -> chance));
    source.run(intake);
  }

  @Override
  public PlayerConnection dial() throws IOException {
    Object result = results.poll();
    if (result == null) {
      source.close();
      throw new IOException("the script is over");
    }
    dialled++;
    if (result instanceof IOException failure) {
      throw failure;
    }
    last = (PlayerConnection) result;
    return last;
  }

  @Override
  public void close() {
    if (last != null) {
      last.leave();
    }
  }

  void closeSource() {
    source.close();
  }

  int dialled() {
    return dialled;
  }
}
