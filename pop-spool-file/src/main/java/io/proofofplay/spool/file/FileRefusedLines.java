package io.proofofplay.spool.file;

import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.RefusedLines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refused lines in a file of JSON lines. They are not forced: a flood of bad lines must not cost
 * more than the good ones.
 */
final class FileRefusedLines implements RefusedLines {

  static final String NAME = "rejected";

  private static final Logger LOG = LoggerFactory.getLogger(FileRefusedLines.class);

  private final SideFile file;
  private volatile boolean failing;

  FileRefusedLines(SideFile file) {
    this.file = file;
  }

  /** Keeps a line as the port says; after {@link #close} none. */
  @Override
  public void put(Instant time, String source, RefusedLine line) {
    byte[] json =
        new JsonLine()
            .put("time", time.toString())
            .put("source", source)
            .put("reason", line.reason().code())
            .put("offset", line.offset())
            .put("line", text(line.start()))
            .end();
    try {
      file.append(json);
      failing = false;
    } catch (IOException e) {
      if (!failing && !file.isClosed()) {
        failing = true;
        LOG.warn("{}: refused lines cannot be kept: {}", file.path(), e.toString());
      }
    }
  }

  /** The bytes as text; a byte that is no UTF-8 as {@code \xff}. */
  static String text(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer decoded = CharBuffer.allocate(bytes.length);
    StringBuilder text = new StringBuilder(bytes.length);
    while (true) {
      // Reports what is no UTF-8, being told that nothing follows.
      CoderResult result = decoder.decode(in, decoded, true);
      text.append(decoded.flip());
      decoded.clear();
      if (!result.isError()) {
        return text.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        text.append(String.format(Locale.ROOT, "\\x%02x", in.get() & 0xff));
      }
      decoder.reset();
    }
  }

  @Override
  public long discarded() {
    return file.discarded();
  }

  @Override
  public void close() {
    file.close();
  }
}
