package io.proofofplay.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.json.JsonNumber;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PopEventTest {

  private static final String FULL =
      """
      {"uuid":"3933487f-f2f5-4eca-bd92-5cdafa38bbe4","ts":1774549328.1235,"duration":10.5,\
      "asset":{"id":1005,"filename":"video-5.mp4"},"device":{"id":"17","serial":"00000000e5"},\
      "setup":{"id":42},"extra":{"z":[1,"a"],"a":{}}}""";

  @Test
  void theBytesAreThoseThatCame() {
    for (String json :
        List.of(
            FULL,
            "  { \"ts\" : 1.7723664E+9 ,\t\"uuid\" : \"x\" } ",
            "{\"uuid\":\"\\u00e9\\/\u00e9\uD83D\uDE00\",\"n\":-0,\"m\":1e+15,\"e\":[]}")) {
      byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
      PopEvent event = PopEvent.of(json);

      assertThat(event.bytes()).isEqualTo(bytes);
      assertThat(event.json()).isEqualTo(json);
      assertThat(event.length()).isEqualTo(bytes.length);
      assertThat(Arrays.copyOfRange(event.array(), event.offset(), event.offset() + event.length()))
          .isEqualTo(bytes);
    }
  }

  @Test
  void anEventOfOnesOwnBytesDoesNotChangeWithThem() {
    byte[] bytes = "{\"uuid\":\"a\"}".getBytes(StandardCharsets.UTF_8);
    PopEvent event = PopEvent.of(bytes);
    Arrays.fill(bytes, (byte) 'x');
    event.bytes()[0] = 'x';

    assertThat(event.json()).isEqualTo("{\"uuid\":\"a\"}");
  }

  @Test
  void anEventInTheMiddleOfAnArrayIsOnlyItsPart() {
    byte[] line = "xx{\"uuid\":\"a\",\"ts\":1}yy".getBytes(StandardCharsets.UTF_8);
    PopEvent event = PopEvent.scanned(line, 2, line.length - 4, "player");

    assertThat(event).isEqualTo(PopEvent.of("{\"uuid\":\"a\",\"ts\":1}"));
    assertThat(event).hasSameHashCodeAs(PopEvent.of("{\"uuid\":\"a\",\"ts\":1}"));
    assertThat(event.uuid()).isEqualTo("a");
    assertThat(event.sender()).contains("player");
    assertThat(event.ts()).isEqualTo(new JsonNumber("1"));
    assertThat(event.json()).isEqualTo("{\"uuid\":\"a\",\"ts\":1}");
    assertThatThrownBy(() -> PopEvent.scanned(line, 2, line.length, null))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void twoEventsAreEqualWhenTheirBytesAre() {
    PopEvent event = PopEvent.of("{\"uuid\":\"a\"}");

    assertThat(event).isEqualTo(PopEvent.of("{\"uuid\":\"a\"}"));
    assertThat(event).isNotEqualTo(PopEvent.of("{\"uuid\":\"a\" }"));
    assertThat(event).isNotEqualTo(PopEvent.of("{\"uuid\":\"b\"}"));
  }

  @Test
  void theContentStaysOutOfLogs() {
    assertThat(PopEvent.of(FULL).toString())
        .contains("3933487f-f2f5-4eca-bd92-5cdafa38bbe4")
        .doesNotContain("video-5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"uuid\":\"a\"|not-json",
        "[]|not-one-object",
        "{\"uuid\":\"a\",\"uuid\":\"a\"}|duplicate-key",
        "{\"uuid\":1}|no-uuid",
        "{}|no-uuid"
      })
  void whatIsNoEventHasAReason(String line, String code) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);

    assertThat(PopEvent.refusalOf(bytes, 0, bytes.length)).map(Refusal::code).contains(code);
    assertThatThrownBy(() -> PopEvent.of(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not an event: ");
  }

  @Test
  void depthAndEncodingHaveReasonsOfTheirOwn() {
    byte[] deep =
        ("{\"uuid\":\"a\",\"a\":" + "[".repeat(64) + "]".repeat(64) + "}")
            .getBytes(StandardCharsets.UTF_8);
    byte[] latin = "{\"uuid\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(PopEvent.refusalOf(deep, 0, deep.length)).contains(Refusal.TOO_DEEP);
    assertThat(PopEvent.refusalOf(latin, 0, latin.length)).contains(Refusal.BAD_UTF8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"uuid\":\"a\"}\n",
        "{\n\"uuid\":\"a\"}",
        "\n{\"uuid\":\"a\"}",
        "{\"uuid\":\"a\"}\r\n"
      })
  void anEventHoldsNoLineFeedBecauseItTravelsAsALine(String json) {
    assertThatThrownBy(() -> PopEvent.of(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("line feed");
  }

  @Test
  void theUuidIsAnyText() {
    assertThat(PopEvent.of("{\"uuid\":\"not a v4 \\u00e9\"}").uuid()).isEqualTo("not a v4 \u00e9");
    assertThat(PopEvent.of("{\"a\":{\"uuid\":\"no\"},\"\\u0075uid\":\"yes\"}").uuid())
        .isEqualTo("yes");
  }

  @Test
  void theViewShowsWhatTheEventSays() {
    Play play = PopEvent.of(FULL).play();

    assertThat(play.startedAt()).contains(Instant.ofEpochSecond(1774549328L, 123_500_000L));
    assertThat(play.duration()).contains(Duration.ofMillis(10_500));
    assertThat(play.asset())
        .isEqualTo(new Play.Asset(Optional.of("1005"), Optional.of("video-5.mp4")));
    assertThat(play.device())
        .isEqualTo(new Play.Device(Optional.of("17"), Optional.of("00000000e5")));
    assertThat(play.setup()).contains("42");
    assertThat(play.extra())
        .containsExactly(
            Map.entry("z", List.of(new JsonNumber("1"), "a")), Map.entry("a", Map.of()));
    assertThatThrownBy(() -> play.extra().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void anyFieldMayBeAbsent() {
    Play play = PopEvent.of("{\"uuid\":\"a\"}").play();

    assertThat(play.startedAt()).isEmpty();
    assertThat(play.duration()).isEmpty();
    assertThat(play.asset()).isEqualTo(new Play.Asset(Optional.empty(), Optional.empty()));
    assertThat(play.device()).isEqualTo(new Play.Device(Optional.empty(), Optional.empty()));
    assertThat(play.setup()).isEmpty();
    assertThat(play.extra()).isEmpty();
    assertThat(PopEvent.of("{\"uuid\":\"a\"}").ts()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ts", "duration", "asset", "device", "setup", "extra"})
  void anyFieldMayBeOfAnyType(String field) {
    for (String value :
        List.of(
            "null",
            "true",
            "0",
            "-1.5e3",
            "1e999999999",
            "\"\"",
            "\"x\"",
            "[]",
            "[[1]]",
            "{}",
            "{\"id\":null,\"filename\":1,\"serial\":[]}",
            "{\"id\":{\"id\":1},\"filename\":{},\"serial\":true}",
            "{\"\":null}")) {
      PopEvent event = PopEvent.of("{\"uuid\":\"a\",\"" + field + "\":" + value + "}");

      assertThatCode(event::play).as("%s = %s", field, value).doesNotThrowAnyException();
      assertThatCode(event::ts).doesNotThrowAnyException();
    }
  }

  @Test
  void idsAreTextWhetherTheyCameAsNumbersOrStrings() {
    Play play =
        PopEvent.of(
                "{\"uuid\":\"a\",\"asset\":{\"id\":\"fallback\",\"filename\":7},\"device\":{\"id\":1e3},"
                    + "\"setup\":{\"id\":\"s\"}}")
            .play();

    assertThat(play.asset()).isEqualTo(new Play.Asset(Optional.of("fallback"), Optional.of("7")));
    assertThat(play.device().id()).contains("1e3");
    assertThat(play.setup()).contains("s");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1970-01-01T00:00:00Z",
    "1, 1970-01-01T00:00:01Z",
    "-1.5, 1969-12-31T23:59:58.500Z",
    "1774549328.1235, 2026-03-26T18:22:08.123500Z",
    "1.5e0, 1970-01-01T00:00:01.500Z",
    "0.0000000019, 1970-01-01T00:00:00.000000001Z",
    "253402300800, +10000-01-01T00:00:00Z",
    "999999999999.5, +33658-09-27T01:46:39.500Z"
  })
  void aTimeIsReadToTheNanosecond(String ts, Instant instant) {
    PopEvent event = PopEvent.of("{\"uuid\":\"a\",\"ts\":" + ts + "}");

    assertThat(event.play().startedAt()).contains(instant);
    assertThat(event.ts()).isEqualTo(new JsonNumber(ts));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e12",
        "-1e12",
        "1000000000000.0",
        "31556889864403199",
        "1e18",
        "-1e18",
        "1e19",
        "1e63",
        "1e64",
        "1e400",
        "1e999999999",
        "-1e999999999",
        "99999999999999999999999999999999999999999999999999999999999999999999999999",
        "\"1774549328\"",
        "1e99999999999999999999"
      })
  void aTimeBeyondAllTimesIsNoneAndStillKept(String ts) {
    PopEvent event = PopEvent.of("{\"uuid\":\"a\",\"ts\":" + ts + ",\"duration\":" + ts + "}");

    assertThat(event.play().startedAt()).isEmpty();
    assertThat(event.play().duration()).isEmpty();
    assertThat(event.json()).contains(ts);
  }

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "10, PT10S",
    "-1.5, PT-1.5S",
    "0.25, PT0.25S",
    "999999999999, PT999999999999S"
  })
  void aDurationIsReadToTheNanosecond(String duration, Duration expected) {
    assertThat(PopEvent.of("{\"uuid\":\"a\",\"duration\":" + duration + "}").play().duration())
        .contains(expected);
  }
}
