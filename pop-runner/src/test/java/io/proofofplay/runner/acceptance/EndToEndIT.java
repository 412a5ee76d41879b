package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The three commands as a user starts them: {@code simulate}, {@code run} and {@code receive}. */
class EndToEndIT {

  private static final Pattern PORT = Pattern.compile("listening on \\S+:(\\d+)");

  private static final int LARGEST_RESIDENT_KIB = 96 * 1024;

  /** The least of so many runs, if need be: one run takes more of what memory it finds. */
  private static final int RUNS = 3;

  @TempDir Path directory;

  @Test
  void everyEventArrivesOnceByteForByteAndInOrderWithinTheMemoryThatIsPromised() throws Exception {
    List<Integer> resident = new ArrayList<>();
    do {
      resident.add(residentKibOfARun("run-" + resident.size()));
    } while (Collections.min(resident) > LARGEST_RESIDENT_KIB && resident.size() < RUNS);
    assertThat(Collections.min(resident))
        .as("%s KiB", resident)
        .isLessThanOrEqualTo(LARGEST_RESIDENT_KIB);
  }

  private int residentKibOfARun(String name) throws Exception {
    int events = Effort.events();
    Path place = folder(name);
    Path sent = place.resolve("sent.ndjson");
    Path received = place.resolve("received.ndjson");
    try (PackagedPop receive =
            PackagedPop.start(
                folder(name + "/backend"),
                "receive",
                "--port",
                "0",
                "--out",
                received.toString(),
                "--expect",
                "" + events);
        PackagedPop simulate =
            PackagedPop.start(
                folder(name + "/player"),
                "simulate",
                "--port",
                "0",
                "--rate",
                "0",
                "--count",
                "" + events,
                "--record",
                sent.toString());
        PackagedPop run =
            PackagedPop.run(
                folder(name + "/relay"),
                configuration(port(simulate), "http://127.0.0.1:" + port(receive) + "/"))) {
      PackagedPop.End backend = receive.end();
      assertThat(backend.code()).as(backend.err()).isZero();
      int resident = run.peakKiB();
      assertThat(simulate.end().code()).isZero();
      PackagedPop.End relay = run.stop();
      assertThat(relay.code()).as(relay.err()).isZero();

      assertThat(Files.mismatch(sent, received)).as("first byte that differs").isEqualTo(-1);
      try (var lines = Files.lines(received)) {
        assertThat(lines.distinct().count()).isEqualTo(events);
      }
      assertThat(backend.err()).contains(events + " distinct events received, 0 repeats");
      System.out.printf(
          "EndToEndIT: %d sent, %d delivered, 0 lost, 0 repeated, in order, byte for byte; %s;"
              + " resident at most %.1f MiB%n",
          events, events, backend.err().lines().reduce((a, b) -> b).orElse(""), resident / 1024.0);
      return resident;
    }
  }

  @Test
  void theTimeToTheFirstEventIsStated() throws Exception {
    List<Long> onDisk = new ArrayList<>();
    List<Long> delivered = new ArrayList<>();
    for (int i = 0; i < Effort.measurements(); i++) {
      try (FlowPlayer player = new FlowPlayer();
          FaultyBackend backend = new FaultyBackend(request -> FaultyBackend.Answer.TAKEN)) {
        player.play(1);
        Path relay = folder("start-" + i);
        SpoolOnDisk spool = new SpoolOnDisk(relay.resolve("spool"), "billing");
        // Never delivered in this one, so that the event is to be seen on disk.
        backend.follow(request -> FaultyBackend.Answer.of(503, "later"));
        try (PackagedPop run =
            PackagedPop.run(relay, configuration(player.port(), backend.url("/pop")))) {
          Await.until("the event on disk", run::story, () -> spool.waiting().size() == 1);
          onDisk.add(millisSince(run.startNanos()));
          assertThat(run.stop().code()).isZero();
        }
        backend.follow(request -> FaultyBackend.Answer.TAKEN);
        try (PackagedPop run =
            PackagedPop.run(relay, configuration(player.port(), backend.url("/pop")))) {
          backend.books("/pop").awaitDistinct(1);
          delivered.add(millisSince(run.startNanos()));
          assertThat(run.stop().code()).isZero();
        }
      }
    }
    System.out.printf(
        "EndToEndIT: from the start of the process to the first accepted event %d ms, to the first"
            + " delivered one %d ms (median of %d)%n",
        median(onDisk), median(delivered), onDisk.size());
  }

  private static String configuration(int port, String url) {
    return """
        sources:
          lobby: {type: infobeamer, port: %d}
        sinks:
          billing: {type: http, url: "%s"}
        """
        .formatted(port, url);
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(directory.resolve(name));
  }

  private static int port(PackagedPop process) throws IOException {
    Await.until("the port", process::story, () -> PORT.matcher(process.out()).find());
    Matcher port = PORT.matcher(process.out());
    assertThat(port.find()).isTrue();
    return Integer.parseInt(port.group(1));
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  private static long median(List<Long> values) {
    Collections.sort(values);
    return values.get(values.size() / 2);
  }
}
