package io.proofofplay.runner.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.config.Setting;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.Surroundings;
import io.proofofplay.testkit.Await;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.LogLines;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSource;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class DaemonTest {

  /** A source's settings. */
  record Play(@Setting("which") String name) {}

  /** A sink's settings. */
  record Hall(@Setting("whether it works") String mood, @Setting("who may enter") Secret token) {}

  /** Lets in who shows the token of the moment. */
  private final class Guarded implements Submitter {

    private final Secret token;

    Guarded(Secret token) {
      this.token = token;
    }

    @Override
    public SubmitResult submit(Batch batch, Attempt attempt) throws InterruptedException {
      if (token.reveal().equals(admitted)) {
        return submitter.submit(batch, attempt);
      }
      refusals.incrementAndGet();
      return new Held(Reason.of("answered 401"));
    }

    @Override
    public void refresh() {
      boolean unused = token.refresh();
    }

    @Override
    public void close() {
      closedGuards.incrementAndGet();
    }
  }

  private static final String CONFIGURATION =
      """
      spool: {directory: here}
      sources: {s: {type: scripted}}
      sinks:
        b:
          type: scripted
          batch: {minInterval: 0s}
      """;

  private static final String GUARDED =
      CONFIGURATION + "    retry: {initial: 100ms}\n    token: ${file:token}\n";

  @TempDir private Path directory;
  private final ScriptedSource source = new ScriptedSource();
  private final ScriptedSubmitter submitter = new ScriptedSubmitter(TimeSource.system());
  private final ScriptedSubmitter second = new ScriptedSubmitter(TimeSource.system());
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicInteger closedGuards = new AtomicInteger();
  private volatile String admitted = "old";
  private final MemoryStorage storage = new MemoryStorage(TimeSource.system());

  private final Adapters adapters =
      new Adapters(
          Map.of(
              "scripted",
              new EventSourceProvider<Play>() {
                @Override
                public String type() {
                  return "scripted";
                }

                @Override
                public Class<Play> configType() {
                  return Play.class;
                }

                @Override
                public EventSource create(Play config, SourceContext context) {
                  return source;
                }
              }),
          Map.of(
              "scripted",
              new SubmitterProvider<Hall>() {
                @Override
                public String type() {
                  return "scripted";
                }

                @Override
                public Class<Hall> configType() {
                  return Hall.class;
                }

                @Override
                public Submitter create(Hall config, SinkContext context) {
                  if ("replaced".equals(config.mood())) {
                    throw new NoClassDefFoundError("hall/Wiring");
                  }
                  if (config.token() != null) {
                    return new Guarded(config.token());
                  }
                  if ("good".equals(config.mood())) {
                    return second;
                  }
                  if (config.mood() != null) {
                    throw new IllegalArgumentException(
                        "is in the mood \"" + config.mood() + "\"; write none");
                  }
                  return submitter;
                }
              }));

  private Configuration configuration(String text) throws Exception {
    Files.writeString(directory.resolve("pop.yaml"), text);
    return Configuration.load(
        Optional.empty(), new Surroundings(directory, Map.of("MOOD", "hunter2")), adapters);
  }

  private Daemon daemon() throws Exception {
    return Daemon.build(
        configuration(CONFIGURATION), adapters, (place, time) -> storage, TimeSource.system());
  }

  @Test
  void whatASourceOffersArrivesAtTheSink() throws Exception {
    Daemon daemon = daemon();
    daemon.start();
    source.connect("player").emit(Events.numbered(0, 3));
    submitter.awaitDelivered(3);
    assertThat(daemon.ended()).isFalse();
    daemon.stop();
    assertThat(daemon.ended()).isTrue();
    assertThat(daemon.awaitEnd()).isEqualTo(ExitCode.DONE);
  }

  @Test
  void aLoopThatHangsIsSeenByTheWatchdogAndAStartIsNone() throws Exception {
    ManualTime time = ManualTime.standing();
    Daemon daemon =
        Daemon.build(configuration(CONFIGURATION), adapters, (place, same) -> storage, time);
    Watchdog.Life life = daemon.life();
    assertThat(life.isStarting()).isTrue();
    daemon.start();
    assertThat(life.isStarting()).isFalse();
    submitter.hangStubbornly();
    source.emit(Events.numbered(1));
    submitter.awaitInside();
    assertThat(life.standstill()).isEmpty();

    // The two that do come round.
    time.awaitWaiting(2);
    time.advance(Duration.ofMinutes(6));

    Await.until(
        "the hang to be seen",
        () -> life.standstill().filter(found -> found.thread().equals("pop-sink-b")).isPresent());
    assertThat(life.isOver()).isFalse();
    submitter.release();
    daemon.stop();
    assertThat(life.isOver()).isTrue();
  }

  @Test
  void aChangeThatAnAdapterRefusesChangesNothing() throws Exception {
    Daemon daemon = daemon();
    daemon.start();
    Configuration next =
        configuration(
            CONFIGURATION.replace("sources: {s:", "sources: {t:")
                + "  c: {type: scripted, mood: sad}\n  d: {type: scripted, mood: bad}\n");
    assertThatThrownBy(() -> daemon.change(next))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll(
            "sinks.c: is in the mood \"sad\"; write none",
            "sinks.d: is in the mood \"bad\"; write none");
    assertThat(daemon.stats().sources()).containsOnlyKeys("s");
    assertThat(daemon.stats().sinks()).containsOnlyKeys("b");
    daemon.stop();
  }

  @Test
  void whatWasMadeIsClosedWhenAPluginFailsWithAnError() throws Exception {
    Daemon daemon = daemon();
    daemon.start();
    Configuration next =
        configuration(
            CONFIGURATION
                + "  c: {type: scripted, mood: good}\n  d: {type: scripted, mood: replaced}\n");
    assertThatThrownBy(() -> daemon.change(next)).isInstanceOf(NoClassDefFoundError.class);
    assertThat(second.isClosed()).isTrue();
    assertThat(submitter.isClosed()).isFalse();
    assertThat(daemon.stats().sinks()).containsOnlyKeys("b");
    daemon.stop();
  }

  @Test
  void anErrorOfAReloadIsSaidAndTheNextRequestIsServed() throws Exception {
    Daemon daemon = daemon();
    daemon.start();
    Configuration next = configuration(CONFIGURATION + "  c: {type: scripted, mood: good}\n");
    AtomicInteger readings = new AtomicInteger();
    Reloading reloading = new Reloading();
    try (LogLines log = LogLines.of(Reloading.class.getName())) {
      reloading.serve(
          daemon,
          () -> {
            if (readings.incrementAndGet() == 1) {
              throw new NoClassDefFoundError("hall/Wiring");
            }
            return next;
          });
      reloading.request();
      Await.until("the error is said", () -> !log.with("could not reload").isEmpty());
      assertThat(log.at(Level.SEVERE)).hasSize(1);
      assertThat(log.lines().get(0)).contains("before a restart");
      reloading.request();
      Await.until("the second is served", () -> !log.with("sinks added: c").isEmpty());
    }
    assertThat(daemon.stats().sinks()).containsOnlyKeys("b", "c");
    daemon.stop();
  }

  @Test
  void aSinkThatIsTakenOutIsAnOrphanUntilItComesBack() throws Exception {
    String two = CONFIGURATION + "  c: {type: scripted, batch: {minInterval: 0s}}\n";
    Daemon daemon =
        Daemon.build(configuration(two), adapters, (place, time) -> storage, TimeSource.system());
    daemon.start();
    assertThat(daemon.orphans()).isEmpty();
    assertThat(daemon.change(configuration(CONFIGURATION))).isEqualTo("sinks gone: c");
    assertThat(daemon.orphans()).containsExactly("c");
    assertThat(daemon.change(configuration(two))).isEqualTo("sinks added: c");
    assertThat(daemon.orphans()).isEmpty();
    assertThat(daemon.change(configuration(two))).isEqualTo("nothing has changed");
    daemon.stop();
  }

  private Daemon guarded() throws Exception {
    Files.writeString(directory.resolve("token"), "old");
    Daemon daemon =
        Daemon.build(
            configuration(GUARDED), adapters, (place, time) -> storage, TimeSource.system());
    daemon.start();
    // Whatever it was for: the sink goes on with the settings that it was made with.
    assertThat(daemon.change(configuration(GUARDED))).isEqualTo("nothing has changed");
    return daemon;
  }

  @Test
  void aSinkThatHasReadItsTokenAgainIsLeftAloneByAReload() throws Exception {
    Daemon daemon = guarded();
    admitted = "new";
    Files.writeString(directory.resolve("token"), "new");
    source.emit(Events.numbered(3));
    submitter.awaitDelivered(3);
    assertThat(refusals).hasValue(1);

    assertThat(daemon.change(configuration(GUARDED))).isEqualTo("nothing has changed");

    assertThat(closedGuards).hasValue(0);
    daemon.stop();
  }

  @Test
  void aSinkThatHasReadAWrongTokenIsMadeAnewWhenItsFileIsAsBefore() throws Exception {
    Daemon daemon = guarded();
    admitted = "nobody";
    Files.writeString(directory.resolve("token"), "wrong");
    source.emit(Events.numbered(3));
    // The token was read again before the second one, and is not before the third in a minute.
    Await.until("the second refusal", () -> refusals.get() == 2);
    admitted = "old";
    Files.writeString(directory.resolve("token"), "old");

    assertThat(daemon.change(configuration(GUARDED))).isEqualTo("sinks changed: b");
    assertThat(daemon.change(configuration(GUARDED))).isEqualTo("nothing has changed");

    submitter.awaitDelivered(3);
    assertThat(closedGuards).hasValue(1);
    daemon.stop();
  }

  @Test
  void theStorageIsOpenedWhereTheConfigurationSays() throws Exception {
    List<Path> opened = new ArrayList<>();
    Daemon daemon =
        Daemon.build(
            configuration(CONFIGURATION),
            adapters,
            (place, time) -> {
              opened.add(place);
              return storage;
            },
            TimeSource.system());
    assertThat(opened).containsExactly(directory.resolve("here"));
    daemon.stop();
  }

  @Test
  void aRelayThatFailsIsAnInternalFailure() throws Exception {
    Daemon daemon = daemon();
    daemon.start();
    source.fail(new IllegalStateException("a bug"));
    assertThat(daemon.awaitEnd()).isEqualTo(ExitCode.INTERNAL);
  }

  @Test
  void anAdapterThatRefusesItsSettingsIsAProblemOfTheConfigurationAndTouchesNoFile()
      throws Exception {
    Configuration configuration = configuration(CONFIGURATION + "    mood: ${env:MOOD}\n");
    assertThatThrownBy(
            () ->
                Daemon.build(
                    configuration,
                    adapters,
                    (place, time) -> {
                      throw new AssertionError("opened");
                    },
                    TimeSource.system()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageEndingWith("pop.yaml:4: sinks.b: is in the mood \"${env:MOOD}\"; write none");
  }

  @Test
  void aStorageThatAnotherProcessOwnsIsSaidAsItIs() {
    assertThatThrownBy(
            () ->
                Daemon.build(
                    configuration(CONFIGURATION),
                    adapters,
                    (place, time) -> {
                      throw new StorageInUse("owned by 42");
                    },
                    TimeSource.system()))
        .isInstanceOf(StorageInUse.class)
        .hasMessage("owned by 42");
  }

  @Test
  void aFolderOfASinkThatCannotBeUsedIsAProblemOfTheSpoolsDirectory() throws Exception {
    Configuration configuration = configuration(CONFIGURATION);
    Files.createDirectories(directory.resolve("here"));
    Files.createFile(directory.resolve("here/b"));
    Daemon daemon = Daemon.build(configuration, adapters);
    assertThatThrownBy(daemon::start)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("pop.yaml:1: spool.directory: ")
        .hasMessageEndingWith("here/b is not a directory; remove it, or name another");
  }

  @Test
  void aSpoolWithoutASinkIsReported() throws Exception {
    storage.openDeadLetters("old").close();
    try (LogLines heard = LogLines.of(Daemon.class.getName())) {
      Daemon daemon = daemon();
      daemon.start();
      daemon.stop();
      assertThat(heard.lines()).hasSize(1);
      assertThat(heard.at(Level.WARNING))
          .singleElement()
          .asString()
          .startsWith("sink old: is not in ")
          .contains(directory.resolve("here").resolve("old") + " holds what was kept for it");
    }
  }

  @Test
  void theStatusEndpointAnswersWhileTheRelayRuns() throws Exception {
    Daemon daemon =
        Daemon.build(
            configuration(CONFIGURATION + "ops: {listen: '127.0.0.1:0'}\n"),
            adapters,
            (place, time) -> storage,
            TimeSource.system());
    HttpRequest ready =
        HttpRequest.newBuilder(URI.create(daemon.page().orElseThrow() + "ready")).build();
    HttpClient client = HttpClient.newHttpClient();
    assertThat(client.send(ready, BodyHandlers.ofString()).statusCode()).isEqualTo(503);
    daemon.start();
    assertThat(client.send(ready, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    daemon.stop();
    assertThatThrownBy(() -> client.send(ready, BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theTokenOfTheEndpointCanBecomeAnother() throws Exception {
    String ops = CONFIGURATION + "ops: {listen: '127.0.0.1:0', token: %s}\n";
    Daemon daemon =
        Daemon.build(
            configuration(ops.formatted("old")),
            adapters,
            (place, time) -> storage,
            TimeSource.system());
    daemon.start();
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest.Builder asking =
        HttpRequest.newBuilder(URI.create(daemon.page().orElseThrow() + "live"));
    HttpRequest old = asking.setHeader("Authorization", "Bearer old").build();
    HttpRequest other = asking.setHeader("Authorization", "Bearer new").build();
    assertThat(client.send(old, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    assertThat(daemon.change(configuration(ops.formatted("new")))).isEqualTo("ops changed");
    assertThat(client.send(old, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
    assertThat(client.send(other, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    daemon.stop();
  }

  /** 127.1 leads to this machine, and does not look like it. */
  @Test
  void aTokenThatCanBeGuessedIsWarnedOfAndEveryOneIsServed() throws Exception {
    String ops = CONFIGURATION + "ops: {listen: '127.1:0', token: %s}\n";
    try (LogLines heard = LogLines.of(Daemon.class.getName())) {
      Daemon daemon =
          Daemon.build(
              configuration(ops.formatted("short")),
              adapters,
              (place, time) -> storage,
              TimeSource.system());
      daemon.start();
      HttpRequest status =
          HttpRequest.newBuilder(
                  URI.create(
                      daemon.page().orElseThrow().replace("127.1:", "127.0.0.1:") + "status"))
              .header("Authorization", "Bearer short")
              .build();
      HttpClient client = HttpClient.newHttpClient();
      assertThat(client.send(status, BodyHandlers.ofString()).body()).contains("\"token-weak\"");
      assertThat(heard.at(Level.WARNING))
          .singleElement()
          .asString()
          .startsWith("ops.token: is shorter than 16 characters");

      daemon.change(configuration(ops.formatted("a-token-that-is-long-enough")));
      HttpRequest again =
          HttpRequest.newBuilder(status.uri())
              .header("Authorization", "Bearer a-token-that-is-long-enough")
              .build();
      assertThat(client.send(again, BodyHandlers.ofString()).body())
          .doesNotContain("token-weak")
          .contains("\"troubles\"");
      daemon.change(configuration(ops.formatted("small")));
      assertThat(heard.at(Level.WARNING)).as("when it was changed").hasSize(2);
      daemon.stop();
    }
  }

  @Test
  void anAddressThatIsTakenIsWarnedOfAndTheRelayRunsWithoutIt() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LogLines heard = LogLines.of(Listening.class.getName())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      Daemon daemon =
          Daemon.build(
              configuration(CONFIGURATION + "ops: {listen: '" + address + "'}\n"),
              adapters,
              (place, time) -> storage,
              TimeSource.system());
      daemon.start();
      source.connect("player").emit(Events.numbered(0, 3));
      submitter.awaitDelivered(3);
      assertThat(daemon.page()).isEmpty();
      assertThat(heard.at(Level.WARNING))
          .singleElement()
          .asString()
          .startsWith("ops.listen: " + address + " cannot be listened on (Address already in use)")
          .contains("the relay runs meanwhile");
      daemon.stop();
    }
  }

  @Test
  void thePageIsWhereTheDaemonSaysAndKnowsTheLastPlays() throws Exception {
    Daemon daemon =
        Daemon.build(
            configuration(CONFIGURATION + "ops: {listen: '127.0.0.1:0'}\n"),
            adapters,
            (place, time) -> storage,
            TimeSource.system());
    try {
      daemon.start();
      source.connect("player").emit(Events.numbered(0, 3));
      String page = daemon.page().orElseThrow();
      assertThat(get(page)).startsWith("<!doctype html>");
      String last = "\"uuid\" : \"" + Events.number(2).uuid() + "\"";
      String verdict = "\"verdict\" : \"delivered\"";
      // The backend has the events a moment before the relay tells anybody of it.
      Await.until(
          "the plays and their verdict",
          () -> Stream.of(last, verdict).allMatch(get(page + "status")::contains));
      assertThat(get(page + "status")).contains("\"spoolLimitBytes\" : 268435456");
    } finally {
      daemon.stop();
    }
  }

  private static String get(String address) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString())
        .body();
  }

  @Test
  void nothingIsMadeThatTheModuleDoesNotName() throws Exception {
    Injector injector =
        Guice.createInjector(
            Stage.PRODUCTION,
            new RelayModule(
                configuration(CONFIGURATION),
                adapters,
                (place, time) -> storage,
                Set.of(),
                TimeSource.system()));
    assertThatThrownBy(() -> injector.getInstance(ArrayList.class))
        .hasMessageContaining("Explicit bindings are required");
  }
}
