package io.proofofplay.runner.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationFileTest {

  @TempDir private Path directory;
  private Desk desk;

  @BeforeEach
  void sit() {
    desk = new Desk(directory);
  }

  @Test
  void theSmallestConfigurationThatIsShownToPeopleWorks() throws Exception {
    RelayConfig config = desk.file("pop.yaml", Configuration.SMALLEST).load();
    assertThat(config.sources()).containsOnlyKeys("player");
    assertThat(config.sinks()).containsOnlyKeys("backend");
    assertThat(config.ops()).isEmpty();
  }

  @Test
  void jsonSaysTheSameAsYaml() throws Exception {
    desk.file("pop.yaml", Configuration.SMALLEST)
        .file(
            "other.json",
            "{\"sources\": {\"player\": {\"type\": \"infobeamer\"}}, \"sinks\": {\"backend\":"
                + " {\"type\": \"http\", \"url\": \"https://example.org/pop\"}}}");
    assertThat(desk.load("other.json")).isEqualTo(desk.load());
  }

  @ParameterizedTest
  @CsvSource({"pop.YML", "pop.yaml"})
  void theExtensionSaysTheLanguage(String name) throws Exception {
    assertThat(desk.file(name, Configuration.SMALLEST).problems(name)).isEmpty();
  }

  @Test
  void aByteOrderMarkIsNoTrouble() throws Exception {
    assertThat(desk.file("pop.yaml", '\uFEFF' + Configuration.SMALLEST).problems()).isEmpty();
  }

  @Test
  void anAnchorThatNobodyUsesIsNoTrouble() throws Exception {
    String text = Configuration.SMALLEST.replace("type: http", "type: &name http");
    assertThat(desk.file("pop.yaml", text).problems()).isEmpty();
  }

  @Test
  void withoutAnyConfigurationTheMessageSaysWhatToWrite() {
    assertThatThrownBy(desk::load)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(
            "no configuration: there is no pop.yaml here, and this is no info-beamer package (no"
                + " config.json, or SCRATCH is not set).\n"
                + "Name a file with --config FILE, or write a pop.yaml:\n")
        .hasMessageEndingWith(Configuration.SMALLEST);
  }

  @Test
  void aFileThatIsNotThereIsSaid() {
    assertThat(desk.problems("none.yaml"))
        .containsExactly(
            "none.yaml: does not exist; create it, or name another with --config FILE");
  }

  @Test
  void aDirectoryIsNoFile() throws Exception {
    Files.createDirectory(directory.resolve("dir.yaml"));
    assertThat(desk.problems("dir.yaml")).containsExactly("dir.yaml: is a directory; name a file");
  }

  @ParameterizedTest
  @CsvSource({"pop.toml", "pop", "json"})
  void anotherLanguageIsRefused(String name) throws Exception {
    assertThat(desk.file(name, "x").problems(name))
        .containsExactly(
            name + ": is neither YAML nor JSON by its name; name it .yaml, .yml or .json");
  }

  @Test
  void aFileOfAMegabyteIsNoConfiguration() throws Exception {
    assertThat(desk.file("pop.yaml", "#".repeat(1024 * 1024 + 1)).problems())
        .containsExactly("pop.yaml: is larger than 1MiB, as no configuration is");
  }

  @Test
  void bytesThatAreNoUtf8AreSaidWithTheirLine() throws Exception {
    byte[] latin =
        "sources:\n  s: {type: ticker}\n# M\u00fcller\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(desk.file("pop.yaml", latin).problems())
        .containsExactly("pop.yaml:3: holds bytes that are not UTF-8; save the file as UTF-8");
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      nullValues = "none",
      value = {
        "~~ | pop.yaml: is empty; write at least one source and one sink",
        "# nothing | pop.yaml: is empty; write at least one source and one sink",
        "--- | pop.yaml: is empty; write at least one source and one sink",
        "[a] | pop.yaml:1: is a list; write sections: sources, sinks",
        "hello | pop.yaml:1: is a single value; write sections: sources, sinks",
        "a: {b: 1⏎---⏎ | pop.yaml:2: is not YAML: while parsing a flow mapping, expected ',' or '}', but got",
        "a:⏎\tb: 1 | pop.yaml:2: is not YAML: a tab stands where only spaces may; indent with spaces",
        "a: [⏎ | pop.yaml:2: is not YAML: it ends before all that was begun is closed; look for a missing bracket or quote",
        "a: b: c | pop.yaml:1: is not YAML: mapping values are not allowed here",
      })
  void whatIsNoConfigurationIsSaid(String text, String problem) throws Exception {
    assertThat(desk.file("pop.yaml", text == null ? "" : text.replace('⏎', '\n')).problems())
        .singleElement()
        .asString()
        .startsWith(problem);
  }

  @Test
  void aSecondDocumentIsRefused() throws Exception {
    assertThat(desk.file("pop.yaml", Configuration.SMALLEST + "---\na: 1\n").problems())
        .singleElement()
        .asString()
        .endsWith("a second document begins here; write one");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"a\": 1 | pop.json:1: is not JSON: it ends before all that was begun is closed; look for a missing bracket or quote",
        "{\"a\": \"hunter2 | pop.json:1: is not JSON: it ends before all that was begun is closed; look for a missing bracket or quote",
        "{\"a\": hunter2} | pop.json:1: is not JSON: Unrecognized token : was expecting",
        "{\"a\": 1} {} | pop.json:1: a second document begins here; write one",
        "[] | pop.json:1: is a list; write sections: sources, sinks",
        "null | pop.json: is empty; write at least one source and one sink",
      })
  void whatIsNoJsonIsSaidWithoutQuotingIt(String text, String problem) throws Exception {
    assertThat(desk.file("pop.json", text).problems("pop.json"))
        .first()
        .asString()
        .startsWith(problem)
        .doesNotContain("hunter2");
  }

  @Test
  void aYamlErrorDoesNotQuoteTheFile() throws Exception {
    assertThat(desk.file("pop.yaml", "authorization: 'hunter2\nmore: \"hunter2\n").problems())
        .singleElement()
        .asString()
        .startsWith("pop.yaml:")
        .doesNotContain("hunter2");
  }

  @Test
  void aKeyThatStandsTwiceIsSaidWithBothLines() throws Exception {
    String text = Configuration.SMALLEST + "    url: https://example.net/\n";
    assertThat(desk.file("pop.yaml", text).problems())
        .containsExactly(
            "pop.yaml:8: sinks.backend.url: stands here for the second time, first in line 7; keep"
                + " one of the two");
  }

  @Test
  void aliasesAreRefusedAndSoNoBombCanGoOff() throws Exception {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
    }
    assertThat(desk.file("pop.yaml", bomb.toString()).problems())
        .contains("pop.yaml:2: a1[0]: aliases (*name) are not taken; write it out");
  }

  @Test
  void aDeepNestIsRefused() throws Exception {
    assertThat(desk.file("pop.json", "{\"a\":".repeat(500)).problems("pop.json"))
        .containsExactly("pop.json:1: is nested deeper than any setting");
  }

  @Test
  void aProblemOfLaterHasTheSameForm() throws Exception {
    desk.with("TOKEN", "hunter2")
        .file("pop.yaml", Configuration.SMALLEST + "    authorization: ${env:TOKEN}\n");
    Configuration configuration =
        Configuration.load(Optional.empty(), desk.surroundings(), Desk.ADAPTERS);
    assertThat(configuration.problem("sinks.backend.url", "does not suit hunter2"))
        .hasMessageEndingWith("pop.yaml:7: sinks.backend.url: does not suit ${env:TOKEN}");
    assertThat(configuration.problem("sinks.backend.tls.caFile", "is old"))
        .hasMessageEndingWith("pop.yaml:5: sinks.backend.tls.caFile: is old");
  }
}
