package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ChecksumTest {

  private final Checksum checksum = new Checksum();

  private long of(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return checksum.of(bytes, 0, bytes.length);
  }

  /** The value that each of the two standards gives for these digits. */
  @Test
  void itIsBothChecksBesideEachOther() {
    assertThat(of("123456789")).isEqualTo(0xcbf43926_e3069283L);
    assertThat(of("")).isZero();
  }

  @Test
  void itDependsOnTheBytesAndNotOnWhatWasThereBefore() {
    long first = of("a play");
    of("another play");

    assertThat(of("a play")).isEqualTo(first);
    byte[] within = "<a play>".getBytes(StandardCharsets.US_ASCII);
    assertThat(checksum.of(within, 1, within.length - 2)).isEqualTo(first);
  }

  /** What a player that counts its ids anew is likely to send: the same id, another time. */
  @Test
  void playsThatDifferInTheirTimeHaveDifferentSums() {
    Set<Long> sums = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      sums.add(of("{\"uuid\":\"1\",\"ts\":17953393" + i / 100 + "." + i % 100 + "}"));
    }
    assertThat(sums).hasSize(200_000);
  }

  @Test
  void eachBitCountsInBothHalves() {
    byte[] bytes = new byte[29];
    long sum = checksum.of(bytes, 0, bytes.length);
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      long other = checksum.of(bytes, 0, bytes.length);
      assertThat((int) other).isNotEqualTo((int) sum);
      assertThat(other >>> 32).isNotEqualTo(sum >>> 32);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }
}
