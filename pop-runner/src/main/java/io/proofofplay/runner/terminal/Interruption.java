package io.proofofplay.runner.terminal;

import java.util.function.IntSupplier;

/**
 * What a command does when it is told to end by SIGINT (Ctrl-C) or SIGTERM: its last words, and the
 * exit code of the process.
 */
public final class Interruption {

  private final Thread hook;

  private Interruption(IntSupplier lastWords) {
    // Halting, because a process that ends by a signal would else not choose its exit code.
    hook =
        new Thread(
            () -> {
              int code = lastWords.getAsInt();
              System.out.flush();
              System.err.flush();
              Runtime.getRuntime().halt(code);
            },
            "pop-interruption");
  }

  /**
   * Takes the signals from now on.
   *
   * @param lastWords called once, in a thread of its own, when the process is told to end; answers
   *     the exit code
   * @return what gives the signals back
   */
  public static Interruption on(IntSupplier lastWords) {
    Interruption interruption = new Interruption(lastWords);
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Gives the signals back. If one has come, it has been taken and the process ends. */
  public void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process ends already; the hook has the last word.
    }
  }
}
