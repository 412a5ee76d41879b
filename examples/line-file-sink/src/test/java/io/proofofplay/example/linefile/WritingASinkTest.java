package io.proofofplay.example.linefile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/writing-a-sink.md} shows this module's files as they are. */
class WritingASinkTest {

  private static final Path MODULE = Path.of("").toAbsolutePath();
  private static final Path DOCUMENT = MODULE.resolve("../../docs/writing-a-sink.md");
  private static final String FROM = "<!-- from ";
  private static final String FENCE = "```";

  /** A block of code, and the file that the line above it names; empty if it names none. */
  private record Block(int line, String file, String code) {}

  @Test
  void everyPieceOfCodeIsInTheFileThatItIsSaidToBeFrom() throws IOException {
    List<Block> blocks = blocks();

    assertThat(blocks.stream().filter(block -> !block.file().isEmpty()))
        .hasSizeGreaterThanOrEqualTo(10)
        .allSatisfy(
            block ->
                assertThat(Files.readString(MODULE.resolve(block.file())))
                    .as("%s, the block at line %d", DOCUMENT.normalize(), block.line())
                    .contains(block.code()));
  }

  @Test
  void everyFileOfTheSinkIsShown() throws IOException {
    assertThat(blocks())
        .extracting(Block::file)
        .contains(
            "src/main/java/io/proofofplay/example/linefile/LineFileSubmitter.java",
            "src/main/java/io/proofofplay/example/linefile/LineFileConfig.java",
            "src/main/java/io/proofofplay/example/linefile/LineFileProvider.java",
            "src/main/resources/META-INF/services/io.proofofplay.core.spi.SubmitterProvider",
            "src/test/java/io/proofofplay/example/linefile/LineFileSubmitterTest.java",
            "pop.yaml",
            "pom.xml");
  }

  @Test
  void theNamesInTheTextExist() throws IOException {
    String text = Files.readString(DOCUMENT);

    assertThat(text).contains("`BrokenSinkTest`", "`su8_theAttemptAfterAFailureIsDelivered`");
    assertThat(BrokenSinkTest.class.getSimpleName()).isEqualTo("BrokenSinkTest");
    assertThat(LineFileSubmitterTest.class.getMethods())
        .extracting("name")
        .contains("su8_theAttemptAfterAFailureIsDelivered");
  }

  private static List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    List<String> lines = Files.readAllLines(DOCUMENT);
    int at = 0;
    while (at < lines.size()) {
      if (!lines.get(at).startsWith(FENCE)) {
        at++;
        continue;
      }
      String above = at == 0 ? "" : lines.get(at - 1);
      String file =
          above.startsWith(FROM)
              ? above.substring(FROM.length(), above.indexOf(" -->")).strip()
              : "";
      int first = at + 1;
      at = first;
      StringBuilder code = new StringBuilder();
      while (!lines.get(at).equals(FENCE)) {
        code.append(lines.get(at)).append('\n');
        at++;
      }
      blocks.add(new Block(first, file, code.toString()));
      at++;
    }
    return blocks;
  }
}
