package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeysSeenTest {

  private static final int MANY = 300_000;

  @Test
  void aKeyIsSeenOnceInEachObject() {
    KeysSeen seen = new KeysSeen();
    assertThat(seen.add(0, "a")).isTrue();
    assertThat(seen.add(1, "a")).isTrue();
    assertThat(seen.add(0, "")).isTrue();
    assertThat(seen.add(0, "\0")).isTrue();
    assertThat(seen.add(0, "\0\0")).isTrue();
    assertThat(seen.add(0, "A")).isTrue();
    assertThat(seen.add(0, "a")).isFalse();
    assertThat(seen.add(1, "a")).isFalse();
    assertThat(seen.add(0, "")).isFalse();
  }

  @Test
  void noneOfManyKeysIsTakenForAnother() {
    KeysSeen seen = new KeysSeen();
    for (int i = 0; i < MANY; i++) {
      assertThat(seen.add(i & 1, "k" + i)).isTrue();
    }
    for (int i = 0; i < MANY; i++) {
      assertThat(seen.add(i & 1, "k" + i)).isFalse();
    }
  }

  /** These two have one value under every polynomial that is not taken modulo a prime. */
  @Test
  void keysThatWereChosenToMeetDoNot() {
    StringBuilder one = new StringBuilder("a");
    StringBuilder other = new StringBuilder("b");
    for (int i = 0; i < 12; i++) {
      String before = one.toString();
      one.append(other);
      other.append(before);
    }
    KeysSeen seen = new KeysSeen();
    assertThat(seen.add(0, one.toString())).isTrue();
    assertThat(seen.add(0, other.toString())).isTrue();
  }

  @Test
  void aMebibyteOfKeysIsScannedInAHeapOfSixteen() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Keys.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(said.strip()).endsWith("Optional.empty Optional[DUPLICATE_KEY]");
    } finally {
      process.destroyForcibly();
    }
  }

  /** The process. */
  static final class Keys {

    private Keys() {}

    public static void main(String[] args) {
      byte[] line = new byte[1 << 20];
      int end = put(line, 0, "{\"uuid\":\"1\"");
      for (int i = 0; end < line.length - 32; i++) {
        end = put(line, end, ",\"" + Integer.toString(i, Character.MAX_RADIX) + "\":1");
      }
      int whole = put(line, end, "}");
      Object good = JsonScanner.faultOf(line, 0, whole, "uuid");
      int twice = put(line, end, ",\"1a\":2}");
      System.out.println(good + " " + JsonScanner.faultOf(line, 0, twice, "uuid"));
    }

    private static int put(byte[] line, int at, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, line, at, bytes.length);
      return at + bytes.length;
    }
  }
}
