package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.PopEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The events that were taken last, to know one that comes again: a player that keeps its last
 * events sends them anew with each connection.
 *
 * <p>An event comes again when all its bytes are the same. It is known by the first 128 bits of
 * their SHA-256, so that an event is taken for another with a probability below 2<sup>-113</sup> at
 * the largest window. The same id with other bytes is another event; that is only counted, and
 * known by 64 bits of the id.
 *
 * <p>An event enters the window when the intake has taken it, and not before: whatever was not
 * taken must not make its own repeat vanish.
 *
 * <p>About 160 bytes an event, taken as events come. Not thread-safe.
 */
final class RepeatWindow {

  /** The bytes of an event, in short. */
  private record Print(long high, long low) {}

  /** What is left of some events. */
  static final class Sifted {

    private final List<PopEvent> fresh = new ArrayList<>();
    private final List<Print> prints = new ArrayList<>();
    private final List<Long> ids = new ArrayList<>();
    private int repeated;
    private int reusedIds;

    private Sifted() {}

    /** Those that did not come before, in their order. */
    List<PopEvent> fresh() {
      return fresh;
    }

    /** How many came before. */
    int repeated() {
      return repeated;
    }

    /** How many of the fresh have the id of another event. */
    int reusedIds() {
      return reusedIds;
    }
  }

  private static final int PRINT_DIGITS = 32;
  private static final int ID_DIGITS = 16;

  /** A line of what is remembered: the print, a space, the id, a line end. */
  private static final int LINE = PRINT_DIGITS + 1 + ID_DIGITS + 1;

  private static final Pattern ENTRY =
      Pattern.compile("[0-9a-f]{" + PRINT_DIGITS + "} [0-9a-f]{" + ID_DIGITS + "}");

  private final int size;
  private final MessageDigest digest;

  /** Oldest first, each with its id in short. */
  private final Map<Print, Long> prints = new LinkedHashMap<>();

  /** How many events of each id are in the window. */
  private final Map<Long, Integer> ids = new HashMap<>();

  /**
   * An empty window.
   *
   * @param size how many events it holds; 0 to know none
   */
  RepeatWindow(int size) {
    this.size = size;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Tells those that come for the first time from those that come again. Remembers nothing yet. */
  Sifted sift(List<PopEvent> events) {
    Sifted sifted = new Sifted();
    if (size == 0) {
      sifted.fresh.addAll(events);
      return sifted;
    }
    Set<Print> together = new HashSet<>();
    Set<Long> idsTogether = new HashSet<>();
    for (PopEvent event : events) {
      Print print = print(event);
      if (prints.containsKey(print) || !together.add(print)) {
        sifted.repeated++;
        continue;
      }
      long id = id(event);
      if (ids.containsKey(id) || !idsTogether.add(id)) {
        sifted.reusedIds++;
      }
      sifted.fresh.add(event);
      sifted.prints.add(print);
      sifted.ids.add(id);
    }
    return sifted;
  }

  /** Remembers the fresh ones; for when they were taken. */
  void add(Sifted sifted) {
    for (int i = 0; i < sifted.prints.size(); i++) {
      add(sifted.prints.get(i), sifted.ids.get(i));
    }
  }

  private void add(Print print, long id) {
    if (size == 0 || prints.putIfAbsent(print, id) != null) {
      return;
    }
    ids.merge(id, 1, Integer::sum);
    if (prints.size() > size) {
      Iterator<Long> oldest = prints.values().iterator();
      ids.computeIfPresent(oldest.next(), (any, count) -> count == 1 ? null : count - 1);
      oldest.remove();
    }
  }

  private Print print(PopEvent event) {
    digest.update(event.array(), event.offset(), event.length());
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    return new Print(hash.getLong(), hash.getLong());
  }

  private long id(PopEvent event) {
    digest.update(event.uuid().getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  /** What the window holds, oldest first, one line an event. */
  byte[] memory() {
    StringBuilder text = new StringBuilder(prints.size() * LINE);
    HexFormat hex = HexFormat.of();
    prints.forEach(
        (print, id) ->
            text.append(hex.toHexDigits(print.high()))
                .append(hex.toHexDigits(print.low()))
                .append(' ')
                .append(hex.toHexDigits(id))
                .append('\n'));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Fills the window with what another one held; what is not of that form is left out. */
  void recall(byte[] memory) {
    for (String line : new String(memory, StandardCharsets.US_ASCII).lines().toList()) {
      if (ENTRY.matcher(line).matches()) {
        add(
            new Print(
                HexFormat.fromHexDigitsToLong(line, 0, PRINT_DIGITS / 2),
                HexFormat.fromHexDigitsToLong(line, PRINT_DIGITS / 2, PRINT_DIGITS)),
            HexFormat.fromHexDigitsToLong(line, PRINT_DIGITS + 1, LINE - 1));
      }
    }
  }
}
