package io.proofofplay.runner.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.plugin.Plugins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manual tells the truth. {@code -Dpop.docs.update=true} writes its table anew. */
final class ManualTest {

  private static final Path MANUAL = Path.of("../docs/configuration.md");
  private static final String BEGIN = "<!-- settings: begin -->\n\n";
  private static final String END = "<!-- settings: end -->";

  @Test
  void theTableOfSettingsIsWhatTheProgramTakes(@TempDir Path nowhere) throws Exception {
    String manual = Files.readString(MANUAL);
    int begin = manual.indexOf(BEGIN) + BEGIN.length();
    int end = manual.indexOf(END);
    String table = ManualTable.of(Plugins.load(nowhere));
    if (Boolean.getBoolean("pop.docs.update")) {
      Files.writeString(MANUAL, manual.substring(0, begin) + table + manual.substring(end));
      return;
    }
    assertThat(manual.substring(begin, end))
        .as("docs/configuration.md is stale; -Dpop.docs.update=true writes it anew")
        .isEqualTo(table);
  }

  @Test
  void everyExampleInTheManualIsAccepted(@TempDir Path directory) throws Exception {
    Matcher example =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(MANUAL));
    Files.writeString(directory.resolve("token"), "Bearer abc\n");
    Surroundings surroundings =
        new Surroundings(
            directory,
            Map.of("POP_AUTHORIZATION", "Bearer abc", "OPS_TOKEN", "a long token of the tests"));
    int count = 0;
    for (; example.find(); count++) {
      Files.writeString(directory.resolve("pop.yaml"), example.group(1));
      Configuration.load(Optional.empty(), surroundings, Plugins.load(directory));
    }
    assertThat(count).isGreaterThan(1);
  }
}
