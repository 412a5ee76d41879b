package io.proofofplay.source.infobeamer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** A player's side of one connection, step by step, on virtual time. */
final class ScriptedConnection implements PlayerConnection {

  static final String BANNER =
      "Info Beamer PI 0.9.6-beta (https://info-beamer.com) [pid 1/uptime 1]\n";
  static final String HEADER = "{\"pop\":\"lobby\"}\n";

  private sealed interface Step permits Bytes, Pause, Reset, Then {}

  /**
   * What the player says.
   *
   * @param isLate whether it has not arrived as long as something stands before it
   */
  private record Bytes(ByteBuffer bytes, boolean isLate) implements Step {}

  private record Pause(Duration duration) implements Step {}

  private record Reset() implements Step {}

  private record Then(Runnable action) implements Step {}

  private final Deque<Step> steps = new ArrayDeque<>();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final VirtualTime time;
  private int piece = Integer.MAX_VALUE;
  private boolean closed;
  private boolean left;
  private int owed;

  ScriptedConnection(VirtualTime time) {
    this.time = time;
  }

  /** A connection on which the player has introduced itself. */
  static ScriptedConnection introduced(VirtualTime time) {
    return new ScriptedConnection(time).says(BANNER).says("ok!\n" + HEADER);
  }

  ScriptedConnection says(String text) {
    return says(text.getBytes(StandardCharsets.UTF_8));
  }

  ScriptedConnection says(byte[] bytes) {
    steps.add(new Bytes(ByteBuffer.wrap(bytes), false));
    return this;
  }

  /** Says something that arrives when what stands before it was read. */
  ScriptedConnection goesOn(String text) {
    steps.add(new Bytes(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), true));
    return this;
  }

  ScriptedConnection waits(Duration duration) {
    steps.add(new Pause(duration));
    return this;
  }

  ScriptedConnection resets() {
    steps.add(new Reset());
    return this;
  }

  ScriptedConnection then(Runnable action) {
    steps.add(new Then(action));
    return this;
  }

  /** Gives at most so many bytes to one read. */
  ScriptedConnection inPiecesOf(int bytes) {
    piece = bytes;
    return this;
  }

  @Override
  public void send(byte[] bytes) {
    sent.writeBytes(bytes);
  }

  @Override
  public int read(byte[] into, int offset, int length, long nanos) throws IOException {
    if (closed) {
      throw new IOException("Socket closed");
    }
    long patience = nanos;
    while (!steps.isEmpty()) {
      if (left && !hasMore()) {
        return -1;
      }
      Step step = steps.poll();
      if (step instanceof Bytes bytes) {
        int count = Math.min(Math.min(piece, length), bytes.bytes().remaining());
        bytes.bytes().get(into, offset, count);
        if (bytes.bytes().hasRemaining()) {
          steps.push(bytes);
        }
        if (left) {
          owed -= count;
        }
        return count;
      } else if (step instanceof Pause pause) {
        Duration wait = pause.duration();
        if (wait.toNanos() >= patience) {
          time.pass(Duration.ofNanos(patience));
          steps.push(new Pause(wait.minusNanos(patience)));
          return 0;
        }
        time.pass(wait);
        patience -= wait.toNanos();
      } else if (step instanceof Then then) {
        then.action().run();
        if (closed) {
          throw new IOException("Socket closed");
        }
      } else {
        throw new IOException("Connection reset");
      }
    }
    return -1;
  }

  @Override
  public boolean hasMore() {
    return steps.peek() instanceof Bytes;
  }

  @Override
  public void leave() {
    if (!left) {
      left = true;
      for (Step step : steps) {
        if (!(step instanceof Bytes bytes) || bytes.isLate()) {
          break;
        }
        owed += bytes.bytes().remaining();
      }
    }
  }

  @Override
  public boolean owes() {
    return owed > 0;
  }

  @Override
  public boolean isLeft() {
    return left;
  }

  @Override
  public void close() {
    closed = true;
  }

  String sent() {
    return sent.toString(StandardCharsets.UTF_8);
  }

  boolean isClosed() {
    return closed;
  }
}
