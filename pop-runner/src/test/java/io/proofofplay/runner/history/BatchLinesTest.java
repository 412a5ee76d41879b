package io.proofofplay.runner.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is written of a batch's events is what is read of them. */
final class BatchLinesTest {

  private static final String BATCH = "B\t2026-03-01T12:00:00Z\tbilling\tlife-1\t200\t3\t";

  private final BatchLines batchLines = new BatchLines();

  private static Batch batch(List<PopEvent> events) {
    return new Batch(BatchId.of("life", 1), events);
  }

  private List<String> lines(List<PopEvent> events) {
    HistoryLine lines = new HistoryLine();
    batchLines.add(lines, batch(events));
    return new String(lines.bytes(), 0, lines.length(), StandardCharsets.UTF_8).lines().toList();
  }

  private List<String> lines(String... events) {
    return lines(Arrays.stream(events).map(PopEvent::of).toList());
  }

  private static List<String> read(List<String> lines) {
    List<String> read = new ArrayList<>();
    DeliveryLines deliveries =
        new DeliveryLines(
            line -> true,
            event ->
                read.add(
                    String.join(
                        "|",
                        event.uuid(),
                        event.ts(),
                        event.duration(),
                        event.device(),
                        event.asset())));
    assertThat(deliveries.read(BATCH + lines.size())).isTrue();
    for (String line : lines) {
      assertThat(deliveries.read(line)).as(line).isTrue();
    }
    return read;
  }

  private static String event(String uuid, String ts, String rest) {
    return "{\"uuid\":\"" + uuid + "\",\"ts\":" + ts + "," + rest + "}";
  }

  @Test
  void whatAnEventHasInCommonWithTheOneBeforeItIsNotWrittenAgain() {
    String clip = "\"asset\":{\"id\":5},\"duration\":10.0,\"device\":{\"id\":7},\"x\":1";
    String other = "\"asset\":{\"id\":6},\"duration\":10.0,\"device\":{\"id\":7},\"x\":2";

    assertThat(
            lines(
                event("a-1", "17.5", clip),
                event("a-2", "18.5", clip),
                event("a-3", "19.5", clip),
                event("a-4", "20.5", clip),
                event("b-1", "21.5", other),
                event("b-2", "22.5", other),
                event("b-30", "23.5", other),
                event("c-1", "24.5", clip)))
        .containsExactly(
            "E\ta-1\t17.5\t10.0\t7\t5",
            "e\ta-2\t18.5",
            "e\ta-3\t19.5",
            "e\ta-4\t20.5",
            "E\tb-1\t21.5\t10.0\t7\t6",
            "e\tb-2\t22.5",
            "e\tb-30\t23.5",
            "E\tc-1\t24.5\t10.0\t7\t5");
  }

  @Test
  void theFirstOfABatchSaysAll() {
    String event = event("a-1", "17.5", "\"duration\":1");
    lines(event, event, event);

    assertThat(lines(event)).containsExactly("E\ta-1\t17.5\t1\t\t");
  }

  @Test
  void whatAnEventDoesNotHaveIsAsInTheOneBeforeOnlyIfThatDidNotHaveItEither() {
    String some = "\"duration\":10,\"device\":{\"serial\":\"s\"},\"y\":1";
    String more = "\"duration\":10,\"device\":{\"id\":\"\"},\"yy\":\"123\"";
    List<String> lines =
        lines(
            event("a", "1", some),
            event("b", "2", some),
            event("c", "3", some),
            event("d", "4", some.replace("\"y\":1", "\"y\":2")),
            event("e", "5", some.replace("serial\":\"s\"", "id\":\"s\",\"z\":1")),
            event("f", "6", more),
            event("g", "7", more),
            event("h", "8", more),
            event("i", "9", more.replace("\"yy\":\"123\"", "\"asset\":{\"id\":1}")),
            event("j", "9", more.replace("\"id\":\"\"", "\"id\":\"x\"")));

    assertThat(read(lines))
        .containsExactly(
            "a|1|10|s|",
            "b|2|10|s|",
            "c|3|10|s|",
            "d|4|10|s|",
            "e|5|10|s|",
            "f|6|10||",
            "g|7|10||",
            "h|8|10||",
            "i|9|10||1",
            "j|9|10|x|");
  }

  /** Three of one shape, and one as long that has another member behind all that was looked at. */
  @Test
  void aMemberThatIsNewAtTheEndIsSeenInAnEventOfTheSameLength() {
    String serial =
        event("a", "1", "\"asset\":{\"id\":1},\"duration\":1,\"device\":{\"serial\":\"s\",#}");
    String file =
        event("a", "1", "\"duration\":1,\"device\":{\"id\":7},\"asset\":{\"filename\":\"f\",#}");
    String no = event("a", "1", "\"device\":{\"id\":7},\"asset\":{\"id\":1},#");
    String none = event("a", "1", "\"device\":{\"id\":7},\"duration\":1,#");

    assertThat(readFourth(serial, "\"xx\":\"i\"", "\"id\":\"i\"")).isEqualTo("a|1|1|i|1");
    assertThat(readFourth(file, "\"xx\":\"i\"", "\"id\":\"i\"")).isEqualTo("a|1|1|7|i");
    assertThat(readFourth(no, "\"xxxxxxxx\":1", "\"duration\":1")).isEqualTo("a|1|1|7|1");
    assertThat(readFourth(none, "\"xxxxx\":{\"id\":1}", "\"asset\":{\"id\":1}"))
        .isEqualTo("a|1|1|7|1");
  }

  private String readFourth(String form, String before, String last) {
    String one = form.replace("#", before);
    String other = form.replace("#", last);
    assertThat(other).hasSameSizeAs(one);
    return read(lines(one, one, one, other)).get(3);
  }

  @Test
  void aWrittenTimeThatIsATextOrMissingIsReadAsItWas() {
    assertThat(
            read(
                lines(
                    event("a", "\"one\"", "\"duration\":1"),
                    event("b", "\"two\"", "\"duration\":1"),
                    event("c", "\"x,y\"", "\"duration\":1"),
                    event("d", "\"\\u0041\"", "\"duration\":1"),
                    event("e", "null", "\"duration\":1"),
                    event("f", "null", "\"duration\":1"),
                    event("g", "true", "\"duration\":1"),
                    event("h", "1234", "\"duration\":1"),
                    "{\"uuid\":\"i\",\"duration\":1}",
                    "{\"uuid\":\"j\",\"duration\":1}",
                    "{\"uuid\":\"k\",\"duration\":1}")))
        .containsExactly(
            "a|one|1||",
            "b|two|1||",
            "c|x,y|1||",
            "d|A|1||",
            "e||1||",
            "f||1||",
            "g||1||",
            "h|1234|1||",
            "i||1||",
            "j||1||",
            "k||1||");
  }

  /** Whatever comes of some events by a few changes of single bytes, as long as it is an event. */
  @Test
  void whateverFollowsOneAnotherIsReadAsItWas() {
    Random random = new Random(25);
    byte[] bytes = "{}[],:\" \\0123456789.-eistrdfnu\u00e9".getBytes(StandardCharsets.UTF_8);
    String[] firsts = {
      "{\"uuid\":\"a-17\",\"ts\":17.25,\"asset\":{\"id\":70,\"filename\":\"f\"},\"duration\":15,"
          + "\"device\":{\"id\":\"1\",\"serial\":\"s\"},\"x\":1}",
      "{\"duration\":15,\"device\":{\"id\":\"\",\"serial\":\"s\"},\"asset\":{\"filename\":\"f\"},"
          + "\"ts\":17.25,\"uuid\":\"a-17\",\"x\":1}",
      "{\"uuid\":\"a-17\",\"x\":{\"device\":1,\"id\":17,\"serial\":\"s\"},\"ts\":\"1\",\"duration\":null}",
    };
    int shorter = 0;
    for (int round = 0; round < 8_000; round++) {
      String first = firsts[random.nextInt(firsts.length)];
      byte[] now = first.getBytes(StandardCharsets.UTF_8);
      List<PopEvent> events = new ArrayList<>();
      while (events.size() < 8) {
        byte[] next = now.clone();
        for (int change = random.nextInt(3); change > 0; change--) {
          next[random.nextInt(next.length)] = bytes[random.nextInt(bytes.length)];
        }
        if (PopEvent.refusalOf(next, 0, next.length).isEmpty()) {
          int before = random.nextInt(40);
          byte[] among = new byte[before + next.length + random.nextInt(40)];
          random.nextBytes(among);
          System.arraycopy(next, 0, among, before, next.length);
          events.add(PopEvent.scanned(among, before, next.length, null));
          now = random.nextInt(4) == 0 ? next : now;
        }
      }
      List<String> lines = lines(events);
      shorter += (int) lines.stream().filter(line -> line.startsWith("e")).count();
      assertThat(read(lines))
          .as(() -> events.stream().map(PopEvent::json).toList().toString())
          .isEqualTo(events.stream().map(BatchLinesTest::expected).toList());
    }
    assertThat(shorter).isGreaterThan(10_000);
  }

  /** By another way through the event than what writes takes. */
  private static String expected(PopEvent event) {
    Map<String, Object> all = JsonScanner.read(event.array(), event.offset(), event.length());
    String id = text(in(all, "device", "id"));
    String asset = text(in(all, "asset", "id"));
    return String.join(
        "|",
        text(all.get("uuid")),
        text(all.get("ts")),
        text(all.get("duration")),
        id.isEmpty() ? text(in(all, "device", "serial")) : id,
        asset.isEmpty() ? text(in(all, "asset", "filename")) : asset);
  }

  private static Object in(Map<String, Object> all, String name, String below) {
    return all.get(name) instanceof Map<?, ?> members ? members.get(below) : null;
  }

  private static String text(Object value) {
    if (value instanceof JsonNumber number) {
      return number.text();
    }
    return value instanceof String text ? text : "";
  }

  @Test
  void aShortLineIsDamagedIfTheOneThatItNeedsIs() {
    List<DeliveredEvent> read = new ArrayList<>();
    DeliveryLines deliveries = new DeliveryLines(line -> true, read::add);

    assertThat(deliveries.read("e\ta\t1")).as("in no batch").isFalse();
    assertThat(deliveries.read(BATCH + 20)).isTrue();
    assertThat(deliveries.read("e\ta\t1")).as("the first of a batch").isFalse();
    assertThat(deliveries.read("E\ta\t1\t10.0\t7\t5")).isTrue();
    assertThat(deliveries.read("e\tb\t2")).isTrue();
    assertThat(deliveries.read("?")).isFalse();
    assertThat(deliveries.read("e\tc\t3")).as("behind damage").isFalse();
    assertThat(deliveries.read("E\td\t1\t10.0")).as("torn, perhaps").isTrue();
    assertThat(deliveries.read("e\te\t3")).as("behind a torn one").isFalse();
    for (String wrong : List.of("e\tg\t3\t4", "e\tg\0\t3", "e\tg\\t\t3", "e\tg\t3\0\0e\th\t3")) {
      assertThat(deliveries.read(BATCH + 20)).isTrue();
      assertThat(deliveries.read("E\tf\t1\t10.0\t7\t5")).isTrue();
      assertThat(deliveries.read(wrong)).as(wrong).isFalse();
      assertThat(deliveries.read("e\ti\t3")).as("behind " + wrong).isFalse();
    }
    assertThat(deliveries.read(BATCH + 20)).isTrue();
    assertThat(deliveries.read("E\tf\t1\t10.0\t7\t5")).isTrue();
    assertThat(deliveries.read("e\tg")).as("torn itself").isTrue();
    assertThat(deliveries.read("e\th\t3")).as("behind a torn short one").isFalse();
    assertThat(deliveries.read("E\tj\t1\t10.0\t7\t5")).isTrue();
    deliveries.readHole();
    assertThat(deliveries.read("e\tk\t3")).as("behind a hole").isFalse();
    assertThat(deliveries.read("E\tl\t1\t10.0\t7\t5")).as("behind a hole").isFalse();

    assertThat(read)
        .extracting(DeliveredEvent::uuid)
        .containsExactly("a", "b", "f", "f", "f", "f", "f", "j");
  }

  @Test
  void behindALineWithNothingInItEachBatchBeginsAnew() {
    List<DeliveredEvent> read = new ArrayList<>();
    DeliveryLines deliveries = new DeliveryLines(line -> true, read::add);

    for (String line : List.of("E\tx\t1\t10.0\t\0\0\t5", "\0", "B\t\0\t")) {
      assertThat(deliveries.read(BATCH + 20)).isTrue();
      assertThat(deliveries.read("E\ta\t1\t10.0\t7\t5")).isTrue();
      assertThat(deliveries.read(line)).isFalse();
      assertThat(deliveries.read("E\tb\t1\t10.0\t7\t5")).isFalse();
      assertThat(deliveries.read("e\tc\t1")).isFalse();
    }

    assertThat(read).extracting(DeliveredEvent::uuid).containsExactly("a", "a", "a");
  }

  @Test
  void anEventMoreThanABatchHasIsOfABatchThatWasLost() {
    List<DeliveredEvent> read = new ArrayList<>();
    DeliveryLines deliveries = new DeliveryLines(line -> line.contains("\tx"), read::add);

    assertThat(deliveries.read(BATCH + 2)).isTrue();
    assertThat(deliveries.read("E\tx1\t1\t10.0\t7\t5")).isTrue();
    assertThat(deliveries.read("e\ty2\t1")).isTrue();
    assertThat(deliveries.read("e\tx3\t1")).isFalse();
    assertThat(deliveries.read("E\tx4\t1\t10.0\t7\t5")).isFalse();
    assertThat(deliveries.read(BATCH + 1)).isTrue();
    assertThat(deliveries.read("E\tx5\t1\t10.0\t7\t5")).isTrue();

    assertThat(read).extracting(DeliveredEvent::uuid).containsExactly("x1", "x5");
  }
}
