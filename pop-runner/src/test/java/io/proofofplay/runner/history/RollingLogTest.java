package io.proofofplay.runner.history;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
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
        log(
            directory,
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

  @Test
  void aFolderThatComesInThePlaceOfAnotherIsAsOldAsItSays() throws IOException {
    ManualTime time = ManualTime.standing();
    Path folder = Files.createDirectory(directory.resolve("history"));
    LogFiles files = new LogFiles(folder, "log");
    RollingLog log = log(folder, time, packing -> {});
    for (int i = 0; i < 10; i++) {
      time.advance(Duration.ofDays(2));
      append(log, time);
    }
    Files.move(folder, directory.resolve("away"));
    append(log, time);
    assertThat(log.failures()).isEqualTo(1);
    time.advance(Duration.ofDays(60));
    Files.createDirectory(folder);
    for (int i = 1; i <= 10; i++) {
      Path file = Files.writeString(files.text(i), "X\t" + time.now() + "\n");
      Files.setLastModifiedTime(file, FileTime.from(time.now()));
      time.advance(Duration.ofDays(1));
    }
    time.advance(Duration.ofDays(4));

    append(log, time);

    assertThat(files.list().firstKey()).isEqualTo(1);
    assertThat(files.list()).hasSize(11);
  }

  private RollingLog log(Path folder, ManualTime time, Executor packer) {
    return new RollingLog(
        folder,
        "log",
        1 << 20,
        Duration.ofDays(30),
        (now, most) -> new byte[0],
        new RoomForEvents(DiskRoom.of(directory), time),
        time,
        packer);
  }

  private static void append(RollingLog log, ManualTime time) {
    byte[] line = ("X\t" + time.now() + "\n").getBytes(US_ASCII);
    log.append(line, line.length, 1);
  }
}
