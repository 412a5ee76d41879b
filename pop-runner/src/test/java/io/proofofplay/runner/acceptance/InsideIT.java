package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.spool.file.SpoolFile;
import io.proofofplay.spool.file.SpoolFileContent;
import io.proofofplay.spool.file.SpoolView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator looks into the packaged relay, while it runs and when it is stopped. */
class InsideIT {

  private static final Pattern FIRST_DELIVERY =
      Pattern.compile("what was delivered before (\\S+) is not remembered");

  private static final int FOUND = 1;
  private static final int USAGE = 64;

  /** A player that sends the lines that it is given, to whoever is connected. */
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private final HostilePlayer player =
      new HostilePlayer(
          "lobby",
          caller -> {
            caller.introduce();
            while (true) {
              caller.say(lines.take() + "\n");
            }
          });

  /** The bodies that were taken. */
  private final List<String> taken = new CopyOnWriteArrayList<>();

  /** Events with one of these in them are rejected. */
  private final Set<String> poison = ConcurrentHashMap.newKeySet();

  private volatile boolean down;
  private static final String REFUSAL = "we know no such asset";

  private HttpServer backend;

  @TempDir Path directory;

  @BeforeEach
  void listen() throws IOException {
    backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    backend.createContext("/pop", this::answer);
    backend.createContext("/never", exchange -> respond(exchange, 429));
    backend.start();
  }

  @AfterEach
  void close() {
    player.close();
    backend.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (down) {
      respond(exchange, 429);
    } else if (poison.stream().anyMatch(body::contains)) {
      respond(exchange, 422, REFUSAL);
    } else {
      taken.add(body);
      respond(exchange, 200);
    }
  }

  private static void respond(HttpExchange exchange, int status) throws IOException {
    respond(exchange, status, "");
  }

  private static void respond(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      byte[] unused = exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private PackagedPop relay(String more) throws IOException {
    String address = "http://127.0.0.1:" + backend.getAddress().getPort();
    return PackagedPop.run(
        directory,
        Yaml.delivering(
                player.port(),
                address + "/pop",
                "batch: {maxEvents: 10, minInterval: 20ms}",
                "retry: {initial: 50ms, max: 200ms}")
            + more.replace("ADDRESS", address));
  }

  private PackagedPop.End pop(String... arguments) throws IOException {
    try (PackagedPop process = PackagedPop.start(directory, arguments)) {
      return process.end();
    }
  }

  private static String event(String uuid) {
    return "{\"uuid\":\"%s\",\"ts\":1774549328.5,\"duration\":15.50,\"device\":{\"id\":7}}"
        .formatted(uuid);
  }

  private boolean isTaken(String uuid) {
    return taken.stream().anyMatch(body -> body.contains("\"" + uuid + "\""));
  }

  private void awaitTaken(PackagedPop relay, String uuid) {
    Await.until(uuid + " at the backend", relay::story, () -> isTaken(uuid));
  }

  private void awaitInFile(PackagedPop relay, String file, String text) {
    Path path = directory.resolve("spool").resolve(file);
    Await.until(
        text + " in " + file,
        relay::story,
        () -> Files.exists(path) && Files.readString(path).contains(text));
  }

  private List<String> waiting() throws IOException {
    SpoolView view = SpoolView.of(directory.resolve("spool"));
    List<String> events = new ArrayList<>();
    for (SpoolFile file : view.files("billing")) {
      view.read("billing", file).map(SpoolFileContent::waiting).stream()
          .flatMap(List::stream)
          .map(PopEvent::json)
          .forEach(events::add);
    }
    return events;
  }

  @Test
  void theSpoolOfARelayWhoseBackendIsDeadIsListedPrintedAndVerified() throws Exception {
    down = true;
    try (PackagedPop relay = relay("")) {
      List<String> sent = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        sent.add(event("event-" + i));
      }
      lines.addAll(sent);
      Await.until("all in the spool", relay::story, () -> waiting().size() == 25);

      PackagedPop.End list = pop("spool", "ls", "--json");
      assertThat(list.code()).as(list.err()).isZero();
      assertThat(list.out())
          .contains("\"sink\":\"billing\"", "\"waiting\":25", "\"state\":\"sealed\"")
          .endsWith("}\n");
      PackagedPop.End people = pop("spool", "ls", "billing");
      assertThat(people.out()).contains("25 waiting", "sealed").doesNotContain("\u001b");

      PackagedPop.End print = pop("spool", "cat");
      assertThat(print.code()).as(print.err()).isZero();
      assertThat(print.out().lines()).containsExactlyElementsOf(sent);

      PackagedPop.End intact = pop("spool", "verify");
      assertThat(intact.code()).as(intact.out()).isZero();
      assertThat(intact.out()).contains("intact", "25 intact events");

      SpoolFile last = SpoolView.of(directory.resolve("spool")).files("billing").get(1);
      Path file = directory.resolve("spool/billing").resolve(last.name());
      byte[] bytes = Files.readAllBytes(file);
      int damaged = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("1774549328");
      bytes[damaged] ^= 1;
      Files.write(file, bytes);
      int line = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf('\n', damaged) + 1;

      PackagedPop.End found = pop("spool", "verify");
      assertThat(found.code()).as(found.out()).isEqualTo(FOUND);
      assertThat(found.out()).contains("billing/" + last.name() + ": offset " + line + ", ");

      PackagedPop.End unknown = pop("spool", "ls", "biling");
      assertThat(unknown.code()).isEqualTo(USAGE);
      assertThat(unknown.err()).contains("there is no sink biling; there is billing");
      PackagedPop.End nothing = pop("spool");
      assertThat(nothing.code()).isEqualTo(USAGE);
      assertThat(nothing.err()).contains("ls, cat or verify", "pop help spool");

      assertThat(relay.isAlive()).isTrue();
      assertThat(relay.err()).doesNotContain("ERROR");
    }
  }

  @Test
  void deadLettersAreTriedAgainAndDiscardedWhileTheRelayRunsAndWhenItIsStopped() throws Exception {
    poison.addAll(Set.of("bad-1", "bad-2", "bad-3", "bad-4"));
    try (PackagedPop relay = relay("")) {
      lines.add(event("good-1"));
      awaitTaken(relay, "good-1");
      lines.add(event("bad-1"));
      awaitInFile(relay, "billing/dead/dead.ndjson", "bad-1");
      lines.add(event("bad-2"));
      awaitInFile(relay, "billing/dead/dead.ndjson", "bad-2");

      PackagedPop.End list = pop("dead", "ls");
      assertThat(list.out()).contains("billing: 2 dead letters", "422  bad-1", "422  bad-2");
      PackagedPop.End silent = pop("dead", "discard");
      assertThat(silent.code()).isEqualTo(USAGE);
      assertThat(silent.err()).contains("--uuid", "--all");

      poison.clear();
      PackagedPop.End retried = pop("dead", "retry", "--uuid", "bad-1");
      assertThat(retried.code()).as(retried.out() + relay.story()).isZero();
      assertThat(retried.out()).contains("1 dead letter put back to be delivered by the relay");
      awaitTaken(relay, "bad-1");
      PackagedPop.End discarded = pop("dead", "discard", "--all", "--json");
      assertThat(discarded.code()).as(discarded.out() + relay.story()).isZero();
      assertThat(discarded.out()).contains("\"meant\":1,\"done\":1", "\"by\":\"the relay\"");
      assertThat(pop("dead", "cat").out()).isEmpty();
      awaitInFile(relay, "billing/dead/discarded.ndjson", "bad-2");
      assertThat(isTaken("bad-2")).isFalse();

      poison.addAll(Set.of("bad-3", "bad-4"));
      lines.add(event("bad-3"));
      awaitInFile(relay, "billing/dead/dead.ndjson", "bad-3");
      lines.add(event("bad-4"));
      awaitInFile(relay, "billing/dead/dead.ndjson", "bad-4");
      assertThat(relay.stop().code()).isZero();
    }
    poison.clear();

    PackagedPop.End retried = pop("dead", "retry", "--uuid", "bad-3");
    assertThat(retried.code()).as(retried.out() + retried.err()).isZero();
    assertThat(retried.out()).contains("1 dead letter put back to be delivered by this command");
    assertThat(pop("spool", "cat").out().lines()).containsExactly(event("bad-3"));
    PackagedPop.End discarded = pop("dead", "discard", "--all");
    assertThat(discarded.out()).contains("1 dead letter discarded by this command");
    assertThat(pop("where", "bad-4").out()).contains("discarded  sink billing");
    assertThat(pop("dead", "retry", "--all").code()).isEqualTo(FOUND);

    try (PackagedPop relay = relay("")) {
      awaitTaken(relay, "bad-3");
      assertThat(isTaken("bad-4")).isFalse();
    }
  }

  @Test
  void whereGivesEachOfItsAnswers() throws Exception {
    Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    poison.add("dead-one");
    String full =
        """
          full:
            type: http
            url: ADDRESS/never
            spool: {maxBytes: 1MiB, whenFull: drop-newest}
        """;
    try (PackagedPop relay = relay(full)) {
      lines.add(event("delivered-one"));
      awaitTaken(relay, "delivered-one");
      assertThat(where("nobody", FOUND)).startsWith("never seen  by this relay");
      lines.add(event("dead-one").replace("\"id\":7", "\"id\":8"));
      awaitInFile(relay, "billing/dead/dead.ndjson", "dead-one");
      lines.add("{\"uuid\":\"rejected-one\",\"uuid\":\"rejected-one\"}");
      for (int i = 0; i < 12; i++) {
        lines.add(
            event("large-" + i).replaceFirst("}}", "},\"x\":\"" + "x".repeat(150_000) + "\"}"));
      }
      awaitInFile(relay, "full/drops.ndjson", "\"lastUuid\":\"large-");
      awaitTaken(relay, "large-11");
      // Which of them depends on how many come at a time.
      String dropped =
          Files.readString(directory.resolve("spool/full/drops.ndjson"))
              .replaceFirst("(?s).*?\"lastUuid\":\"([^\"]+)\".*", "$1");
      down = true;
      lines.add(event("waiting-one"));
      Await.until("it in the spool", relay::story, () -> waiting().contains(event("waiting-one")));

      assertThat(where("delivered-one", 0))
          .contains("delivered  sink billing: ", "answered 200 in ", "waiting  sink full: ")
          .contains("at 2026-03-26T18:22:08Z:");
      assertThat(where("dead-one", 0))
          .contains("dead  sink billing: since ", ": 422 ", "; it said: " + REFUSAL);
      assertThat(where("rejected-one", 0))
          .contains("rejected  ", "a line of source lobby: duplicate-key");
      assertThat(where(dropped, 0)).contains("dropped  sink full: ", "full-newest");
      assertThat(where("waiting-one", 0)).contains("waiting  sink billing: in 0000");
      assertThat(where("nobody", FOUND))
          // Of the large ones some were given up, and the ledger does not name each.
          .contains(
              "perhaps dropped  sink full: ", "or else never seen", "source lobby: connected");

      PackagedPop.End json = pop("where", "--json", "delivered-one");
      assertThat(json.out())
          .contains("\"is\":\"delivered\",\"sink\":\"billing\"", "\"status\":200", "\"seen\":true");
      String[] hour = {"--from", "2026-03-26T18:00:00Z", "--to", "2026-03-26T19:00:00Z"};
      PackagedPop.End audit = pop("audit", "billing", hour[0], hour[1], hour[2], hour[3]);
      assertThat(audit.out())
          .contains("billing 2026-03-26T18:00:00Z: 13 plays, digest " + digestOfTaken());
      Matcher first = FIRST_DELIVERY.matcher(audit.err());
      assertThat(first.find()).as(audit.err()).isTrue();
      assertThat(Instant.parse(first.group(1))).isBetween(began, Instant.now());
      PackagedPop.End gaps = pop("gaps", "--device", "7", hour[0], hour[1], hour[2], hour[3]);
      assertThat(gaps.out())
          // The sink that is full has not delivered what the other one has.
          .contains("device 7", "2026-03-26T18:22:08Z  ", "played", "not delivered");
      // What the backend refuses was played, and the device was not silent.
      PackagedPop.End refused =
          pop("gaps", "billing", "--device", "8", hour[0], hour[1], hour[2], hour[3]);
      assertThat(refused.out()).contains("device 8", "2026-03-26T18:22:08", "not delivered");
      assertThat(relay.isAlive()).isTrue();
    }
  }

  /** As a backend would compute it, from the bodies alone. */
  private String digestOfTaken() throws Exception {
    Set<String> uuids = new TreeSet<>();
    for (String body : taken) {
      Matcher uuid = Pattern.compile("\"uuid\":\"([^\"]+)\"").matcher(body);
      while (uuid.find()) {
        uuids.add(uuid.group(1));
      }
    }
    byte[] lines = (String.join("\n", uuids) + "\n").getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(lines));
  }

  private String where(String uuid, int code) throws IOException {
    PackagedPop.End end = pop("where", uuid);
    assertThat(end.code()).as(end.out() + end.err()).isEqualTo(code);
    return end.out();
  }
}
