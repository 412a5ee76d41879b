package io.proofofplay.runner.cli;

/** The exit codes of every command, after {@code sysexits.h} of BSD. */
public final class ExitCode {

  /** All is done. */
  public static final int DONE = 0;

  /** A check has found something. */
  public static final int FOUND = 1;

  /** The command line is wrong. */
  public static final int USAGE = 64;

  /** The program has failed. */
  public static final int INTERNAL = 70;

  /** The spool is owned by another process. */
  public static final int IN_USE = 75;

  /** The configuration is wrong. */
  public static final int CONFIGURATION = 78;

  private ExitCode() {}
}
