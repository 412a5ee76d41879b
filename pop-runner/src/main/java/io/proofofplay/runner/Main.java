package io.proofofplay.runner;

import io.proofofplay.runner.backend.ReceiveCommand;
import io.proofofplay.runner.check.CheckCommand;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Failure;
import io.proofofplay.runner.config.Suggestion;
import io.proofofplay.runner.daemon.Hangup;
import io.proofofplay.runner.daemon.RunCommand;
import io.proofofplay.runner.demo.DemoCommand;
import io.proofofplay.runner.inside.AuditCommand;
import io.proofofplay.runner.inside.DeadCommand;
import io.proofofplay.runner.inside.GapsCommand;
import io.proofofplay.runner.inside.SpoolCommand;
import io.proofofplay.runner.inside.WhereCommand;
import io.proofofplay.runner.log.Logging;
import io.proofofplay.runner.player.SimulateCommand;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Where the program begins. */
public final class Main {

  private static final String RUN = "run";

  /** Every command: one line each, in the order of the help. */
  private static Map<String, Class<? extends Callable<Integer>>> commands() {
    Map<String, Class<? extends Callable<Integer>>> commands = new LinkedHashMap<>();
    commands.put("demo", DemoCommand.class);
    commands.put(RUN, RunCommand.class);
    commands.put("check", CheckCommand.class);
    commands.put("simulate", SimulateCommand.class);
    commands.put("receive", ReceiveCommand.class);
    commands.put("spool", SpoolCommand.class);
    commands.put("dead", DeadCommand.class);
    commands.put("where", WhereCommand.class);
    commands.put("gaps", GapsCommand.class);
    commands.put("audit", AuditCommand.class);
    return commands;
  }

  private Main() {}

  /**
   * Runs a command and ends the process with its exit code.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    if (Arrays.asList(args).contains(RUN)) {
      Hangup.remember();
    }
    Pause pause = Pause.ofProcess();
    boolean debug =
        "1".equals(System.getenv("POP_DEBUG")) || Arrays.asList(args).contains("--debug");
    PrintStream log = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    Logging.start(Optional.ofNullable(System.getenv("POP_LOG")), log, debug);
    int code = run(args, utf8(System.out), utf8(System.err), debug);
    pause.before(code);
    System.exit(code);
  }

  /** Runs a command and answers its exit code. */
  static int run(String[] args, PrintWriter out, PrintWriter err, boolean debug) {
    try {
      return commandLine(args)
          .setOut(out)
          .setErr(err)
          .setExecutionExceptionHandler(
              (failure, command, parsed) -> Failure.say(failure, err, debug))
          .setParameterExceptionHandler(Main::refuse)
          .execute(args);
    } catch (RuntimeException | Error e) {
      return Failure.say(e, err, debug);
    }
  }

  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  /** Only the command that is wanted is taken in: looking at one costs time and memory. */
  private static CommandLine commandLine(String[] args) {
    CommandLine line = new CommandLine(new Pop());
    Map<String, Class<? extends Callable<Integer>>> commands = commands();
    if (args.length > 0 && commands.containsKey(args[0])) {
      commands.keySet().retainAll(Set.of(args[0]));
    } else {
      line.addSubcommand("help", new HelpCommand());
    }
    commands.forEach(line::addSubcommand);
    return line.registerConverter(Instant.class, Main::moment);
  }

  private static Instant moment(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "\"%s\" is not a time; write 2026-03-01T12:00:00Z, or 2026-03-01T13:00:00+01:00"
              .formatted(text));
    }
  }

  /** What to type for more; {@code pop help} knows the commands, and these know their parts. */
  private static String help(CommandLine command) {
    if (command.getParent() == null) {
      return "pop help";
    }
    return command.getParent().getParent() == null
        ? "pop help " + command.getCommandName()
        : command.getCommandSpec().qualifiedName() + " --help";
  }

  private static int refuse(ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    boolean noCommand =
        wrong instanceof UnmatchedArgumentException
            && command.getParent() == null
            && !args[0].startsWith("-");
    if (noCommand) {
      err.println(
          "pop: there is no command "
              + args[0]
              + "; "
              + Suggestion.among(args[0], command.getSubcommands().keySet()));
    } else {
      err.println(command.getCommandSpec().qualifiedName() + ": " + wrong.getMessage());
      err.println(help(command) + " tells what is right");
    }
    return ExitCode.USAGE;
  }
}
