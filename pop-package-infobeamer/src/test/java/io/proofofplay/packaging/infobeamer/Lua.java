package io.proofofplay.packaging.infobeamer;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Plain Lua 5.1 with the tests' engine. Without it a test is skipped and says so. */
final class Lua {

  private static final String COMMAND = "lua5.1";
  private static final Path POP = Path.of("src/main/player").toAbsolutePath();
  private static final Path TESTS = Path.of("src/test/lua").toAbsolutePath();

  private Lua() {}

  /**
   * A script of the tests, with the folders of {@code pop.lua} and of the tests as its arguments.
   *
   * @param name the script's name
   * @param modules Lua modules beyond the language that it needs
   */
  static ProcessBuilder script(String name, String... modules) {
    assumeThat(works("")).as("lua5.1 is there (Debian: apt install lua5.1)").isTrue();
    for (String module : modules) {
      assumeThat(works("require '" + module + "'"))
          .as("Lua 5.1 has the module %s (Debian: apt install lua-%s)", module, module)
          .isTrue();
    }
    List<String> command =
        new ArrayList<>(List.of(COMMAND, TESTS.resolve(name).toString(), "" + POP, "" + TESTS));
    return new ProcessBuilder(command);
  }

  private static boolean works(String code) {
    try {
      Process process = new ProcessBuilder(COMMAND, "-e", code).start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
