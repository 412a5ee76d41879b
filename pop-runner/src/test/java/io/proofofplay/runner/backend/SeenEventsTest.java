package io.proofofplay.runner.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import org.junit.jupiter.api.Test;

class SeenEventsTest {

  @Test
  void everyOneOfManyEventsIsRememberedThroughAllGrowth() {
    SeenEvents seen = new SeenEvents();
    for (int i = 0; i < 100_000; i++) {
      assertThat(seen.add(event(i, 0))).isEqualTo(SeenEvents.Kind.FIRST);
    }
    for (int i = 0; i < 100_000; i++) {
      assertThat(seen.add(event(i, 0))).isEqualTo(SeenEvents.Kind.REPEAT);
      if (i % 100 == 0) {
        assertThat(seen.add(event(i, 1))).isEqualTo(SeenEvents.Kind.CONFLICT);
        assertThat(seen.add(event(i, 1))).isEqualTo(SeenEvents.Kind.REPEAT);
      }
    }
  }

  private static PopEvent event(int uuid, int version) {
    return PopEvent.of("{\"uuid\":\"" + uuid + "\",\"version\":" + version + "}");
  }
}
