package io.proofofplay.runner.inside;

import java.io.Console;

/** Who can be asked before something is done that is hard to undo. */
@FunctionalInterface
interface Person {

  /** What an answer to a question may be. */
  enum Answer {
    YES,
    NO,
    /** There is nobody to ask. */
    NOBODY
  }

  Answer ask(String question);

  /** Whoever sits at the terminal, if there is one. */
  // Where a runtime has a console without a terminal, the end of the input is a no.
  @SuppressWarnings("SystemConsoleNull")
  static Person atTheConsole() {
    return question -> {
      Console console = System.console();
      if (console == null || !System.getProperty("pop.terminal", "").contains("out")) {
        return Answer.NOBODY;
      }
      String line = console.readLine("%s [y/N] ", question);
      return line != null && line.strip().matches("(?i)y|yes") ? Answer.YES : Answer.NO;
    };
  }
}
