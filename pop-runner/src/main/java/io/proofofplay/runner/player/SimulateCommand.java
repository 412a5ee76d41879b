package io.proofofplay.runner.player;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.FileOption;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.runner.terminal.Interruption;
import io.proofofplay.runner.terminal.Progress;
import io.proofofplay.runner.terminal.Terminal;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pop simulate}: a player for trying a relay out. */
@Command(
    name = "simulate",
    description = {
      "A player that speaks the info-beamer protocol.",
      "Prints the address that it listens on as its first line. Plays to every client that asks"
          + " for *raw/root/::pop; what it plays while nobody is there is gone, as with a real"
          + " player. Ends with 0 when all was played and every client has read all of it."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all was played, or it was told to end",
      "64:an option is wrong; the message names it",
      "70:it failed",
    })
public final class SimulateCommand implements Callable<Integer> {

  private static final int DONE = 0;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen on; 0 takes any that is free (default: ${DEFAULT-VALUE}).")
  private int port = 4444;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description =
          "Events a second, such as 0.5; 0 plays as fast as the clients read (default:"
              + " ${DEFAULT-VALUE}).")
  private double rate = 1;

  @Option(
      names = "--count",
      paramLabel = "N",
      description =
          "How many events to play, from the first client on (default: without end, or the whole"
              + " file).")
  private Long count;

  @Option(
      names = "--file",
      paramLabel = "F",
      description = {
        "Play the lines of this file instead of made-up events, from the first client on.",
        "A file that begins with a banner (\"Info Beamer\") is a recording: each client gets its"
            + " bytes as they are, and the command ends when one has got them all."
      })
  private Path file;

  @Option(
      names = "--record",
      paramLabel = "F",
      description = "Write every event that was played to a client into this file, for comparison.")
  private Path record;

  @Option(
      names = "--cut",
      paramLabel = "BYTES",
      description = "Send in pieces of at most so many bytes.")
  private int cut;

  @Spec private CommandSpec spec;

  private boolean recording;

  private final PrintStream out;
  private final Terminal terminal;
  private final TimeSource time;

  /** The command as the program has it. */
  public SimulateCommand() {
    this(System.out, Terminal.standardError(), TimeSource.system());
  }

  SimulateCommand(PrintStream out, Terminal terminal, TimeSource time) {
    this.out = out;
    this.terminal = terminal;
    this.time = time;
  }

  @Override
  public Integer call() throws IOException {
    check();
    try (Report report = new Report(terminal, time, count == null ? 0 : count, record);
        SimulatedPlayer player = open(report)) {
      Interruption interruption =
          Interruption.on(
              () -> {
                terminal.line(summary(player.stats()));
                return DONE;
              });
      try {
        out.print("listening on " + host + ":" + player.address().getPort() + "\n");
        out.flush();
        player.run();
      } finally {
        interruption.forget();
      }
      report.endProgress();
      terminal.line(summary(player.stats()));
    }
    return DONE;
  }

  private void check() throws IOException {
    if (port < 0 || port > 0xffff) {
      throw wrong("--port", port + " is not a port; write 0 to 65535");
    }
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw wrong("--rate", rate + " is not a rate; write 0 or more");
    }
    if (count != null && count < 1) {
      throw wrong("--count", count + " is not a count; write 1 or more");
    }
    if (cut < 0) {
      throw wrong("--cut", cut + " is not a size; write 1 or more");
    }
    Optional.ofNullable(file)
        .flatMap(FileOption::unreadable)
        .ifPresent(
            fault -> {
              throw wrong("--file", fault);
            });
    Optional.ofNullable(record)
        .flatMap(FileOption::unwritable)
        .ifPresent(
            fault -> {
              throw wrong("--record", fault);
            });
    if (file != null && record != null && Files.exists(record) && Files.isSameFile(file, record)) {
      throw wrong("--record", record + " is the file that is played; name another");
    }
  }

  private SimulatedPlayer open(Report report) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw wrong("--host", host + " is not an address of this machine");
    }
    SimulatedPlayer.Pace pace = new SimulatedPlayer.Pace(rate, count != null || file != null, cut);
    try {
      recording = file != null && Recording.isOne(file);
      if (recording) {
        if (record != null || count != null) {
          throw wrong("--file", file + " is a recording; it goes without --record and --count");
        }
        return SimulatedPlayer.replay(address, Recording.open(file), pace, report, time);
      }
      return SimulatedPlayer.open(address, programme(), pace, report, time);
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

  private Programme programme() throws IOException {
    Programme all = file == null ? new MadeUpPlays(time) : LinesOfFile.open(file);
    return count == null ? all : all.limit(count);
  }

  private ParameterException wrong(String option, String message) {
    return new ParameterException(spec.commandLine(), option + ": " + message);
  }

  private String summary(PlayerStats stats) {
    if (recording) {
      return stats.ended()
          ? "the recording was sent to its end"
          : "the recording was not sent to its end";
    }
    StringBuilder line = new StringBuilder(Counted.of(stats.sent(), "event")).append(" sent");
    if (stats.unheard() > 0) {
      line.append(", ").append(stats.unheard()).append(" played while nobody was there");
    }
    if (stats.strayBytes() > 0) {
      line.append(", ")
          .append(Counted.of(stats.strayBytes(), "byte"))
          .append(" came from clients after their path (a real player may break on them)");
    }
    return line.toString();
  }

  /** Tells people what happens, and writes the record. */
  private static final class Report implements PlayerListener, Closeable {

    private final Terminal terminal;
    private final Progress progress;
    private final OutputStream record;
    private long sent;

    Report(Terminal terminal, TimeSource time, long total, Path record) throws IOException {
      this.terminal = terminal;
      this.record =
          record == null ? OutputStream.nullOutputStream() : Files.newOutputStream(record);
      progress = new Progress(terminal, time, "played", total);
    }

    @Override
    public void joined(String client) {
      terminal.line(client + " asks for the plays");
    }

    @Override
    public void left(String client) {
      terminal.line(client + " is gone");
    }

    @Override
    public void refused(String client, String path) {
      terminal.line(client + " asked for \"" + path + "\" and got a 404");
    }

    @Override
    public void played(byte[] lines, int length, int events) throws IOException {
      // Unbuffered, so that the record is complete whenever the process ends.
      record.write(lines, 0, length);
      sent += events;
      progress.at(sent, "");
    }

    void endProgress() {
      progress.close();
    }

    @Override
    public void close() throws IOException {
      progress.close();
      record.close();
    }
  }
}
