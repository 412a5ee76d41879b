package io.proofofplay.testkit;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets Jazzer look for an input that breaks a fuzz target: in a JVM of its own, with a small heap,
 * guided by what each input reaches, for a bounded time.
 *
 * <p>A target is a public class with {@code public static void fuzzerTestOneInput(byte[])}, which
 * throws when something is wrong. Inputs to begin with, among them everything that was ever found,
 * are the files of the resource folder {@code /fuzz/<the target's simple name>}; each of them is
 * tried in every run, whatever the time. {@code com.code-intelligence:jazzer} must be on the class
 * path.
 *
 * <p>System properties: {@code pop.fuzz.seconds} is the time for a target, without the start of the
 * JVM; by default 1, and 120 if {@code pop.torture} is true. Immutable.
 */
public final class FuzzRun {

  private static final int HEAP_MEBIBYTES = 128;

  /** For one input, seconds; then it hangs. Generous, for a machine that does much else. */
  private static final int LONGEST_INPUT_SECONDS = 60;

  private static final String INPUTS = "inputs";
  private static final Pattern DONE = Pattern.compile("^Done (\\d+) runs? in", Pattern.MULTILINE);

  private final Class<?> target;
  private final List<String> packages;
  private final int longestInput;

  private FuzzRun(Class<?> target, List<String> packages, int longestInput) {
    this.target = target;
    this.packages = packages;
    this.longestInput = longestInput;
  }

  /**
   * A run of a target, guided by what it reaches in our own packages.
   *
   * @param target the class with the method
   * @param longestInput the longest input that is made up, in bytes
   * @return the run, not begun
   */
  public static FuzzRun of(Class<?> target, int longestInput) {
    return new FuzzRun(target, List.of("io.proofofplay.**"), longestInput);
  }

  /**
   * Lets the run be guided by other people's code as well.
   *
   * @param pattern packages, such as {@code org.example.**}
   * @return another run
   */
  public FuzzRun guidedBy(String pattern) {
    List<String> more = new ArrayList<>(packages);
    more.add(pattern);
    return new FuzzRun(target, List.copyOf(more), longestInput);
  }

  /**
   * Runs, and records a {@link Tally} under the name of the target with {@code Test} behind it.
   *
   * @param test the name of the test method, for the tally
   * @throws AssertionError if an input breaks the target, makes it hang or takes all memory; the
   *     message shows the input and where it was put
   */
  public void run(String test) {
    String name = target.getSimpleName() + "Test." + test;
    try (TallyRun run = TallyRun.of(name, "fuzzing")) {
      Path findings = Files.createTempDirectory("pop-fuzz");
      String said = say(findings);
      Matcher done = DONE.matcher(said);
      if (!done.find()) {
        throw new AssertionError(
            target.getSimpleName() + " is broken by an input, kept in " + findings + ":\n" + said);
      }
      delete(findings);
      long runs = Long.parseLong(done.group(1));
      // An input is a try and no fault: most of them are not even strange.
      run.rounds(runs, 0);
      run.held();
    } catch (IOException e) {
      throw new AssertionError("the JVM of the fuzz target cannot be started", e);
    }
  }

  private String say(Path findings) throws IOException {
    Path log = Files.createTempFile("pop-fuzz", ".log");
    Process process =
        new ProcessBuilder(command(findings))
            .directory(findings.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(seconds() + 120L, TimeUnit.SECONDS)) {
        throw new AssertionError(target.getSimpleName() + " does not end; its log is " + log);
      }
      String said = Files.readString(log, StandardCharsets.ISO_8859_1);
      Files.delete(log);
      return process.exitValue() == 0 ? said : fault(said);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** What is said of an input that breaks the target, without what Jazzer says of itself. */
  private static String fault(String said) {
    return said.lines()
        .filter(line -> !line.startsWith("INFO: ") && !DONE.matcher(line).find())
        .collect(Collectors.joining("\n"));
  }

  private List<String> command(Path findings) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + HEAP_MEBIBYTES + "m");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+EnableDynamicAgentLoading");
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + target.getName());
    command.add("--instrumentation_includes=" + String.join(":", packages));
    // What Jazzer would watch beside the code itself (commands, queries, paths) is not here.
    command.add("--custom_hook_excludes=**");
    command.add("--reproducer_path=" + findings);
    command.add("-artifact_prefix=" + findings + "/");
    command.add("-seed=1");
    command.add("-timeout=" + LONGEST_INPUT_SECONDS);
    command.add("-rss_limit_mb=0");
    command.add("-max_len=" + longestInput);
    command.add("-max_total_time=" + seconds());
    // What is worth keeping for the run is written to the first folder.
    command.add(Files.createDirectory(findings.resolve(INPUTS)).toString());
    command.add(corpus().toString());
    return command;
  }

  private static void delete(Path findings) throws IOException {
    try (Stream<Path> all = Files.walk(findings)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static int seconds() {
    return Integer.getInteger("pop.fuzz.seconds", Boolean.getBoolean("pop.torture") ? 120 : 1);
  }

  private Path corpus() {
    String name = "/fuzz/" + target.getSimpleName();
    URL folder = target.getResource(name);
    if (folder == null) {
      throw new AssertionError(name + ": there is no such folder of inputs to begin with");
    }
    try {
      return Path.of(folder.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(folder.toString(), e);
    }
  }
}
