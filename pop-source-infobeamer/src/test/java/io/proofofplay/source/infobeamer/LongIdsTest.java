package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Ids as long as a line, with an escape in them, in a heap in which there is no room for copies.
 */
final class LongIdsTest {

  private static final int SOURCES = 4;

  @Test
  void theIdsOfLongEventsTakeNoMemoryHoweverManySourcesSiftThem() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx8m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Sifting.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(said.strip()).isEqualTo(SOURCES + " as they should be");
    } finally {
      process.destroyForcibly();
    }
  }

  /** The process. */
  static final class Sifting {

    private Sifting() {}

    public static void main(String[] args) throws InterruptedException {
      byte[] line = new byte[1 << 20];
      Arrays.fill(line, (byte) 'x');
      put(line, 0, "{\"uuid\":\"\\u0041");
      put(line, line.length - 2, "\"}");
      AtomicInteger right = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < SOURCES; i++) {
        threads.add(
            new Thread(
                () -> {
                  if (isKnownTheSecondTime(line)) {
                    right.incrementAndGet();
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread each : threads) {
        each.join();
      }
      System.out.println(right + " as they should be");
    }

    private static boolean isKnownTheSecondTime(byte[] line) {
      RepeatWindow window = new RepeatWindow(16);
      for (int i = 0; i < 20; i++) {
        List<PopEvent> event = List.of(PopEvent.scanned(line, 0, line.length, "lobby"));
        RepeatWindow.Sifted sifted = window.sift(event);
        if (sifted.repeated() != Math.min(i, 1) || sifted.reusedIds() != 0) {
          return false;
        }
        window.add(sifted);
      }
      return true;
    }

    private static void put(byte[] line, int at, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, line, at, bytes.length);
    }
  }
}
