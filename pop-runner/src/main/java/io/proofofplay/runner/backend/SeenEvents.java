package io.proofofplay.runner.backend;

import io.proofofplay.core.model.PopEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Remembers every event by 16 bytes: 8 of a hash of its uuid and 8 of a hash of its bytes. To take
 * an event for a repeat of another one by accident, both would have to agree: one chance in 2^128 a
 * pair.
 *
 * <p>Not thread-safe.
 */
final class SeenEvents {

  /** What an event is to those before it. */
  enum Kind {
    /** The first with its uuid. */
    FIRST,
    /** The same bytes have been here. */
    REPEAT,
    /** The same uuid has been here, with other bytes. */
    CONFLICT
  }

  /** Many small tables, so that the growth of one never needs the room of all of them again. */
  private static final int TABLES = 64;

  private static final int FIRST_ENTRIES = 64;

  private final long[][] tables = new long[TABLES][2 * FIRST_ENTRIES];
  private final int[] used = new int[TABLES];
  private final MessageDigest digest = sha256();

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Kind add(PopEvent event) {
    long uuid = hash(event.uuid().getBytes(StandardCharsets.UTF_8));
    digest.update(event.array(), event.offset(), event.length());
    long content = first8(digest.digest());
    int table = (int) (uuid >>> 58);
    if (used[table] * 3L >= tables[table].length) {
      grow(table);
    }
    return put(tables[table], table, uuid, content);
  }

  private Kind put(long[] entries, int table, long uuid, long content) {
    Kind kind = Kind.FIRST;
    int mask = entries.length / 2 - 1;
    int at = (int) uuid & mask;
    // All events of one uuid begin at the same place, so that the first gap behind it ends them.
    while (entries[2 * at] != 0) {
      if (entries[2 * at] == uuid) {
        if (entries[2 * at + 1] == content) {
          return Kind.REPEAT;
        }
        kind = Kind.CONFLICT;
      }
      at = (at + 1) & mask;
    }
    entries[2 * at] = uuid;
    entries[2 * at + 1] = content;
    used[table]++;
    return kind;
  }

  private void grow(int table) {
    long[] old = tables[table];
    long[] larger = new long[2 * old.length];
    used[table] = 0;
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0) {
        put(larger, table, old[i], old[i + 1]);
      }
    }
    tables[table] = larger;
  }

  private long hash(byte[] bytes) {
    return first8(digest.digest(bytes));
  }

  private static long first8(byte[] hash) {
    long value = ByteBuffer.wrap(hash).getLong();
    // 0 marks a free entry.
    return value == 0 ? 1 : value;
  }
}
