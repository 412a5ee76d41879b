package io.proofofplay.runner.backend;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.FileOption;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Interruption;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pop receive}: a backend for trying a relay out. */
@Command(
    name = "receive",
    description = {
      "A reference backend: takes batches, and keeps each event once.",
      "Prints the address that it listens on as its first line. Takes arrays, envelopes and lines,"
          + " plain or gzip, by POST to any path; GET answers its counts. Two events with one uuid"
          + " and different bytes are both kept and reported. Ctrl-C ends it with its counts."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all that --expect wants is here, or it was told to end and nothing was expected",
      "1:it was told to end before",
      "64:an option is wrong; the message names it",
      "70:it failed",
    })
public final class ReceiveCommand implements Callable<Integer> {

  private static final int DONE = 0;
  private static final int MISSED = 1;
  private static final int INTERNAL = 70;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen on; 0 takes any that is free (default: ${DEFAULT-VALUE}).")
  private int port = 8080;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Write each event on a line of this file, before its batch is answered, and only counts to"
              + " the terminal. What is in the file already counts as received (default: events go"
              + " to the standard output).")
  private Path out;

  @Option(
      names = "--expect",
      paramLabel = "N",
      description = "End with 0 when N distinct events are here; with 1 if told to end before.")
  private Long expect;

  @Option(
      names = "--fail-first",
      paramLabel = "DURATION",
      converter = DurationOption.class,
      description = "Fail every request for so long after the start, such as 20s.")
  private Duration failFirst = Duration.ZERO;

  @Option(names = "--every", paramLabel = "K", description = "Fail every K-th request.")
  private int every;

  @Option(
      names = "--status",
      paramLabel = "N",
      description =
          "The status of a request that is made to fail (default: "
              + Faults.UNAVAILABLE
              + "). Without --fail-first and --every: fail every request.")
  private Integer status;

  @Option(
      names = "--retry-after",
      paramLabel = "SECONDS",
      description = "Send Retry-After with requests that are made to fail.")
  private Integer retryAfter;

  @Option(
      names = "--lose-every",
      paramLabel = "K",
      description = "Take every K-th request, but close the connection instead of answering.")
  private int loseEvery;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      converter = SizeOption.class,
      description = "Answer 413 to a larger body (default: 20MiB).")
  private ByteSize maxBody = ReceivingBackend.DEFAULT_LIMIT;

  @Option(
      names = "--reject-uuid",
      paramLabel = "UUID",
      description = "Answer 422 to a batch with this event; may be given several times.")
  private Set<String> rejected = Set.of();

  @Spec private CommandSpec spec;

  private final PrintStream standardOutput;
  private final Terminal terminal;
  private final TimeSource time;

  /** The command as the program has it. */
  public ReceiveCommand() {
    this(System.out, Terminal.standardError(), TimeSource.system());
  }

  ReceiveCommand(PrintStream standardOutput, Terminal terminal, TimeSource time) {
    this.standardOutput = standardOutput;
    this.terminal = terminal;
    this.time = time;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Faults faults = faults();
    if (out == null) {
      return receive(new Ledger(this::print), faults);
    }
    try (EventFile file = EventFile.open(out)) {
      Ledger ledger = new Ledger(file);
      file.readInto(ledger);
      return receive(ledger, faults);
    }
  }

  private int receive(Ledger ledger, Faults faults) throws IOException, InterruptedException {
    Report report = new Report(terminal, new Progress(terminal, time, "received", wanted(0)));
    try (ReceivingBackend backend = open(ledger, faults, report)) {
      Interruption interruption =
          Interruption.on(
              () -> {
                terminal.line(summary(ledger.totals()));
                return expect == null ? DONE : MISSED;
              });
      try {
        standardOutput.print(
            "listening on http://" + host + ":" + backend.address().getPort() + "/\n");
        standardOutput.flush();
        ledger.awaitDistinct(wanted(Long.MAX_VALUE));
      } catch (IOException e) {
        terminal.line((out == null ? "the output" : out) + " takes no more: " + e.getMessage());
        return INTERNAL;
      } finally {
        interruption.forget();
        report.close();
      }
    }
    terminal.line(summary(ledger.totals()));
    return DONE;
  }

  private long wanted(long otherwise) {
    return expect == null ? otherwise : expect;
  }

  private ReceivingBackend open(Ledger ledger, Faults faults, BackendListener listener)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw wrong("--host", host + " is not an address of this machine");
    }
    try {
      return ReceivingBackend.open(address, ledger, faults, maxBody, listener, time);
    } catch (BindException e) {
      boolean foreign = String.valueOf(e.getMessage()).startsWith("Cannot assign");
      throw wrong(
          foreign ? "--host" : "--port",
          host
              + ":"
              + port
              + " cannot be listened on ("
              + e.getMessage()
              + "); choose "
              + (foreign ? "an address of this machine" : "another port, or 0 for any"));
    }
  }

  private Faults faults() {
    if (port < 0 || port > 0xffff) {
      throw wrong("--port", port + " is not a port; write 0 to 65535");
    }
    if (expect != null && expect < 1) {
      throw wrong("--expect", expect + " is not a count; write 1 or more");
    }
    if (every < 0 || loseEvery < 0) {
      throw wrong(
          every < 0 ? "--every" : "--lose-every",
          Math.min(every, loseEvery) + " is not a number of requests; write 1 or more");
    }
    if (status != null && (status < 200 || status > 599)) {
      throw wrong("--status", status + " is not a status; write 200 to 599");
    }
    if (retryAfter != null && retryAfter < 0) {
      throw wrong("--retry-after", retryAfter + " is not a wait; write 0 or more seconds");
    }
    if (maxBody.bytes() < 1 || maxBody.bytes() > ByteSize.ofMiB(1024).bytes()) {
      throw wrong("--max-body", maxBody + " is out of bounds; write 1B to 1GiB");
    }
    Optional.ofNullable(out)
        .flatMap(FileOption::unwritable)
        .ifPresent(
            fault -> {
              throw wrong("--out", fault);
            });
    boolean always = status != null && every == 0 && failFirst.isZero();
    return new Faults(
        failFirst,
        status == null ? Faults.UNAVAILABLE : status,
        always ? 1 : every,
        Optional.ofNullable(retryAfter),
        loseEvery,
        rejected);
  }

  private ParameterException wrong(String option, String message) {
    return new ParameterException(spec.commandLine(), option + ": " + message);
  }

  private void print(List<PopEvent> events) throws IOException {
    for (PopEvent event : events) {
      standardOutput.write(event.array(), event.offset(), event.length());
      standardOutput.write('\n');
    }
    // Flushes, and tells of a reader that is gone.
    if (standardOutput.checkError()) {
      throw new IOException("nobody reads it");
    }
  }

  private static String summary(Totals totals) {
    return Counted.of(totals.distinct(), "distinct event")
        + " received, "
        + Counted.of(totals.repeats(), "repeat")
        + ", "
        + Counted.of(totals.conflicts(), "uuid")
        + " with other bytes (kept), "
        + Counted.of(totals.reusedKeys(), "reused key")
        + "; "
        + Counted.of(totals.requests(), "request")
        + ", "
        + totals.taken()
        + " of them taken";
  }

  /** Tells people what happens. */
  private static final class Report implements BackendListener {

    private final Terminal terminal;
    private final Progress progress;

    Report(Terminal terminal, Progress progress) {
      this.terminal = terminal;
      this.progress = progress;
    }

    @Override
    public synchronized void took(Totals totals) {
      progress.at(totals.distinct(), Counted.of(totals.requests(), "request"));
    }

    @Override
    public void conflict(PopEvent event) {
      terminal.line(
          terminal.bad("TWO EVENTS, ONE UUID")
              + ": "
              + event.uuid()
              + " came again with other bytes; both are kept");
    }

    @Override
    public void keyReused(String key) {
      terminal.line(
          terminal.bad("ONE KEY, TWO BODIES")
              + ": Idempotency-Key "
              + key
              + " came again with another body; its events are taken all the same");
    }

    @Override
    public void refused(int status, String reason) {
      terminal.line("answered " + status + ": " + reason);
    }

    synchronized void close() {
      progress.close();
    }
  }
}
