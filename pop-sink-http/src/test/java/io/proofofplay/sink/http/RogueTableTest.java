package io.proofofplay.sink.http;

import static io.proofofplay.sink.http.RogueTableTest.Verdict.DELIVERED;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.HELD;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.LATER;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.LATER_ANY;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.LATER_BYTES;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.LATER_SIZE;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.REJECTED;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.TOO_LARGE;
import static io.proofofplay.sink.http.RogueTableTest.Verdict.TOO_LARGE_OR_SIZE;
import static io.proofofplay.testkit.RogueServer.Fault.CLOSE;
import static io.proofofplay.testkit.RogueServer.Fault.HALF_CLOSE;
import static io.proofofplay.testkit.RogueServer.Fault.HANG;
import static io.proofofplay.testkit.RogueServer.Fault.NONE;
import static io.proofofplay.testkit.RogueServer.Fault.RESET;
import static io.proofofplay.testkit.RogueServer.Stage.ACCEPTED;
import static io.proofofplay.testkit.RogueServer.Stage.ANSWERED;
import static io.proofofplay.testkit.RogueServer.Stage.ANSWER_BODY;
import static io.proofofplay.testkit.RogueServer.Stage.ANSWER_HEAD;
import static io.proofofplay.testkit.RogueServer.Stage.ANSWER_STARTED;
import static io.proofofplay.testkit.RogueServer.Stage.LAST_BYTE;
import static io.proofofplay.testkit.RogueServer.Stage.REQUEST;
import static io.proofofplay.testkit.RogueServer.Stage.REQUEST_BODY;
import static io.proofofplay.testkit.RogueServer.Stage.REQUEST_HEAD;
import static io.proofofplay.testkit.RogueServer.Stage.REQUEST_LINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.TallyRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a backend can do wrong, and what comes of it: the verdict, what people read, and when. Each
 * row runs on a fresh connection and on a kept one, and ends with a backend that is well: the next
 * batch gets its own answer, and nothing that was left over from the row.
 */
final class RogueTableTest {

  /**
   * For rows that end with the timeout: by then the exchange must have come as far as the row says,
   * for which a busy machine gets more time.
   */
  private static final List<Duration> SHORT =
      List.of(Duration.ofMillis(400), Duration.ofMillis(1_600), Duration.ofMillis(6_400));

  /** A byte a second, ten times as fast so that a timeout sees several of them. */
  private static final Duration DRIP = Duration.ofMillis(100);

  /**
   * No attempt takes longer than so many times its timeout: much, for a machine that is busy, and
   * little beside the silence of a backend, which never ends.
   */
  private static final int AT_MOST = 20;

  private static final int SMALL = 0;

  /** More than the buffers of both ends hold. */
  private static final int LARGE = 500_000;

  /** When an attempt ends. */
  private enum End {
    /** With the backend's fault, long before the timeout. */
    AT_ONCE,
    /** With the timeout. */
    AT_TIMEOUT
  }

  /** The verdict of a row, for people who read the table. */
  enum Verdict {
    DELIVERED(Delivered.class, Doubt.NONE),
    LATER(Later.class, Doubt.NONE),
    /** Later, and the size is in doubt. */
    LATER_SIZE(Later.class, Doubt.SIZE),
    /** Later, and the bytes are in doubt. */
    LATER_BYTES(Later.class, Doubt.BYTES),
    /** Later: a reset may be seen while connecting, when no size is in doubt, or just behind it. */
    LATER_ANY(Later.class, null),
    HELD(Held.class, Doubt.NONE),
    REJECTED(Rejected.class, Doubt.NONE),
    TOO_LARGE(TooLarge.class, Doubt.NONE),
    /** A 413 that the kernel threw away with the reset leaves the doubt about the size. */
    TOO_LARGE_OR_SIZE(null, Doubt.SIZE);

    private final Class<? extends SubmitResult> type;
    private final Doubt doubt;

    Verdict(Class<? extends SubmitResult> type, Doubt doubt) {
      this.type = type;
      this.doubt = doubt;
    }

    void check(SubmitResult result) {
      if (type != null) {
        assertThat(result).isInstanceOf(type);
      } else {
        assertThat(result).isInstanceOfAny(TooLarge.class, Later.class);
      }
      if (doubt != null && result instanceof Later later) {
        assertThat(later.doubt()).isEqualTo(doubt);
      }
    }
  }

  /**
   * A row.
   *
   * @param drips how many bytes must have come one by one before the attempt ends, so that it is no
   *     silence
   */
  private record Row(
      String name, Answer answer, int filling, Verdict verdict, End end, String reason, int drips) {

    Row large() {
      return new Row(name, answer, LARGE, verdict, end, reason, drips);
    }

    Row dripping(Duration each, int least) {
      return new Row(name, answer.dripping(each), filling, verdict, end, reason, least);
    }

    boolean waitsForContinue() {
      return name.endsWith("(expectContinue)");
    }

    @Override
    public String toString() {
      return name + (filling == LARGE ? ", large" : "");
    }
  }

  private static Row atOnce(String name, Answer answer, Verdict verdict, String reason) {
    return new Row(name, answer, SMALL, verdict, End.AT_ONCE, reason, 0);
  }

  private static Row atTimeout(String name, Answer answer, Verdict verdict, String reason) {
    return new Row(name, answer, SMALL, verdict, End.AT_TIMEOUT, reason, 0);
  }

  private static final String NO_ANSWER = "no answer came within %d ms";
  private static final String NO_END = "the answer did not end within %d ms";
  private static final String NOT_SENT = "the request could not be sent within %d ms";
  private static final String BROKE = "broke off before an answer was complete";
  private static final String FOREIGN = "is not HTTP/1.1 as it should be";

  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String OK_TAKEN = OK + "Content-Length: 5\r\n\r\ntaken";

  /** Sends these bytes and keeps the connection. */
  private static Answer keptRaw(String bytes) {
    return Answer.raw(bytes).with(NONE, ANSWERED);
  }

  private static Stream<Row> silence() {
    Answer hang = Answer.of(200, "taken");
    return Stream.of(
        atTimeout("hangs after accept", hang.with(HANG, ACCEPTED), LATER, NO_ANSWER),
        atTimeout("hangs after the request line", hang.with(HANG, REQUEST_LINE), LATER, NO_ANSWER),
        atTimeout(
            "hangs after the request's head", hang.with(HANG, REQUEST_HEAD), LATER, NO_ANSWER),
        atTimeout("hangs in the request's body", hang.with(HANG, REQUEST_BODY), LATER, NO_ANSWER),
        atTimeout("hangs before its answer", hang.with(HANG, REQUEST), LATER, NO_ANSWER),
        atTimeout("hangs in its head", hang.with(HANG, ANSWER_STARTED), LATER, NO_ANSWER),
        atTimeout("hangs behind its head", hang.with(HANG, ANSWER_HEAD), LATER, NO_END),
        atTimeout("hangs in its body", hang.with(HANG, ANSWER_BODY), LATER, NO_END),
        atTimeout("hangs before its last byte", hang.with(HANG, LAST_BYTE), LATER, NO_END),
        atTimeout("hangs after accept", hang.with(HANG, ACCEPTED), LATER_SIZE, NOT_SENT).large(),
        atTimeout(
                "hangs after the request line", hang.with(HANG, REQUEST_LINE), LATER_SIZE, NOT_SENT)
            .large(),
        atTimeout(
                "hangs after the request's head",
                hang.with(HANG, REQUEST_HEAD),
                LATER_SIZE,
                NOT_SENT)
            .large(),
        atTimeout(
            "refuses, and hangs in its body",
            Answer.of(422, "bad uuid").with(HANG, ANSWER_BODY),
            REJECTED,
            "422"),
        atTimeout("drips its head", hang, LATER, NO_ANSWER).dripping(DRIP, 3),
        // More than the bytes of the head.
        atTimeout("drips its body", Answer.of(200, "x".repeat(60_000)), LATER, NO_END)
            .dripping(Duration.ofMillis(1), 100));
  }

  private static Stream<Row> breaks() {
    Answer well = Answer.of(200, "taken");
    return Stream.of(
        atOnce("resets after accept", well.with(RESET, ACCEPTED), LATER_ANY, ""),
        atOnce("resets after the request line", well.with(RESET, REQUEST_LINE), LATER_SIZE, BROKE),
        atOnce("resets after the request's head", well.with(RESET, REQUEST_HEAD), LATER_SIZE, BROKE)
            .large(),
        atOnce("resets in the request's body", well.with(RESET, REQUEST_BODY), LATER_SIZE, BROKE)
            .large(),
        atOnce("resets before its answer", well.with(RESET, REQUEST), LATER_SIZE, BROKE),
        atOnce("resets in its head", well.with(RESET, ANSWER_STARTED), LATER_SIZE, BROKE),
        atOnce("resets behind its head", well.with(RESET, ANSWER_HEAD), LATER, BROKE),
        atOnce("resets in its body", well.with(RESET, ANSWER_BODY), LATER, BROKE),
        atOnce("resets before its last byte", well.with(RESET, LAST_BYTE), LATER, BROKE),
        atOnce("resets behind its answer", well.with(RESET, ANSWERED), DELIVERED, "200"),
        atOnce("closes after accept", well.with(CLOSE, ACCEPTED), LATER_ANY, ""),
        atOnce("closes after the request line", well.with(CLOSE, REQUEST_LINE), LATER_SIZE, BROKE),
        atOnce("closes in the request's body", well.with(CLOSE, REQUEST_BODY), LATER_SIZE, BROKE)
            .large(),
        atOnce("closes before its answer", well.with(CLOSE, REQUEST), LATER_SIZE, BROKE),
        atOnce("closes in its head", well.with(CLOSE, ANSWER_STARTED), LATER_SIZE, BROKE),
        atOnce("closes behind its head", well.with(CLOSE, ANSWER_HEAD), LATER, BROKE),
        atOnce("closes in its body", well.with(CLOSE, ANSWER_BODY), LATER, BROKE),
        atOnce("closes before its last byte", well.with(CLOSE, LAST_BYTE), LATER, BROKE),
        atOnce("half-closes before its answer", well.with(HALF_CLOSE, REQUEST), LATER_SIZE, BROKE),
        atOnce("half-closes in its head", well.with(HALF_CLOSE, ANSWER_STARTED), LATER_SIZE, BROKE),
        atOnce("half-closes behind its head", well.with(HALF_CLOSE, ANSWER_HEAD), LATER, BROKE),
        atOnce("half-closes in its body", well.with(HALF_CLOSE, ANSWER_BODY), LATER, BROKE),
        atOnce("half-closes behind its answer", well.with(HALF_CLOSE, ANSWERED), DELIVERED, "200"),
        atOnce(
            "refuses, and breaks off in its body",
            Answer.of(422, "bad").with(RESET, ANSWER_BODY),
            REJECTED,
            "422"));
  }

  private static Stream<Row> early() {
    Answer no = Answer.of(413, "too much").withoutReading();
    Answer yes = Answer.of(200, "taken").withoutReading();
    return Stream.of(
        atOnce("413 before the body, then closes", no, TOO_LARGE_OR_SIZE, "").large(),
        atOnce("413 before the body, then resets", no.with(RESET, ANSWERED), TOO_LARGE_OR_SIZE, "")
            .large(),
        atOnce(
                "413 before the body, which it swallows",
                no.with(HALF_CLOSE, ANSWERED),
                TOO_LARGE,
                "413")
            .large(),
        atTimeout(
                "413 before the body, then reads no more",
                no.with(HANG, ANSWERED),
                LATER_SIZE,
                NOT_SENT)
            .large(),
        atOnce("413 before the body, then closes (expectContinue)", no, TOO_LARGE, "413").large(),
        atOnce(
                "413 before the body, then reads no more (expectContinue)",
                no.with(HANG, ANSWERED),
                TOO_LARGE,
                "413")
            .large(),
        atOnce("200 before the body, then closes", yes, LATER_SIZE, "").large(),
        atOnce("200 before the body, then resets", yes.with(RESET, ANSWERED), LATER_SIZE, "")
            .large(),
        atTimeout(
                "200 before the body, then reads no more",
                yes.with(HANG, ANSWERED),
                LATER_SIZE,
                NOT_SENT)
            .large(),
        atOnce("200 before the body, then closes (expectContinue)", yes, LATER_SIZE, "").large(),
        atOnce(
                "takes the body after a 100 (expectContinue)",
                Answer.of(200, "taken"),
                DELIVERED,
                "200")
            .large());
  }

  private static Stream<Row> interim() {
    Integer[] many = Stream.generate(() -> 102).limit(300).toArray(Integer[]::new);
    return Stream.of(
        atOnce(
            "100, 102, 103 and 199 before a 422",
            Answer.of(422, "bad").after(100, 102, 103, 199),
            REJECTED,
            "422"),
        atOnce("300 times 102 before a 200", Answer.of(200, "taken").after(many), DELIVERED, "200"),
        atTimeout(
            "102 and nothing else",
            Answer.of(200).after(102).with(HANG, ANSWER_STARTED),
            LATER,
            NO_ANSWER),
        atTimeout(
            "102 without end",
            keptRaw("").followedForEver("HTTP/1.1 102 Processing\r\n\r\n"),
            LATER,
            NO_ANSWER),
        atOnce(
            "101 and another protocol",
            keptRaw(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nbinary stuff\r\n"),
            HELD,
            FOREIGN),
        atOnce(
            "101 and silence", keptRaw("HTTP/1.1 101 Switching Protocols\r\n\r\n"), HELD, FOREIGN));
  }

  private static Stream<Row> tooMuch() {
    Answer manyHeaders = Answer.of(200, "taken");
    for (int i = 0; i < 1000; i++) {
      manyHeaders = manyHeaders.withHeader("X-Many-" + i, "x");
    }
    return Stream.of(
        atOnce(
            "one header of a megabyte",
            Answer.of(200).withHeader("X-Long", "x".repeat(1 << 20)),
            HELD,
            FOREIGN),
        atOnce("a thousand headers", manyHeaders, HELD, FOREIGN),
        atOnce("headers without end", keptRaw(OK).followedForEver("X-Again: x\r\n"), HELD, FOREIGN),
        atOnce(
            "a status line without end",
            keptRaw("HTTP/1.1 200 ").followedForEver("OK"),
            HELD,
            FOREIGN),
        atOnce("empty lines without end", keptRaw("").followedForEver("\r\n"), HELD, FOREIGN),
        atOnce("a body without end", Answer.of(200).endless(), DELIVERED, "200"),
        atOnce("a refusal without end", Answer.of(422).endless(), REJECTED, "422"),
        atOnce(
            "chunks without end",
            keptRaw(OK + "Transfer-Encoding: chunked\r\n\r\n").followedForEver("5\r\ntaken\r\n"),
            DELIVERED,
            "200"),
        atOnce(
            "a body without end that announces a terabyte",
            keptRaw(OK + "Content-Length: 1099511627776\r\n\r\n").followedForEver("taken"),
            DELIVERED,
            "200"),
        atOnce(
            "trailers without end",
            keptRaw(OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n")
                .followedForEver("X-Again: x\r\n"),
            HELD,
            FOREIGN),
        atOnce(
            "a gzip bomb",
            keptRaw(
                OK
                    + "Content-Encoding: gzip\r\nContent-Length: "
                    + BOMB.length()
                    + "\r\n\r\n"
                    + BOMB),
            DELIVERED,
            "200"),
        atOnce(
            "a gzip bomb in a refusal",
            Answer.raw("HTTP/1.1 422 No\r\nContent-Encoding: gzip\r\n\r\n" + BOMB),
            REJECTED,
            "422"));
  }

  /** A few kilobytes that unpack to sixteen megabytes. */
  private static final String BOMB = bomb();

  private static String bomb() {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(new byte[16 << 20]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toString(StandardCharsets.ISO_8859_1);
  }

  private static Stream<Row> framing() {
    String chunked = OK + "Transfer-Encoding: chunked\r\n\r\n";
    return Stream.of(
        atOnce("HTTP/1.0", Answer.raw("HTTP/1.0 200 OK\r\n\r\ntaken"), DELIVERED, "200"),
        atOnce(
            "HTTP/1.0 that says it keeps the connection",
            keptRaw("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\ntaken"),
            DELIVERED,
            "200"),
        atOnce("HTTP/1.1 without a length", Answer.raw(OK + "\r\ntaken"), DELIVERED, "200"),
        atOnce(
            "HTTP/1.1 without a length, reset",
            Answer.raw(OK + "\r\ntaken").with(RESET, ANSWERED),
            LATER,
            BROKE),
        atOnce("HTTP/0.9", Answer.raw("taken"), HELD, FOREIGN),
        atOnce("HTTP/2", Answer.raw("HTTP/2.0 200 OK\r\n\r\n"), HELD, FOREIGN),
        atOnce(
            "another service",
            Answer.raw("SSH-2.0-OpenSSH_9.2\r\n".repeat(20)),
            HELD,
            "url may name another service"),
        atOnce(
            "bytes at random",
            Answer.raw("\u0000\u0001\u00ff\u0016\u0003\u0001\n".repeat(9)),
            HELD,
            FOREIGN),
        atOnce("a head without its end", Answer.raw(OK + "X: y\r\n"), LATER_SIZE, BROKE),
        atOnce("a status alone", Answer.raw(OK), LATER_SIZE, BROKE),
        atOnce(
            "Content-Length too long",
            Answer.raw(OK + "Content-Length: 9\r\n\r\ntaken"),
            LATER,
            BROKE),
        atTimeout(
            "Content-Length too long, and silence",
            keptRaw(OK + "Content-Length: 9\r\n\r\ntaken"),
            LATER,
            NO_END),
        atOnce(
            "Content-Length too short",
            keptRaw(OK + "Content-Length: 2\r\n\r\ntaken"),
            DELIVERED,
            "200"),
        atOnce(
            "Content-Length below 0",
            Answer.raw(OK + "Content-Length: -5\r\n\r\ntaken"),
            HELD,
            FOREIGN),
        atOnce(
            "Content-Length that is no number",
            Answer.raw(OK + "Content-Length: five\r\n\r\ntaken"),
            HELD,
            FOREIGN),
        atOnce(
            "chunks with trailers",
            keptRaw(chunked + "5\r\ntaken\r\n0\r\nX-Sum: 1\r\n\r\n"),
            DELIVERED,
            "200"),
        atOnce("chunks that stop", Answer.raw(chunked + "5\r\ntaken\r\n"), LATER, BROKE),
        atOnce("a chunk that is cut", Answer.raw(chunked + "9\r\ntaken"), LATER, BROKE),
        atOnce(
            "a chunk without a size",
            Answer.raw(chunked + "five\r\ntaken\r\n0\r\n\r\n"),
            LATER,
            "the answer failed"),
        atOnce(
            "an unknown Transfer-Encoding",
            Answer.raw(OK + "Transfer-Encoding: rot13\r\n\r\ngnxra"),
            HELD,
            FOREIGN),
        atOnce(
            "204 with a body",
            keptRaw("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\ntaken"),
            DELIVERED,
            "204"));
  }

  /** What stands behind an answer is not the answer to the next request. */
  private static Stream<Row> leftOver() {
    return Stream.of(
        atOnce("two answers at once", keptRaw(OK_TAKEN + OK_TAKEN), DELIVERED, "200"),
        atOnce(
            "a refusal with a success behind it",
            keptRaw("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" + OK_TAKEN),
            LATER_BYTES,
            "503"),
        atOnce(
            "204 with a success as its body",
            keptRaw("HTTP/1.1 204 No Content\r\n\r\n" + OK_TAKEN),
            DELIVERED,
            "204"),
        atOnce(
            "chunks with a success behind them",
            keptRaw(OK + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + OK_TAKEN),
            DELIVERED,
            "200"),
        atOnce(
            "an answer with junk behind it",
            keptRaw(OK_TAKEN + "\u0000junk\r\n"),
            DELIVERED,
            "200"),
        atOnce(
            "an answer with a line break behind it", keptRaw(OK_TAKEN + "\r\n"), DELIVERED, "200"),
        atOnce(
            "an answer with much behind it",
            keptRaw(OK_TAKEN + OK_TAKEN.repeat(2000)),
            DELIVERED,
            "200"));
  }

  static Stream<Arguments> table() {
    return Stream.of(silence(), breaks(), early(), interim(), tooMuch(), framing(), leftOver())
        .flatMap(rows -> rows)
        .flatMap(row -> Stream.of(Arguments.of(row, false), Arguments.of(row, true)));
  }

  private final RogueServer server = RogueServer.start();

  @AfterEach
  void close() {
    server.close();
  }

  @ParameterizedTest(name = "{0}, connection kept: {1}")
  @MethodSource("table")
  void aBackendThatMisbehavesGetsTheVerdictThatLosesNothingInTime(Row row, boolean kept)
      throws Exception {
    try (TallyRun run =
        TallyRun.of(
            "RogueTableTest.aBackendThatMisbehavesGetsTheVerdictThatLosesNothingInTime",
            "backends that misbehave; lost: said to be delivered, and not there")) {
      HttpSinkConfig config = Post.to(server.uri()).withExpectContinue(row.waitsForContinue());
      inTime(run, row, kept, config);
      run.held();
    }
  }

  private void inTime(TallyRun run, Row row, boolean kept, HttpSinkConfig config) throws Exception {
    if (row.end == End.AT_ONCE) {
      misbehave(run, row, kept, config, Post.AMPLE);
      return;
    }
    for (Duration timeout : SHORT.subList(0, SHORT.size() - 1)) {
      try {
        misbehave(run, row, kept, config, timeout);
        return;
      } catch (AssertionError e) {
        // It may not have come so far in that time.
      }
    }
    misbehave(run, row, kept, config, SHORT.get(SHORT.size() - 1));
  }

  private void misbehave(
      TallyRun run, Row row, boolean kept, HttpSinkConfig config, Duration timeout)
      throws Exception {
    try (HttpSubmitter submitter = Post.with(config)) {
      int before = server.requests().size();
      if (kept) {
        deliverWell(submitter, 0);
        before = server.requests().size();
      }
      server.script(row.answer);
      int dripped = server.dripped();
      Batch batch = batch(1, row.filling);
      long start = System.nanoTime();
      SubmitResult result = submitter.submit(batch, Post.attempt(timeout));
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      run.round(1);
      count(run, batch, result, server.requests().subList(before, server.requests().size()));

      assertThat(server.dripped() - dripped)
          .as("bytes that dripped")
          .isGreaterThanOrEqualTo(row.drips);
      row.verdict.check(result);
      assertThat(result.reason().text())
          .startsWith(server.uri() + "/pop: ")
          .contains(String.format(Locale.ROOT, row.reason, timeout.toMillis()))
          .doesNotContain("\n");
      assertThat(result.reason().answer().length()).isLessThanOrEqualTo(1024);
      if (row.end == End.AT_TIMEOUT) {
        assertThat(took).isBetween(timeout, timeout.multipliedBy(AT_MOST));
      } else {
        assertThat(took).isLessThan(timeout.dividedBy(2));
      }
      if (result instanceof Delivered) {
        assertThat(server.requests().get(before).complete()).isTrue();
      }
      // Once more on a fresh connection if a kept one broke, and never more often.
      assertThat(server.requests().size() - before).isLessThanOrEqualTo(kept ? 2 : 1);

      deliverWell(submitter, 2);
    }
  }

  /** What became of the events of a batch, by what the server has of it. */
  private static void count(
      TallyRun run, Batch batch, SubmitResult result, List<Request> requests) {
    int events = batch.events().size();
    int taken = (int) requests.stream().filter(Request::complete).count();
    boolean lost = result instanceof Delivered && taken == 0;
    run.events(events, lost ? events : 0, (long) events * Math.max(0, taken - 1));
  }

  /** The backend is well again: a batch gets the answer that was meant for it. */
  private void deliverWell(HttpSubmitter submitter, int number) throws InterruptedException {
    server.script(Answer.of(200, "taken, number " + number));
    SubmitResult result = submitter.submit(batch(number, SMALL), Post.attempt());
    assertThat(result).isInstanceOf(Delivered.class);
    assertThat(result.reason().answer()).isEqualTo("taken, number " + number);
    assertThat(server.requests())
        .filteredOn(request -> request.complete())
        .extracting(request -> request.header("Idempotency-Key").orElse(""))
        .contains("s-" + number);
  }

  private static Batch batch(int number, int filling) {
    return new Batch(
        BatchId.of("s", number), Post.batch(filling == LARGE ? 16 : 3, filling).events());
  }
}
