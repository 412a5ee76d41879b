package io.proofofplay.core.json;

import java.util.HashSet;
import java.util.Set;

/**
 * Reads a text by the grammar of RFC 8259, rule by rule and slowly, to compare a faster reader
 * with. Of texts nested deeper than a thousand it says that they are deep, no more.
 */
final class Rfc8259 {

  /**
   * What a text is.
   *
   * @param json whether it is one value, with nothing but blanks around it
   * @param oneObject whether that is an object
   * @param duplicate whether an object holds a key twice
   * @param depth how deep objects and arrays are nested, as far as it was read
   */
  record Verdict(boolean json, boolean oneObject, boolean duplicate, int depth) {

    boolean ok() {
      return json && oneObject && !duplicate && depth <= JsonScanner.MAX_DEPTH;
    }
  }

  private static final int DEEPEST = 1000;

  private final String text;
  private int at;
  private boolean duplicate;
  private int depth;
  private int deepest;

  private Rfc8259(String text) {
    this.text = text;
  }

  static Verdict judge(String text) {
    return new Rfc8259(text).judge();
  }

  private Verdict judge() {
    blanks();
    boolean object = at < text.length() && text.charAt(at) == '{';
    boolean json = value();
    blanks();
    json = json && at == text.length();
    return new Verdict(json, json && object, duplicate, deepest);
  }

  private void blanks() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean is(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private boolean value() {
    if (at == text.length()) {
      return false;
    }
    return switch (text.charAt(at)) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string() != null;
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    };
  }

  private boolean word(String word) {
    boolean there = text.startsWith(word, at);
    at += there ? word.length() : 0;
    return there;
  }

  private boolean enter() {
    at++;
    depth++;
    deepest = Math.max(deepest, depth);
    return depth <= DEEPEST;
  }

  private boolean object() {
    if (!enter()) {
      return false;
    }
    Set<String> keys = new HashSet<>();
    blanks();
    if (!is('}')) {
      do {
        blanks();
        String key = at < text.length() && text.charAt(at) == '"' ? string() : null;
        if (key == null) {
          return false;
        }
        duplicate |= !keys.add(key);
        if (key.codePoints().anyMatch(c -> c >= 0xd800 && c <= 0xdfff)) {
          // Half a surrogate pair; the one thing that is taken more narrowly than the grammar.
          return false;
        }
        blanks();
        if (!is(':')) {
          return false;
        }
        blanks();
        if (!value()) {
          return false;
        }
        blanks();
      } while (is(','));
      if (!is('}')) {
        return false;
      }
    }
    depth--;
    return true;
  }

  private boolean array() {
    if (!enter()) {
      return false;
    }
    blanks();
    if (!is(']')) {
      do {
        blanks();
        if (!value()) {
          return false;
        }
        blanks();
      } while (is(','));
      if (!is(']')) {
        return false;
      }
    }
    depth--;
    return true;
  }

  /** The string's text, or null if it is none. */
  private String string() {
    StringBuilder content = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return content.toString();
      }
      if (c < ' ') {
        return null;
      }
      if (c != '\\') {
        content.append(c);
        continue;
      }
      if (at == text.length()) {
        return null;
      }
      char escaped = text.charAt(at++);
      int place = "\"\\/bfnrt".indexOf(escaped);
      if (place >= 0) {
        content.append("\"\\/\b\f\n\r\t".charAt(place));
      } else if (escaped == 'u' && at + 4 <= text.length()) {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          char digit = text.charAt(at++);
          int value = digit < 0x80 ? Character.digit(digit, 16) : -1;
          if (value < 0) {
            return null;
          }
          code = code << 4 | value;
        }
        content.append((char) code);
      } else {
        return null;
      }
    }
    return null;
  }

  private boolean number() {
    is('-');
    if (!is('0') && !digits()) {
      return false;
    }
    if (is('.') && !digits()) {
      return false;
    }
    if (is('e') || is('E')) {
      if (!is('+')) {
        is('-');
      }
      return digits();
    }
    return true;
  }

  private boolean digits() {
    int from = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at > from;
  }
}
