package io.proofofplay.spool.file;

import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import java.io.IOException;

/** Dead letters in a file of JSON lines, each forced. */
final class FileDeadLetters implements DeadLetters {

  static final String FOLDER = "dead";
  static final String NAME = "dead";

  private final SideFile file;

  FileDeadLetters(SideFile file) {
    this.file = file;
  }

  @Override
  public void put(DeadLetter letter) throws IOException {
    file.append(
        new JsonLine()
            .put("time", letter.time().toString())
            .put("batch", letter.batch().toString())
            .put("status", letter.reason().status())
            .put("reason", letter.reason().text())
            .put("answer", letter.reason().answer())
            .put("event", letter.event().json())
            .end());
  }

  @Override
  public long discarded() {
    return file.discarded();
  }

  @Override
  public void close() {
    file.close();
  }
}
