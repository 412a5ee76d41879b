package io.proofofplay.spool.file;

import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import java.io.IOException;

/** The drop ledger of one sink in a file of JSON lines, each forced. */
final class FileDropLedger implements DropLedger {

  static final String NAME = "drops";

  private final SideFile file;
  private final String sink;

  FileDropLedger(SideFile file, String sink) {
    this.file = file;
    this.sink = sink;
  }

  @Override
  public void record(Drop drop) throws IOException {
    file.append(
        new JsonLine()
            .put("time", drop.time().toString())
            .put("sink", sink)
            .put("reason", drop.reason().code())
            .put("count", drop.count())
            .put("firstUuid", drop.firstUuid())
            .put("lastUuid", drop.lastUuid())
            .put("firstTs", drop.firstTs())
            .put("lastTs", drop.lastTs())
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
