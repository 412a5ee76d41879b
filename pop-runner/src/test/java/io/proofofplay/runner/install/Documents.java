package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documents, where an operator has them. */
final class Documents {

  /** What somebody needs who is called because of a play that is missing. */
  private static final List<String> WANTED =
      List.of(
          "docs/operations.md",
          "docs/looking-inside.md",
          "docs/configuration.md",
          "docs/installing.md",
          "docs/audit.md",
          "docs/receiving.md",
          "docs/guarantees.md",
          "deploy/alerts.yml",
          "deploy/grafana-dashboard.json");

  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#\\s]+)");

  private Documents() {}

  /** All that is wanted is in a folder, and whatever one of them refers to is there. */
  static void areWhole(Path folder) throws IOException {
    assertThat(WANTED).allSatisfy(each -> assertThat(folder.resolve(each)).isRegularFile());
    List<String> lost = new ArrayList<>();
    int links = 0;
    for (String part : List.of("docs", "deploy", "examples")) {
      for (Path file : markdown(folder.resolve(part))) {
        for (MatchResult link : LINK.matcher(Files.readString(file)).results().toList()) {
          links++;
          if (!Files.exists(file.resolveSibling(link.group(1)))) {
            lost.add(folder.relativize(file) + ": " + link.group(1));
          }
        }
      }
    }
    assertThat(lost).isEmpty();
    assertThat(links).isGreaterThan(50);
  }

  private static List<Path> markdown(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".md")).toList();
    }
  }
}
