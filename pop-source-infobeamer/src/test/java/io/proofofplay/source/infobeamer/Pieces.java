package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PrimitiveIterator;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/** Gives some bytes, so many at a time as it is told. */
final class Pieces implements PlayerConnection {

  private final byte[] bytes;
  private final IntSupplier piece;
  private int at;

  Pieces(byte[] bytes, IntSupplier piece) {
    this.bytes = bytes;
    this.piece = piece;
  }

  /** In pieces of given lengths, over and over. */
  static Pieces inTurn(byte[] bytes, int[] lengths) {
    PrimitiveIterator.OfInt turn = IntStream.iterate(0, i -> (i + 1) % lengths.length).iterator();
    return new Pieces(bytes, () -> lengths[turn.nextInt()]);
  }

  @Override
  public void send(byte[] sent) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(byte[] into, int offset, int length, long nanos) {
    assertThat(length).isPositive();
    int count = Math.min(Math.min(length, piece.getAsInt()), bytes.length - at);
    System.arraycopy(bytes, at, into, offset, count);
    at += count;
    return count == 0 ? -1 : count;
  }

  @Override
  public boolean hasMore() {
    return at < bytes.length;
  }

  @Override
  public void leave() {}

  @Override
  public boolean isLeft() {
    return false;
  }

  @Override
  public boolean owes() {
    return false;
  }

  @Override
  public void close() {}
}
