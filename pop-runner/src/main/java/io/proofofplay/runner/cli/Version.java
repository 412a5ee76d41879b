package io.proofofplay.runner.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of the program, from the manifest of its jar. */
public final class Version implements IVersionProvider {

  /** Made by the command line, which finds the class by its name. */
  public Version() {}

  /**
   * The version alone.
   *
   * @return such as {@code 1.2.0}; {@code development} if the classes were not packaged
   */
  public static String number() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"pop " + number()};
  }
}
