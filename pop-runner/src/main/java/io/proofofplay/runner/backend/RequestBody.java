package io.proofofplay.runner.backend;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** The decoded body of a request, or the fact that it is too large. */
final class RequestBody {

  /** How much of a body that is too large is read, so that its sender sees an answer, no reset. */
  private static final long DRAINED_BYTES = 256L * 1024 * 1024;

  /** Above what most batches have. */
  private static final int MOST_PROMISED = 1024 * 1024;

  private static final int BLOCK = 64 * 1024;

  private byte[] bytes;
  private int length;
  private boolean tooLarge;

  private RequestBody(int capacity) {
    bytes = new byte[capacity];
  }

  /**
   * Reads a body to its end.
   *
   * @param raw the body as it comes
   * @param gzip whether it is compressed
   * @param expected its length if its sender names one, else 0
   * @param limit the most bytes that are kept
   * @throws IOException if it does not come, or is not gzip ({@link java.util.zip.ZipException},
   *     {@link java.io.EOFException})
   */
  static RequestBody read(InputStream raw, boolean gzip, long expected, int limit)
      throws IOException {
    // What a sender promises costs it nothing: beyond this the array grows with what comes.
    long most = Math.min(limit, MOST_PROMISED);
    int capacity = (int) Math.min(most, expected > 0 ? expected : BLOCK);
    RequestBody body = new RequestBody(capacity);
    try (InputStream in = gzip ? new GZIPInputStream(raw, BLOCK) : raw) {
      body.fill(in, limit);
    }
    return body;
  }

  private void fill(InputStream in, int limit) throws IOException {
    while (true) {
      if (length == bytes.length) {
        int next = in.read();
        if (next < 0) {
          return;
        }
        if (length == limit) {
          tooLarge = true;
          drain(in);
          return;
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(BLOCK, 2L * length)));
        bytes[length++] = (byte) next;
      }
      int count = in.read(bytes, length, bytes.length - length);
      if (count < 0) {
        return;
      }
      length += count;
    }
  }

  private static void drain(InputStream in) throws IOException {
    byte[] block = new byte[BLOCK];
    long drained = 0;
    int count = in.read(block);
    while (count >= 0 && drained < DRAINED_BYTES) {
      drained += count;
      count = in.read(block);
    }
  }

  boolean isTooLarge() {
    return tooLarge;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  byte[] hash() {
    MessageDigest digest = SeenEvents.sha256();
    digest.update(bytes, 0, length);
    return digest.digest();
  }
}
