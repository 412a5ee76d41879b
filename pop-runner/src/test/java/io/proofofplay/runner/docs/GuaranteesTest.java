package io.proofofplay.runner.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of guarantees names tests that exist. */
final class GuaranteesTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern NAMED =
      Pattern.compile("`([A-Z]\\w+(?:Test|IT|Contract))(?:\\.(\\w+))?`");

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file :
          files
              .filter(path -> path.toString().endsWith(".java"))
              .filter(path -> !path.toString().contains("/target/"))
              .toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        sources.merge(name, Files.readString(file), String::concat);
      }
    }
    List<String> missing = new ArrayList<>();
    int named = 0;
    Matcher test = NAMED.matcher(Files.readString(ROOT.resolve("docs/guarantees.md")));
    while (test.find()) {
      named++;
      String source = sources.get(test.group(1));
      if (source == null
          || (test.group(2) != null && !source.contains("void " + test.group(2) + "("))) {
        missing.add(test.group());
      }
    }
    assertThat(missing).isEmpty();
    assertThat(named).isGreaterThan(30);
  }

  @Test
  void everyKnownWayToLoseDataNamesATest() throws IOException {
    List<String> rows =
        Files.readAllLines(ROOT.resolve("docs/guarantees.md")).stream()
            .filter(line -> line.matches("\\| F\\d\\d .*"))
            .toList();

    assertThat(rows).hasSize(56);
    for (int i = 0; i < rows.size(); i++) {
      String[] cells = rows.get(i).split(" \\| ");
      assertThat(cells[0]).isEqualTo(String.format(Locale.ROOT, "| F%02d", i + 1));
      assertThat(cells).as(rows.get(i)).hasSize(4);
      assertThat(NAMED.matcher(cells[3]).find()).as(rows.get(i)).isTrue();
    }
  }
}
