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

  @Test
  void anyChangedByteIsNoticed() {
    byte[] event = new byte[Play.LENGTH];
    Play.write(event, 0, 0x1234, 0xabcdef, 1_795_339_351_216L);
    assertThat(Play.isIntact(event, 0, event.length)).isTrue();
    assertThat(Play.isIntact(event, 0, event.length - 1)).isFalse();

    for (int at = 0; at < event.length; at++) {
      byte right = event[at];
      for (byte wrong : new byte[] {'0', '9', 'a', 'f', 'A', 'x', ' ', -1}) {
        event[at] = wrong;
        assertThat(Play.isIntact(event, 0, event.length))
            .as("%d in place of %d at %d", wrong, right, at)
            .isEqualTo(wrong == right);
      }
      event[at] = right;
    }
  }
}
