package io.proofofplay.core.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A look at a line that costs little and passes over nothing: it says yes to what is right and
 * usual, and leaves everything else to the full scan. What is unusual is many keys, deep nesting,
 * an escape in a key; and whatever is wrong, because the full scan knows what to call it.
 *
 * <p>The loops are long and keep what they need in variables, because the first compiler, which is
 * the daemon's only one, reads a field anew at each use and calls what it could inline.
 *
 * <p>A line of the same {@link Shape} as the one before costs less. Not thread-safe: one for each
 * thread.
 */
final class QuickLook {

  private static final ThreadLocal<QuickLook> OWN = ThreadLocal.withInitial(QuickLook::new);

  private static final int DEEPEST = 16;
  private static final int MOST_KEYS = 32;

  /** With so many lines of its shape it was worth to remember one. */
  private static final int WORTH = 4;

  /** So many lines may pass at most before it is tried again whether others are like one. */
  private static final int LONGEST_PAUSE = 63;

  /** The keys of all objects that are open, those of the innermost last. */
  private final int[] keyFrom = new int[MOST_KEYS];

  private final int[] keyLength = new int[MOST_KEYS];

  /** For each level the first of its keys. */
  private final int[] firstKey = new int[DEEPEST + 1];

  /** For each level a bit for each of its keys, the same one perhaps for several. */
  private final long[] keyBits = new long[DEEPEST + 1];

  private final boolean[] isArray = new boolean[DEEPEST + 1];

  /** The member that was asked for last, since it is nearly always the same. */
  private String member = "";

  private byte[] memberBytes = {};

  /** How long the last line was that was looked at in full and passed, with its end; else 0. */
  private int lastLength;

  /** What such a line looked like; {@code null} before two of the same length came. */
  private Shape shape;

  /** How many lines had that shape since it was remembered, as far as it is worth to count. */
  private int hits;

  /** How many lines may pass before a shape is remembered. */
  private int pause;

  /** How many that were the last time; more each time that a shape was not worth it. */
  private int lastPause;

  /** The member that the line of that shape has. */
  private String shapeMember;

  /** One that has seen no line yet. */
  QuickLook() {}

  static QuickLook own() {
    return OWN.get();
  }

  /**
   * Whether these bytes are certainly one strict JSON object.
   *
   * @param wanted a member that it must have, as a string that is not empty; {@code null} for none
   * @return {@code false} if they are not, or may not be
   */
  boolean passes(byte[] array, int offset, int length, String wanted) {
    int end = offset + length;
    int behind = object(array, offset, end, bytesOf(wanted), false);
    return behind >= 0 && behindSpace(array, behind, end, false) == end;
  }

  /**
   * Where the first line feed stands, if what is before it is certainly one strict JSON object:
   * there is none within a string, and none is passed over between two tokens.
   *
   * @param end behind the last byte to look at
   * @param wanted a member that it must have, as a string that is not empty
   * @return its index; -1 if there is none, or the line is not, or may not be, such an object
   */
  int endOfLine(byte[] array, int offset, int end, String wanted) {
    if (hasKnownShape(array, offset, end, wanted)) {
      if (hits < WORTH && ++hits == WORTH) {
        pause = 0;
      }
      // One line of another shape among those of this one must not take its place.
      lastLength = 0;
      return offset + shape.length() - 1;
    }
    int behind = object(array, offset, end, bytesOf(wanted), true);
    if (behind < 0) {
      return -1;
    }
    int at = behindSpace(array, behind, end, true);
    if (at >= end || array[at] != '\n') {
      return -1;
    }
    int length = at + 1 - offset;
    // To remember one costs two looks or three, and is for nothing where the next is another one.
    if (pause > 0) {
      pause--;
    } else if (length == lastLength && length <= Shape.LONGEST) {
      lastPause = shape == null || hits == WORTH ? 0 : Math.min(LONGEST_PAUSE, 2 * lastPause + 1);
      pause = lastPause;
      hits = 0;
      remember(array, offset, length, wanted);
    }
    lastLength = length;
    return at;
  }

  /** Whether the first bytes are a line of the shape that is remembered. */
  boolean hasKnownShape(byte[] array, int offset, int end, String wanted) {
    Shape known = shape;
    return known != null
        && known.length() <= end - offset
        && wanted.equals(shapeMember)
        && known.fits(array, offset);
  }

  /** Remembers the shape of a line that has passed, with its end. */
  private void remember(byte[] bytes, int offset, int length, String wanted) {
    if (shape == null) {
      shape = new Shape();
    }
    shape.remember(bytes, offset, length);
    shapeMember = wanted;
    int end = offset + length;
    int at = offset;
    while (at < end) {
      byte next = bytes[at];
      int from = at;
      if (next == '"') {
        at = behindString(bytes, from, end, false);
        // A key is the same or it is another line.
        if (bytes[behindSpace(bytes, at, end, true)] != ':') {
          varyText(bytes, offset, from + 1, at - 1);
        }
      } else if (next == '-' || (next >= '0' && next <= '9')) {
        at = behindNumber(bytes, from, end);
        shape.mayVaryAsNumber(from - offset, at - from);
      } else {
        at++;
      }
    }
  }

  /** Lets vary what no escape is made of. */
  private void varyText(byte[] bytes, int offset, int from, int end) {
    int begin = from;
    while (begin < end) {
      int at = begin;
      while (at < end && bytes[at] != '\\') {
        at++;
      }
      shape.mayVaryAsText(begin - offset, at - begin);
      begin = at < end ? behindEscape(bytes, at, end) : end;
    }
  }

  private byte[] bytesOf(String wanted) {
    if (wanted == null) {
      return null;
    }
    if (!wanted.equals(member)) {
      member = wanted;
      memberBytes = wanted.getBytes(StandardCharsets.UTF_8);
    }
    return memberBytes;
  }

  /** What is behind an object; -1 if there is, or may be, none. */
  private int object(byte[] bytes, int offset, int end, byte[] wanted, boolean onOneLine) {
    int at = behindSpace(bytes, offset, end, onOneLine);
    if (at >= end || bytes[at] != '{') {
      return -1;
    }
    at++;
    boolean found = wanted == null;
    boolean ascii = true;
    int keys = 0;
    int depth = 1;
    enter(depth, keys, false);
    boolean inArray = false;
    boolean begun = true;
    while (true) {
      if (at < end && bytes[at] <= ' ') {
        at = behindSpace(bytes, at, end, onOneLine);
      }
      if (at >= end) {
        return -1;
      }
      byte next = bytes[at];
      if (!begun || next != (inArray ? ']' : '}')) {
        boolean isWanted = false;
        if (!inArray) {
          if (next != '"' || keys == MOST_KEYS) {
            return -1;
          }
          int from = ++at;
          while (true) {
            if (at >= end) {
              return -1;
            }
            byte one = bytes[at];
            if (one == '"') {
              break;
            }
            if (one < ' ') {
              if (one >= 0) {
                return -1;
              }
              ascii = false;
            } else if (one == '\\') {
              return -1;
            }
            at++;
          }
          int length = at - from;
          if (!isNewKey(bytes, from, length, depth, keys)) {
            return -1;
          }
          keyFrom[keys] = from;
          keyLength[keys] = length;
          keys++;
          isWanted = !found && depth == 1 && is(wanted, bytes, from, length);
          at++;
          if (at < end && bytes[at] <= ' ') {
            at = behindSpace(bytes, at, end, onOneLine);
          }
          if (at >= end || bytes[at] != ':') {
            return -1;
          }
          at++;
          if (at < end && bytes[at] <= ' ') {
            at = behindSpace(bytes, at, end, onOneLine);
          }
          if (at >= end) {
            return -1;
          }
          next = bytes[at];
        }
        if (next == '"') {
          int from = ++at;
          while (true) {
            if (at >= end) {
              return -1;
            }
            byte one = bytes[at];
            if (one == '"') {
              break;
            }
            if (one < ' ') {
              if (one >= 0) {
                return -1;
              }
              ascii = false;
            } else if (one == '\\') {
              at = behindEscape(bytes, at, end);
              if (at < 0) {
                return -1;
              }
              continue;
            }
            at++;
          }
          found |= isWanted && at > from;
          at++;
        } else if (next == '{' || next == '[') {
          if (depth == DEEPEST) {
            return -1;
          }
          at++;
          depth++;
          inArray = next == '[';
          enter(depth, keys, inArray);
          begun = true;
          continue;
        } else {
          at = behindScalar(bytes, at, end);
          if (at < 0) {
            return -1;
          }
        }
      }
      begun = false;
      while (true) {
        if (at < end && bytes[at] <= ' ') {
          at = behindSpace(bytes, at, end, onOneLine);
        }
        if (at >= end) {
          return -1;
        }
        next = bytes[at++];
        if (next != (inArray ? ']' : '}')) {
          break;
        }
        keys = firstKey[depth];
        depth--;
        if (depth == 0) {
          return found && (ascii || Utf8.isValid(bytes, offset, at - offset)) ? at : -1;
        }
        inArray = isArray[depth];
      }
      if (next != ',') {
        return -1;
      }
    }
  }

  /**
   * Where the next byte is that is no white space.
   *
   * @param onOneLine whether a line feed is none
   */
  private static int behindSpace(byte[] bytes, int from, int end, boolean onOneLine) {
    int at = from;
    while (at < end) {
      byte next = bytes[at];
      if (next != ' ' && next != '\t' && next != '\r' && (onOneLine || next != '\n')) {
        break;
      }
      at++;
    }
    return at;
  }

  private void enter(int depth, int keys, boolean array) {
    firstKey[depth] = keys;
    keyBits[depth] = 0;
    isArray[depth] = array;
  }

  /** Whether the innermost object does not have this key yet. */
  private boolean isNewKey(byte[] bytes, int from, int length, int depth, int keys) {
    // Of keys with different bits no two are the same; only the others are compared.
    long bit = length == 0 ? 1 : 1L << (31 * bytes[from] + 7 * bytes[from + length - 1] + length);
    long bits = keyBits[depth];
    keyBits[depth] = bits | bit;
    if ((bits & bit) == 0) {
      return true;
    }
    for (int key = firstKey[depth]; key < keys; key++) {
      if (keyLength[key] == length
          && Arrays.equals(
              bytes, keyFrom[key], keyFrom[key] + length, bytes, from, from + length)) {
        return false;
      }
    }
    return true;
  }

  private static boolean is(byte[] name, byte[] bytes, int from, int length) {
    if (name.length != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[from + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  /** What is behind an escape in a string; -1 if it is none. */
  private static int behindEscape(byte[] bytes, int backslash, int end) {
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

  /** What is behind a value that is neither a string nor a structure; -1 if there is none. */
  private static int behindScalar(byte[] bytes, int at, int end) {
    return switch (bytes[at]) {
      case 't' -> behindWord("true", bytes, at, end);
      case 'f' -> behindWord("false", bytes, at, end);
      case 'n' -> behindWord("null", bytes, at, end);
      default -> behindNumber(bytes, at, end);
    };
  }

  private static int behindWord(String word, byte[] bytes, int at, int end) {
    if (end - at < word.length()) {
      return -1;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[at + i] != word.charAt(i)) {
        return -1;
      }
    }
    return at + word.length();
  }

  private static int behindNumber(byte[] bytes, int begin, int end) {
    int at = begin;
    if (bytes[at] == '-') {
      at++;
    }
    int first = at;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    if (at == first || (at - first > 1 && bytes[first] == '0')) {
      return -1;
    }
    if (at < end && bytes[at] == '.') {
      first = ++at;
      while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
        at++;
      }
      if (at == first) {
        return -1;
      }
    }
    if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
      at++;
      if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      first = at;
      while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
        at++;
      }
      if (at == first) {
        return -1;
      }
    }
    return at;
  }

  /**
   * Finds some members of an object in which no fault was found.
   *
   * @param spans gets, for each path, where the text of its string or number begins and how long it
   *     is; a length of -1 where there is neither
   * @return {@code false} if the full scan must be asked, such as for a text with an escape
   */
  static boolean find(byte[] bytes, int offset, int length, Members members, int[] spans) {
    int end = offset + length;
    int missing = members.count();
    for (int i = 0; i < 2 * missing; i++) {
      spans[i] = -1;
    }
    Members.Names outermost = members.outermost();
    Members.Names names = outermost;
    int at = behindSpace(bytes, offset, end, false);
    if (at >= end || bytes[at] != '{') {
      return false;
    }
    at++;
    while (at < end) {
      byte next = bytes[at];
      if (next == ',') {
        at++;
        continue;
      }
      if (next == '}') {
        if (names == outermost) {
          return true;
        }
        names = outermost;
        at++;
        continue;
      }
      if (next != '"') {
        int behind = behindSpace(bytes, at, end, false);
        if (behind == at) {
          return false;
        }
        at = behind;
        continue;
      }
      int from = ++at;
      while (true) {
        if (at >= end) {
          return false;
        }
        byte one = bytes[at];
        if (one == '"') {
          break;
        }
        if (one == '\\') {
          return false;
        }
        at++;
      }
      int index = names.indexOf(bytes, from, at - from);
      at++;
      if (at < end && bytes[at] <= ' ') {
        at = behindSpace(bytes, at, end, false);
      }
      if (at >= end || bytes[at] != ':') {
        return false;
      }
      at++;
      if (at < end && bytes[at] <= ' ') {
        at = behindSpace(bytes, at, end, false);
      }
      if (at >= end) {
        return false;
      }
      next = bytes[at];
      if (next == '{' && index >= 0 && names.below(index) != null) {
        names = names.below(index);
        at++;
        continue;
      }
      int place = index < 0 ? -1 : names.place(index);
      from = at;
      at = next == '"' ? behindString(bytes, at, end, place >= 0) : behindValue(bytes, at, end);
      if (at < 0) {
        return false;
      }
      if (place < 0) {
        continue;
      }
      if (next == '"') {
        spans[2 * place] = from + 1;
        spans[2 * place + 1] = at - from - 2;
      } else if (next == '-' || (next >= '0' && next <= '9')) {
        spans[2 * place] = from;
        spans[2 * place + 1] = at - from;
      }
      missing--;
      if (missing == 0) {
        return true;
      }
    }
    return false;
  }

  /** What is behind a string; -1 if it does not end, or has an escape and must be plain. */
  private static int behindString(byte[] bytes, int quote, int end, boolean plain) {
    int at = quote + 1;
    while (at < end) {
      byte one = bytes[at];
      if (one == '"') {
        return at + 1;
      }
      if (one == '\\') {
        if (plain) {
          return -1;
        }
        at++;
      }
      at++;
    }
    return -1;
  }

  /** What is behind a value that is no string; -1 if there is none, or it does not end. */
  private static int behindValue(byte[] bytes, int from, int end) {
    int at = from;
    byte first = bytes[at];
    if (first != '{' && first != '[') {
      while (at < end
          && bytes[at] != ','
          && bytes[at] != '}'
          && bytes[at] != ']'
          && bytes[at] > ' ') {
        at++;
      }
      return at > from ? at : -1;
    }
    int open = 0;
    while (at < end) {
      byte next = bytes[at];
      if (next == '"') {
        at = behindString(bytes, at, end, false);
        if (at < 0) {
          return -1;
        }
        continue;
      }
      at++;
      if (next == '{' || next == '[') {
        open++;
      } else if (next == '}' || next == ']') {
        open--;
        if (open == 0) {
          return at;
        }
      }
    }
    return -1;
  }
}
