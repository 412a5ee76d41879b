package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.sink.http.HttpSinkConfig.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.BasicHttpTransportMetrics;
import org.apache.hc.core5.http.impl.io.ContentLengthOutputStream;
import org.apache.hc.core5.http.impl.io.SessionOutputBufferImpl;
import org.junit.jupiter.api.Test;

class BatchEntityTest {

  private static final int HEAD = 300;

  /** What goes to a socket at once, by how many bytes it is. */
  private static final class Writes extends OutputStream {

    private final List<Integer> sizes = new ArrayList<>();

    @Override
    public void write(int one) {
      sizes.add(1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
      sizes.add(count);
    }
  }

  @Test
  void theHeadLeavesWithTheFirstBytesOfTheBody() throws IOException {
    BatchEntity entity = BatchEntity.of(Post.batch(500, 200), Body.ARRAY);
    List<Integer> writes = writesOf(entity);

    assertThat(writes.get(0)).isBetween(HEAD + 7 * 1024, HEAD + 1 + 8 * 1024);
    assertThat(writes.get(1)).isGreaterThan(60 * 1024);
    assertThat(writes).hasSize(3);
    assertThat(writes.stream().mapToLong(Integer::longValue).sum())
        .isEqualTo(HEAD + entity.getContentLength());
  }

  @Test
  void aSmallBodyLeavesWithItsHeadAtOnce() throws IOException {
    assertThat(writesOf(BatchEntity.of(Post.batch(1, 200), Body.ARRAY))).hasSize(1);
    assertThat(writesOf(BatchEntity.of(Post.batch(20, 200), Body.ENVELOPE))).hasSize(1);
  }

  @Test
  void whateverTheSizesNothingIsMissingAndNothingIsDouble() throws IOException {
    Random random = new Random(3);
    int[] sizes = {
      60, 300, 8_100, 8_191, 8_192, 8_193, 16_384, 65_400, 65_535, 65_536, 65_537, 70_000
    };
    for (int round = 0; round < 300; round++) {
      List<PopEvent> events = new ArrayList<>();
      for (int i = 1 + random.nextInt(8); i > 0; i--) {
        int size = sizes[random.nextInt(sizes.length)] - random.nextInt(3);
        events.add(PopEvent.of("{\"uuid\":\"u\",\"f\":\"" + "x".repeat(size - 19) + "\"}"));
      }
      Batch batch = new Batch(BatchId.of("s", round), events);
      byte[] piece = new byte[random.nextInt(4) == 0 ? 4_096 : BatchEntity.PIECE_BYTES];
      List<String> all =
          events.stream().map(event -> new String(event.bytes(), StandardCharsets.UTF_8)).toList();

      assertBody(BatchEntity.of(batch, Body.ARRAY, piece), "[" + String.join(",", all) + "]");
      assertBody(
          BatchEntity.of(batch, Body.NDJSON, piece),
          all.stream().map(event -> event + "\n").collect(Collectors.joining()));
      assertBody(
          BatchEntity.of(batch, Body.ENVELOPE, piece),
          "{\"batch\":\""
              + batch.id()
              + "\",\"sender\":null,\"events\":["
              + String.join(",", all)
              + "]}");
    }
  }

  private static void assertBody(BatchEntity entity, String body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    entity.writeTo(out);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(body);
    assertThat(entity.getContentLength()).isEqualTo(out.size());
  }

  /** What HttpClient makes of a request, with the buffer that the sink gives it. */
  private static List<Integer> writesOf(BatchEntity entity) throws IOException {
    Writes writes = new Writes();
    Http1Config wire = BackendConnection.WIRE;
    SessionOutputBufferImpl buffer =
        new SessionOutputBufferImpl(
            new BasicHttpTransportMetrics(), wire.getBufferSize(), wire.getChunkSizeHint(), null);
    buffer.write(new byte[HEAD], 0, HEAD, writes);
    try (OutputStream out =
        new ContentLengthOutputStream(buffer, writes, entity.getContentLength())) {
      entity.writeTo(out);
    }
    return writes.sizes;
  }
}
