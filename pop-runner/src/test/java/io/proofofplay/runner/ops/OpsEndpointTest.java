package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkState;
import io.proofofplay.core.relay.SinkStats;
import io.proofofplay.core.relay.SourceStats;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.config.OpsConfig;
import io.proofofplay.testkit.LogLines;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class OpsEndpointTest {

  /** Far less than 5 s for every sixteen of those that hold a thread each. */
  private static final int GOOD_TIME_MILLIS = 4000;

  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private final HttpClient client = HttpClient.newHttpClient();
  private volatile RelayState state = RelayState.RUNNING;
  private volatile boolean storing = true;
  private volatile boolean broken;
  private volatile SinkState sinkState = SinkState.BACKING_OFF;
  private final ManualTime time = ManualTime.standing();
  private final BacklogPlot plot = new BacklogPlot(time, () -> view().stats());
  private OpsEndpoint endpoint;

  private View view() {
    if (broken) {
      throw new IllegalStateException("as broken as can be");
    }
    SourceStats lobby =
        new SourceStats(
            true,
            Optional.of("a \"player\""),
            Optional.empty(),
            NOON,
            2,
            10,
            6,
            Map.of(Refusal.NO_UUID, 3L),
            Map.of(Refusal.NO_UUID, Duration.ofSeconds(200)),
            7,
            2,
            Optional.of(Duration.ofHours(5)));
    SinkStats billing =
        new SinkStats(
            sinkState,
            Optional.of("answers 503"),
            storing ? Optional.empty() : Optional.of("the disk has no room"),
            1,
            10,
            4,
            5,
            1,
            Map.of(DropReason.FULL_OLDEST, 1L),
            Optional.of(Duration.ofMillis(1500)),
            2048,
            Map.of("delivered", 4L, "later", 7L),
            Optional.of(new Reason("http://h/ answered 503", 503, "busy")),
            Optional.of(NOON),
            Optional.empty(),
            0,
            0,
            2,
            0,
            0,
            0);
    return new View(
        "1.2.3",
        NOON,
        Duration.ofSeconds(90),
        new RelayStats(state, Map.of("lobby", lobby), Map.of("billing", billing), 0, 0),
        Map.of("billing", 1L << 20),
        new TreeSet<>(List.of("old")),
        List.of(
            new Recent.Shown(
                NOON,
                "lobby",
                "u1",
                Optional.of("a.mp4"),
                Optional.empty(),
                Optional.of(NOON.minusSeconds(10)),
                Optional.of(Duration.ofMillis(9960)),
                120)),
        Map.of(
            "billing",
            List.of(
                new Recent.Answered(
                    NOON, "later", 503, "http://h/ answered 503", 5, Duration.ofMillis(7)))),
        false,
        0);
  }

  private OpsEndpoint open(String token) throws IOException {
    endpoint =
        OpsEndpoint.open(
            new OpsConfig("127.0.0.1:0", token == null ? null : Secret.of(token)),
            this::view,
            TimeSource.system(),
            plot);
    return endpoint;
  }

  @AfterEach
  void close() {
    if (endpoint != null) {
      endpoint.close();
    }
  }

  private HttpResponse<String> ask(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return ask("GET", path);
  }

  @Test
  void aRelayThatRunsAndStoresIsLiveAndReady() throws Exception {
    open(null);
    assertThat(get("/live").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void whatCannotBeFoundOutIsAnAnswerToo() throws Exception {
    open(null);
    broken = true;
    try (LogLines heard = LogLines.of(OpsEndpoint.class.getName())) {
      for (String path : List.of("/ready", "/status", "/metrics")) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("this cannot be answered; the log says why\n");
      }
      assertThat(heard.at(Level.WARNING))
          .as("once in ten minutes")
          .containsExactly("ops: could not answer /ready");
    }
    assertThat(get("/live").statusCode()).as("it lives").isEqualTo(200);
    broken = false;
    assertThat(get("/status").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(SinkState.class)
  void whateverTheDestinationDoesItStaysLiveAndReady(SinkState any) throws Exception {
    sinkState = any;
    open(null);
    assertThat(get("/live").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void whatCannotBeStoredMakesItUnreadyButNotDead() throws Exception {
    storing = false;
    open(null);
    assertThat(get("/live").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    assertThat(get("/ready").body())
        .isEqualTo("sink billing: events cannot be stored at the moment: the disk has no room\n");
  }

  @ParameterizedTest
  @EnumSource(value = RelayState.class, mode = EnumSource.Mode.EXCLUDE, names = "RUNNING")
  void aRelayThatDoesNotRunIsNotReady(RelayState other) throws Exception {
    state = other;
    open(null);
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    assertThat(get("/live").statusCode()).isEqualTo(200);
  }

  @Test
  void theStatusIsJsonWithEverything() throws Exception {
    open(null);
    HttpResponse<String> status = get("/status");
    assertThat(status.headers().firstValue("Content-Type"))
        .contains("application/json; charset=utf-8");
    try (JsonParser json = new JsonFactory().createParser(status.body())) {
      while (json.nextToken() != null) {
        // Throws if it is no JSON.
      }
    }
    assertThat(
            status
                .body()
                .replaceAll("\"advice\" : \"[^\"]+\"", "\"advice\":\"...\"")
                .replaceAll("\\s+", ""))
        .isEqualTo(
            "{'version':'1.2.3','state':'running','now':'2026-11-22T12:00:00Z','uptimeSeconds':90,'troubles':[{'code':'events-dropped','weight':'fault','about':'billing','title':'Eventsweregivenup','detail':'1full-oldest(thespoolwasfull).','advice':'...'},{'code':'lines-refused','weight':'fault','about':'lobby','title':'Theplayersentlinesthatarenoevents','detail':'3nouuidthatisastringwithsomethinginit;thelastone3minago.','advice':'...'},{'code':'answers-errors','weight':'warning','about':'billing','title':'Thedestinationistherebutcannottakeeventsnow','detail':'answers503','advice':'...'},{'code':'dead-letters','weight':'warning','about':'billing','title':'Someeventswererejectedandsetaside','detail':'2deadlettersarekept.','advice':'...'},{'code':'spool-unclaimed','weight':'warning','about':'old','title':'Eventsarekeptforasinkthatisnotconfigured','detail':'','advice':'...'},{'code':'uuids-reused','weight':'note','about':'lobby','title':'Theplayergavedifferentplaysthesameuuid','detail':'2events;thelastone5hago.Itseemstobeover.','advice':'...'}],'sources':{'lobby':{'connected':true,'sender':'a\\'player\\'','problem':null,'since':'2026-11-22T12:00:00Z','connections':2,'accepted':10,'implausible':6,'repeated':7,'reusedUuids':2,'rejected':{'no-uuid':3}}},'sinks':{'billing':{'state':'backing-off','problem':'answers503','storing':true,'waiting':5,'oldestWaitingSeconds':1.5,'lastAnswer':{'status':503,'text':'http://h/answered503'},'answers':[{'at':'2026-11-22T12:00:00Z','verdict':'later','status':503,'text':'http://h/answered503','events':5,'tookMillis':7}],'lastAttempt':'2026-11-22T12:00:00Z','lastDelivery':null,'spoolBytes':2048,'deadLetters':2,'spoolLimitBytes':1048576,'submissions':{'delivered':4,'later':7},'books':{'recovered':1,'accepted':10,'delivered':4,'waiting':5,'dead':1,'dropped':{'full-oldest':1},'imbalance':0}}},'orphans':['old'],'plays':[{'at':'2026-11-22T12:00:00Z','source':'lobby','uuid':'u1','asset':'a.mp4','device':null,'startedAt':'2026-11-22T11:59:50Z','durationSeconds':9.96,'bytes':120}]}"
                .replace('\'', '"'));
  }

  @Test
  void theMetricsAreInTheFormatOfPrometheus() throws Exception {
    open(null);
    HttpResponse<String> metrics = get("/metrics");
    assertThat(metrics.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(metrics.body().lines())
        .contains("pop_info{version=\"1.2.3\"} 1", "pop_events_waiting{sink=\"billing\"} 5.0");
  }

  @Test
  void theHistoryIsJson() throws Exception {
    plot.runOnce();
    time.advance(Duration.ofSeconds(60));
    open(null);
    time.awaitWaiting(1);
    assertThat(get("/history").body())
        .isEqualTo(
            "{'everySeconds':60,'sinks':{'billing':{'agoSeconds':[60,0],'waiting':[5,5],'oldestWaitingSeconds':[1.5,1.5]}}}\n"
                .replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html; charset=utf-8",
    "/page.css, text/css; charset=utf-8",
    "/page.js, text/javascript; charset=utf-8",
    "/icon.svg, image/svg+xml"
  })
  void thePagesFilesAreTheSameForEverybodyAndNeedNoToken(String path, String type)
      throws Exception {
    open("sesame");
    HttpResponse<String> file = get(path);
    assertThat(file.statusCode()).isEqualTo(200);
    assertThat(file.headers().firstValue("Content-Type")).contains(type);
    assertThat(file.body()).doesNotContain("billing").doesNotContain("1.2.3");
    assertThat(ask("HEAD", path).statusCode()).isEqualTo(200);
    assertThat(ask("POST", path).statusCode()).isEqualTo(405);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/page.js", "/status", "/metrics", "/other"})
  void aBrowserMayDoNothingWithAnAnswerButShowIt(String path) throws Exception {
    open(null);
    HttpResponse<String> answer = get(path);
    assertThat(answer.headers().firstValue("Content-Security-Policy"))
        .hasValueSatisfying(
            policy ->
                assertThat(policy)
                    .startsWith("default-src 'none';")
                    .contains("script-src 'self';", "frame-ancestors 'none'", "form-action 'none'")
                    .doesNotContain("unsafe"));
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
  }

  @Test
  void nothingOfAnAnswersBodyIsShown() throws Exception {
    open(null);
    assertThat(get("/status").body() + get("/metrics").body()).doesNotContain("busy");
  }

  @Test
  void anythingElseIsSaid() throws Exception {
    open(null);
    assertThat(get("/other").statusCode()).isEqualTo(404);
    assertThat(ask("POST", "/live").statusCode()).isEqualTo(405);
    assertThat(ask("POST", "/live").headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(ask("HEAD", "/live").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/live", "/ready", "/status", "/history", "/metrics", "/other", "/page.html"})
  void withoutTheTokenNothingIsTold(String path) throws Exception {
    open("sesame");
    assertThat(get(path).statusCode()).isEqualTo(401);
    assertThat(ask("GET", path, "Authorization", "Bearer wrong").statusCode()).isEqualTo(401);
    assertThat(ask("GET", path, "Authorization", "sesame").statusCode()).isEqualTo(401);
    assertThat(ask("GET", path, "Authorization", "Bearer sesame").statusCode()).isNotEqualTo(401);
  }

  /** Asks as a browser does that was led here by a name. */
  private String asked(String path, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
      String request = "GET " + path + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example\r\n",
        "Host: evil.example:9464\r\n",
        "Host: 127.0.0.1.evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: \r\n",
        "Host: 127.0.0.1\r\nHost: evil.example\r\n"
      })
  void aPageOfAnotherSiteWhoseNameLeadsHereIsToldNothing(String host) throws Exception {
    open(null);
    for (String path : List.of("/", "/live", "/status", "/metrics")) {
      assertThat(asked(path, host)).startsWith("HTTP/1.1 421 ").doesNotContain("billing");
    }
    endpoint.admit(Optional.of(Secret.of("sesame")));
    assertThat(asked("/", host))
        .as("who needs the token may call it as he likes")
        .contains(" 200 ");
    assertThat(asked("/status", host)).startsWith("HTTP/1.1 401 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: 127.0.0.1:9464\r\n",
        "Host: 127.0.0.2\r\n",
        "Host: 192.168.1.7:9464\r\n",
        "Host: LocalHost:9464\r\n",
        "Host: [::1]:9464\r\n",
        "Host: [::1]\r\n",
        ""
      })
  void anAddressAndThisMachinesOwnNameAreAnswered(String host) throws Exception {
    open(null);
    assertThat(asked("/status", host)).startsWith("HTTP/1.1 200 ");
  }

  /** What is sent of it before nothing more comes; the last one asks for much and takes nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "G",
        "GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nX: y",
        "POST /live HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nx"
      })
  void twoHundredCallersThatSayHalfOfItDelayNobodyElse(String half) throws Exception {
    open(null);
    assertThat(get("/live").statusCode()).isEqualTo(200);
    List<Socket> others = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket other = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
        others.add(other);
        other.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
        if (i % 50 == 0) {
          askedInGoodTime("/live");
        }
      }
      askedInGoodTime("/live");
      askedInGoodTime("/ready");
      askedInGoodTime("/status");
    } finally {
      for (Socket other : others) {
        other.close();
      }
    }
  }

  private void askedInGoodTime(String path) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
      socket.setSoTimeout(GOOD_TIME_MILLIS * Integer.getInteger("pop.testkit.patience", 10) / 10);
      String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void callersThatSayNothingHoldNobodyUp() throws Exception {
    open(null);
    try (Socket first = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
        Socket second = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
        Socket third = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
      for (Socket silent : new Socket[] {first, second, third}) {
        silent.getOutputStream().write("GET /live".getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(get("/live").statusCode()).isEqualTo(200);
    }
  }
}
