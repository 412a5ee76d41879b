package io.proofofplay.runner.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.Surroundings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PluginsTest {

  @TempDir private Path home;
  @TempDir private Path scratch;
  private Path folder;

  @BeforeEach
  void name() {
    folder = home.resolve("plugins");
  }

  private List<String> problems() {
    return catchThrowableOfType(ConfigurationException.class, () -> Plugins.load(home))
        .problems()
        .stream()
        .map(problem -> problem.replace(folder + "/", ""))
        .toList();
  }

  private PluginJar plugin() throws Exception {
    return new PluginJar(scratch);
  }

  @Test
  void withoutAFolderThereAreTheProgramsOwnTypes() throws Exception {
    assertThat(Plugins.load(home).sources()).containsOnlyKeys("infobeamer");
    assertThat(Plugins.load(home).sinks()).containsOnlyKeys("http");
  }

  @Test
  void aJarAddsItsTypeWithItsSettings() throws Exception {
    plugin()
        .provider("Tape", "\"tape\"", "@Setting(value = \"which\", max = \"3\") Integer reel")
        .write(folder.resolve("tape.jar"));
    assertThat(Plugins.load(home).sinks()).containsKey("tape");
    Files.writeString(
        home.resolve("pop.yaml"), "sources: {}\nsinks:\n  t:\n    type: tape\n    reel: 4\n");
    assertThat(
            catchThrowableOfType(
                    ConfigurationException.class,
                    () ->
                        Configuration.load(
                            Optional.empty(), new Surroundings(home, Map.of()), Plugins.load(home)))
                .problems())
        .last()
        .asString()
        .endsWith("pop.yaml:5: sinks.t.reel: \"4\" is above 3; write 10 (at most 3)");
  }

  @Test
  void whatIsNoJarByItsNameIsLeftAlone() throws Exception {
    Files.createDirectory(folder);
    Files.writeString(folder.resolve("readme.txt"), "put jars here");
    assertThat(Plugins.load(home).sources()).containsOnlyKeys("infobeamer");
    assertThat(Plugins.load(home).sinks()).containsOnlyKeys("http");
  }

  @Test
  void aFileThatIsNoJarIsSaid() throws Exception {
    Files.createDirectory(folder);
    Files.writeString(folder.resolve("broken.jar"), "<html>404</html>");
    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith("broken.jar: is not a jar (")
        .endsWith("); replace it, or take it out");
  }

  @Test
  void twoProvidersOfOneTypeAreBothNamed() throws Exception {
    plugin().provider("One", "\"tape\"", "").write(folder.resolve("a.jar"));
    plugin().provider("Two", "\"tape\"", "").write(folder.resolve("b.jar"));
    assertThat(problems())
        .containsExactly(
            "the type tape is claimed twice, by acme.One (a.jar) and by acme.Two (b.jar); take one"
                + " out");
  }

  @Test
  void twoJarsWithOneProviderAreBothNamed() throws Exception {
    plugin().provider("Tape", "\"tape\"", "").write(folder.resolve("tape-1.jar"));
    plugin().provider("Tape", "\"tape\"", "").write(folder.resolve("tape-2.jar"));
    assertThat(problems())
        .containsExactly(
            "the provider acme.Tape stands twice, in tape-1.jar and in tape-2.jar; take one out");
  }

  @Test
  void aJarThatHoldsTheClassWithoutAnnouncingItIsNamedToo() throws Exception {
    plugin().provider("Tape", "\"tape\"", "").write(folder.resolve("b.jar"));
    plugin()
        .source("Tape", "package acme; public final class Tape {}")
        .write(folder.resolve("a.jar"));
    assertThat(problems())
        .contains("the provider acme.Tape stands twice, in a.jar and in b.jar; take one out");
  }

  @Test
  void aProviderOfTheProgramsOwnIsNotReplacedByAJar() throws Exception {
    plugin()
        .announce("io.proofofplay.sink.http.HttpSubmitterProvider")
        .source(
            "../io/proofofplay/sink/http/HttpSubmitterProvider",
            "package io.proofofplay.sink.http; public final class HttpSubmitterProvider {}")
        .write(folder.resolve("http.jar"));
    assertThat(problems())
        .containsExactly(
            "the provider io.proofofplay.sink.http.HttpSubmitterProvider stands twice, in the"
                + " program itself and in http.jar; take one out");
  }

  @Test
  void aMissingClassIsSaidWithItsJar() throws Exception {
    plugin().announce("acme.Gone").write(folder.resolve("gone.jar"));
    plugin().provider("Tape", "\"tape\"", "").write(folder.resolve("whole.jar"));
    assertThat(problems())
        .containsExactly(
            "gone.jar: cannot be used: io.proofofplay.core.spi.SubmitterProvider: Provider"
                + " acme.Gone not found; replace it, or take it out");
  }

  @Test
  void aClassThatIsNoProviderIsSaidWithItsJar() throws Exception {
    plugin()
        .source("Other", "package acme; public final class Other {}")
        .announce("acme.Other")
        .write(folder.resolve("other.jar"));
    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith("other.jar: cannot be used: ")
        .contains("acme.Other not a subtype");
  }

  @Test
  void aProviderThatCannotBeMadeIsSaidWithItsJar() throws Exception {
    plugin()
        .source(
            "Sulky",
            """
            package acme;
            import io.proofofplay.core.spi.*;
            public final class Sulky implements SubmitterProvider<Sulky.Settings> {
              public record Settings() {}
              public Sulky() { throw new IllegalStateException("no licence"); }
              public String type() { return "sulky"; }
              public Class<Settings> configType() { return Settings.class; }
              public Submitter create(Settings settings, SinkContext context) { return null; }
            }
            """)
        .announce("acme.Sulky")
        .write(folder.resolve("sulky.jar"));
    assertThat(problems())
        .containsExactly(
            "acme.Sulky (sulky.jar): cannot be used: java.lang.IllegalStateException: no licence;"
                + " replace it, or take it out");
  }

  @Test
  void aTextInPlaceOfTheProvidersNameIsSaidWithItsJar() throws Exception {
    plugin().announce("not a class").write(folder.resolve("text.jar"));
    assertThat(problems()).singleElement().asString().startsWith("text.jar: cannot be used: ");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "null | acme.Odd (odd.jar): its type \"null\" is not 1 to 64 of the characters a-z 0-9 -",
        "\"A b\" | acme.Odd (odd.jar): its type \"A b\" is not 1 to 64 of the characters a-z 0-9 -",
      })
  void aTypeThatNobodyCouldWriteIsSaid(String type, String problem) throws Exception {
    plugin().provider("Odd", type, "").write(folder.resolve("odd.jar"));
    assertThat(problems()).containsExactly(problem);
  }

  @Test
  void aSettingThatIsTheRelaysIsSaid() throws Exception {
    plugin().provider("Tape", "\"tape\"", "int timeout").write(folder.resolve("tape.jar"));
    assertThat(problems())
        .containsExactly(
            "acme.Tape (tape.jar): its setting timeout is the relay's own; it needs another name");
  }
}
