package io.proofofplay.runner.player;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All bytes that one connection to a real player received, from the banner to the end. It is cut
 * where the player waited for its client: behind the banner, and behind each {@code 404} before the
 * {@code ok!}.
 *
 * <p>Immutable; each connection gets buffers of its own.
 */
final class Recording {

  private static final byte[] BANNER = "Info Beamer".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NOT_FOUND = "404\n".getBytes(StandardCharsets.US_ASCII);

  private final List<ByteBuffer> parts;

  private Recording(List<ByteBuffer> parts) {
    this.parts = parts;
  }

  static boolean isOne(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(BANNER.length), BANNER);
    }
  }

  static Recording open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new IOException(file + " is larger than 2 GiB; cut the recording");
      }
      return of(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    }
  }

  static Recording of(ByteBuffer bytes) {
    List<ByteBuffer> parts = new ArrayList<>();
    int from = 0;
    int cut = behindLine(bytes, 0);
    while (cut < bytes.limit()) {
      parts.add(bytes.slice(from, cut - from));
      from = cut;
      if (!startsWith(bytes, from, NOT_FOUND)) {
        break;
      }
      cut = from + NOT_FOUND.length;
    }
    parts.add(bytes.slice(from, bytes.limit() - from));
    return new Recording(List.copyOf(parts));
  }

  /** How many parts there are; the first goes out at once, each other one for a client's line. */
  int parts() {
    return parts.size();
  }

  ByteBuffer part(int index) {
    return parts.get(index).duplicate();
  }

  private static int behindLine(ByteBuffer bytes, int from) {
    int at = from;
    while (at < bytes.limit()) {
      if (bytes.get(at++) == '\n') {
        break;
      }
    }
    return at;
  }

  private static boolean startsWith(ByteBuffer bytes, int from, byte[] text) {
    if (bytes.limit() - from < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      if (bytes.get(from + i) != text[i]) {
        return false;
      }
    }
    return true;
  }
}
