package io.proofofplay.runner.player;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The lines of a file, each byte as it is, whether they are events or not. A last line without a
 * line feed gets one.
 *
 * <p>Not thread-safe.
 */
final class LinesOfFile implements Programme {

  private static final int BLOCK = 64 * 1024;

  private final InputStream file;
  private final byte[] block = new byte[BLOCK];
  private int at;
  private int end;

  private LinesOfFile(InputStream file) {
    this.file = file;
  }

  static LinesOfFile open(Path path) throws IOException {
    return new LinesOfFile(Files.newInputStream(path));
  }

  @Override
  public Next next(LineBuffer line) throws IOException {
    boolean begun = false;
    while (true) {
      if (at == end) {
        at = 0;
        end = Math.max(0, file.read(block));
        if (end == 0) {
          if (begun) {
            line.addByte('\n');
          }
          return begun ? Next.EVENT : Next.END;
        }
      }
      int from = at;
      while (at < end && block[at] != '\n') {
        at++;
      }
      boolean complete = at < end;
      if (complete) {
        at++;
      }
      line.add(block, from, at - from);
      begun = true;
      if (complete) {
        return Next.EVENT;
      }
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
