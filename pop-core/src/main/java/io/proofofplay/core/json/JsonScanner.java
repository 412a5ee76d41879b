package io.proofofplay.core.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A strict look at the bytes of one JSON object, which never changes and never keeps them.
 *
 * <p>Strict means: valid UTF-8, RFC 8259 and nothing else, exactly one object with nothing behind
 * it, no key twice in any object, nesting of at most {@value #MAX_DEPTH}. A key with an escape of
 * half a surrogate pair is no JSON either, although the grammar of RFC 8259 allows it: it is no
 * text, and Jackson refuses it. In a value it passes.
 *
 * <p>Thread-safe. What is long and unusual is looked at by one thread at a time, since it may take
 * several times its own length in memory: nobody waits for anything but the processor meanwhile.
 */
public final class JsonScanner {

  /** The deepest nesting of objects and arrays that passes; the outermost object counts as 1. */
  public static final int MAX_DEPTH = 64;

  /**
   * Keeps no table of the keys that it meets: a hostile line can be made of keys alone, and a table
   * would take twenty times its length. For the same reason {@link KeysSeen} finds the duplicates.
   */
  private static final JsonFactory STRICT =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /** Up to this length a copy as a text costs less than a decoder. */
  private static final int SHORT = 8 << 10;

  /** What is longer is looked at in full by one thread at a time. */
  private static final int LONG = 4 << 10;

  private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock(true);

  /**
   * The keys of so many bytes are looked for at a time, in as many passes as it takes. They take up
   * to six times as much memory: 6 MiB of 32 MiB.
   */
  private static final int PASS =
      (int) Math.max(1 << 20, Math.min(1 << 30, Runtime.getRuntime().maxMemory() / 32));

  private JsonScanner() {}

  /**
   * A parser of exactly these bytes. Jackson's own way to one reads on behind the last of them
   * where there are many of them in the middle of an array, and no table of keys is kept.
   */
  private static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
    Reader text =
        length <= SHORT
            ? new StringReader(new String(bytes, offset, length, StandardCharsets.UTF_8))
            : new InputStreamReader(
                new ByteArrayInputStream(bytes, offset, length), StandardCharsets.UTF_8);
    return STRICT.createParser(text);
  }

  /**
   * Says what is wrong with these bytes.
   *
   * @param bytes holds the line
   * @param offset where it begins
   * @param length its length in bytes, without a line end
   * @param member a member that the outermost object must have, as a string that is not empty
   * @return the fault, or empty if there is none
   */
  public static Optional<JsonFault> faultOf(byte[] bytes, int offset, int length, String member) {
    return scan(bytes, offset, length, Objects.requireNonNull(member, "member"));
  }

  /**
   * Says what is wrong with these bytes, whatever members the object has.
   *
   * @param bytes holds the line
   * @param offset where it begins
   * @param length its length in bytes, without a line end
   * @return the fault, never {@link JsonFault#MEMBER_MISSING}, or empty if there is none
   */
  public static Optional<JsonFault> faultOf(byte[] bytes, int offset, int length) {
    return scan(bytes, offset, length, null);
  }

  /** A member of {@code null} stands for none. */
  private static Optional<JsonFault> scan(byte[] bytes, int offset, int length, String member) {
    return QuickLook.own().passes(bytes, offset, length, member)
        ? Optional.empty()
        : fullScan(bytes, offset, length, member);
  }

  /** Finds what is wrong, and what is right and not usual; the measure of {@link QuickLook}. */
  static Optional<JsonFault> fullScan(byte[] bytes, int offset, int length, String member) {
    if (length <= LONG) {
      return fullScan(bytes, offset, length, member, PASS);
    }
    ONE_AT_A_TIME.lock();
    try {
      return fullScan(bytes, offset, length, member, PASS);
    } finally {
      ONE_AT_A_TIME.unlock();
    }
  }

  /**
   * Finds what is wrong, in several passes if need be. Each looks at a part of the keys, chosen by
   * what they are, so that those that are the same meet in one of them. What one pass would find is
   * found: a key that stands twice before whatever else is wrong is known to one of them alone.
   *
   * @param pass the keys of how many bytes are looked at in a pass, on average
   */
  static Optional<JsonFault> fullScan(
      byte[] bytes, int offset, int length, String member, int pass) {
    int passes = 1 + Math.max(0, length - 1) / pass;
    Optional<JsonFault> fault = Optional.empty();
    for (int i = 0; i < passes; i++) {
      fault = scan(bytes, offset, length, member, new KeysSeen(i, passes));
      if (fault.equals(Optional.of(JsonFault.DUPLICATE_KEY))) {
        return fault;
      }
    }
    return fault;
  }

  private static Optional<JsonFault> scan(
      byte[] bytes, int offset, int length, String member, KeysSeen keys) {
    if (!Utf8.isValid(bytes, offset, length)) {
      return Optional.of(JsonFault.BAD_UTF8);
    }
    // Jackson guesses UTF-16 and UTF-32 from NUL bytes; JSON text holds none in UTF-8.
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] == 0) {
        return Optional.of(JsonFault.NOT_JSON);
      }
    }
    // Jackson takes a character for the digit that its lower eight bits are.
    if (!hasWholeEscapes(bytes, offset, length)) {
      return Optional.of(JsonFault.NOT_JSON);
    }
    // Jackson passes over a byte order mark; among the elements of an array it would be no JSON.
    if (startsWithByteOrderMark(bytes, offset, length)) {
      return Optional.of(JsonFault.NOT_JSON);
    }
    boolean found = member == null;
    try (JsonParser parser = parser(bytes, offset, length)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return Optional.of(JsonFault.NOT_JSON);
      }
      boolean root = token == JsonToken.START_OBJECT;
      // For each level the number of its object; an array has none, and no keys.
      int[] objects = new int[MAX_DEPTH + 1];
      int begun = 0;
      int depth = 0;
      if (token.isStructStart()) {
        objects[++depth] = begun++;
      }
      while (depth > 0) {
        token = parser.nextToken();
        if (token == null) {
          return Optional.of(JsonFault.NOT_JSON);
        }
        if (token == JsonToken.FIELD_NAME) {
          if (!keys.add(objects[depth], parser.currentName())) {
            return Optional.of(JsonFault.DUPLICATE_KEY);
          }
        } else if (token.isStructStart()) {
          objects[++depth] = begun++;
        } else if (token.isStructEnd()) {
          depth--;
        } else if (root
            && depth == 1
            && member != null
            && token == JsonToken.VALUE_STRING
            && member.equals(parser.currentName())) {
          found = parser.getTextLength() > 0;
        }
      }
      if (!root) {
        return Optional.of(readsToTheEnd(parser) ? JsonFault.NOT_ONE_OBJECT : JsonFault.NOT_JSON);
      }
      if (parser.nextToken() != null) {
        return Optional.of(JsonFault.NOT_ONE_OBJECT);
      }
    } catch (StreamConstraintsException e) {
      return Optional.of(JsonFault.TOO_DEEP);
    } catch (IOException e) {
      return Optional.of(JsonFault.NOT_JSON);
    }
    return found ? Optional.empty() : Optional.of(JsonFault.MEMBER_MISSING);
  }

  /** Whether what follows is JSON, so that bytes which are none at all are called that. */
  private static boolean readsToTheEnd(JsonParser parser) {
    try {
      while (parser.nextToken() != null) {
        // What it says does not matter.
      }
      return true;
    } catch (StreamConstraintsException e) {
      // How it goes on cannot be told; that it is no object was met before.
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether behind each backslash with a u there are four hexadecimal digits. */
  private static boolean hasWholeEscapes(byte[] bytes, int offset, int length) {
    int end = offset + length;
    int at = offset;
    while (at < end - 1) {
      if (bytes[at] != '\\') {
        at++;
      } else if (bytes[at + 1] != 'u') {
        at += 2;
      } else if (isHex(bytes, at + 2, Math.min(at + 6, end))) {
        at += 6;
      } else {
        return false;
      }
    }
    return true;
  }

  private static boolean isHex(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] < 0 || Character.digit(bytes[i], 16) < 0) {
        return false;
      }
    }
    // What is cut short is found by whoever looks for the end of the string.
    return true;
  }

  private static boolean startsWithByteOrderMark(byte[] bytes, int offset, int length) {
    return length >= 3
        && bytes[offset] == (byte) 0xef
        && bytes[offset + 1] == (byte) 0xbb
        && bytes[offset + 2] == (byte) 0xbf;
  }

  /**
   * The text of a string member of the outermost object.
   *
   * @param bytes holds an object in which {@link #faultOf} found no fault
   * @param offset where it begins
   * @param length its length in bytes
   * @param member the member's name
   * @return its text with escapes resolved, or empty if there is no such string member
   */
  public static Optional<String> text(byte[] bytes, int offset, int length, String member) {
    return textIn(member(bytes, offset, length, member));
  }

  /**
   * The same, for who looks for it in one object after another.
   *
   * @param bytes holds an object in which {@link #faultOf} found no fault
   * @param offset where it begins
   * @param length its length in bytes
   * @param member exactly one name, without a dot: what is below a member is not looked for
   * @return its text with escapes resolved, or empty if there is no such string member
   */
  public static Optional<String> text(byte[] bytes, int offset, int length, Members member) {
    return textIn(member(bytes, offset, length, member));
  }

  private static Optional<String> textIn(Optional<Object> value) {
    return value.isPresent() && value.get() instanceof String text
        ? Optional.of(text)
        : Optional.empty();
  }

  /**
   * The number in a member of the outermost object.
   *
   * @param bytes holds an object in which {@link #faultOf} found no fault
   * @param offset where it begins
   * @param length its length in bytes
   * @param member the member's name
   * @return the number, or empty if there is no such member that is one
   */
  public static Optional<JsonNumber> number(byte[] bytes, int offset, int length, String member) {
    return member(bytes, offset, length, member)
        .flatMap(
            value -> value instanceof JsonNumber number ? Optional.of(number) : Optional.empty());
  }

  /** A member of the outermost object that is no structure, without keeping anything else. */
  private static Optional<Object> member(byte[] bytes, int offset, int length, String member) {
    return isPath(member)
        ? member(bytes, offset, length, Members.of(member))
        : fullMember(bytes, offset, length, member);
  }

  private static Optional<Object> member(byte[] bytes, int offset, int length, Members member) {
    int[] spans = new int[2 * member.count()];
    return QuickLook.find(bytes, offset, length, member, spans)
        ? Optional.ofNullable(valueIn(bytes, spans[0], spans[1]))
        : fullMember(bytes, offset, length, member.paths().get(0));
  }

  /** Whether a name means the same as a path. */
  private static boolean isPath(String member) {
    for (int i = 0; i < member.length(); i++) {
      if (member.charAt(i) >= 0x80 || member.charAt(i) == '.') {
        return false;
      }
    }
    return !member.isEmpty();
  }

  private static Optional<Object> fullMember(byte[] bytes, int offset, int length, String member) {
    if (length <= LONG) {
      return parsedMember(bytes, offset, length, member);
    }
    ONE_AT_A_TIME.lock();
    try {
      return parsedMember(bytes, offset, length, member);
    } finally {
      ONE_AT_A_TIME.unlock();
    }
  }

  private static Optional<Object> parsedMember(
      byte[] bytes, int offset, int length, String member) {
    try (JsonParser parser = parser(bytes, offset, length)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = member.equals(parser.currentName());
        JsonToken value = parser.nextToken();
        if (wanted) {
          return value.isScalarValue()
              ? Optional.ofNullable(scalar(parser, value))
              : Optional.empty();
        }
        parser.skipChildren();
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The texts of some members, read at once.
   *
   * @param bytes holds an object in which {@link #faultOf} found no fault
   * @param offset where it begins
   * @param length its length in bytes
   * @param members which ones
   * @return for each of them the string with escapes resolved, or the number as it is spelled;
   *     {@code null} where there is neither
   */
  public static String[] texts(byte[] bytes, int offset, int length, Members members) {
    List<String> paths = members.paths();
    String[] texts = new String[paths.size()];
    int[] spans = new int[2 * texts.length];
    if (QuickLook.find(bytes, offset, length, members, spans)) {
      for (int i = 0; i < texts.length; i++) {
        texts[i] = textOf(valueIn(bytes, spans[2 * i], spans[2 * i + 1]));
      }
    } else {
      Map<String, Object> all = read(bytes, offset, length);
      for (int i = 0; i < texts.length; i++) {
        texts[i] = textOf(valueAt(all, paths.get(i)));
      }
    }
    return texts;
  }

  /**
   * Where the first line of some bytes ends, if it is certainly an object in which {@link
   * #faultOf(byte[], int, int, String)} finds no fault. One look does for framing and scan.
   *
   * @param bytes holds the line, and perhaps others behind it
   * @param offset where it begins
   * @param end behind the last byte
   * @param wanted a member that it must have, as a string that is not empty
   * @return the index of its line feed; -1 if there is none, or only a look at the line alone can
   *     tell
   */
  public static int endOfLine(byte[] bytes, int offset, int end, String wanted) {
    return QuickLook.own().endOfLine(bytes, offset, end, Objects.requireNonNull(wanted, "wanted"));
  }

  /**
   * Where the texts of some members stand, for who wants no copy of them.
   *
   * @param bytes holds an object in which {@link #faultOf} found no fault
   * @param offset where it begins
   * @param length its length in bytes
   * @param members which ones
   * @param spans twice as long as they are many: gets for each the index of the first byte of what
   *     {@link #texts} would give, and how many bytes it has, or -1 where there is none
   * @return {@code false} if the texts do not stand there as they are, because of an escape, and
   *     {@code texts} must be asked
   */
  public static boolean spans(byte[] bytes, int offset, int length, Members members, int[] spans) {
    return QuickLook.find(bytes, offset, length, members, spans);
  }

  /** What stands in a span: a number is not behind a quotation mark. */
  private static Object valueIn(byte[] bytes, int from, int length) {
    if (length < 0) {
      return null;
    }
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    return bytes[from - 1] == '"' ? text : new JsonNumber(text);
  }

  private static Object valueAt(Map<String, Object> members, String path) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      return members.get(path);
    }
    return members.get(path.substring(0, dot)) instanceof Map<?, ?> below
        ? below.get(path.substring(dot + 1))
        : null;
  }

  private static String textOf(Object value) {
    if (value instanceof JsonNumber number) {
      return number.text();
    }
    return value instanceof String text ? text : null;
  }

  /**
   * Reads an object into plain values: {@link Map} (in the order of its keys), {@link List}, {@link
   * String}, {@link JsonNumber}, {@link Boolean} and {@code null}.
   *
   * @param bytes holds an object in which {@link #faultOf} found no fault
   * @param offset where it begins
   * @param length its length in bytes
   * @return the object's members
   * @throws IllegalArgumentException if the bytes are no JSON object
   */
  public static Map<String, Object> read(byte[] bytes, int offset, int length) {
    try (JsonParser parser = parser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      return readObject(parser);
    } catch (IOException e) {
      throw new IllegalArgumentException("not a JSON object", e);
    } catch (UncheckedIOException e) {
      throw new IllegalArgumentException("not a JSON object", e);
    }
  }

  private static Map<String, Object> readObject(JsonParser parser) throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    // Nesting is bounded by MAX_DEPTH, but an explicit stack keeps the reading off the call stack.
    Deque<Object> open = new ArrayDeque<>();
    open.push(root);
    String name = null;
    Deque<String> names = new ArrayDeque<>();
    while (!open.isEmpty()) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new IOException("the object does not end");
      }
      switch (token) {
        case FIELD_NAME -> {
          name = parser.currentName();
          if (open.peek() instanceof Map<?, ?> members && members.containsKey(name)) {
            throw new IOException("the same key twice");
          }
        }
        case START_OBJECT -> {
          Object child = new LinkedHashMap<String, Object>();
          put(open.peek(), name, child);
          names.push(String.valueOf(name));
          open.push(child);
        }
        case START_ARRAY -> {
          Object child = new ArrayList<>();
          put(open.peek(), name, child);
          names.push(String.valueOf(name));
          open.push(child);
        }
        case END_OBJECT, END_ARRAY -> {
          open.pop();
          name = names.isEmpty() ? null : names.pop();
        }
        default -> put(open.peek(), name, scalar(parser, token));
      }
    }
    return root;
  }

  @SuppressWarnings("unchecked")
  private static void put(Object container, String name, Object value) {
    if (container instanceof List<?> list) {
      ((List<Object>) list).add(value);
    } else {
      ((Map<String, Object>) container).put(name, value);
    }
  }

  private static Object scalar(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> parser.getText();
      // The text, not the number: 1e999999999 as a BigDecimal is small, as a BigInteger it is not.
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }
}
