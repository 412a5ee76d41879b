package io.proofofplay.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {

  private static final BatchId ID = BatchId.of("life", 7);

  @Test
  void anIdPrintsItsSpoolNumberAndPart() {
    assertThat(ID).hasToString("life-7");
    assertThat(ID.part(2, 5)).hasToString("life-7.2-5");
    assertThat(BatchId.of("a~Z_9", Long.MAX_VALUE)).hasToString("a~Z_9-9223372036854775807");
  }

  @Test
  void anIdKnowsWhetherItIsAPart() {
    assertThat(ID.isPart()).isFalse();
    assertThat(ID.whole()).isEqualTo(ID);
    assertThat(ID.part(0, 1).isPart()).isTrue();
    assertThat(ID.part(0, 1).whole()).isEqualTo(ID);
    assertThat(ID.part(0, 1).part(3, 4)).isEqualTo(ID.part(3, 4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a-b",
        "a.b",
        "a/b",
        "a b",
        "\u00e9",
        "a\n",
        "12345678901234567890123456789012345678901234567890123456789012345"
      })
  void aSpoolIdThatWouldNotPrintUnambiguouslyIsRefused(String spool) {
    assertThatThrownBy(() -> BatchId.of(spool, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anEmptyOrUpsideDownPartIsRefused() {
    assertThatThrownBy(() -> ID.part(3, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ID.part(3, 2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ID.part(-1, 2)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ID.part(1, BatchId.WHOLE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> BatchId.of("life", -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aBatchHoldsItsEventsAndTheirLength() {
    List<PopEvent> events = new ArrayList<>(events(3));
    Batch batch = new Batch(ID, events);
    events.clear();

    assertThat(batch.events()).isEqualTo(events(3));
    assertThat(batch.size()).isEqualTo(3);
    assertThat(batch.bytes()).isEqualTo(3 * events(1).get(0).length());
    assertThat(batch.id()).isEqualTo(ID);
    assertThat(batch).hasToString("Batch[life-7, 3 events, " + batch.bytes() + " bytes]");
  }

  @Test
  void aBatchIsNeverEmpty() {
    assertThatThrownBy(() -> new Batch(ID, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("life-7");
  }

  @Test
  void aPartHasAsManyEventsAsItsIdSays() {
    assertThatThrownBy(() -> new Batch(ID.part(0, 2), events(3)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new Batch(ID.part(4, 7), events(3)).size()).isEqualTo(3);
  }

  @Test
  void everyPartHasAnIdOfItsOwnThatMeansItsBytes() {
    Batch whole = new Batch(ID, events(6));
    Set<BatchId> ids = new HashSet<>();
    for (int from = 0; from < 6; from++) {
      for (int to = from + 1; to <= 6; to++) {
        Batch part = whole.part(from, to);
        assertThat(ids.add(part.id())).as("%s is new", part.id()).isTrue();
        assertThat(part.events()).isEqualTo(whole.events().subList(from, to));
      }
    }
    assertThat(whole.part(0, 6)).isSameAs(whole);
  }

  @Test
  void aPartOfAPartCountsFromTheWhole() {
    Batch part = new Batch(ID, events(10)).part(4, 9);

    assertThat(part.part(1, 3).id()).isEqualTo(ID.part(5, 7));
    assertThat(part.part(1, 3))
        .usingRecursiveComparison()
        .isEqualTo(new Batch(ID, events(10)).part(5, 7));
    assertThat(part.part(0, 5)).isSameAs(part);
  }

  @Test
  void aPartBeyondTheBatchIsRefused() {
    Batch batch = new Batch(ID, events(3));

    assertThatThrownBy(() -> batch.part(0, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batch.part(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batch.part(2, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> batch.part(2, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSenderIsKnownWhenAllEventsHaveTheSame() {
    assertThat(batchFrom("a", "a").sender()).contains("a");
    assertThat(batchFrom("a", "b").sender()).isEmpty();
    assertThat(batchFrom("a", null).sender()).isEmpty();
    assertThat(batchFrom(null, "a").sender()).isEmpty();
    assertThat(batchFrom(null, null).sender()).isEmpty();
  }

  private static Batch batchFrom(String... senders) {
    List<PopEvent> events = new ArrayList<>();
    for (String sender : senders) {
      byte[] json = "{\"uuid\":\"1\"}".getBytes(StandardCharsets.UTF_8);
      events.add(PopEvent.scanned(json, 0, json.length, sender));
    }
    return new Batch(ID, events);
  }

  private static List<PopEvent> events(int count) {
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(PopEvent.of("{\"uuid\":\"" + i + "\"}"));
    }
    return events;
  }

  @Test
  void anIdIsReadAsItPrints() {
    BatchId whole = BatchId.of("life~0123", 41);
    assertThat(BatchId.parse(whole.toString())).contains(whole);
    assertThat(BatchId.parse(whole.part(0, 3).toString())).contains(whole.part(0, 3));
    for (String no :
        new String[] {"", "life", "life-", "life-1.3-3", "life-1.3", "li fe-1", "-1"}) {
      assertThat(BatchId.parse(no)).as(no).isEmpty();
    }
  }
}
