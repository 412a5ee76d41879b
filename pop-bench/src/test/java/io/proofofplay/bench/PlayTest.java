package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PlayTest {

  @Test
  void aPlayIsAnEventThatTheRelayTakes() {
    byte[] event = new byte[Play.LENGTH];
    Play.write(event, 0, 0x1234, 0xabcdef, 1_795_339_351_216L);

    assertThat(PopEvent.refusalOf(event, 0, event.length)).isEmpty();
    PopEvent taken = PopEvent.of(new String(event, StandardCharsets.US_ASCII));
    assertThat(taken.uuid()).isEqualTo("00001234-0000-4000-8000-000000abcdef");
    assertThat(taken.ts().text()).isEqualTo("1795339351.216");
    assertThat(Play.source(event, 0)).isEqualTo(0x1234);
    assertThat(Play.number(event, 0)).isEqualTo(0xabcdef);
  }

  @Test
  void aPlayIsAsLongAsARealOne() {
    assertThat(Play.LENGTH).isBetween(250, 270);
  }
}
