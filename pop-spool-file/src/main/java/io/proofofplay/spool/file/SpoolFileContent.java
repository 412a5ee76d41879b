package io.proofofplay.spool.file;

import io.proofofplay.core.model.PopEvent;
import java.util.List;

/**
 * What a spool file held when it was read.
 *
 * @param file the file under the name that it had then
 * @param batch the id under which the waiting events are sent, damage considered; empty if none
 *     waits
 * @param done the first events, which are done with
 * @param waiting the events that are still to be delivered, in order
 * @param damages what is damaged, in order; the torn end of a file that is being written is not
 *     among it
 */
public record SpoolFileContent(
    SpoolFile file,
    String batch,
    List<PopEvent> done,
    List<PopEvent> waiting,
    List<SpoolDamage> damages) {

  /** Copies the lists. */
  public SpoolFileContent {
    done = List.copyOf(done);
    waiting = List.copyOf(waiting);
    damages = List.copyOf(damages);
  }
}
