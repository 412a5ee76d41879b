package io.proofofplay.core.json;

import java.util.Arrays;

/**
 * A look at a line that costs little and passes over nothing: it says yes to what is right and
 * usual, and leaves everything else to the full scan. What is unusual is many keys, deep nesting,
 * an escape in a key; and whatever is wrong, because the full scan knows what to call it.
 *
 * <p>Keeps nothing of what it looked at. Not thread-safe: one for each thread.
 */
final class QuickLook {

  private static final ThreadLocal<QuickLook> OWN = ThreadLocal.withInitial(QuickLook::new);

  private static final int DEEPEST = 16;
  private static final int MOST_KEYS = 32;

  /** What a byte is in a string: plain, or one of these. */
  private static final byte[] KINDS = new byte[256];

  private static final byte QUOTE = 1;
  private static final byte ESCAPE = 2;
  private static final byte FORBIDDEN = 3;
  private static final byte BEYOND_ASCII = 4;

  static {
    Arrays.fill(KINDS, 0, ' ', FORBIDDEN);
    Arrays.fill(KINDS, 0x80, 0x100, BEYOND_ASCII);
    KINDS['"'] = QUOTE;
    KINDS['\\'] = ESCAPE;
  }

  /** The keys of all objects that are open, those of the innermost last. */
  private final int[] keyFrom = new int[MOST_KEYS];

  private final int[] keyLength = new int[MOST_KEYS];
  private final int[] keyHash = new int[MOST_KEYS];

  /** For each level the first of its keys. */
  private final int[] firstKey = new int[DEEPEST + 1];

  private final boolean[] isArray = new boolean[DEEPEST + 1];

  private byte[] bytes;
  private int at;
  private int end;
  private int keys;
  private int depth;
  private boolean ascii;
  private int missing;

  private QuickLook() {}

  static QuickLook own() {
    return OWN.get();
  }

  /**
   * Whether these bytes are certainly one strict JSON object.
   *
   * @param member a member that it must have, as a string that is not empty; {@code null} for none
   * @return {@code false} if they are not, or may not be
   */
  boolean passes(byte[] array, int offset, int length, String member) {
    begin(array, offset, length);
    boolean right = token() == '{' && object(member) && token() == 0 && at == end;
    right = right && (ascii || Utf8.isValid(array, offset, length));
    bytes = null;
    return right;
  }

  private void begin(byte[] array, int offset, int length) {
    bytes = array;
    at = offset;
    end = offset + length;
    keys = 0;
    depth = 0;
    ascii = true;
  }

  /** The next byte that is no white space, still to be read; 0 behind the last one. */
  private byte token() {
    while (at < end) {
      byte next = bytes[at];
      if (next > ' ' || (next != ' ' && next != '\t' && next != '\r' && next != '\n')) {
        return next;
      }
      at++;
    }
    return 0;
  }

  private boolean object(String member) {
    boolean found = member == null;
    enter(false);
    boolean begun = true;
    while (true) {
      byte next = token();
      if (!begun || next != closing()) {
        boolean wanted = false;
        if (!isArray[depth]) {
          if (next != '"' || !key()) {
            return false;
          }
          wanted = !found && depth == 1 && isLastKey(member);
          if (token() != ':') {
            return false;
          }
          at++;
          next = token();
        }
        if (next == '{' || next == '[') {
          if (depth == DEEPEST) {
            return false;
          }
          enter(next == '[');
          begun = true;
          continue;
        }
        int from = at;
        if (!scalar(next)) {
          return false;
        }
        found |= wanted && next == '"' && at - from > 2;
      }
      begun = false;
      while ((next = token()) == closing()) {
        at++;
        keys = firstKey[depth];
        depth--;
        if (depth == 0) {
          return found;
        }
      }
      if (next != ',') {
        return false;
      }
      at++;
    }
  }

  private void enter(boolean array) {
    at++;
    depth++;
    firstKey[depth] = keys;
    isArray[depth] = array;
  }

  private byte closing() {
    return (byte) (isArray[depth] ? ']' : '}');
  }

  /** Reads a key, which must be new in its object. */
  private boolean key() {
    if (keys == MOST_KEYS) {
      return false;
    }
    int from = at + 1;
    int i = from;
    int hash = 0;
    while (true) {
      if (i >= end) {
        return false;
      }
      byte one = bytes[i];
      byte kind = KINDS[one & 0xff];
      if (kind != 0) {
        if (kind == QUOTE) {
          break;
        }
        if (kind != BEYOND_ASCII) {
          return false;
        }
        ascii = false;
      }
      hash = 31 * hash + one;
      i++;
    }
    int length = i - from;
    for (int k = firstKey[depth]; k < keys; k++) {
      if (keyHash[k] == hash && isKey(k, from, length)) {
        return false;
      }
    }
    keyFrom[keys] = from;
    keyLength[keys] = length;
    keyHash[keys] = hash;
    keys++;
    at = i + 1;
    return true;
  }

  private boolean isKey(int key, int from, int length) {
    return keyLength[key] == length
        && Arrays.equals(bytes, keyFrom[key], keyFrom[key] + length, bytes, from, from + length);
  }

  private boolean isLastKey(String name) {
    return is(name, keyFrom[keys - 1], keyLength[keys - 1]);
  }

  /** Whether bytes are this name, which is found only if it is ASCII. */
  private boolean is(String name, int from, int length) {
    if (name.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[from + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean scalar(byte first) {
    return switch (first) {
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    };
  }

  private boolean string() {
    int i = at + 1;
    while (i < end) {
      byte kind = KINDS[bytes[i] & 0xff];
      if (kind != 0) {
        if (kind == QUOTE) {
          at = i + 1;
          return true;
        }
        if (kind == FORBIDDEN) {
          return false;
        }
        if (kind == ESCAPE) {
          i = behindEscape(i);
          if (i < 0) {
            return false;
          }
          continue;
        }
        ascii = false;
      }
      i++;
    }
    return false;
  }

  private int behindEscape(int backslash) {
    if (backslash + 1 >= end) {
      return -1;
    }
    switch (bytes[backslash + 1]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
        return backslash + 2;
      }
      case 'u' -> {
        int behind = backslash + 6;
        if (behind > end) {
          return -1;
        }
        for (int i = backslash + 2; i < behind; i++) {
          if (Character.digit(bytes[i], 16) < 0) {
            return -1;
          }
        }
        return behind;
      }
      default -> {
        return -1;
      }
    }
  }

  private boolean word(String word) {
    if (end - at < word.length() || !is(word, at, word.length())) {
      return false;
    }
    at += word.length();
    return true;
  }

  private boolean number() {
    int i = at;
    if (i < end && bytes[i] == '-') {
      i++;
    }
    int digits = digits(i);
    if (digits == 0 || (digits > 1 && bytes[i] == '0')) {
      return false;
    }
    i += digits;
    if (i < end && bytes[i] == '.') {
      digits = digits(++i);
      if (digits == 0) {
        return false;
      }
      i += digits;
    }
    if (i < end && (bytes[i] == 'e' || bytes[i] == 'E')) {
      i++;
      if (i < end && (bytes[i] == '+' || bytes[i] == '-')) {
        i++;
      }
      digits = digits(i);
      if (digits == 0) {
        return false;
      }
      i += digits;
    }
    at = i;
    return true;
  }

  private int digits(int from) {
    int i = from;
    while (i < end && bytes[i] >= '0' && bytes[i] <= '9') {
      i++;
    }
    return i - from;
  }

  /**
   * Finds some members of an object in which no fault was found.
   *
   * @param paths the members' names, and with a dot those of an object that is one
   * @param spans gets, for each path, where the text of its string or number begins and how long it
   *     is; a length of -1 where there is neither
   * @return {@code false} if the full scan must be asked, such as for a text with an escape
   */
  boolean find(byte[] array, int offset, int length, String[] paths, int[] spans) {
    begin(array, offset, length);
    Arrays.fill(spans, -1);
    missing = paths.length;
    boolean known = token() == '{' && members(0, 0, paths, spans, 0);
    bytes = null;
    return known;
  }

  /** The members below a name, which begins at an index; in the outermost object it is empty. */
  private boolean members(int above, int aboveLength, String[] paths, int[] spans, int level) {
    at++;
    byte next = token();
    while (next == '"') {
      int from = at + 1;
      if (!skipString(true)) {
        return false;
      }
      int length = at - 1 - from;
      if (token() != ':') {
        return false;
      }
      at++;
      next = token();
      if (next == '{' && level == 0 && hasBelow(paths, from, length)) {
        if (!members(from, length, paths, spans, level + 1)) {
          return false;
        }
      } else if (!value(next, path(above, aboveLength, level, paths, from, length), spans)) {
        return false;
      }
      if (missing == 0) {
        return true;
      }
      next = token();
      if (next == ',') {
        at++;
        next = token();
      } else if (next != '}') {
        return false;
      }
    }
    if (next != '}') {
      return false;
    }
    at++;
    return true;
  }

  /** Steps over a value, and keeps where it is if it has a place and is a string or a number. */
  private boolean value(byte first, int place, int[] spans) {
    int from = at;
    boolean text = first == '"';
    if (place < 0) {
      return skip(first);
    }
    if (text ? !skipString(true) : !skip(first)) {
      return false;
    }
    missing--;
    if (text) {
      spans[2 * place] = from + 1;
      spans[2 * place + 1] = at - from - 2;
    } else if (first == '-' || (first >= '0' && first <= '9')) {
      spans[2 * place] = from;
      spans[2 * place + 1] = at - from;
    }
    return true;
  }

  /** Which path these bytes are, below a name; -1 if none. */
  private int path(int above, int aboveLength, int level, String[] paths, int from, int length) {
    int start = level == 0 ? 0 : aboveLength + 1;
    for (int p = 0; p < paths.length; p++) {
      String path = paths[p];
      if (path.length() == start + length
          && (level == 0 || isBelow(path, above, aboveLength))
          && endsWith(path, start, from)) {
        return p;
      }
    }
    return -1;
  }

  private boolean isBelow(String path, int name, int length) {
    if (path.length() <= length || path.charAt(length) != '.') {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[name + i] != path.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean endsWith(String path, int start, int from) {
    for (int i = start; i < path.length(); i++) {
      char c = path.charAt(i);
      // A key with a dot in it is no path.
      if (bytes[from + i - start] != c || c == '.') {
        return false;
      }
    }
    return true;
  }

  private boolean hasBelow(String[] paths, int from, int length) {
    for (String path : paths) {
      if (isBelow(path, from, length)) {
        return true;
      }
    }
    return false;
  }

  /** Steps over a value. */
  private boolean skip(byte first) {
    if (first == '"') {
      return skipString(false);
    }
    if (first != '{' && first != '[') {
      int from = at;
      while (at < end
          && bytes[at] != ','
          && bytes[at] != '}'
          && bytes[at] != ']'
          && bytes[at] > ' ') {
        at++;
      }
      return at > from;
    }
    int open = 0;
    while (at < end) {
      byte next = bytes[at];
      if (next == '"') {
        if (!skipString(false)) {
          return false;
        }
        continue;
      }
      at++;
      if (next == '{' || next == '[') {
        open++;
      } else if ((next == '}' || next == ']') && --open == 0) {
        return true;
      }
    }
    return false;
  }

  private boolean skipString(boolean plain) {
    int i = at + 1;
    while (i < end) {
      byte one = bytes[i];
      if (one == '"') {
        at = i + 1;
        return true;
      }
      if (one == '\\') {
        if (plain) {
          return false;
        }
        i++;
      }
      i++;
    }
    return false;
  }
}
