package io.proofofplay.runner.demo;

import io.proofofplay.runner.player.LineBuffer;
import io.proofofplay.runner.player.Programme;
import java.io.IOException;

/**
 * A programme that pauses after a number of events, until it may go on. Meanwhile the player stays
 * and its clients stay connected.
 */
final class GatedPlays implements Programme {

  private final Programme plays;
  private long left;
  private volatile boolean open;

  GatedPlays(Programme plays, long first) {
    this.plays = plays;
    left = first;
  }

  /** Lets the programme go on without end; from any thread. */
  void goOn() {
    open = true;
  }

  @Override
  public Next next(LineBuffer line) throws IOException {
    if (left == 0 && !open) {
      return Next.NOTHING_YET;
    }
    Next next = plays.next(line);
    if (next == Next.EVENT && left > 0) {
      left--;
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    plays.close();
  }
}
