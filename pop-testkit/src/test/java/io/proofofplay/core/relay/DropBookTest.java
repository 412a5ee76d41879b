package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When what was given up gets into the ledger. */
class DropBookTest {

  /** A ledger that can fail. */
  private static final class Ledger implements DropLedger {

    private final List<Long> counts = new ArrayList<>();
    private boolean broken;
    private boolean closed;

    @Override
    public void record(Drop drop) throws IOException {
      if (broken) {
        throw new IOException("no room");
      }
      counts.add(drop.count());
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final ManualTime time = ManualTime.standing();
  private final Ledger ledger = new Ledger();
  private final DropBook book = new DropBook("billing", ledger, time, new Listeners(List.of()));

  private void give(int events) {
    Drop drop = Drop.of(time.now(), DropReason.FULL_NEWEST, Events.numbered(events));
    book.count(drop);
    book.write(List.of(drop));
  }

  private void pass(Duration span) {
    time.advance(span);
    book.flush();
  }

  @Test
  void aRunBeginsWithAnEntryOfItsOwnAtOnce() {
    give(3);
    assertThat(ledger.counts).containsExactly(3L);
  }

  @Test
  void whatFollowsIsJoinedAndWrittenAfterASecond() {
    give(3);
    give(1);
    give(1);
    pass(Duration.ofMillis(900));
    assertThat(ledger.counts).containsExactly(3L);
    pass(Duration.ofMillis(200));
    assertThat(ledger.counts).containsExactly(3L, 2L);
  }

  @Test
  void afterTheEndOfARunTheNextDropIsWrittenAtOnceAgain() {
    give(3);
    pass(Duration.ofSeconds(11));
    give(2);
    assertThat(ledger.counts).containsExactly(3L, 2L);
  }

  @Test
  void theCloseWritesWhatIsOwedAndClosesTheLedger() throws IOException {
    give(3);
    give(4);
    book.close();
    assertThat(ledger.counts).containsExactly(3L, 4L);
    assertThat(ledger.closed).isTrue();
  }

  @Test
  void aCloseThatCannotWriteSaysHowManyAreLost() {
    ledger.broken = true;
    give(3);
    give(4);
    assertThatThrownBy(book::close).isInstanceOf(IOException.class).hasMessageContaining("last 7");
    assertThat(ledger.closed).isTrue();
  }
}
