package io.proofofplay.core.json;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.proofofplay.core.model.PopEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Any bytes at all as a player's line: judged like two other readers judge them, one written from
 * RFC 8259 ({@link Rfc8259}) and a tree reader of Jackson's over characters; and what passes
 * survives to the byte.
 */
public final class JsonScannerFuzz {

  private static final ObjectMapper TREE =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Longer numbers the tree refuses. */
  private static final Pattern LONG_NUMBER = Pattern.compile("[0-9.eE+-]{1000}");

  private JsonScannerFuzz() {}

  public static void fuzzerTestOneInput(byte[] line) throws IOException {
    // In the middle of other bytes, as it is in a buffer.
    byte[] array = new byte[line.length + 4];
    Arrays.fill(array, (byte) '"');
    System.arraycopy(line, 0, array, 2, line.length);
    byte[] before = array.clone();
    Optional<JsonFault> fault = JsonScanner.faultOf(array, 2, line.length);

    claim(Arrays.equals(array, before), "the bytes are changed");
    Optional<String> text = textOf(line);
    claim(fault.equals(Optional.of(JsonFault.BAD_UTF8)) == text.isEmpty(), "UTF-8 is misjudged");
    if (text.isEmpty()) {
      return;
    }
    Rfc8259.Verdict verdict = Rfc8259.judge(text.get());
    claim(fault.isEmpty() == verdict.ok(), fault + " against " + verdict);
    if (fault.isPresent()) {
      claim(explains(fault.get(), verdict), fault + " against " + verdict);
    } else if (!LONG_NUMBER.matcher(text.get()).find()) {
      survives(line, text.get());
    }
  }

  /** A fault that is met first hides one that stands behind it. */
  private static boolean explains(JsonFault fault, Rfc8259.Verdict verdict) {
    return switch (fault) {
      case NOT_JSON -> !verdict.json();
      case NOT_ONE_OBJECT -> !verdict.oneObject();
      case DUPLICATE_KEY -> verdict.duplicate();
      case TOO_DEEP -> verdict.depth() > JsonScanner.MAX_DEPTH;
      case BAD_UTF8, MEMBER_MISSING -> false;
    };
  }

  private static void survives(byte[] line, String text) throws IOException {
    JsonNode tree = TREE.readTree(text);
    claim(
        tree.isObject() && same(JsonScanner.read(line, 0, line.length), tree), "read differently");

    JsonNode id = tree.path("uuid");
    boolean named = id.isTextual() && !id.textValue().isEmpty();
    claim(
        JsonScanner.faultOf(line, 0, line.length, "uuid").isEmpty() == named, "uuid is misjudged");
    // An event stands on one line; the framer has seen to that before.
    if (named && text.indexOf('\n') < 0) {
      PopEvent event = PopEvent.of(line);
      claim(Arrays.equals(event.bytes(), line), "the event's bytes differ");
      claim(event.uuid().equals(id.textValue()), "the event's uuid differs");
      claim(event.play() != null, "no play");
    }
    // As a dead letter keeps it.
    byte[] letter = new JsonLine().put("event", text).end();
    claim(text.equals(TREE.readTree(letter).get("event").textValue()), "the dead letter differs");
    claim(
        JsonScanner.text(letter, 0, letter.length, "event").equals(Optional.of(text)),
        "the dead letter is read differently");
  }

  private static boolean same(Object plain, JsonNode tree) {
    if (plain instanceof Map<?, ?> members) {
      return tree.isObject()
          && tree.size() == members.size()
          && members.entrySet().stream()
              .allMatch(entry -> same(entry.getValue(), tree.get((String) entry.getKey())));
    }
    if (plain instanceof List<?> items) {
      return tree.isArray()
          && tree.size() == items.size()
          && IntStream.range(0, items.size()).allMatch(i -> same(items.get(i), tree.get(i)));
    }
    if (plain instanceof JsonNumber number) {
      return tree.isNumber()
          && number.value().map(value -> value.doubleValue() == tree.doubleValue()).orElse(true);
    }
    if (plain instanceof String string) {
      return string.equals(tree.textValue());
    }
    return plain instanceof Boolean truth
        ? tree.isBoolean() && tree.booleanValue() == truth
        : plain == null && tree.isNull();
  }

  private static void claim(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  private static Optional<String> textOf(byte[] line) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
