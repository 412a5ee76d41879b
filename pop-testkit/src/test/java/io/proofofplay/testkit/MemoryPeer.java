package io.proofofplay.testkit;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.RefusedLine;
import java.util.ArrayList;
import java.util.List;

/** A peer whose source is scripted. */
class MemoryPeer implements EventSourceContract.Peer {

  private static final byte[] NONSENSE = {'n', 'o'};

  private ScriptedSource source;
  private boolean present = true;

  @Override
  public EventSource source() {
    source = new ScriptedSource();
    if (present) {
      source.connect(sender());
    } else {
      source.disconnect("memory: nothing is there");
    }
    return source;
  }

  @Override
  public String sender() {
    return "memory";
  }

  @Override
  public void emit(List<byte[]> lines) {
    List<PopEvent> events = new ArrayList<>();
    for (byte[] line : lines) {
      events.add(PopEvent.scanned(line, 0, line.length, sender()));
    }
    source.emit(events);
  }

  @Override
  public int emitNonsense() {
    source.refuse(new RefusedLine(Refusal.NOT_JSON, 0, NONSENSE.length, NONSENSE));
    return 1;
  }

  @Override
  public void drop() {
    source.disconnect("memory: cut").connect(sender());
  }

  @Override
  public void vanish() {
    present = false;
    if (source != null) {
      source.disconnect("memory: gone");
    }
  }

  @Override
  public void turnForeign() {
    vanish();
  }

  @Override
  public void turnSilent() {
    vanish();
  }

  @Override
  public void appear() {
    present = true;
    source.connect(sender());
  }

  @Override
  public void close() {
    if (source != null) {
      source.close();
    }
  }
}
