package io.proofofplay.spool.file;

import java.time.Instant;

/**
 * One file of a sink's spool, as a look from outside finds it.
 *
 * @param name its name in the sink's folder
 * @param number its place in the order, 0 or more
 * @param open whether it is still written, or was when its relay was killed
 * @param events how many events it holds: by its name if it is sealed, counted if it is open
 * @param done how many of its first events are done with
 * @param bytes its size
 * @param created when it was begun, by the wall clock of then; when it was last written if its
 *     first line does not tell
 * @param written when it was last written, by the file system
 * @param batch the id under which what is left of it is sent, while nothing in it is damaged; empty
 *     if its first line does not tell
 */
public record SpoolFile(
    String name,
    long number,
    boolean open,
    int events,
    int done,
    long bytes,
    Instant created,
    Instant written,
    String batch) {

  /**
   * How many events in it are still to be delivered.
   *
   * @return 0 or more
   */
  public int waiting() {
    return events - done;
  }
}
