package io.proofofplay.runner.install;

import java.nio.file.Files;
import java.nio.file.Path;

/** What the build has made. */
final class Packages {

  private static final Path TARGET =
      Path.of(System.getProperty("pop.packages", "target")).toAbsolutePath();

  private Packages() {}

  static String version() {
    String version = System.getProperty("pop.version");
    if (version == null) {
      throw new AssertionError("no system property pop.version; run mvn verify");
    }
    return version;
  }

  static Path tar() {
    return made("pop-" + version() + ".tar.gz");
  }

  static Path zip() {
    return made("pop-" + version() + ".zip");
  }

  static Path deb() {
    return made("pop_" + version() + "_all.deb");
  }

  private static Path made(String name) {
    Path file = TARGET.resolve(name);
    if (!Files.exists(file)) {
      throw new AssertionError(file + " is not there; run mvn verify");
    }
    return file;
  }

  /** The image, which is made only when it is asked for. */
  static Path image() {
    return TARGET.resolve("pop-" + version() + "-image.tar");
  }

  /** The sources of the packages. */
  static Path sources() {
    return Path.of(System.getProperty("pop.packaging", "../packaging")).toAbsolutePath();
  }
}
