package io.proofofplay.runner.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The whole demo, faster: real sockets, real files, the real relay. */
class DemoIT {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private List<String> told(long events, double rate) {
    Terminal terminal = Terminal.plain(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    int exit =
        new CommandLine(new DemoCommand(terminal, TimeSource.system(), events, rate)).execute();
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(exit).as(() -> String.join("\n", lines)).isZero();
    return lines;
  }

  private static Set<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return new TreeSet<>(
          files.filter(file -> file.getFileName().toString().startsWith("pop-demo-")).toList());
    }
  }

  @Test
  void theBooksBalanceAndAreTheLastLineAndNoFileStays() throws IOException {
    Set<Path> before = leftovers();
    // So slowly that the relay tries at least twice between one turn of the story and the next.
    List<String> lines = told(600, 40);
    assertThat(lines).last().isEqualTo("600 sent, 600 received, 0 lost, 0 duplicates");
    assertThat(lines)
        .anyMatch(line -> line.matches("  The relay says: .* refuses connections.*"))
        .anyMatch(line -> line.matches("    \\d+.*\\.ndjson .* KiB"))
        .anyMatch(line -> line.matches("  The relay says: .* 503\\b.*"));
    assertThat(String.join("\n", lines)).doesNotContain("\u001b");
    assertThat(leftovers()).isEqualTo(before);
  }
}
