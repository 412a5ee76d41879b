package io.proofofplay.runner.config;

import io.proofofplay.runner.plugin.Plugins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Any bytes at all as a configuration, their first byte choosing YAML, JSON or a package's options:
 * it works, or everything that is wrong with it is said, each on a line that begins with the file;
 * and a secret is in none of these.
 */
public final class ConfigurationFuzz {

  private static final String SECRET = "hunter2hunter2";
  private static final List<String> NAMES = List.of("pop.yaml", "pop.json", "config.json");
  private static final Path DESK = desk();
  private static final Adapters ADAPTERS = adapters();

  private ConfigurationFuzz() {}

  private static Path desk() {
    try {
      Path desk = Files.createTempDirectory("pop-fuzz");
      desk.toFile().deleteOnExit();
      return desk;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Adapters adapters() {
    try {
      return Plugins.load(DESK);
    } catch (ConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    String name = NAMES.get((input[0] & 0xff) % NAMES.size());
    Path file = Files.write(DESK.resolve(name), Arrays.copyOfRange(input, 1, input.length));
    // Whoever writes it into a key wants it to be seen.
    boolean hidden = !new String(input, StandardCharsets.ISO_8859_1).contains(SECRET);
    boolean options = name.equals("config.json");
    Surroundings surroundings =
        new Surroundings(DESK, Map.of("SCRATCH", DESK.toString(), "TOKEN", SECRET));
    try {
      Configuration read =
          Configuration.load(
              options ? Optional.empty() : Optional.of(Path.of(name)), surroundings, ADAPTERS);
      claim(read.isPackage() == options, "another file was read");
      claim(!hidden || !read.relay().toString().contains(SECRET), "the records show a secret");
    } catch (ConfigurationException e) {
      claim(!e.problems().isEmpty(), "refused without a reason");
      for (String problem : e.problems()) {
        claim(problem.startsWith(file + ":"), "no file: " + problem);
        claim(!hidden || !problem.contains(SECRET), "shows a secret: " + problem);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void claim(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
