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

/** The page of guarantees names tests that exist and run. */
final class GuaranteesTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern NAMED =
      Pattern.compile("`([A-Z]\\w+(?:Test|IT|Contract))(?:\\.(\\w+))?`");

  /** What makes JUnit, or jqwik, run a method. */
  private static final Pattern RUNS =
      Pattern.compile(
          "^ +@(Test|ParameterizedTest|RepeatedTest|TestFactory|Property|Example)\\b",
          Pattern.MULTILINE);

  private static final Pattern OFF = Pattern.compile("^ *@Disabled\\b", Pattern.MULTILINE);

  /** Whether a class has a test that runs. */
  private static boolean hasTests(String source) {
    return RUNS.matcher(source).find() && !OFF.matcher(source).find();
  }

  /** Whether a method is a test that runs: what makes it one stands right before it. */
  private static boolean hasTest(String source, String name) {
    Matcher method =
        Pattern.compile(
                "^ +(?:public |protected |default |final )*void " + name + "\\(", Pattern.MULTILINE)
            .matcher(source);
    while (method.find()) {
      String before = source.substring(0, method.start());
      String annotations = before.substring(before.lastIndexOf("\n\n") + 1);
      if (hasTests(annotations) && !isOff(before)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the class itself is. */
  private static boolean isOff(String before) {
    return Pattern.compile("^@Disabled\\b", Pattern.MULTILINE).matcher(before).find();
  }

  @Test
  void whatIsNotRunIsNoTest() {
    String test =
        """
        class ATest {

          /** Says why. */
          @Test
          void isOne() {}
        """;
    assertThat(hasTest(test, "isOne")).isTrue();
    assertThat(hasTests(test)).isTrue();
    assertThat(
            hasTest(
                """
                class ATest {

                  @ParameterizedTest
                  @ValueSource(ints = {1, 2})
                  @Tag("long")
                  void isOne(int each) {}
                """,
                "isOne"))
        .isTrue();
    assertThat(hasTest(test, "isOn")).isFalse();
    assertThat(hasTest(test + "\n  void helps() {}\n", "helps")).isFalse();
    assertThat(hasTest(test.replace("  void", "  // void"), "isOne")).isFalse();
    assertThat(hasTest(test.replace("  @Test", "  // @Test"), "isOne")).isFalse();
    assertThat(hasTest(test.replace("  void", "  private void"), "isOne")).isFalse();
    for (String off :
        List.of(
            test.replace("  @Test", "  @Disabled(\"later\")\n  @Test"),
            test.replace("  void", "  @Disabled\n  void"),
            test.replace("class", "@Disabled\nclass"))) {
      assertThat(hasTest(off, "isOne")).as(off).isFalse();
      assertThat(hasTests(off)).as(off).isFalse();
    }
  }

  @Test
  void everyTestThatIsNamedExistsAndRuns() throws IOException {
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
      String source = sources.getOrDefault(test.group(1), "");
      boolean runs = test.group(2) == null ? hasTests(source) : hasTest(source, test.group(2));
      if (!runs) {
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
