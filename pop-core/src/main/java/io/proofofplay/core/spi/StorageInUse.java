package io.proofofplay.core.spi;

import java.io.IOException;

/** The storage belongs to another process at the moment. */
public final class StorageInUse extends IOException {

  private static final long serialVersionUID = 1L;

  /**
   * Names the place and its owner.
   *
   * @param message the place, who owns it, and what would be right
   */
  public StorageInUse(String message) {
    super(message);
  }
}
