package io.proofofplay.runner.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever only looks needs the place and the names, and nothing that the relay alone may see. */
final class RelayOutlineTest {

  @TempDir private Path directory;

  private RelayOutline outline() throws ConfigurationException {
    return Configuration.outline(Optional.empty(), new Desk(directory).surroundings());
  }

  private void configure(String... lines) throws Exception {
    Files.writeString(directory.resolve("pop.yaml"), String.join("\n", lines) + "\n");
  }

  @Test
  void whatALookerCannotSeeDoesNotKeepHimFromLooking() throws Exception {
    configure(
        "spool: {directory: kept}",
        "sources: {lobby: {type: a-plugin-that-no-longer-fits}}",
        "sinks:",
        "  billing:",
        "    type: http",
        "    authorization: ${env:ONLY_THE_SERVICE_HAS_IT}",
        "    headers: {X-Key: '${file:/not/there}'}",
        "    spool: {maxBytes: 1MiB}");

    RelayOutline outline = outline();
    assertThat(outline.spool().directory()).isEqualTo(directory.resolve("kept"));
    assertThat(outline.sources()).containsExactly("lobby");
    assertThat(outline.sinks()).containsOnlyKeys("billing");
    assertThat(outline.sinks().get("billing").spool().maxBytes().bytes()).isEqualTo(1 << 20);
  }

  @Test
  void aPlaceThatNobodyCanFindIsTold() throws Exception {
    configure("spool: {directory: '${env:NOBODY_HAS_IT}'}", "sources: {s: {}}", "sinks: {b: {}}");

    assertThatThrownBy(this::outline)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("spool.directory: the environment has no NOBODY_HAS_IT");
  }

  @Test
  void ofAPackageTheScratchPlaceIsEnough() throws Exception {
    Files.writeString(directory.resolve("config.json"), "{\"min_interval\": \"often\"}");

    RelayOutline outline =
        Configuration.outline(
            Optional.empty(), new Desk(directory).with("SCRATCH", "kept").surroundings());

    assertThat(outline.spool().directory()).isEqualTo(directory.resolve("kept/pop"));
    assertThat(outline.sinks()).containsOnlyKeys("backend");
  }

  @Test
  void thatOfAnInstallationIsTheLastToBeLookedFor() throws Exception {
    Path installed = directory.resolve("etc.yaml");
    Files.writeString(installed, "{sources: {s: {}}, sinks: {installed: {}}}");
    Surroundings surroundings =
        new Surroundings(directory, Map.of("SCRATCH", "kept"), Optional.of(installed));
    assertThat(Configuration.outline(Optional.empty(), surroundings).sinks())
        .containsOnlyKeys("installed");

    Files.writeString(directory.resolve("config.json"), "{}");
    assertThat(Configuration.outline(Optional.empty(), surroundings).sinks())
        .containsOnlyKeys("backend");

    configure("{sources: {s: {}}, sinks: {here: {}}}");
    assertThat(Configuration.outline(Optional.empty(), surroundings).sinks())
        .containsOnlyKeys("here");
  }

  @Test
  void anInstallationWithoutAConfigurationIsNamedAmongThePlaces() {
    Path installed = directory.resolve("etc/pop.yaml");
    Surroundings surroundings = new Surroundings(directory, Map.of(), Optional.of(installed));

    assertThatThrownBy(() -> Configuration.outline(Optional.empty(), surroundings))
        .hasMessageContaining("there is no pop.yaml here, no " + installed + ", and this is no");
  }
}
