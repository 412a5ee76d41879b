package io.proofofplay.runner.cli;

import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.runner.config.ConfigurationException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;

/** Says to people why a command failed, and to scripts by the exit code. */
public final class Failure {

  private Failure() {}

  /**
   * Says it.
   *
   * @param failure what a command has thrown
   * @param stream where to print
   * @param traces whether the stack trace is wanted
   * @return the exit code
   */
  public static int say(Throwable failure, PrintWriter stream, boolean traces) {
    int code;
    if (failure instanceof ConfigurationException configuration) {
      configuration.problems().forEach(stream::println);
      code = ExitCode.CONFIGURATION;
    } else if (failure instanceof StorageInUse) {
      stream.println(failure.getMessage());
      code = ExitCode.IN_USE;
    } else if (failure instanceof AccessDeniedException denied) {
      stream.println(
          denied.getFile()
              + ": this user may not use it; run the command as the user of the relay, such as with"
              + " sudo -u pop");
      code = ExitCode.INTERNAL;
    } else {
      stream.println("pop: failed: " + text(failure));
      if (!traces) {
        stream.println("(POP_DEBUG=1 shows where)");
      }
      code = ExitCode.INTERNAL;
    }
    if (traces) {
      failure.printStackTrace(stream);
    }
    stream.flush();
    return code;
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() || !message.contains(" ")
        ? failure.toString()
        : message;
  }
}
