package io.proofofplay.runner.acceptance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Reads a sink's folder as somebody would who knows nothing of the program but the format of its
 * files.
 */
final class SpoolOnDisk {

  private static final Pattern SEALED = Pattern.compile("\\d{12,15}-n(\\d+)(?:-s(\\d+))?\\.ndjson");

  private static final Pattern OPEN = Pattern.compile("\\d{12,15}\\.open");

  /** A daemon changes the folder some dozen times a second, and one look takes milliseconds. */
  private static final int MOST_LOOKS = 100;

  /**
   * An entry of the drop ledger or a dead letter: the texts and numbers of one line of JSON.
   *
   * @param values by name, texts without their escapes
   */
  record Line(Map<String, String> values) {
    String get(String name) {
      return values.get(name);
    }
  }

  /** What is read of the files that were listed. */
  @FunctionalInterface
  private interface Reading<T> {
    T of(List<Path> files) throws IOException;
  }

  private final Path folder;

  SpoolOnDisk(Path spool, String sink) {
    folder = spool.resolve(sink);
  }

  /**
   * All whole records that are still to be delivered, oldest first.
   *
   * @throws IOException also if the files come and go faster than they are read
   */
  List<Play> waiting() throws IOException {
    return consistently(SpoolOnDisk::waiting);
  }

  private static List<Play> waiting(List<Path> files) throws IOException {
    List<Play> plays = new ArrayList<>();
    for (Path file : files) {
      Matcher sealed = SEALED.matcher(file.getFileName().toString());
      int skip =
          sealed.matches() && sealed.group(2) != null ? Integer.parseInt(sealed.group(2)) : 0;
      List<Play> records = records(file);
      plays.addAll(records.subList(Math.min(skip, records.size()), records.size()));
    }
    return plays;
  }

  /** How many bytes the files of waiting events have. */
  long bytes() throws IOException {
    return consistently(
        files -> {
          long bytes = 0;
          for (Path file : files) {
            bytes += Files.size(file);
          }
          return bytes;
        });
  }

  /**
   * A daemon that runs gives a file another name, or takes it away, between the list and the look.
   * So it is looked again until the list was the same before and after: else events that only have
   * moved would be missed.
   */
  private <T> T consistently(Reading<T> reading) throws IOException {
    for (int look = 0; look < MOST_LOOKS; look++) {
      List<Path> before = files();
      try {
        T read = reading.of(before);
        if (files().equals(before)) {
          return read;
        }
      } catch (NoSuchFileException e) {
        // It was moved or taken away.
      }
    }
    throw new IOException(folder + ": the files come and go faster than they are read");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(
              file -> {
                String name = file.getFileName().toString();
                return SEALED.matcher(name).matches() || OPEN.matcher(name).matches();
              })
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static List<Play> records(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    List<Play> plays = new ArrayList<>();
    int from = 0;
    for (int at = 0; at < bytes.length; at++) {
      if (bytes[at] == '\n') {
        if (bytes[from] != '#') {
          plays.add(record(file, Arrays.copyOfRange(bytes, from, at)));
        }
        from = at + 1;
      }
    }
    return plays;
  }

  /** {@code <crc32c, 8 hex> <length> <payload>}, the sum over length and payload. */
  private static Play record(Path file, byte[] line) {
    String text = new String(line, StandardCharsets.ISO_8859_1);
    int blank = text.indexOf(' ', 9);
    int length = Integer.parseInt(text.substring(9, blank));
    byte[] payload = Arrays.copyOfRange(line, blank + 1, line.length);
    CRC32C crc = new CRC32C();
    crc.update(line, 9, line.length - 9);
    if (payload.length != length || crc.getValue() != Long.parseLong(text.substring(0, 8), 16)) {
      throw new AssertionError(file + ": a damaged record: " + text);
    }
    Play play = Play.of(payload);
    if (!Arrays.equals(play.bytes(), payload)) {
      throw new AssertionError(file + ": " + play + " is not what was sent: " + text);
    }
    return play;
  }

  /** How many events the drop ledger gives up. */
  int dropped() throws IOException {
    return drops().stream().mapToInt(drop -> Integer.parseInt(drop.get("count"))).sum();
  }

  List<Line> drops() throws IOException {
    return lines(folder.resolve("drops.ndjson"));
  }

  List<Line> deadLetters() throws IOException {
    List<Line> letters = new ArrayList<>();
    Path dead = folder.resolve("dead");
    if (Files.isDirectory(dead)) {
      try (Stream<Path> files = Files.list(dead)) {
        for (Path file :
            files.filter(each -> each.toString().endsWith(".ndjson")).sorted().toList()) {
          letters.addAll(lines(file));
        }
      }
    }
    return letters;
  }

  private static List<Line> lines(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<Line> lines = new ArrayList<>();
    String text = Files.readString(file);
    // The last line may be one that is being written.
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
      Map<String, String> values = new HashMap<>();
      try (JsonParser parser = new JsonFactory().createParser(line)) {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          values.put(name, parser.getText());
          parser.skipChildren();
        }
      }
      lines.add(new Line(values));
    }
    return lines;
  }
}
