package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was delivered is compared with the heap that the daemon has: a container's image has no
 * other. An hour of this history takes more than that heap when it is compared at once.
 */
@Timeout(300)
final class LargeHistoryIT {

  private static final int EVENTS = Integer.getInteger("pop.history.events", 200_000);

  /** 2026-03-01T12:00:00Z. */
  private static final long NOON = 1_772_366_400L;

  @TempDir private Path directory;

  private final String[] uuids = new String[EVENTS];

  @BeforeEach
  void remember() throws IOException {
    Files.writeString(
        directory.resolve("pop.yaml"),
        """
        sources: {lobby: {type: infobeamer}}
        sinks: {billing: {type: http, url: "http://127.0.0.1:1/"}}
        """);
    Path history = Files.createDirectories(directory.resolve("spool/.history"));
    Random random = new Random(1);
    try (OutputStream packed =
            new GZIPOutputStream(
                Files.newOutputStream(history.resolve("delivered-00000001.log.gz")), 1 << 16);
        OutputStream text = Files.newOutputStream(history.resolve("delivered-00000002.log"))) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < EVENTS; i++) {
        uuids[i] = new UUID(random.nextLong(), random.nextLong()).toString();
        if (i % 500 == 0) {
          lines.append("B\t2026-03-01T13:00:00Z\tbilling\tlife-" + i + "\t200\t12\t500\n");
        }
        double ts = NOON + 3600.0 * i / EVENTS;
        lines.append(
            String.format(Locale.ROOT, "E\t%s\t%.3f\t10.0\t7\t%d\n", uuids[i], ts, i % 20));
        if (i % 500 == 499) {
          OutputStream out = i < EVENTS / 2 ? packed : text;
          out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
          lines.setLength(0);
        }
      }
    }
  }

  private PackagedPop.End pop(String command) throws IOException {
    String[] window = {"--from", "2026-03-01T12:00:00Z", "--to", "2026-03-01T13:00:00Z"};
    try (PackagedPop process =
        PackagedPop.start(directory, command, window[0], window[1], window[2], window[3])) {
      return process.end();
    }
  }

  private String digest() throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    Arrays.sort(uuids);
    for (String uuid : uuids) {
      sha.update((uuid + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  @Test
  void anHourThatIsLargerThanTheHeapIsCountedAndDrawn() throws Exception {
    long began = System.nanoTime();
    PackagedPop.End audit = pop("audit");
    long audited = System.nanoTime();
    assertThat(audit.code()).as(audit.err()).isZero();
    assertThat(audit.out())
        .startsWith("billing 2026-03-01T12:00:00Z: " + EVENTS + " plays, digest " + digest() + "\n")
        .contains("device 7            asset 19 ");
    PackagedPop.End gaps = pop("gaps");
    assertThat(gaps.code()).as(gaps.err()).isZero();
    assertThat(gaps.out().replaceAll(" +", " "))
        .isEqualTo("device 7\n 2026-03-01T12:00:00Z 2026-03-01T13:00:00Z 1h 0m played\n");
    System.out.printf(
        "LargeHistoryIT: %d events with the daemon's heap: audit %.1f s, gaps %.1f s%n",
        EVENTS, (audited - began) / 1e9, (System.nanoTime() - audited) / 1e9);
  }
}
