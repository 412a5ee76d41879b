package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

final class PlayTest {

  @Test
  void aPlayIsAnEventThatTheRelayTakes() {
    byte[] event = new byte[Play.LENGTH];
    Play.write(event, 0, 0x1234, 0xabcdef, 1_795_339_351_216L);

    assertThat(PopEvent.refusalOf(event, 0, event.length)).isEmpty();
    PopEvent taken = PopEvent.of(new String(event, StandardCharsets.US_ASCII));
    assertThat(taken.uuid())
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    assertThat(taken.ts().text()).isEqualTo("1795339351.216");
    assertThat(Play.source(event, 0)).isEqualTo(0x1234);
    assertThat(Play.number(event, 0)).isEqualTo(0xabcdef);
  }

  @Test
  void whatIsBrieflySaidOfAPlayIsItsIdAndItsTime() {
    byte[] event = new byte[3 + Play.LENGTH];
    Play.write(event, 3, 1, 2, 1_795_339_351_216L);
    byte[] line = new byte[5 + Play.BRIEF_LENGTH];

    Play.briefly(event, 3, line, 5);

    String id = PopEvent.scanned(event, 3, Play.LENGTH, null).uuid();
    assertThat(new String(line, 5, Play.BRIEF_LENGTH, StandardCharsets.US_ASCII))
        .isEqualTo("e\t" + id + "\t1795339351.216\n");
  }

  @Test
  void aPlayIsAsLongAsARealOne() {
    assertThat(Play.LENGTH).isBetween(250, 270);
  }

  @Test
  void eachUuidIsAnotherOneAndTellsItsEvent() {
    Set<String> uuids = new HashSet<>();
    byte[] event = new byte[Play.LENGTH];
    for (int source : new int[] {0, 1, 999, Integer.MAX_VALUE}) {
      for (long number : new long[] {0, 1, 2, 9_999_999, Integer.MAX_VALUE}) {
        Play.write(event, 0, source, number, 0);

        assertThat(Play.source(event, 0)).isEqualTo(source);
        assertThat(Play.number(event, 0)).isEqualTo(number);
        assertThat(Play.isIntact(event, 0, event.length)).isTrue();
        uuids.add(PopEvent.scanned(event, 0, event.length, null).uuid());
      }
    }
    assertThat(uuids).hasSize(20);
  }

  /** As random ones: the history of what was delivered is packed, and zeros would flatter that. */
  @Test
  void theUuidsOfOneSourceDoNotPack() {
    int count = 2000;
    byte[] event = new byte[Play.LENGTH];
    StringBuilder digits = new StringBuilder();
    for (int number = 0; number < count; number++) {
      Play.write(event, 0, 0, number, 0);
      digits.append(PopEvent.scanned(event, 0, event.length, null).uuid().replace("-", ""));
    }
    Deflater packer = new Deflater(9);
    packer.setInput(digits.toString().getBytes(StandardCharsets.US_ASCII));
    packer.finish();
    int packed = packer.deflate(new byte[32 * count]);
    packer.end();

    // Of each 122 bits are free: 15.25 bytes.
    assertThat(packed).isGreaterThan(15 * count);
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
