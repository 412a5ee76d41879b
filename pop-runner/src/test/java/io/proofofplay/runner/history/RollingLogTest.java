package io.proofofplay.runner.history;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.ManualTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class RollingLogTest {

  @TempDir private Path directory;

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void howOftenItFailedIsKnownWhileADiskHangs() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    ManualTime time = ManualTime.standing();
    RollingLog log =
        new RollingLog(
            directory,
            "log",
            1 << 20,
            Duration.ofDays(30),
            (now, most) -> new byte[0],
            new RoomForEvents(DiskRoom.of(directory), time),
            time,
            packing -> {
              inside.countDown();
              try {
                over.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    byte[] line = "X\n".getBytes(US_ASCII);
    Thread writer = new Thread(() -> log.append(line, line.length, 1));
    writer.start();
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
    try {
      assertThat(log.failures()).isZero();
    } finally {
      over.countDown();
      writer.join();
    }
  }
}
