package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Which batches are delivered from memory. */
class FreshTest {

  private static final int EACH = 100;

  private final Fresh fresh = new Fresh(3 * EACH);

  private static Segment batch(int number) {
    SpoolFileName name = new SpoolFileName(number, 1, 0);
    return Segment.found(name, name.toString(), 1, EACH, Instant.EPOCH);
  }

  private static Bytes content() {
    return new Bytes(EACH);
  }

  @Test
  void whatWasSealedLastIsAtHandUntilItIsForgotten() {
    Segment batch = batch(1);
    Bytes content = content();
    assertThat(fresh.keep(batch, content, 0)).isTrue();
    assertThat(fresh.of(batch)).isSameAs(content);

    fresh.forget(batch);

    assertThat(fresh.of(batch)).isNull();
    assertThat(fresh.of(batch(1))).as("another one with the same number").isNull();
  }

  @Test
  void noMoreIsKeptThanMayBe() {
    Segment first = batch(0);
    assertThat(fresh.keep(first, content(), 0)).isTrue();
    assertThat(fresh.keep(batch(1), content(), 1)).isTrue();
    assertThat(fresh.keep(batch(2), content(), 2)).isTrue();
    assertThat(fresh.keep(batch(3), content(), 3)).isFalse();

    fresh.forget(first);

    assertThat(fresh.keep(batch(4), content(), 2)).as("there is room again").isTrue();
  }

  @Test
  void behindABacklogNothingIsKept() {
    assertThat(fresh.keep(batch(2), content(), 2)).isFalse();
    assertThat(fresh.keep(batch(2), content(), 1)).as("behind the one on its way").isTrue();
  }
}
