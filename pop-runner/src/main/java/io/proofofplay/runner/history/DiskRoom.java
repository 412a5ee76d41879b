package io.proofofplay.runner.history;

import java.io.File;
import java.nio.file.Path;

/** How much room a disk has. Only this asks a file system for it. */
interface DiskRoom {

  /** All bytes of it; 0 if that is not known. */
  long total();

  /** How many bytes may be written yet; 0 also if that is not known. */
  long usable();

  /** The disk that a folder is on. */
  static DiskRoom of(Path folder) {
    // What a path offers for it reads the table of all mounts each time.
    File place = folder.toFile();
    return new DiskRoom() {
      @Override
      public long total() {
        return place.getTotalSpace();
      }

      @Override
      public long usable() {
        return place.getUsableSpace();
      }
    };
  }
}
