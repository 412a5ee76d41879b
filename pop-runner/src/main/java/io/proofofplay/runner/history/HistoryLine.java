package io.proofofplay.runner.history;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lines of fields with a tab between two. A tab, a line end, a NUL or a backslash in a field has a
 * backslash before it, as {@code \t}, {@code \n}, {@code \r}, {@code \0} and {@code \\}.
 *
 * <p>Not thread-safe.
 */
final class HistoryLine {

  /** What a longer field has beyond this is left out, save of an id. */
  private static final int LONGEST = 512;

  private static final int SHORT = 256;

  /** Stands in no line: where it does, something else stood that is lost. */
  static final char NOWHERE = '\0';

  /** The kind of a line with two fields, what is before and between them, and its end. */
  private static final int AROUND_TWO = 4;

  private byte[] lines;
  private int length;

  /** Room for a few. */
  HistoryLine() {
    this(SHORT);
  }

  /** Room for so many bytes at first. */
  HistoryLine(int room) {
    lines = new byte[room];
  }

  void add(String... fields) {
    for (int i = 0; i < fields.length; i++) {
      if (i > 0) {
        put('\t');
      }
      add(fields[i], LONGEST);
    }
    put('\n');
  }

  /** An event, with the whole of its id: what is found and counted by it must be this one. */
  void addEvent(String uuid, String ts, String duration, String device, String asset) {
    put(BatchLines.WHOLE);
    put('\t');
    add(uuid, Integer.MAX_VALUE);
    put('\t');
    add(ts, duration, device, asset);
  }

  private void add(String field, int longest) {
    if (field == null) {
      return;
    }
    int end = Math.min(longest, field.length());
    if (end == longest && Character.isHighSurrogate(field.charAt(end - 1))) {
      end--;
    }
    StringBuilder text = new StringBuilder(end + 8);
    for (int i = 0; i < end; i++) {
      char c = field.charAt(i);
      switch (c) {
        case '\t' -> text.append("\\t");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\\' -> text.append("\\\\");
        case NOWHERE -> text.append("\\0");
        default -> text.append(c);
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    put(bytes, 0, bytes.length);
  }

  /** Whether bytes stand in a line as they are, if there is no control and no backslash in them. */
  static boolean isShort(int bytes) {
    return bytes <= LONGEST;
  }

  /** A part of a field or a line, as it is written. */
  void put(byte[] bytes, int offset, int count) {
    room(count);
    System.arraycopy(bytes, offset, lines, length, count);
    length += count;
  }

  /** A line with two fields as they are written; one of less than one byte is empty. */
  void put(char kind, byte[] bytes, int one, int oneCount, int other, int otherCount) {
    int first = Math.max(0, oneCount);
    int second = Math.max(0, otherCount);
    room(first + second + AROUND_TWO);
    byte[] into = lines;
    int at = length;
    into[at++] = (byte) kind;
    into[at++] = '\t';
    if (first > 0) {
      System.arraycopy(bytes, one, into, at, first);
      at += first;
    }
    into[at++] = '\t';
    if (second > 0) {
      System.arraycopy(bytes, other, into, at, second);
      at += second;
    }
    into[at++] = '\n';
    length = at;
  }

  /** What stands between two fields, or behind the last one. */
  void put(char end) {
    room(1);
    lines[length++] = (byte) end;
  }

  private void room(int more) {
    if (length + more > lines.length) {
      lines = Arrays.copyOf(lines, Math.max(length + more, 2 * lines.length));
    }
  }

  /** Forgets all lines, and keeps their room. */
  void clear() {
    length = 0;
  }

  /** The lines up to {@link #length}, not a copy. */
  byte[] bytes() {
    return lines;
  }

  int length() {
    return length;
  }

  /** The fields of a line without its end. */
  static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\t') {
        fields.add(field.toString());
        field.setLength(0);
      } else if (c == '\\' && i + 1 < line.length()) {
        char escaped = line.charAt(++i);
        field.append(
            switch (escaped) {
              case 't' -> '\t';
              case 'n' -> '\n';
              case 'r' -> '\r';
              case '0' -> NOWHERE;
              default -> escaped;
            });
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }

  /** A uuid as it stands in a line. */
  static String asWritten(String uuid) {
    HistoryLine line = new HistoryLine();
    line.add(uuid, Integer.MAX_VALUE);
    return new String(line.lines, 0, line.length, StandardCharsets.UTF_8);
  }
}
