package io.proofofplay.runner.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.RetryPolicy;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.model.WhenFull;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RelayConfigTest {

  private static final String SOURCES = "sources: {s: {type: ticker}}\n";
  private static final String SINKS = "sinks: {b: {type: http, url: 'https://example.org/'}}\n";

  @TempDir private Path directory;
  private Desk desk;

  @BeforeEach
  void sit() {
    desk = new Desk(directory);
  }

  @Test
  void theDefaultsOfASinkAreTheContracts() throws Exception {
    Delivery delivery = desk.file("pop.yaml", SOURCES + SINKS).load().sinks().get("b").delivery();
    assertThat(delivery)
        .isEqualTo(
            new Delivery(
                Duration.ofSeconds(30),
                new BatchPolicy(500, ByteSize.ofKiB(512), Duration.ofSeconds(10)),
                new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(60), 2.0, 0.5),
                new SpoolPolicy(
                    Durability.WRITE_AHEAD,
                    Duration.ofSeconds(1),
                    ByteSize.ofMiB(256),
                    WhenFull.BLOCK,
                    Duration.ofSeconds(10))));
  }

  @Test
  void everyKeyOfTheRelayIsRead() throws Exception {
    RelayConfig config =
        desk.file(
                "pop.yaml",
                """
                spool:
                  directory: /var/spool/pop
                sources:
                  lobby: {type: ticker, host: 10.0.0.7, port: 4445}
                  hall: {type: infobeamer}
                sinks:
                  billing:
                    type: http
                    url: https://example.org/pop
                    timeout: 5s
                    batch: {maxEvents: 7, maxBytes: 2KiB, minInterval: 0s, minPause: 8s}
                    retry: {initial: 2s, max: 3s, multiplier: 1.5, jitter: 0}
                    spool: {durability: on-failure, interval: 4s, maxBytes: 1MiB,
                            whenFull: drop-oldest, maxBlock: 6s, maxAge: 7d}
                ops:
                  listen: 0.0.0.0:9464
                  token: ${env:OPS}
                """)
            .with("OPS", "sesame, open please")
            .load();
    assertThat(config.spool().directory()).isEqualTo(Path.of("/var/spool/pop"));
    assertThat(config.sources().keySet()).containsExactly("lobby", "hall");
    assertThat(config.sources().get("lobby"))
        .isEqualTo(new SourceConfig("ticker", new Desk.Ticker("10.0.0.7", 4445)));
    assertThat(config.sinks().get("billing").type()).isEqualTo("http");
    assertThat(config.sinks().get("billing").delivery())
        .isEqualTo(
            new Delivery(
                Duration.ofSeconds(5),
                new BatchPolicy(7, ByteSize.ofKiB(2), Duration.ZERO, Duration.ofSeconds(8)),
                new RetryPolicy(Duration.ofSeconds(2), Duration.ofSeconds(3), 1.5, 0.0),
                new SpoolPolicy(
                    Durability.ON_FAILURE,
                    Duration.ofSeconds(4),
                    ByteSize.ofMiB(1),
                    WhenFull.DROP_OLDEST,
                    Duration.ofSeconds(6),
                    Duration.ofDays(7))));
    assertThat(config.ops())
        .contains(new OpsConfig("0.0.0.0:9464", Secret.of("sesame, open please")));
    assertThat(config.ops().orElseThrow().host()).isEqualTo("0.0.0.0");
    assertThat(config.ops().orElseThrow().port()).isEqualTo(9464);
  }

  @Test
  void theSpoolsPlaceIsScratchIfThereIsOneElseHere() throws Exception {
    desk.file("pop.yaml", SOURCES + SINKS);
    assertThat(desk.load().spool().directory()).isEqualTo(Path.of("./spool"));
    desk.with("SCRATCH", "/scratch");
    assertThat(desk.load().spool().directory()).isEqualTo(Path.of("/scratch/pop"));
    desk.file("pop.yaml", SOURCES + SINKS + "spool: {}");
    assertThat(desk.load().spool().directory()).isEqualTo(Path.of("/scratch/pop"));
    desk.file("pop.yaml", SOURCES + SINKS + "spool: {directory: here}");
    assertThat(desk.load().spool().directory()).isEqualTo(directory.resolve("here"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "sinks: {b: {type: http}} | sinks.b.url: is missing; write https://example.org/pop",
        "sinks: {b: {url: 'http://h'}} | sinks.b.type: is missing; write http or telegraph",
        "sinks: {b: {type: htp}} | sinks.b.type: \"htp\" is not a type of sink; did you mean http?",
        "sinks: {b: {type: kafka}} | sinks.b.type: \"kafka\" is not a type of sink; known: http, telegraph",
        "sinks: {b: {type: [http]}} | sinks.b.type: is a list; write http or telegraph",
        "sinks: {b: http} | sinks.b: is a single value, not a section; below it belong type, the settings of that type",
        "sinks: {} | sinks: is empty; write at least one sink",
        "sinks: ~ | sinks: is missing; write at least one sink",
        "sinks: [b] | sinks: is a list, not a section; below it belong the sinks by their names",
        "sinks: {b c: {type: http, url: 'http://h'}} | sinks.b c: is not a name; write 1 to 64 of the characters A-Z a-z 0-9 _ -",
        "sinks: {b: {type: http, url: 'http://h', timout: 3s}} | sinks.b.timout: is not a setting; did you mean timeout?",
        "sinks: {b: {type: http, url: 'http://h', zeal: 3}} | sinks.b.zeal: is not a setting; known: type, timeout, batch, retry, spool, url, authorization",
        "sinks: {b: {type: http, url: 'http://h', timeout: 3}} | sinks.b.timeout: \"3\" is not a duration; write 30s (100ms to 1h, default 30s)",
        "sinks: {b: {type: http, url: 'http://h', batch: {max_events: 3}}} | sinks.b.batch.max_events: is not a setting; did you mean maxEvents?",
        "sinks: {b: {type: http, url: 'http://h', retry: {max: 10ms}}} | sinks.b.retry.max: is shorter than initial; write at least that",
        "sinks: {b: {type: http, url: 'http://h', spool: {durability: writeahead}}} | sinks.b.spool.durability: \"writeahead\" is none of write-ahead, interval, on-failure; write write-ahead, interval or on-failure (default write-ahead)",
        "sinks: {b: {type: http, url: 'http://h', batch: {maxBytes: 2MiB}, spool: {maxBytes: 1MiB}}} | sinks.b.spool.maxBytes: 1MiB is less than one batch (batch.maxBytes is 2MiB); write at least that",
      })
  void aWrongSinkIsSaid(String sinks, String problem) throws Exception {
    assertThat(desk.file("pop.yaml", SOURCES + sinks + "\n").problems())
        .containsExactly("pop.yaml:2: " + problem);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "sources: {a: {type: tickr}} | sources.a.type: \"tickr\" is not a type of source; did you mean ticker?",
        "sources: {a: {type: ticker, prt: 1}} | sources.a.prt: is not a setting; did you mean port?",
        "sources: {a: {type: ticker, port: 0}} | sources.a.port: \"0\" is below 1; write 4444 (1 to 65535, default 4444)",
        "sources: {a: {type: ticker}, A: {type: ticker}} | sources.A: differs from a only in upper and lower case; rename one",
        "source: {a: {type: ticker}} | source: is not a setting; did you mean sources?",
      })
  void aWrongSourceIsSaid(String sources, String problem) throws Exception {
    assertThat(desk.file("pop.yaml", SINKS + sources + "\n").problems())
        .contains("pop.yaml:2: " + problem);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "spool: {dir: x} | spool.dir: is not a setting; known: directory",
        "spool: here | spool: is a single value, not a section; below it belong directory",
        "spool: {directory: [x]} | spool.directory: is a list, not a single value; write ./spool (default ./spool)",
        "ops: {} | ops.listen: is missing; write 127.0.0.1:9464",
        "ops: {listen: 9464} | ops.listen: \"9464\" is not an address and a port; write 127.0.0.1:9464",
        "ops: {listen: 'localhost:99999'} | ops.listen: \"localhost:99999\" is not an address and a port; write 127.0.0.1:9464",
        "ops: {listen: '0.0.0.0:9464'} | ops.listen: \"0.0.0.0:9464\" can be reached from other machines; add a token, or write 127.0.0.1:9464",
        "ops: {listen: '127.0.0.1:9464', token: \"a\\nb\"} | ops.token: holds a character that no header carries to the relay; write printable ASCII, without a blank at either end",
        "ops: {listen: '127.0.0.1:9464', token: 'schlüssel'} | ops.token: holds a character that no header carries to the relay; write printable ASCII, without a blank at either end",
        "ops: {listen: '0.0.0.0:9464', token: ''} | ops.listen: \"0.0.0.0:9464\" can be reached from other machines; add a token, or write 127.0.0.1:9464",
      })
  void aWrongPlaceOrEndpointIsSaid(String section, String problem) throws Exception {
    assertThat(desk.file("pop.yaml", SOURCES + SINKS + section + "\n").problems())
        .containsExactly("pop.yaml:3: " + problem);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:0", "localhost:9464", "'[::1]:9464'"})
  void theLoopbackNeedsNoToken(String listen) throws Exception {
    desk.file("pop.yaml", SOURCES + SINKS + "ops: {listen: '" + listen + "'}");
    assertThat(desk.load().ops().flatMap(OpsConfig::secret)).isEmpty();
    assertThat(desk.load().ops().map(OpsConfig::host).orElseThrow()).doesNotContain("[");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:9464, a23456789012345, true",
    "'[::]:9464', short, true",
    "0.0.0.0:9464, a234567890123456, false",
    "127.0.0.1:9464, short, false",
    "'[::1]:9464', short, false"
  })
  void aTokenThatOthersMayGuessIsSaidAndRunsNevertheless(String listen, String token, boolean weak)
      throws Exception {
    desk.file(
        "pop.yaml", SOURCES + SINKS + "ops: {listen: '" + listen + "', token: " + token + "}");
    assertThat(desk.load().ops().orElseThrow().weakness())
        .isEqualTo(
            weak
                ? Optional.of(
                    "ops.token: is shorter than 16 characters, and \""
                        + listen
                        + "\" can be reached by those who guess; write a random one, such as"
                        + " openssl rand -hex 16 prints")
                : Optional.empty());
  }
}
