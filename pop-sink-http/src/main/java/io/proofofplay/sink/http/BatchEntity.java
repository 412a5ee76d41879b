package io.proofofplay.sink.http;

import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.sink.http.HttpSinkConfig.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * A batch as a request's body: the events' own bytes with a few bytes between them, gathered into
 * pieces of what the socket takes at once. Its length is known before.
 */
final class BatchEntity extends AbstractHttpEntity {

  private static final ContentType JSON = ContentType.create("application/json");
  private static final ContentType NDJSON = ContentType.create("application/x-ndjson");

  /** As much as {@link DeadlineSocket} writes at once. */
  static final int PIECE_BYTES = 64 * 1024;

  /**
   * So much at first: it goes with the head of the request, out of the buffer that holds that, and
   * wakes the backend once for both. Where the first event alone is longer, the head goes alone.
   */
  static final int FIRST_BYTES = 8 * 1024;

  private final List<PopEvent> events;
  private final byte[] before;
  private final byte between;
  private final byte[] behind;
  private final long length;
  private final byte[] piece;

  private BatchEntity(
      Batch batch, ContentType type, byte[] before, char between, String behind, byte[] piece) {
    super(type, null);
    this.piece = piece;
    this.events = batch.events();
    this.before = before;
    this.between = (byte) between;
    this.behind = behind.getBytes(StandardCharsets.US_ASCII);
    this.length = before.length + (long) batch.bytes() + batch.size() - 1 + this.behind.length;
  }

  /** With a piece of its own to gather in. */
  static BatchEntity of(Batch batch, Body form) {
    return of(batch, form, new byte[PIECE_BYTES]);
  }

  /**
   * A body.
   *
   * @param piece where to gather the events when they are written, which nobody else uses then
   */
  static BatchEntity of(Batch batch, Body form, byte[] piece) {
    return switch (form) {
      case ARRAY -> new BatchEntity(batch, JSON, new byte[] {'['}, ',', "]", piece);
      case NDJSON -> new BatchEntity(batch, NDJSON, new byte[0], '\n', "\n", piece);
      case ENVELOPE -> new BatchEntity(batch, JSON, envelope(batch), ',', "]}", piece);
    };
  }

  /** The envelope up to its events, from a line that is cut before its closing brace. */
  private static byte[] envelope(Batch batch) {
    String sender = batch.sender().orElse(null);
    byte[] line = new JsonLine().put("batch", batch.id().toString()).put("sender", sender).end();
    byte[] events = ",\"events\":[".getBytes(StandardCharsets.US_ASCII);
    int kept = line.length - "}\n".length();
    byte[] before = Arrays.copyOf(line, kept + events.length);
    System.arraycopy(events, 0, before, kept, events.length);
    return before;
  }

  /**
   * The same, packed. It is packed in memory so that its length is known before: there are backends
   * that refuse a body of unknown length.
   */
  HttpEntity gzipped() {
    ByteArrayOutputStream packed =
        new ByteArrayOutputStream((int) Math.min(length / 4, 65_536) + 64);
    try (GZIPOutputStream out = new GZIPOutputStream(packed, 8192)) {
      writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail like this", e);
    }
    ContentType type = ContentType.parse(getContentType());
    return new ByteArrayEntity(packed.toByteArray(), type, "gzip");
  }

  @Override
  public long getContentLength() {
    return length;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    out.write(before);
    int filled = 0;
    int room = Math.min(FIRST_BYTES, piece.length);
    int size = events.size();
    for (int i = 0; i < size; i++) {
      PopEvent event = events.get(i);
      int count = event.length();
      if (filled + 1 + count > room) {
        out.write(piece, 0, filled);
        filled = 0;
        room = piece.length;
      }
      if (i > 0) {
        piece[filled++] = between;
      }
      if (filled + count > room) {
        out.write(piece, 0, filled);
        filled = 0;
        out.write(event.array(), event.offset(), count);
      } else {
        System.arraycopy(event.array(), event.offset(), piece, filled, count);
        filled += count;
      }
    }
    if (filled + behind.length > piece.length) {
      out.write(piece, 0, filled);
      filled = 0;
    }
    // Not by itself if there is room: it would be a packet of its own.
    System.arraycopy(behind, 0, piece, filled, behind.length);
    out.write(piece, 0, filled + behind.length);
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }

  @Override
  public boolean isStreaming() {
    return false;
  }

  @Override
  public InputStream getContent() {
    throw new UnsupportedOperationException("a batch is written, not read");
  }

  @Override
  public void close() {}
}
