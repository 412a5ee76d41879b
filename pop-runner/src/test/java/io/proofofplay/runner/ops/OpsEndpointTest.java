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
import io.proofofplay.runner.config.OpsConfig;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class OpsEndpointTest {

  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private final HttpClient client = HttpClient.newHttpClient();
  private volatile RelayState state = RelayState.RUNNING;
  private volatile boolean storing = true;
  private volatile SinkState sinkState = SinkState.BACKING_OFF;
  private OpsEndpoint endpoint;

  private View view() {
    SourceStats lobby =
        new SourceStats(
            true,
            Optional.of("a \"player\""),
            Optional.empty(),
            NOON,
            2,
            10,
            Map.of(Refusal.NO_UUID, 3L));
    SinkStats billing =
        new SinkStats(
            sinkState,
            Optional.of("answers 503"),
            storing,
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
            0,
            0,
            0);
    return new View(
        "1.2.3",
        new RelayStats(state, Map.of("lobby", lobby), Map.of("billing", billing), 0, 0),
        new TreeSet<>(List.of("old")));
  }

  private OpsEndpoint open(String token) throws IOException {
    endpoint =
        OpsEndpoint.open(
            new OpsConfig("127.0.0.1:0", token == null ? null : Secret.of(token)), this::view);
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
        .isEqualTo("sink billing: events cannot be stored at the moment\n");
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
    assertThat(status.body().replaceAll("\\s+", ""))
        .isEqualTo(
            "{'version':'1.2.3','state':'running','sources':{'lobby':{'connected':true,'sender':'a\\'player\\'','problem':null,'since':'2026-11-22T12:00:00Z','connections':2,'accepted':10,'rejected':{'no-uuid':3}}},'sinks':{'billing':{'state':'backing-off','problem':'answers503','storing':true,'waiting':5,'oldestWaitingSeconds':1.5,'lastAnswer':{'status':503,'text':'http://h/answered503'},'lastAttempt':'2026-11-22T12:00:00Z','lastDelivery':null,'spoolBytes':2048,'submissions':{'delivered':4,'later':7},'books':{'recovered':1,'accepted':10,'delivered':4,'waiting':5,'dead':1,'dropped':{'full-oldest':1},'imbalance':0}}},'orphans':['old']}"
                .replace('\'', '"'));
  }

  @Test
  void theMetricsAreInTheFormatOfPrometheus() throws Exception {
    open(null);
    HttpResponse<String> metrics = get("/metrics");
    assertThat(metrics.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    Pattern line =
        Pattern.compile(
            "# (HELP|TYPE) pop_[a-z_]+ .+"
                + "|pop_[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})? -?[0-9.]+");
    assertThat(metrics.body().lines()).allMatch(text -> line.matcher(text).matches());
    assertThat(metrics.body().lines())
        .contains(
            "pop_info{version=\"1.2.3\"} 1",
            "pop_events_accepted_total{source=\"lobby\"} 10",
            "pop_events_rejected_total{source=\"lobby\",reason=\"no-uuid\"} 3",
            "pop_events_rejected_total{source=\"lobby\",reason=\"not-json\"} 0",
            "pop_events_delivered_total{sink=\"billing\"} 4",
            "pop_events_waiting{sink=\"billing\"} 5",
            "pop_events_dead_total{sink=\"billing\"} 1",
            "pop_events_dropped_total{sink=\"billing\",reason=\"full-oldest\"} 1",
            "pop_events_dropped_total{sink=\"billing\",reason=\"damaged\"} 0",
            "pop_oldest_waiting_seconds{sink=\"billing\"} 1.5",
            "pop_submissions_total{sink=\"billing\",verdict=\"later\"} 7",
            "pop_submissions_total{sink=\"billing\",verdict=\"held\"} 0",
            "pop_source_connected{source=\"lobby\"} 1",
            "pop_spool_bytes{sink=\"billing\"} 2048",
            "pop_spool_orphaned{sink=\"old\"} 1",
            "pop_spools_unclaimed 1",
            "pop_events_imbalance{sink=\"billing\"} 0",
            "# TYPE pop_events_waiting gauge",
            "# TYPE pop_events_accepted_total counter");
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
  @ValueSource(strings = {"/live", "/ready", "/status", "/metrics", "/other"})
  void withoutTheTokenNothingIsTold(String path) throws Exception {
    open("sesame");
    assertThat(get(path).statusCode()).isEqualTo(401);
    assertThat(ask("GET", path, "Authorization", "Bearer wrong").statusCode()).isEqualTo(401);
    assertThat(ask("GET", path, "Authorization", "sesame").statusCode()).isEqualTo(401);
    assertThat(ask("GET", path, "Authorization", "Bearer sesame").statusCode()).isNotEqualTo(401);
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
