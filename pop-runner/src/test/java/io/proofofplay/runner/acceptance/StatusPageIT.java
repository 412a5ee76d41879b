package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import io.proofofplay.runner.browser.Browser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status page of the packaged program, in an outage and after it. */
class StatusPageIT {

  private static final Pattern PORT = Pattern.compile("ops: listens on 127\\.0\\.0\\.1:(\\d+)");
  private static final int EVENTS = 1_234;

  private final FlowPlayer player = new FlowPlayer();
  private FaultyBackend backend;
  private String page;

  @TempDir Path directory;

  @AfterEach
  void close() {
    player.close();
    if (backend != null) {
      backend.close();
    }
  }

  private JsonNode status() throws IOException {
    try {
      return new ObjectMapper()
          .readTree(
              HttpClient.newHttpClient()
                  .send(
                      HttpRequest.newBuilder(URI.create(page + "status"))
                          .timeout(Await.GENEROUS)
                          .build(),
                      BodyHandlers.ofString())
                  .body());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String field(Browser browser, String of, String name) throws IOException {
    return browser.text(of + " [data-field=" + name + "]").orElse("not seen");
  }

  @Test
  void anOutageIsSeenAndItsEndTooOnADesktopAndOnAPhone() throws Exception {
    backend = new FaultyBackend(request -> Answer.of(503, "busy"));
    try (Browser browser = Browser.start();
        PackagedPop daemon =
            PackagedPop.run(
                directory,
                Ops.LISTEN
                    + Yaml.delivering(
                        player.port(),
                        backend.url("/pop"),
                        "batch: {minInterval: 20ms}",
                        "retry: {initial: 100ms, max: 500ms}"))) {
      daemon.awaitLog("relay: runs");
      Matcher port = PORT.matcher(daemon.err());
      assertThat(port.find()).isTrue();
      page = "http://127.0.0.1:" + port.group(1) + "/";
      player.play(EVENTS);
      daemon.awaitLog("does not deliver");
      Await.until(
          "all of them",
          daemon::story,
          () -> status().at("/sinks/billing/waiting").asInt() == EVENTS);

      browser.window(1280, 900).colours("light").open(page);
      browser.await("the backlog", () -> field(browser, "#figures", "waiting").equals("1,234"));
      JsonNode outage = status();
      assertThat(field(browser, "[data-sink=billing]", "problem"))
          .isEqualTo(outage.at("/sinks/billing/problem").asText());
      assertThat(field(browser, "[data-sink=billing]", "lastAnswer")).isEqualTo("503");
      assertThat(field(browser, "[data-sink=billing]", "accepted")).isEqualTo("1,234");
      assertThat(field(browser, "[data-source=lobby]", "sender"))
          .isEqualTo(outage.at("/sources/lobby/sender").asText())
          .isEqualTo("flow");
      assertThat(browser.text("[data-code=answers-errors]"))
          .hasValueSatisfying(
              text -> assertThat(text).contains(outage.at("/troubles/0/advice").asText()));
      assertThat(outage.at("/plays").size()).isEqualTo(20);
      assertThat(browser.run("return document.querySelectorAll('#plays tbody tr').length").asInt())
          .isEqualTo(20);
      browser.picture("real-outage-desktop");
      assertThat(browser.seriousFaults()).isEmpty();
      browser.window(390, 844).colours("dark");
      browser.picture("real-outage-phone");
      assertThat(browser.seriousFaults()).isEmpty();

      backend.follow(request -> Answer.TAKEN);
      browser.await("the end", () -> field(browser, "#figures", "waiting").equals("0"));
      browser.await(
          "the all-clear", () -> browser.text("#h-troubles").orElse("").equals("Nothing is wrong"));
      assertThat(field(browser, "#figures", "oldest")).isEqualTo("none");
      assertThat(field(browser, "[data-sink=billing]", "delivered")).isEqualTo("1,234");
      assertThat(field(browser, "[data-sink=billing]", "lastAnswer")).isEqualTo("200");
      assertThat(status().at("/sinks/billing/books/delivered").asInt()).isEqualTo(EVENTS);
      browser.picture("real-well-phone");
      assertThat(browser.seriousFaults()).isEmpty();
      browser.window(1280, 900).colours("light");
      browser.picture("real-well-desktop");
      assertThat(browser.seriousFaults()).isEmpty();
      assertThat(browser.complaints()).isEmpty();
    }
  }
}
