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
    Fingerprint print = new Fingerprint();
    print.of(bytes, offset, length);
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(Long.reverseBytes(print.high()))
        + hex.toHexDigits(Long.reverseBytes(print.low()));
  }

  /** Values of the reference implementation, for the bytes 0, 1, 2 ... up to a length. */
  @Test
  void itIsWhatTheReferenceSays() {
    assertThat(of(0, 0)).isEqualTo("a3817f04ba25a8e66df67214c7550293");
    assertThat(of(1, 0)).isEqualTo("da87c1d86b99af44347659119b22fc45");
    assertThat(of(2, 0)).isEqualTo("8177228da4a45dc7fca38bdef60affe4");
  }

  /** The same of longer ones, as OpenSSL 3 makes them: {@code openssl mac ... SIPHASH}. */
  @Test
  void itIsWhatAnotherImplementationSaysOfMoreThanAWord() {
    assertThat(of(7, 0)).isEqualTo("a1f1ebbed8dbc153c0b84aa61ff08239");
    assertThat(of(8, 0)).isEqualTo("3b62a9ba6258f5610f83e264f31497b4");
    assertThat(of(9, 0)).isEqualTo("264499060ad9baabc47f8b02bb6d71ed");
    assertThat(of(16, 3)).isEqualTo("6ee2a4ca67b054bbfd3315bf85230577");
    assertThat(of(63, 0)).isEqualTo("5150d1772f50834a503e069a973fbd7c");
    assertThat(of(255, 0)).isEqualTo("1c9bb67528165f8e468248e3799b0eab");
  }

  @Test
  void itDependsOnTheBytesAndNotOnWhereTheyStand() {
    for (int length = 0; length < 40; length++) {
      assertThat(of(length, 5)).isEqualTo(of(length, 0));
    }
  }

  @Test
  void eachBitCountsWhereverItIs() {
    Fingerprint print = new Fingerprint();
    byte[] bytes = new byte[29];
    print.of(bytes, 0, bytes.length);
    long high = print.high();
    long low = print.low();
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      print.of(bytes, 0, bytes.length);
      assertThat(print.high()).isNotEqualTo(high);
      assertThat(print.low()).isNotEqualTo(low);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }
}
