package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class FingerprintTest {

  private static String of(int length, int offset) {
    byte[] bytes = new byte[offset + length];
    for (int i = 0; i < length; i++) {
      bytes[offset + i] = (byte) i;
    }
    return HexFormat.of().toHexDigits(Long.reverseBytes(Fingerprint.of(bytes, offset, length)));
  }

  /** Values of the reference implementation, for the bytes 0, 1, 2 ... up to a length. */
  @Test
  void itIsWhatTheReferenceSays() {
    assertThat(of(0, 0)).isEqualTo("310e0edd47db6f72");
    assertThat(of(1, 0)).isEqualTo("fd67dc93c539f874");
    assertThat(of(2, 0)).isEqualTo("5a4fa9d909806c0d");
  }

  /** The same of longer ones, as OpenSSL 3 makes them: {@code openssl mac ... SIPHASH}. */
  @Test
  void itIsWhatAnotherImplementationSaysOfMoreThanAWord() {
    assertThat(of(7, 0)).isEqualTo("37d1018bf50002ab");
    assertThat(of(8, 0)).isEqualTo("6224939a79f5f593");
    assertThat(of(9, 0)).isEqualTo("b0e4a90bdf82009e");
    assertThat(of(16, 3)).isEqualTo("db9bc2577fcc2a3f");
    assertThat(of(63, 0)).isEqualTo("724506eb4c328a95");
    assertThat(of(255, 0)).isEqualTo("1ab24dc7fe69c1a9");
  }

  @Test
  void itDependsOnTheBytesAndNotOnWhereTheyStand() {
    for (int length = 0; length < 40; length++) {
      assertThat(of(length, 5)).isEqualTo(of(length, 0));
    }
  }

  @Test
  void eachBitCountsWhereverItIs() {
    byte[] bytes = new byte[29];
    long print = Fingerprint.of(bytes, 0, bytes.length);
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(Fingerprint.of(bytes, 0, bytes.length)).isNotEqualTo(print);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }
}
