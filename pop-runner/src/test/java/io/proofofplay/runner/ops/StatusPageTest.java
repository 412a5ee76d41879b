package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkState;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.browser.Browser;
import io.proofofplay.runner.config.OpsConfig;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a person sees of a relay, in a real browser. Pictures are left in target/pictures. */
@Timeout(120)
final class StatusPageTest {

  private static final String HOSTILE =
      "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>.mp4";

  private static final String TAB = "\ue004";
  private static final String ENTER = "\ue007";

  private static Browser browser;

  private final ManualTime time =
      ManualTime.standing().startingAt(Views.NOON.minus(Duration.ofHours(24)), 0);
  private final Recent recent = new Recent(time);
  private volatile View view = quiet();
  private final BacklogPlot plot = new BacklogPlot(time, () -> view.stats());
  private OpsEndpoint endpoint;

  @BeforeAll
  static void start() throws IOException {
    browser = Browser.start();
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void close() {
    if (endpoint != null) {
      endpoint.close();
    }
  }

  private String open(String token) throws IOException {
    endpoint =
        OpsEndpoint.open(
            new OpsConfig("127.0.0.1:0", token == null ? null : Secret.of(token)),
            () -> view,
            TimeSource.system(),
            plot);
    return "http://127.0.0.1:" + endpoint.port() + "/";
  }

  private void openInBrowser(int width, int height, String scheme) throws IOException {
    browser.window(width, height).colours(scheme).open(open(null));
    awaitFigures();
  }

  private void awaitFigures() throws IOException {
    browser.await("figures", () -> browser.text("#figures").isPresent());
  }

  private static String field(String of, String name) throws IOException {
    return browser.text(of + " [data-field=" + name + "]").orElse("not seen");
  }

  private View quiet() {
    return view(
        Map.of("billing", Views.sink().waiting(3, Duration.ofSeconds(4)).stats()),
        Map.of("lobby", Views.connected("Info Beamer PI 1.0", 81_234, Map.of())),
        List.of());
  }

  private View view(
      Map<String, SinkStats> sinks,
      Map<String, io.proofofplay.core.relay.SourceStats> sources,
      List<String> orphans) {
    View plain =
        Views.of(new RelayStats(RelayState.RUNNING, sources, sinks, 0, 0), new TreeSet<>(orphans));
    return new View(
        plain.version(),
        plain.now(),
        plain.uptime(),
        plain.stats(),
        plain.limits(),
        plain.orphans(),
        recent.plays(),
        recent.answers(),
        plain.tokenIsWeak(),
        0);
  }

  /** A day in which the backend went away twice, and has not come back the second time. */
  private void aBadDay() {
    for (int minute = 0; minute < BacklogPlot.MOST; minute++) {
      long since = minute > 400 && minute < 560 ? minute - 400 : Math.max(0, minute - 1349);
      view =
          view(
              Map.of(
                  "billing", Views.sink().waiting(since * 60, Duration.ofMinutes(since)).stats(),
                  "audit", Views.sink().waiting(minute % 7, Duration.ofSeconds(9)).stats()),
              Map.of(),
              List.of());
      if (minute < 900 || minute > 960) {
        plot.runOnce();
      }
      time.advance(BacklogPlot.EVERY);
    }
    Batch batch = new Batch(BatchId.of("0000000000000001", 1), Events.numbered(0, 500));
    for (int i = 8; i > 0; i--) {
      recent.submitted(
          "billing",
          batch,
          Later.because("https://billing.example.org/pop answered 503"),
          Duration.ofMillis(230 + i));
      recent.submitted(
          "audit",
          new Batch(BatchId.of("0000000000000002", i), Events.numbered(0, 7)),
          new Delivered(new Reason("https://audit.example.org/in answered 200", 200, "")),
          Duration.ofMillis(80 + i));
    }
    for (int i = 0; i < 18; i++) {
      recent.accepted("lobby", List.of(play("Winter campaign " + (i % 4 + 1) + ".mp4", i)));
    }
    recent.accepted("lobby", List.of(play(HOSTILE.replace("'", "\\u0027"), 18)));
    recent.accepted("hall", List.of(Events.ofLength(19, Recent.LARGEST + 1)));
    Map<String, SinkStats> sinks = new LinkedHashMap<>();
    sinks.put(
        "billing",
        Views.sink()
            .state(SinkState.BACKING_OFF)
            .problem("https://billing.example.org/pop answered 503", 503)
            .waiting(5_400, Duration.ofMinutes(90))
            .dead(2)
            .letters(2)
            .stats());
    sinks.put("audit", Views.sink().waiting(3, Duration.ofSeconds(4)).stats());
    Map<String, io.proofofplay.core.relay.SourceStats> sources = new LinkedHashMap<>();
    sources.put(
        "lobby",
        Views.connected("Info Beamer PI 1.0 <b>bold</b>", 81_234, Map.of(Refusal.NO_UUID, 3L)));
    sources.put("bar", Views.reusing(2, Duration.ofHours(5)));
    sources.put("hall", Views.away("192.168.1.20:4444 does not answer; is the player on?"));
    view = view(sinks, sources, List.of("old-backend"));
  }

  private static PopEvent play(String asset, int number) {
    return PopEvent.of(
        "{\"uuid\":\"u-%d\",\"ts\":%d,\"duration\":9.96,\"asset\":{\"id\":17,\"filename\":\"%s\"},\"device\":{\"id\":3,\"serial\":\"0000000017\"}}"
            .formatted(number, Views.NOON.getEpochSecond() - 200 + 10L * number, asset));
  }

  private static void assertSound() throws IOException {
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.seriousFaults()).isEmpty();
    assertThat(
            browser
                .run(
                    "return document.documentElement.scrollWidth"
                        + " - document.documentElement.clientWidth")
                .asInt())
        .as("pixels that a person must scroll to the side")
        .isZero();
  }

  @Test
  void aBadDayIsSeenOnADesktop() throws Exception {
    aBadDay();
    openInBrowser(1280, 900, "light");
    browser.picture("desktop-light");
    assertSound();
    browser.colours("dark");
    browser.picture("desktop-dark");
    assertSound();
  }

  @Test
  void aBadDayIsSeenOnAPhone() throws Exception {
    aBadDay();
    openInBrowser(390, 844, "light");
    browser.picture("phone-light");
    assertSound();
    browser.colours("dark");
    browser.picture("phone-dark");
    assertSound();
  }

  @Test
  void aQuietDayIsSeen() throws Exception {
    openInBrowser(1280, 900, "light");
    browser.picture("desktop-quiet");
    assertThat(browser.text("#h-troubles")).contains("Nothing is wrong");
    assertSound();
  }

  /** Every object of the page's language has these. */
  @Test
  void aSinkMayBeCalledWhatItLikes() throws Exception {
    Map<String, SinkStats> sinks = new LinkedHashMap<>();
    for (String name : List.of("constructor", "toString", "__proto__")) {
      sinks.put(name, Views.sink().waiting(3, Duration.ofSeconds(4)).stats());
    }
    view = view(sinks, Map.of("lobby", Views.connected("player", 5, Map.of())), List.of());
    openInBrowser(1280, 900, "light");
    for (String name : sinks.keySet()) {
      assertThat(field("[data-sink=" + name + "]", "waiting")).as(name).isEqualTo("3");
    }
  }

  @Test
  void thePageSaysWhatTheStatusSays() throws Exception {
    aBadDay();
    openInBrowser(1280, 900, "light");
    assertThat(field("#figures", "oldest")).isEqualTo("1 h 30 min");
    assertThat(field("#figures", "waiting")).isEqualTo("5,403");
    assertThat(field("#figures", "dead")).isEqualTo("2");
    String billing = "[data-sink=billing]";
    assertThat(field(billing, "waiting")).isEqualTo("5,400");
    assertThat(field(billing, "oldest")).isEqualTo("1 h 30 min");
    assertThat(field(billing, "lastAnswer")).isEqualTo("503");
    assertThat(field(billing, "lastDelivery")).isEqualTo("1 h 31 min ago");
    assertThat(field(billing, "spool")).isEqualTo("2.1 MiB of 256 MiB");
    assertThat(field(billing, "recovered")).isEqualTo("12");
    assertThat(field(billing, "accepted")).isEqualTo("81,234");
    assertThat(field(billing, "delivered")).isEqualTo("75,844");
    assertThat(field(billing, "imbalance")).isEqualTo("0");
    assertThat(field("[data-source=lobby]", "accepted")).isEqualTo("81,234");
    assertThat(field("[data-source=lobby]", "refused")).isEqualTo("3");
    assertThat(field("[data-source=hall]", "problem")).contains("192.168.1.20:4444");
    assertThat(
            browser.run(
                "return [...document.querySelectorAll('#troubles > li')].map(e => e.dataset.code)"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "lines-refused",
            "answers-errors",
            "player-away",
            "dead-letters",
            "spool-unclaimed",
            "uuids-reused");
    assertThat(browser.text("[data-code=lines-refused]"))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("Fault")
                    .contains("the last one 2 min ago")
                    .contains("correct the player's package"));
    assertThat(browser.text("[data-code=uuids-reused]"))
        .hasValueSatisfying(
            text -> assertThat(text).contains("Note").contains("5 h ago. It seems to be over."));
    assertThat(field("[data-source=bar]", "reused")).isEqualTo("2");
    assertThat(field("[data-source=lobby]", "reused")).isEqualTo("not seen");
    assertThat(browser.text("[data-code=answers-errors]"))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("billing")
                    .contains("answered 503")
                    .contains("Ask whoever runs the backend"));
    assertThat(browser.run("return document.title").asText()).isEqualTo("(6) Proof-of-play relay");
  }

  @Test
  void whoDoesNotKnowTheRunbookLearnsWhereItIs() throws Exception {
    aBadDay();
    openInBrowser(1280, 900, "light");
    assertThat(browser.text("[data-code=lines-refused]"))
        .hasValueSatisfying(
            text -> assertThat(text).contains("Runbook: lines-refused in docs/operations.md"));
    assertThat(browser.text("#runbook"))
        .hasValueSatisfying(text -> assertThat(text).contains("docs", "/usr/share/doc/pop"));
    view = quiet();
    browser.await("nothing to look up", () -> browser.text("#runbook").isEmpty());
  }

  @Test
  void thePlotTellsItsCourseInWordsToo() throws Exception {
    aBadDay();
    openInBrowser(1280, 900, "light");
    assertThat(
            browser
                .run(
                    "return document.querySelector('[data-sink=billing] svg')"
                        + ".getAttribute('aria-label')")
                .asText())
        .isEqualTo("Events waiting over the last 1 d: now 5,400, at most 9,540, 14 h 41 min ago");
    // Two runs: for an hour nobody looked, and no line pretends to know.
    assertThat(
            browser
                .run(
                    "return document.querySelector('[data-sink=billing] .line')"
                        + ".getAttribute('d').split('M').length - 1")
                .asInt())
        .isEqualTo(2);
  }

  @Test
  void whatComesFromOutsideIsTextAndNothingElse() throws Exception {
    aBadDay();
    openInBrowser(1280, 900, "light");
    assertThat(
            browser.run(
                "return [...document.querySelectorAll('#plays [data-field=asset]')].map(e =>"
                    + " e.innerText)"))
        .extracting(JsonNode::asText)
        .contains(HOSTILE)
        .contains("too large to be shown, 16 KiB");
    assertThat(field("[data-source=lobby]", "sender")).contains("<b>bold</b>");
    assertThat(
            browser
                .run("return document.querySelectorAll('main img, main b, main script').length")
                .asInt())
        .isZero();
    assertThat(browser.run("return document.title").asText()).doesNotContain("taken");
  }

  @Test
  void itUpdatesByItselfAndKeepsWhatAPersonHasMarked() throws Exception {
    aBadDay();
    openInBrowser(1280, 900, "light");
    browser.run(
        "window.kept = document.querySelector('[data-sink=billing]');"
            + "getSelection().selectAllChildren(window.kept.querySelector('h3'))");
    view = quiet();
    browser.await("the news", () -> field("#figures", "waiting").equals("3"));
    browser.await(
        "no trouble", () -> browser.text("#h-troubles").orElse("").equals("Nothing is wrong"));
    assertThat(browser.run("return window.kept.isConnected").asBoolean()).isTrue();
    assertThat(browser.run("return getSelection().toString()").asText()).contains("billing");
    assertThat(browser.run("return document.getElementById('spoken').textContent").asText())
        .isEqualTo("Nothing is wrong.");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aRelayThatAnswersNoMoreIsSaidAndWhatWasKnownStays() throws Exception {
    openInBrowser(1280, 900, "light");
    int port = endpoint.port();
    endpoint.close();
    // Nobody else gets the port meanwhile, and nobody listens there.
    try (SocketChannel place =
        SocketChannel.open().setOption(StandardSocketOptions.SO_REUSEADDR, true)) {
      place.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      browser.await(
          "the word", () -> browser.text("#silent").orElse("").contains("does not answer"));
      browser.picture("desktop-silent");
      assertThat(field("#figures", "waiting")).isEqualTo("3");
      assertThat(browser.run("return document.getElementById('spoken').textContent").asText())
          .contains("does not answer");
    }
    endpoint =
        OpsEndpoint.open(
            new OpsConfig("127.0.0.1:" + port, null), () -> view, TimeSource.system(), plot);
    browser.await("its return", () -> browser.text("#silent").isEmpty());
    browser.complaints();
  }

  @Test
  void thePageAsksForTheTokenOnceAndKeepsItForItsTabAlone() throws Exception {
    browser.window(390, 844).colours("light").open(open("open sesame"));
    browser.await("the question", () -> browser.text("#ask").isPresent());
    browser.picture("phone-token");
    assertThat(browser.seriousFaults()).isEmpty();
    assertThat(browser.text("#figures")).isEmpty();
    // The cursor is where the token goes.
    browser.type("guess" + ENTER);
    browser.await("a no", () -> browser.text("#wrong").orElse("").contains("not the right token"));
    assertThat(browser.text("#figures")).isEmpty();
    browser.type("open sesame" + TAB + ENTER);
    awaitFigures();
    assertThat(browser.text("#ask")).isEmpty();
    // As long as the tab is there.
    browser.run("location.reload()");
    awaitFigures();
    assertThat(browser.run("return document.cookie + JSON.stringify(localStorage)").asText())
        .isEqualTo("{}");
    assertThat(browser.run("return location.href").asText()).doesNotContain("sesame");
    browser.run("sessionStorage.clear()");
    browser.complaints();
  }

  @Test
  void thereIsNothingToPress() throws Exception {
    aBadDay();
    openInBrowser(1280, 900, "light");
    assertThat(
            browser
                .run(
                    "return [...document.querySelectorAll('a, button, input, select, textarea,"
                        + " [contenteditable]')].filter(e => e.checkVisibility()).length")
                .asInt())
        .isZero();
  }
}
