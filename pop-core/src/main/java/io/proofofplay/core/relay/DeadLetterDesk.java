package io.proofofplay.core.relay;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what an operator decides about dead letters while the relay runs.
 *
 * <p>An event that is tried again comes into the spool like a new one, and is counted as accepted a
 * second time; that it was a dead letter stays counted. It is safe in the spool before its letter
 * goes, so that a kill in between costs a repetition under the same uuid and no event.
 *
 * <p>Not thread-safe: it belongs to the relay's thread for what is due by time.
 */
final class DeadLetterDesk {

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterDesk.class);

  private final String sink;
  private final DeadLetters letters;
  private final Door door;
  private final StorageWatch watch;
  private final TimeSource time;

  DeadLetterDesk(String sink, DeadLetters letters, Door door, StorageWatch watch, TimeSource time) {
    this.sink = sink;
    this.letters = letters;
    this.door = door;
    this.watch = watch;
    this.time = time;
  }

  /** Follows one request, if there is one. */
  void runOnce() {
    watch.run("follow what is asked about its dead letters", this::look);
  }

  private void look() {
    Optional<DeadLetterRequest> request;
    try {
      request = letters.request();
    } catch (IOException e) {
      LOG.debug("sink {}: requests about its dead letters cannot be read", sink, e);
      return;
    }
    request.ifPresent(this::follow);
  }

  private void follow(DeadLetterRequest request) {
    long done = 0;
    String problem = "";
    try {
      switch (request.action()) {
        case RETRY -> {
          Return taken = new Return(request);
          done = letters.takeOut(taken);
          problem =
              taken.refused == 0 ? "" : "the spool has no room for " + taken.refused + " more";
        }
        case DISCARD -> done = letters.discard(time.now(), request::means);
      }
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    LOG.info(
        "sink {}: an operator had {} dead letters {}{}",
        sink,
        done,
        request.action() == DeadLetterRequest.Action.RETRY ? "tried again" : "discarded",
        problem.isEmpty() ? "" : "; " + problem);
    try {
      letters.answer(request, done, problem);
    } catch (IOException e) {
      LOG.warn("sink {}: the operator cannot be answered: {}", sink, e.toString());
    }
  }

  /** Puts the events of letters back into the spool, as long as there is room. */
  private final class Return implements DeadLetters.Taker {

    private final DeadLetterRequest request;
    private long refused;

    Return(DeadLetterRequest request) {
      this.request = request;
    }

    @Override
    public boolean take(DeadLetter letter) {
      if (!request.means(letter)) {
        return false;
      }
      // None behind one that found no room, so that the order stays.
      if (refused > 0 || !door.takeBack(letter.event())) {
        refused++;
        return false;
      }
      return true;
    }

    @Override
    public void keep() throws IOException {
      door.forceReturned();
    }
  }
}
