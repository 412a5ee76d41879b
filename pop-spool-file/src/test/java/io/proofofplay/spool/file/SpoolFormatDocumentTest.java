package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.testkit.Events;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** What {@code docs/spool-format.md} says is enough to read a spool. */
class SpoolFormatDocumentTest {

  /** A reader by the document alone; it shares nothing with the adapter. */
  private static final class Reader {

    private static final Pattern LINE = Pattern.compile("(#sender )?([0-9a-f]{8}) ([0-9]{1,10}) ");
    private static final Pattern HEADER =
        Pattern.compile("(#pop-spool 1 (\\w{1,40}) (\\d+) \\S+) ([0-9a-f]{8})");

    private final List<String> events = new ArrayList<>();
    private final List<String> senders = new ArrayList<>();
    private String id = "none";

    Reader(byte[] bytes) {
      // Every byte is one character.
      String file = new String(bytes, StandardCharsets.ISO_8859_1);
      String sender = "{}";
      int at = 0;
      Matcher header = HEADER.matcher(file);
      if (header.lookingAt() && crc(header.group(1)).equals(header.group(4))) {
        id = header.group(2) + "-" + header.group(3);
        at = header.end() + 1;
      }
      while (at < file.length()) {
        Optional<Line> found = line(file, at);
        int lf = file.indexOf('\n', at);
        int lineEnd = lf < 0 ? file.length() : lf;
        for (int in = at + 1; found.isEmpty() && in < lineEnd; in++) {
          found = line(file, in).filter(line -> line.isMeant(lineEnd));
        }
        if (found.isEmpty()) {
          at = lineEnd + 1;
          continue;
        }
        Line line = found.get();
        if (line.isEvent) {
          events.add(line.payload);
          senders.add(sender);
        } else {
          sender = line.payload;
        }
        at = line.end + 1;
      }
    }

    private record Line(boolean isEvent, String payload, int end) {

      /** Whether it is no text in an event that looks like a line. */
      boolean isMeant(int lineEnd) {
        byte[] json = payload.getBytes(StandardCharsets.ISO_8859_1);
        return isEvent
            ? PopEvent.refusalOf(json, 0, json.length).isEmpty()
            : end == lineEnd && JsonScanner.faultOf(json, 0, json.length).isEmpty();
      }
    }

    private static Optional<Line> line(String file, int at) {
      Matcher line = LINE.matcher(file).region(at, file.length());
      if (!line.lookingAt()) {
        return Optional.empty();
      }
      long end = line.end() + Long.parseLong(line.group(3));
      String word = line.group(1) == null ? "" : line.group(1);
      return end <= file.length()
              && crc(word + file.substring(line.start(3), (int) end)).equals(line.group(2))
          ? Optional.of(new Line(word.isEmpty(), file.substring(line.end(), (int) end), (int) end))
          : Optional.empty();
    }

    private static String crc(String latin1) {
      CRC32C crc = new CRC32C();
      crc.update(latin1.getBytes(StandardCharsets.ISO_8859_1));
      return String.format("%08x", crc.getValue());
    }
  }

  private static List<String> latin1(List<PopEvent> events) {
    return events.stream()
        .map(event -> new String(event.bytes(), StandardCharsets.ISO_8859_1))
        .toList();
  }

  private static List<PopEvent> events() {
    List<PopEvent> events = new ArrayList<>(Events.awkward());
    events.add(Events.from("lobby \u00e9 \"1\"", 1));
    events.add(Events.from("lobby \u00e9 \"1\"", 2));
    events.add(Events.number(3));
    // No relay accepts an event with a line feed; a reader that goes by the length reads one.
    byte[] odd = "{\n\"uuid\":\"with line feeds\"\n}".getBytes(StandardCharsets.UTF_8);
    events.add(PopEvent.scanned(odd, 0, odd.length, null));
    return events;
  }

  private static Path onlyFile(FaultyDisk disk) {
    return disk.files().stream()
        .filter(file -> file.toString().endsWith(".ndjson"))
        .reduce(
            (one, other) -> {
              throw new AssertionError(one + " and " + other);
            })
        .orElseThrow();
  }

  @Test
  void aReaderOfTheDocumentFindsTheEventsTheirSendersAndTheId() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    spool.append(events());
    spool.roll();
    Batch batch = spool.peek().orElseThrow();

    Reader reader = new Reader(disk.bytes(onlyFile(disk)));

    assertThat(reader.events).isEqualTo(latin1(events()));
    assertThat(reader.id).isEqualTo(batch.id().toString());
    assertThat(reader.senders.subList(8, 12))
        .containsExactly(
            "{\"pop\":\"lobby \\u00e9 \\u00221\\u0022\"}",
            "{\"pop\":\"lobby \\u00e9 \\u00221\\u0022\"}",
            "{}",
            "{}");
  }

  @Test
  void bothReadersFindTheSameInADamagedFile() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    spool.append(events());
    spool.roll();
    byte[] intact = disk.bytes(onlyFile(disk));
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      byte[] damaged = intact.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      int lineEnd = 0;
      for (int lines = 1 + random.nextInt(10); lines > 0; lines--) {
        lineEnd = new String(intact, StandardCharsets.ISO_8859_1).indexOf('\n', lineEnd + 1);
      }
      damaged[lineEnd - random.nextInt(20)] ^= 1;
      damaged[lineEnd] ^= (byte) random.nextInt(2);

      assertThat(latin1(SpoolFileScan.of(damaged).events(0)))
          .as("seed %s", seed)
          .isEqualTo(new Reader(damaged).events);
    }
  }

  @Test
  void theUsualToolsReadIt() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    spool.append(Events.awkward());
    spool.roll();
    String file = new String(disk.bytes(onlyFile(disk)), StandardCharsets.UTF_8);

    // grep -v '^#' FILE | cut -d' ' -f3-
    List<String> lines =
        file.lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.split(" ", 3)[2])
            .toList();

    assertThat(lines).isEqualTo(Events.awkward().stream().map(PopEvent::json).toList());
  }
}
