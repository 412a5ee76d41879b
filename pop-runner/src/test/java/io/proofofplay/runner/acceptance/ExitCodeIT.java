package io.proofofplay.runner.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.acceptance.FaultyBackend.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exit codes that scripts and supervisors rely on. */
class ExitCodeIT {

  private static final String VALID =
      """
      sources:
        lobby: {type: infobeamer, port: %d}
      sinks:
        billing: {type: http, url: "%s"}
      """;

  @TempDir Path directory;

  @Test
  void whatIsDoneEndsWith0() throws Exception {
    PackagedPop.End end = pop("--version");

    assertThat(end.code()).isZero();
    assertThat(end.out()).startsWith("pop ");
  }

  @Test
  void aWrongCommandLineEndsWith64AndSaysWhatIsWrong() throws Exception {
    PackagedPop.End end = pop("run", "--confg", "pop.yaml");

    assertThat(end.code()).isEqualTo(64);
    assertThat(end.err()).contains("--confg").contains("pop help run");
  }

  @Test
  void aDirectoryThatNoSpoolCanBeInEndsWith78AndNamesTheThing() throws Exception {
    Files.createDirectories(directory.resolve("spool/lock"));
    Files.writeString(directory.resolve("pop.yaml"), VALID.formatted(4444, "http://127.0.0.1:9/"));

    PackagedPop.End end = pop("run");

    assertThat(end.code()).isEqualTo(78);
    assertThat(end.err()).contains("spool.directory: ", "spool/lock is a directory");
  }

  @Test
  void aWrongConfigurationEndsWith78AndSaysAllThatIsWrong() throws Exception {
    Files.writeString(
        directory.resolve("pop.yaml"),
        VALID.formatted(4444, "http://127.0.0.1:9/")
            + "    batch: {maxEvents: 0}\n".replaceFirst("^ {4}", "  other:\n    type: htp\n    "));

    PackagedPop.End end = pop("run");

    assertThat(end.code()).isEqualTo(78);
    assertThat(end.err()).contains("pop.yaml:").contains("htp").contains("http");
  }

  @Test
  void aConfigurationThatIsNotThereEndsWith78() throws Exception {
    PackagedPop.End end = pop("run", "--config", "nowhere.yaml");

    assertThat(end.code()).isEqualTo(78);
    assertThat(end.err()).contains("nowhere.yaml");
  }

  @Test
  void aSecondDaemonOnOneSpoolEndsWith75NamingTheFirstWhichGoesOn() throws Exception {
    try (FlowPlayer player = new FlowPlayer();
        FaultyBackend backend = new FaultyBackend(request -> Answer.TAKEN);
        PackagedPop first =
            PackagedPop.run(directory, VALID.formatted(player.port(), backend.url("/pop")))) {
      player.play(1);
      backend.books("/pop").awaitDistinct(1);

      PackagedPop.End second = pop("run");

      assertThat(second.code()).isEqualTo(75);
      assertThat(second.err()).contains("process " + first.pid());
      player.play(1);
      SpoolOnDisk spool = new SpoolOnDisk(directory.resolve("spool"), "billing");
      Await.until(
          "the second event",
          first::story,
          () -> backend.books("/pop").distinct() + spool.waiting().size() == 2);
      assertThat(first.stop().code()).isZero();
      System.out.println("ExitCodeIT: 0, 64, 70, 75 and 78 as documented");
    }
  }

  private PackagedPop.End pop(String... arguments) throws IOException {
    try (PackagedPop process = PackagedPop.start(directory, arguments)) {
      return process.end();
    }
  }
}
