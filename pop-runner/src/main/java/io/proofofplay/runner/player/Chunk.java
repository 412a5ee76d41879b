package io.proofofplay.runner.player;

import java.nio.ByteBuffer;

/**
 * Some lines that are broadcast. Chunks form a chain in which each client has a place of its own;
 * what all clients have behind them is nobody's any more and goes to the garbage collector.
 */
final class Chunk {

  private final byte[] bytes;
  private Chunk next;

  Chunk(byte[] bytes) {
    this.bytes = bytes;
  }

  ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes);
  }

  Chunk next() {
    return next;
  }

  void append(Chunk behind) {
    next = behind;
  }
}
