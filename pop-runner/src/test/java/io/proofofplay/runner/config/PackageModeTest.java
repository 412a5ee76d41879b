package io.proofofplay.runner.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.Secret;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PackageModeTest {

  @TempDir private Path directory;
  private Desk desk;

  @BeforeEach
  void sit() {
    desk = new Desk(directory).with("SCRATCH", "scratch");
  }

  @Test
  void theOptionsOfAPackageBecomeOneSourceAndOneSink() throws Exception {
    RelayConfig config =
        desk.file(
                "config.json",
                """
                {"url": "https://example.org/in", "authorization": "Bearer x", "min_interval": 12.5,
                 "__metadata": {"device_id": 1}, "__schedules": {}, "colour": "red"}
                """)
            .load();
    assertThat(config.spool().directory()).isEqualTo(directory.resolve("scratch/pop"));
    assertThat(config.sources()).containsOnlyKeys("player");
    assertThat(config.sources().get("player"))
        .isEqualTo(new SourceConfig("infobeamer", new Desk.Ticker(null, null)));
    assertThat(config.sinks()).containsOnlyKeys("backend");
    SinkConfig backend = config.sinks().get("backend");
    assertThat(backend.settings())
        .isEqualTo(new Desk.Post(URI.create("https://example.org/in"), Secret.of("Bearer x")));
    assertThat(backend.delivery().batch().minInterval()).isEqualTo(Duration.ofMillis(12_500));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"url\": \"https://example.org/in\"}",
        "{\"url\": \"https://example.org/in\", \"authorization\": \"\", \"min_interval\": null}",
        "{\"url\": \"https://example.org/in\", \"authorization\": null, \"min_interval\": \"\"}",
      })
  void whatIsMissingOrEmptyTakesItsDefault(String options) throws Exception {
    SinkConfig backend = desk.file("config.json", options).load().sinks().get("backend");
    assertThat(((Desk.Post) backend.settings()).authorization()).isNull();
    assertThat(backend.delivery()).isEqualTo(new Delivery(null, null, null, null));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | url: is missing; set it to the address that takes the events, such as https://example.org/pop",
        "{\"url\": \"\"} | url: is empty; set it to the address that takes the events, such as https://example.org/pop",
        "{\"url\": \"not an address\"} | url: \"not an address\" is not a URI; write https://example.org/pop",
        "{\"url\": {}} | url: is a section, not a single value; write https://example.org/pop",
        "{\"url\": \"http://h\", \"min_interval\": \"often\"} | min_interval: \"often\" is not a number of seconds; write 10 (0 to 86400, default 10)",
        "{\"url\": \"http://h\", \"min_interval\": -1} | min_interval: \"-1\" is not a number of seconds; write 10 (0 to 86400, default 10)",
        "{\"url\": \"http://h\", \"min_interval\": 1e999999999} | min_interval: \"1e999999999\" is not a number of seconds; write 10 (0 to 86400, default 10)",
        "{\"url\": \"http://h\", \"min_interval\": []} | min_interval: a list is not a number of seconds; write 10 (0 to 86400, default 10)",
        "[1] | is a list; write an object with url, authorization or min_interval",
        "{\"url\": \"http://h\", \"authorization\": []} | authorization: is a list, not a single value",
      })
  void aWrongOptionIsSaidUnderItsOwnName(String options, String problem) throws Exception {
    assertThat(desk.file("config.json", options).problems())
        .containsExactly("config.json:1: " + problem);
  }

  @Test
  void whatIsNoOptionOfOursMayBeAnything() throws Exception {
    String deep = "[".repeat(100) + "]".repeat(100);
    desk.file(
        "config.json",
        "{\"__metadata\": {\"a\": 1, \"a\": 2}, \"x\": 1, \"x\": %s, \"url\": \"https://h/\"}"
            .formatted(deep));
    assertThat(desk.problems()).isEmpty();
  }

  @Test
  void anOptionOfOursMustNotStandTwice() throws Exception {
    desk.file("config.json", "{\"url\": \"https://a/\", \"url\": \"https://b/\"}");
    assertThat(desk.problems())
        .containsExactly(
            "config.json:1: url: stands here for the second time, first in line 1; keep one of the"
                + " two");
  }

  @Test
  void anEmptyFileIsSaidInTheWordsOfAPackage() throws Exception {
    for (String empty : new String[] {"", "null"}) {
      desk.file("config.json", empty);
      assertThat(desk.problems())
          .containsExactly(
              "config.json: is empty; write an object with url, authorization or min_interval");
    }
  }

  @Test
  void optionsThatWereReplacedAreOutdated() throws Exception {
    desk.file("config.json", "{\"url\": \"https://a/\"}");
    Configuration configuration =
        Configuration.load(Optional.empty(), desk.surroundings(), Desk.ADAPTERS);
    assertThat(configuration.isPackage()).isTrue();
    assertThat(configuration.isOutdated()).isFalse();
    Path next = Files.writeString(directory.resolve("next"), "{\"url\": \"https://b/\"}");
    Files.delete(directory.resolve("config.json"));
    assertThat(configuration.isOutdated()).isFalse();
    Files.move(next, directory.resolve("config.json"));
    assertThat(configuration.isOutdated()).isTrue();
  }

  @Test
  void aFileOfTheOperatorsIsNeverOutdated() throws Exception {
    desk.file("pop.yaml", Configuration.SMALLEST);
    Configuration configuration =
        Configuration.load(Optional.empty(), desk.surroundings(), Desk.ADAPTERS);
    Files.writeString(directory.resolve("pop.yaml"), "changed: 1");
    assertThat(configuration.isPackage()).isFalse();
    assertThat(configuration.isOutdated()).isFalse();
  }

  @Test
  void aConfigurationFileGoesBeforeTheOptions() throws Exception {
    desk.file("config.json", "{}").file("pop.yaml", Configuration.SMALLEST);
    assertThat(desk.problems()).isEmpty();
  }

  @Test
  void optionsWithoutScratchAreNoPackage() throws Exception {
    assertThat(new Desk(directory).file("config.json", "{}").problems())
        .singleElement()
        .asString()
        .startsWith("no configuration");
  }
}
