package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SpoolBenchmarkTest {

  private static final FileTime LONG_AGO = FileTime.fromMillis(0);

  private final SpoolBenchmark benchmark = new SpoolBenchmark();

  @BeforeEach
  void open() throws IOException {
    benchmark.open();
  }

  @AfterEach
  void close() throws IOException {
    benchmark.close();
  }

  private String written(String spool) throws IOException {
    try (Stream<Path> files = Files.list(benchmark.directory().resolve(spool))) {
      StringBuilder text = new StringBuilder();
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        text.append(file.getFileName()).append(' ').append(Files.size(file)).append(' ');
        text.append(Files.getLastModifiedTime(file)).append('\n');
      }
      return text.toString();
    }
  }

  @Test
  void whatIsMeasuredInMemoryWritesNothing() throws IOException {
    String before = written("memory");
    Path folder = untouched("memory");

    for (int i = 0; i < 10; i++) {
      assertThat(benchmark.inMemory().size()).isEqualTo(Scenario.BATCH);
    }

    assertThat(written("memory")).isEqualTo(before);
    assertThat(Files.getLastModifiedTime(folder)).as("no file came and went").isEqualTo(LONG_AGO);
  }

  /** A folder that has another time as soon as a file in it comes or goes. */
  private Path untouched(String spool) throws IOException {
    return Files.setLastModifiedTime(benchmark.directory().resolve(spool), LONG_AGO);
  }

  @Test
  void whatIsMeasuredOnDiskIsAWholeBatch() throws IOException {
    Path folder = untouched("forced");
    assertThat(benchmark.onDisk().size()).isEqualTo(Scenario.BATCH);
    assertThat(Files.getLastModifiedTime(folder)).isNotEqualTo(LONG_AGO);
    assertThat(benchmark.onDiskForcedTwice().size()).isEqualTo(Scenario.BATCH);
  }
}
