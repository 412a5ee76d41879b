package io.proofofplay.runner.history;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines of fields with a tab between two. A tab, a line end or a backslash in a field has a
 * backslash before it, as {@code \t}, {@code \n}, {@code \r} and {@code \\}.
 *
 * <p>Not thread-safe.
 */
final class HistoryLine {

  /** What a longer field has beyond this is left out, save of an id. */
  private static final int LONGEST = 512;

  private final StringBuilder lines = new StringBuilder(256);

  void add(String... fields) {
    for (int i = 0; i < fields.length; i++) {
      if (i > 0) {
        lines.append('\t');
      }
      add(fields[i], LONGEST);
    }
    lines.append('\n');
  }

  /** An event, with the whole of its id: what is found and counted by it must be this one. */
  void addEvent(String uuid, String ts, String duration, String device, String asset) {
    lines.append("E\t");
    add(uuid, Integer.MAX_VALUE);
    lines.append('\t');
    add(ts, duration, device, asset);
  }

  private void add(String field, int longest) {
    int length = field == null ? 0 : Math.min(longest, field.length());
    if (length == longest && Character.isHighSurrogate(field.charAt(length - 1))) {
      length--;
    }
    for (int i = 0; i < length; i++) {
      char c = field.charAt(i);
      switch (c) {
        case '\t' -> lines.append("\\t");
        case '\n' -> lines.append("\\n");
        case '\r' -> lines.append("\\r");
        case '\\' -> lines.append("\\\\");
        default -> lines.append(c);
      }
    }
  }

  byte[] bytes() {
    return lines.toString().getBytes(StandardCharsets.UTF_8);
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
    return line.lines.toString();
  }
}
