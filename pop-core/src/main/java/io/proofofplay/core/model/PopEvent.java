package io.proofofplay.core.model;

import io.proofofplay.core.json.JsonFault;
import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * One event: a statement that something was played. It is the JSON bytes exactly as they were
 * received, one object without a line end, and an opaque id in them.
 *
 * <p>The bytes are what counts: they are kept, sent and compared. {@link #play()} is a view for
 * those who want to look inside, and never replaces them.
 *
 * <p>Immutable and thread-safe, as long as nobody changes the array that it was made from.
 */
public final class PopEvent {

  private static final String ID = "uuid";

  private final byte[] array;
  private final int offset;
  private final int length;
  private final String sender;

  /** Read from the bytes when somebody asks; two threads may read it twice, with one result. */
  private String uuid;

  private PopEvent(byte[] array, int offset, int length, String sender) {
    Objects.checkFromIndexSize(offset, length, array.length);
    this.array = array;
    this.offset = offset;
    this.length = length;
    this.sender = sender;
  }

  /**
   * Why these bytes are not an event.
   *
   * @param array holds the line
   * @param offset where it begins
   * @param length its length in bytes, without a line end
   * @return the reason, or empty if they are an event
   */
  public static Optional<Refusal> refusalOf(byte[] array, int offset, int length) {
    Optional<JsonFault> fault = JsonScanner.faultOf(array, offset, length, ID);
    return fault.isEmpty() ? Optional.empty() : Optional.of(Refusal.of(fault.get()));
  }

  /**
   * Where the first line of some bytes ends, if it is certainly an event.
   *
   * @param array holds the line, and perhaps others behind it
   * @param offset where it begins
   * @param end behind the last byte
   * @return the index of its line feed; -1 if there is none, or only {@link #refusalOf} can tell
   */
  public static int endOfLine(byte[] array, int offset, int end) {
    return JsonScanner.endOfLine(array, offset, end, ID);
  }

  /**
   * An event over a part of an array, without a copy and without a look at the bytes.
   *
   * @param array holds the line; nobody may change this part of it from now on
   * @param offset where it begins
   * @param length its length in bytes, without a line end
   * @param sender what the player called itself ({@code pop} in its first line), or {@code null}
   * @return the event
   */
  public static PopEvent scanned(byte[] array, int offset, int length, String sender) {
    return new PopEvent(array, offset, length, sender);
  }

  /**
   * An event from bytes of one's own.
   *
   * @param json one JSON object with a {@code uuid}, without a line feed; copied
   * @return the event
   * @throws IllegalArgumentException if {@link #refusalOf} has a reason against it, or if it is not
   *     on one line
   */
  public static PopEvent of(byte[] json) {
    byte[] copy = json.clone();
    refusalOf(copy, 0, copy.length)
        .ifPresent(
            refusal -> {
              throw new IllegalArgumentException("not an event: " + refusal.text());
            });
    // Between two tokens JSON allows it; but an event is kept and sent as a line.
    for (byte one : copy) {
      if (one == '\n') {
        throw new IllegalArgumentException(
            "not an event: there is a line feed in it; write it on one line");
      }
    }
    return new PopEvent(copy, 0, copy.length, null);
  }

  /**
   * An event from a text of one's own.
   *
   * @param json one JSON object with a {@code uuid}, without a line feed
   * @return the event
   * @throws IllegalArgumentException if {@link #refusalOf} has a reason against it, or if it is not
   *     on one line
   */
  public static PopEvent of(String json) {
    return of(json.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The event's id, opaque: any text that is not empty.
   *
   * @return the {@code uuid}
   */
  public String uuid() {
    String known = uuid;
    if (known == null) {
      known = JsonScanner.text(array, offset, length, ID).orElse("");
      uuid = known;
    }
    return known;
  }

  /**
   * What the player that sent this called itself.
   *
   * @return the {@code pop} of its first line, or empty if it is not known
   */
  public Optional<String> sender() {
    return Optional.ofNullable(sender);
  }

  /**
   * The number of bytes, without a line end.
   *
   * @return the length
   */
  public int length() {
    return length;
  }

  /**
   * The array that holds the bytes, for reading only. The event is {@link #length()} bytes from
   * {@link #offset()}.
   *
   * @return the array itself, not a copy
   */
  public byte[] array() {
    return array;
  }

  /**
   * Where in {@link #array()} the event begins.
   *
   * @return the index of its first byte
   */
  public int offset() {
    return offset;
  }

  /**
   * The bytes as they were received.
   *
   * @return a copy
   */
  public byte[] bytes() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /**
   * The bytes as a text.
   *
   * @return the JSON
   */
  public String json() {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }

  /**
   * A look inside.
   *
   * @return the play that this event states, read anew at every call
   */
  public Play play() {
    return Play.of(JsonScanner.read(array, offset, length));
  }

  /**
   * When playback began, in the player's own spelling.
   *
   * @return the {@code ts}, or {@code null} if there is none that is a number
   */
  public JsonNumber ts() {
    return JsonScanner.number(array, offset, length, "ts").orElse(null);
  }

  /** Two events are equal when their bytes are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof PopEvent event
        && Arrays.equals(
            array, offset, offset + length, event.array, event.offset, event.offset + event.length);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + array[i];
    }
    return hash;
  }

  /** The id and the length; the content belongs to somebody's invoice, not in a log. */
  @Override
  public String toString() {
    return "PopEvent[" + uuid() + ", " + length + " bytes]";
  }
}
