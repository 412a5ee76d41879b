package io.proofofplay.runner.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Await;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceivingBackendTest {

  private static final String JSON = "application/json";
  private static final String LINES = "application/x-ndjson";

  /** Each with a spelling that a round trip through a JSON tree would change. */
  private static final String ONE = "{ \"uuid\":\"1\",  \"ts\":1.50e3, \"x\":\"\\u0041[{\\\"\" }";

  private static final String TWO = "{\"b\":[1,{}],\"uuid\":\"2\",\"a\":\"caf\u00e9\",\"n\":-0}";
  private static final String THREE = "{\"uuid\":\"3\"}";

  /** More than a few threads, and together more than the memory of the test. */
  private static final int SLOW_SENDERS = 40;

  private final List<String> kept = new CopyOnWriteArrayList<>();
  private final List<String> strange = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private Ledger ledger =
      new Ledger(events -> events.stream().map(PopEvent::json).forEach(kept::add));
  private ReceivingBackend backend;

  private final BackendListener listener =
      new BackendListener() {
        @Override
        public void conflict(PopEvent event) {
          strange.add("conflict " + event.uuid());
        }

        @Override
        public void keyReused(String key) {
          strange.add("key " + key);
        }

        @Override
        public void refused(int status, String reason) {
          strange.add(status + " " + reason);
        }
      };

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  private void open(Faults faults, ByteSize limit) throws IOException {
    backend =
        ReceivingBackend.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            ledger,
            faults,
            limit,
            listener,
            TimeSource.system());
  }

  private void open() throws IOException {
    open(Faults.NONE, ReceivingBackend.DEFAULT_LIMIT);
  }

  private HttpResponse<String> post(String type, String body, String... headers)
      throws IOException, InterruptedException {
    return post(type, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  private HttpResponse<String> post(String type, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + backend.address().getPort() + "/x"))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void anArrayIsTakenApartIntoTheEventsOwnBytes() throws Exception {
    open();
    HttpResponse<String> answer = post(JSON, " [" + ONE + " ,\n" + TWO + "," + THREE + "] ");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"events\":3,\"new\":3,\"repeats\":0,\"conflicts\":0}\n");
    assertThat(kept).containsExactly(ONE, TWO, THREE);
  }

  @Test
  void anEnvelopeIsTakenApartIntoTheEventsOwnBytes() throws Exception {
    open();
    String body =
        "{\"batch\":\"s-1\",\"sender\":null,\"events\":[" + ONE + "," + TWO + "],\"z\":[{}]}";
    assertThat(post(JSON, body).statusCode()).isEqualTo(200);
    assertThat(kept).containsExactly(ONE, TWO);
  }

  @Test
  void linesAreTakenApartIntoTheEventsOwnBytes() throws Exception {
    open();
    assertThat(post(LINES, ONE + "\n" + TWO + "\n").statusCode()).isEqualTo(200);
    assertThat(post(LINES + "; charset=utf-8", THREE).statusCode()).isEqualTo(200);
    assertThat(kept).containsExactly(ONE, TWO, THREE);
  }

  @Test
  void aCompressedBodyIsTheSameBody() throws Exception {
    open();
    assertThat(post(JSON, gzip("[" + ONE + "]"), "Content-Encoding", "gzip").statusCode())
        .isEqualTo(200);
    assertThat(kept).containsExactly(ONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "null",
        "[1]",
        "[{\"uuid\":\"1\"}",
        "[{\"uuid\":\"1\"}]]",
        "[{\"uuid\":\"1\"}] {}",
        "[{\"uuid\":\"1\",\"uuid\":\"1\"}]",
        "[{\"id\":\"1\"}]",
        "{\"batch\":\"x\",\"events\":{}}",
        "{\"events\":[{\"uuid\":\"1\"}]}",
        "{\"uuid\":\"1\"}",
        "[{\"uuid\":\"1\",\"x\":inf}]",
        "[{\"uuid\":\"\u0000\"}]"
      })
  void whatIsNoBatchIsAnswered400AndKeepsNothing(String body) throws Exception {
    open();
    HttpResponse<String> answer = post(JSON, body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).startsWith("{\"error\":\"");
    assertThat(kept).isEmpty();
  }

  @Test
  void aBatchWithOneBadEventNamesItAndKeepsNothing() throws Exception {
    open();
    assertThat(post(LINES, ONE + "\n{\"uuid\":5}\n").body()).contains("event 1 of the batch");
    assertThat(kept).isEmpty();
  }

  @Test
  void aWrongCountTypeOrEncodingIsRefused() throws Exception {
    open();
    assertThat(post(JSON, "[" + ONE + "]", "X-Pop-Events", "2").statusCode()).isEqualTo(400);
    assertThat(post("text/plain", "[" + ONE + "]").statusCode()).isEqualTo(400);
    assertThat(post(JSON, "[" + ONE + "]", "Content-Encoding", "br").statusCode()).isEqualTo(415);
    assertThat(post(JSON, "[" + ONE + "]", "Content-Encoding", "gzip").statusCode()).isEqualTo(400);
    byte[] torn = gzip("[" + ONE + "]");
    assertThat(
            post(JSON, Arrays.copyOf(torn, torn.length - 6), "Content-Encoding", "gzip")
                .statusCode())
        .isEqualTo(400);
    assertThat(kept).isEmpty();
    assertThat(post(JSON, "[" + ONE + "]", "X-Pop-Events", "1").statusCode()).isEqualTo(200);
  }

  @Test
  void anEventThatComesAgainIsKeptOnce() throws Exception {
    open();
    post(JSON, "[" + ONE + "," + TWO + "]");
    assertThat(post(JSON, "[" + TWO + "," + THREE + "]").body())
        .isEqualTo("{\"events\":2,\"new\":1,\"repeats\":1,\"conflicts\":0}\n");
    assertThat(kept).containsExactly(ONE, TWO, THREE);
    assertThat(ledger.totals()).isEqualTo(new Totals(2, 2, 4, 3, 1, 0, 0));
  }

  @Test
  void oneUuidWithOtherBytesIsKeptAndReportedOnce() throws Exception {
    open();
    String other = "{\"uuid\":\"3\",\"ts\":1}";
    post(JSON, "[" + THREE + "]");
    post(JSON, "[" + other + "]");
    post(JSON, "[" + other + "," + THREE + "]");
    assertThat(kept).containsExactly(THREE, other);
    assertThat(strange).containsExactly("conflict 3");
    assertThat(ledger.totals()).isEqualTo(new Totals(3, 3, 4, 1, 2, 1, 0));
  }

  @Test
  void theSameKeyGetsTheSameAnswer() throws Exception {
    open();
    String body = "[" + ONE + "]";
    String first = post(JSON, body, "Idempotency-Key", "s-1").body();
    assertThat(post(JSON, gzip(body), "Idempotency-Key", "s-1", "Content-Encoding", "gzip").body())
        .isEqualTo(first);
    assertThat(kept).containsExactly(ONE);
    assertThat(ledger.totals()).isEqualTo(new Totals(2, 2, 2, 1, 1, 0, 0));
    assertThat(strange).isEmpty();
  }

  @Test
  void theSameKeyWithAnotherBodyIsReportedAndItsEventsAreKept() throws Exception {
    open();
    post(JSON, "[" + ONE + "]", "Idempotency-Key", "s-1");
    assertThat(post(JSON, "[" + TWO + "]", "Idempotency-Key", "s-1").statusCode()).isEqualTo(200);
    assertThat(strange).containsExactly("key s-1");
    assertThat(kept).containsExactly(ONE, TWO);
    assertThat(ledger.totals().reusedKeys()).isEqualTo(1);
  }

  @Test
  void aBodyOverTheLimitGetsA413EvenIfItIsSmallOnTheWire() throws Exception {
    open(Faults.NONE, new ByteSize(THREE.length() + 2));
    String exact = "[" + THREE + "]";
    assertThat(post(JSON, exact + " ").statusCode()).isEqualTo(413);
    assertThat(post(JSON, " ".repeat(3_000_000) + exact).statusCode()).isEqualTo(413);
    assertThat(
            post(JSON, gzip(" ".repeat(3_000_000) + exact), "Content-Encoding", "gzip")
                .statusCode())
        .isEqualTo(413);
    assertThat(post(JSON, exact).statusCode()).isEqualTo(200);
  }

  @Test
  void aLargeBodyIsTakenWhole() throws Exception {
    open();
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      body.append("{\"uuid\":\"").append(i).append("\",\"x\":\"").append(i).append("\"}\n");
    }
    assertThat(post(LINES, body.toString()).statusCode()).isEqualTo(200);
    assertThat(post(LINES, gzip(body.toString()), "Content-Encoding", "gzip").statusCode())
        .isEqualTo(200);
    assertThat(String.join("\n", kept) + "\n").isEqualTo(body.toString());
    assertThat(ledger.totals()).isEqualTo(new Totals(2, 2, 100_000, 50_000, 50_000, 0, 0));
  }

  @Test
  void everyThirdRequestFailsWhenToldSo() throws Exception {
    open(
        new Faults(Duration.ZERO, 429, 3, Optional.of(7), 0, Set.of()),
        ReceivingBackend.DEFAULT_LIMIT);
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(200);
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(200);
    HttpResponse<String> third = post(JSON, "[" + TWO + "]");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.headers().firstValue("Retry-After")).contains("7");
    assertThat(post(JSON, "[" + TWO + "]").statusCode()).isEqualTo(200);
  }

  @Test
  void theFirstWhileFailsWhenToldSo() throws Exception {
    open(
        new Faults(Duration.ofDays(1), 503, 0, Optional.empty(), 0, Set.of()),
        ReceivingBackend.DEFAULT_LIMIT);
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(503);
    assertThat(kept).isEmpty();
  }

  @Test
  void anUnwantedEventIsAnswered422WithItsUuid() throws Exception {
    open(
        new Faults(Duration.ZERO, 503, 0, Optional.empty(), 0, Set.of("2")),
        ReceivingBackend.DEFAULT_LIMIT);
    HttpResponse<String> answer = post(JSON, "[" + ONE + "," + TWO + "]");
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body()).contains("event 2 is not wanted");
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(200);
  }

  @Test
  void aLostAnswerIsARequestThatWasTaken() throws Exception {
    open(
        new Faults(Duration.ZERO, 503, 0, Optional.empty(), 1, Set.of()),
        ReceivingBackend.DEFAULT_LIMIT);
    assertThatThrownBy(() -> post(JSON, "[" + ONE + "]")).isInstanceOf(IOException.class);
    assertThat(kept).containsExactly(ONE);
  }

  @Test
  void anOutputThatFailsIsNeverAnsweredWith200() throws Exception {
    ledger =
        new Ledger(
            events -> {
              throw new IOException("no space left");
            });
    open();
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(500);
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(500);
    assertThatThrownBy(() -> ledger.awaitDistinct(1)).hasMessage("no space left");
  }

  @Test
  void aLedgerOutlivesThePort() throws Exception {
    open();
    post(JSON, "[" + ONE + "]");
    backend.close();
    open();
    backend.failWith(503);
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(503);
    backend.failWith(0);
    assertThat(post(JSON, "[" + ONE + "]").body()).contains("\"repeats\":1");
  }

  @Test
  void aBatchThatIsBeingTakenIsAnsweredBeforeThePortCloses() throws Exception {
    CountDownLatch taking = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ledger =
        new Ledger(
            events -> {
              taking.countDown();
              await(goOn);
            });
    open();
    CompletableFuture<Integer> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return post(JSON, "[" + ONE + "]").statusCode();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    await(taking);
    Thread closing = new Thread(backend::close, "test-close");
    closing.start();
    Await.until("the closing to wait", () -> closing.getState() != Thread.State.RUNNABLE);
    goOn.countDown();
    assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(200);
    closing.join(20_000);
    assertThat(closing.isAlive()).isFalse();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new IOException("nothing happened");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void getAnswersTheCounts() throws Exception {
    open();
    post(JSON, "[" + ONE + "]");
    HttpRequest get =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + backend.address().getPort() + "/"))
            .build();
    assertThat(client.send(get, HttpResponse.BodyHandlers.ofString()).body())
        .isEqualTo(
            "{\"requests\":1,\"taken\":1,\"events\":1,\"distinct\":1,\"repeats\":0,"
                + "\"conflicts\":0,\"reusedKeys\":0}\n");
    HttpRequest put =
        HttpRequest.newBuilder(get.uri()).PUT(HttpRequest.BodyPublishers.noBody()).build();
    assertThat(client.send(put, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
  }

  @Test
  void anEventOnTwoLinesIsNoneAndIsNamed() throws Exception {
    open();
    HttpResponse<String> answer = post(JSON, "[" + ONE + ",{\"uuid\":\n\"2\"}]");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("event 1 of the batch is none: there is a line feed in it");
    assertThat(kept).isEmpty();
  }

  @Test
  void sendersThatPromiseMuchAndSendNothingHoldNobodyUp() throws Exception {
    open();
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < SLOW_SENDERS; i++) {
        Socket socket = connect();
        slow.add(socket);
        say(
            socket,
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                + ReceivingBackend.DEFAULT_LIMIT.bytes()
                + "\r\n\r\n[");
      }
      assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void aPromisedLengthIsNotTakenAtItsWord() throws Exception {
    int promised = (int) ReceivingBackend.DEFAULT_LIMIT.bytes();
    InputStream sent = new ByteArrayInputStream(THREE.getBytes(StandardCharsets.UTF_8));
    RequestBody body = RequestBody.read(sent, false, promised, promised);

    assertThat(body.length()).isEqualTo(THREE.length());
    assertThat(body.bytes()).hasSizeLessThanOrEqualTo(1 << 20);
  }

  @Test
  void aHeaderWithoutEndIsNotKeptAndTheNextSenderIsServed() throws Exception {
    open();
    try (Socket socket = connect()) {
      say(socket, "POST / HTTP/1.1\r\n");
      String line = "X-Pad: " + "x".repeat(4000) + "\r\n";
      for (int i = 0; i < 2000; i++) {
        say(socket, line);
      }
      assertThat(firstLine(socket)).doesNotContain(" 200");
    } catch (SocketException e) {
      // Cut off in the middle, which is as good.
    }
    assertThat(post(JSON, "[" + ONE + "]").statusCode()).isEqualTo(200);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), backend.address().getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String firstLine(Socket socket) throws IOException {
    String line =
        new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))
            .readLine();
    return line == null ? "" : line;
  }
}
