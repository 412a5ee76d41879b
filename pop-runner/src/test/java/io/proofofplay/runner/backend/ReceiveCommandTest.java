package io.proofofplay.runner.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ReceiveCommandTest {

  private static final String EVENT = "{\"uuid\":\"1\", \"x\":\"caf\u00e9\"}";

  @TempDir Path directory;

  private final ByteArrayOutputStream spoken = new ByteArrayOutputStream();

  private CommandLine command(PrintStream out) {
    Terminal terminal = Terminal.plain(new PrintStream(spoken, true, StandardCharsets.UTF_8));
    return new CommandLine(new ReceiveCommand(out, terminal, TimeSource.system()));
  }

  private static int post(String listening) throws IOException, InterruptedException {
    assertThat(listening).matches("listening on http://127\\.0\\.0\\.1:\\d+/");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(listening.substring("listening on ".length())))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("[" + EVENT + "]"))
            .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void eventsGoToTheStandardOutputBehindTheAddress() throws Exception {
    try (PipedInputStream in = new PipedInputStream();
        PrintStream out = new PrintStream(new PipedOutputStream(in), true, StandardCharsets.UTF_8);
        Scanner lines = new Scanner(in, StandardCharsets.UTF_8)) {
      CompletableFuture<Integer> end =
          CompletableFuture.supplyAsync(() -> command(out).execute("--port", "0", "--expect", "1"));
      assertThat(post(lines.nextLine())).isEqualTo(200);
      assertThat(lines.nextLine()).isEqualTo(EVENT);
      assertThat(end.get(20, TimeUnit.SECONDS)).isZero();
      assertThat(spoken.toString(StandardCharsets.UTF_8))
          .contains("1 distinct event received, 0 repeats,");
    }
  }

  @Test
  void theHelpNamesEveryDefault() {
    String help = command(new PrintStream(new ByteArrayOutputStream())).getUsageMessage();
    assertThat(help.replaceAll("\\s+", " "))
        .contains("made to fail (default: 503)")
        .doesNotContain("null");
  }

  @Test
  void eventsGoToAFileBeforeTheyAreAnswered() throws Exception {
    Path file = directory.resolve("events");
    try (PipedInputStream in = new PipedInputStream();
        PrintStream out = new PrintStream(new PipedOutputStream(in), true, StandardCharsets.UTF_8);
        Scanner lines = new Scanner(in, StandardCharsets.UTF_8)) {
      CompletableFuture<Integer> end =
          CompletableFuture.supplyAsync(
              () -> command(out).execute("--port=0", "--expect=1", "--out", file.toString()));
      assertThat(post(lines.nextLine())).isEqualTo(200);
      assertThat(Files.readString(file)).isEqualTo(EVENT + "\n");
      assertThat(end.get(20, TimeUnit.SECONDS)).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--port=70000, --port: 70000 is not a port",
    "--expect=0, --expect: 0 is not a count",
    "--status=99, --status: 99 is not a status",
    "--every=-1, --every: -1 is not a number of requests; write 1 or more",
    "--out=/, --out: / is a directory; name a file",
    "--out=/no/such/folder/out, --out: /no/such/folder/out is in no directory that exists",
    "--host=192.0.2.1, --host: 192.0.2.1:8080 cannot be listened on",
    "--retry-after=-1, --retry-after: -1 is not a wait",
    "--fail-first=soon, is not a duration; write 20s",
    "--max-body=10Mb, is not a size; write 64KiB",
    "--host=no.such.host.invalid, --host: no.such.host.invalid is not an address"
  })
  void aWrongOptionIsRefusedWithWhatWouldBeRight(String option, String message) {
    StringWriter errors = new StringWriter();
    CommandLine command = command(new PrintStream(spoken, true, StandardCharsets.UTF_8));
    command.setErr(new PrintWriter(errors));
    assertThat(command.execute(option)).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(errors.toString()).contains(message);
  }
}
