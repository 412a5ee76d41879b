package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Debian package: what is in it everywhere where {@code dpkg} is, and its life on a machine
 * where that is allowed, as in continuous integration ({@code CI=true}) or with {@code
 * -Dpop.install=true}: it installs, runs, upgrades and removes for real.
 */
@Timeout(300)
final class DebianPackageIT {

  private static final Path CONFIGURATION = Path.of("/etc/pop/pop.yaml");
  private static final Path STATE = Path.of("/var/lib/pop");
  private static final Path SPOOL = STATE.resolve("spool");

  /** It reads much, of a disk that others may be using. */
  private static final int LINTIAN_SECONDS = 280;

  /** Everything that the package or its scripts make. */
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/bin/pop"),
          Path.of("/usr/share/pop"),
          Path.of("/usr/share/doc/pop"),
          Path.of("/etc/pop"),
          Path.of("/etc/default/pop"),
          Path.of("/lib/systemd/system/pop.service"),
          Path.of("/var/cache/pop"),
          STATE);

  @TempDir private Path directory;

  @BeforeEach
  void onDebian() {
    assumeThat(Shell.has("dpkg-deb")).as("dpkg-deb is not here").isTrue();
  }

  private Shell.Done run(String... command) throws Exception {
    return Shell.run(directory, List.of(command));
  }

  private Set<String> contents() throws Exception {
    return run("dpkg-deb", "-c", Packages.deb().toString())
        .well()
        .out()
        .lines()
        .map(line -> line.replaceAll(" +", " "))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyFileHasItsPlaceItsOwnerAndItsMode() throws Exception {
    assertThat(contents())
        .anyMatch(line -> line.matches("-rw-r--r-- root/root .* ./usr/share/pop/lib/pop-runner-.*"))
        .anyMatch(line -> line.matches("-rw-r--r-- root/root .* ./usr/share/pop/jvm.options"))
        .anyMatch(line -> line.matches("-rw-r--r-- root/root .* ./usr/share/pop/plugins/README"))
        .anyMatch(line -> line.matches("-rwxr-xr-x root/root .* ./usr/share/pop/bin/pop"))
        .anyMatch(line -> line.matches("-rwxr-xr-x root/root .* ./usr/share/pop/libexec/pop-cds"))
        .anyMatch(line -> line.matches("l.* ./usr/bin/pop -> ../share/pop/bin/pop"))
        .anyMatch(line -> line.matches("-rw-r----- root/root .* ./etc/pop/pop.yaml"))
        .anyMatch(line -> line.matches("-rw-r----- root/root .* ./etc/default/pop"))
        .anyMatch(line -> line.matches("-rw-r--r-- root/root .* ./lib/systemd/system/pop.service"))
        .anyMatch(line -> line.matches("-rw-r--r-- root/root .* ./usr/share/doc/pop/copyright"))
        .anyMatch(line -> line.matches("-rw-r--r-- root/root .* ./usr/share/doc/pop/NOTICE"));
  }

  @Test
  void itHoldsTheLibrariesOfTheArchiveAndNoOther() throws Exception {
    Shell.Done archive = run("tar", "-tzf", Packages.tar().toString()).well();
    assertThat(contents().stream().filter(line -> line.endsWith(".jar")).map(DebianPackageIT::name))
        .containsExactlyInAnyOrderElementsOf(
            archive
                .out()
                .lines()
                .filter(line -> line.endsWith(".jar"))
                .map(DebianPackageIT::name)
                .toList());
  }

  @Test
  void theRunbookIsInItWhereTheUnitSaysThatItIs() throws Exception {
    Path tree = directory.resolve("tree");
    run("dpkg-deb", "-x", Packages.deb().toString(), tree.toString()).well();
    Documents.areWhole(tree.resolve("usr/share/doc/pop"));
    List<String> named =
        Files.readAllLines(tree.resolve("lib/systemd/system/pop.service")).stream()
            .filter(line -> line.startsWith("Documentation="))
            .flatMap(line -> Stream.of(line.substring("Documentation=".length()).split(" ")))
            .toList();
    assertThat(named)
        .isNotEmpty()
        .allSatisfy(
            each -> {
              assertThat(each).startsWith("file:///");
              assertThat(tree.resolve(each.substring("file:///".length()))).isRegularFile();
            });
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Test
  void nothingInItTellsWhenItWasBuilt() throws Exception {
    assertThat(contents())
        .allMatch(line -> line.matches("\\S+ root/root \\d+ 2026-11-22 00:00 .*"));
  }

  @Test
  void lintianFindsNoFault() throws Exception {
    // It takes longer than all else here.
    assumeThat(ofContinuousIntegration())
        .as("judged only with CI=true or -Dpop.install=true")
        .isTrue();
    assumeThat(Shell.has("lintian")).as("lintian is not here").isTrue();
    Shell.Done done =
        Shell.run(
            directory,
            Map.of(),
            LINTIAN_SECONDS,
            List.of(
                "lintian",
                "--allow-root",
                "--fail-on",
                "error,warning",
                Packages.deb().toString()));
    // What it says of itself or of this machine is none of ours.
    assertThat((done.out() + done.err()).lines().filter(line -> line.matches("[EW]: .*")))
        .isEmpty();
    assertThat(done.code()).as(done.out() + done.err()).isZero();
  }

  private static boolean ofContinuousIntegration() {
    return "true".equals(System.getenv("CI")) || Boolean.getBoolean("pop.install");
  }

  private void mayInstall() throws Exception {
    assumeThat(ofContinuousIntegration())
        .as("installs for real only with CI=true or -Dpop.install=true")
        .isTrue();
    assumeThat(Shell.isRoot()).as("only root installs").isTrue();
    for (String program : List.of("dpkg", "setpriv", "adduser", "deluser", "getent")) {
      assumeThat(Shell.has(program)).as(program + " is not here").isTrue();
    }
    assumeThat(Path.of("/run/systemd/system")).as("systemd would start it").doesNotExist();
    for (Path place : PLACES) {
      assumeThat(place).as("there is a pop on this machine already").doesNotExist();
    }
    assumeThat(run("getent", "passwd", "pop").out())
        .as("there is a user pop on this machine already")
        .isEmpty();
  }

  @Test
  void itInstallsRunsUpgradesOverABacklogAndLeavesNothingBehind() throws Exception {
    mayInstall();
    try {
      install(Packages.deb());
      configurationIsForTheServiceAlone();
      anUnfinishedConfigurationStartsNothing();
      classesAreShared();

      // The backend is away: what is played stays in the spool.
      PlayerAndBackend first = configure();
      try (RelayProcess daemon = start(first)) {
        daemon.awaitAccepted();
        daemon.stopWell();
      }
      assertThat(RelayProcess.waiting(SPOOL)).isEqualTo(1);
      everythingBelongsToTheService();
      String configured = Files.readString(CONFIGURATION);

      Path newer = newer();
      install(newer);
      assertThat(run("dpkg-query", "-W", "-f=${Version}", "pop").out()).isEqualTo("999");
      assertThat(Files.readString(CONFIGURATION)).isEqualTo(configured);
      assertThat(RelayProcess.waiting(SPOOL)).isEqualTo(1);

      // The new version delivers what the old one has kept.
      PlayerAndBackend second = configure();
      second.beWell();
      try (RelayProcess daemon = start(second)) {
        daemon.awaitDelivered(first.uuid(0));
        daemon.awaitDelivered(second.uuid(0));
        daemon.await("an empty spool", () -> RelayProcess.waiting(SPOOL) == 0);
        daemon.stopWell();
      }

      // Removed with a backlog, even purged, it throws nothing away that no backend has.
      PlayerAndBackend third = configure();
      try (RelayProcess daemon = start(third)) {
        daemon.awaitAccepted();
        daemon.stopWell();
      }
      run("dpkg", "-r", "pop").well();
      assertThat(Path.of("/usr/share/pop")).doesNotExist();
      assertThat(Path.of("/usr/bin/pop")).doesNotExist();
      assertThat(Path.of("/var/cache/pop")).doesNotExist();
      assertThat(CONFIGURATION).exists();
      Shell.Done purged = run("dpkg", "-P", "pop").well();
      assertThat(purged.out() + purged.err()).contains("not delivered").contains("rm -r " + STATE);
      assertThat(RelayProcess.waiting(SPOOL)).isEqualTo(1);
      assertThat(CONFIGURATION).doesNotExist();

      // With every event delivered, nothing is left.
      install(newer);
      PlayerAndBackend fourth = configure();
      fourth.beWell();
      try (RelayProcess daemon = start(fourth)) {
        daemon.awaitDelivered(third.uuid(0));
        daemon.awaitDelivered(fourth.uuid(0));
        daemon.await("an empty spool", () -> RelayProcess.waiting(SPOOL) == 0);
        daemon.stopWell();
      }
      run("dpkg", "-P", "pop").well();
      assertThat(PLACES).noneMatch(Files::exists);
      // Save the user: a spool elsewhere would be nobody's without him.
      assertThat(run("getent", "passwd", "pop").out()).startsWith("pop:");
    } finally {
      cleanUp();
    }
    System.out.println(
        "DebianPackageIT: installed, run as its user, upgraded over a backlog, removed and purged");
  }

  /** Whatever became of the test: only what was not there before it. */
  private void cleanUp() throws Exception {
    run("dpkg", "-P", "--force-all", "pop");
    run("rm", "-rf", STATE.toString(), "/etc/pop", "/var/cache/pop");
    run("deluser", "--quiet", "--system", "pop");
  }

  /**
   * Its dependencies are there or not as on any machine; the Java runtime is the one of this test.
   */
  private void install(Path deb) throws Exception {
    // No start of anything that is not ours, and no question on a terminal.
    Shell.run(
            directory,
            Map.of("DEBIAN_FRONTEND", "noninteractive"),
            List.of("dpkg", "--force-depends", "-i", deb.toString()))
        .well();
  }

  private static String mode(Path file) throws IOException {
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
    return PosixFilePermissions.toString(attributes.permissions())
        + " "
        + attributes.owner()
        + ":"
        + attributes.group();
  }

  private static void configurationIsForTheServiceAlone() throws IOException {
    assertThat(mode(CONFIGURATION.getParent())).isEqualTo("rwxr-x--- root:pop");
    assertThat(mode(CONFIGURATION)).isEqualTo("rw-r----- root:pop");
    assertThat(mode(STATE)).isEqualTo("rwxr-x--- pop:pop");
  }

  /** As the unit file does it, without what only systemd can do. */
  private List<String> asTheUnitSays() throws IOException {
    String line =
        Files.readAllLines(Path.of("/lib/systemd/system/pop.service")).stream()
            .filter(each -> each.startsWith("ExecStart="))
            .findFirst()
            .orElseThrow();
    return Stream.concat(
            Stream.of(
                "setpriv",
                "--reuid=pop",
                "--regid=pop",
                "--clear-groups",
                "--no-new-privs",
                "--bounding-set=-all"),
            Stream.of(line.substring("ExecStart=".length()).split(" ")))
        .toList();
  }

  private void anUnfinishedConfigurationStartsNothing() throws Exception {
    Shell.Done done = Shell.run(directory, asTheUnitSays());
    assertThat(done.code()).isEqualTo(78);
    assertThat(done.err()).contains("sinks.billing.url");
  }

  private static void classesAreShared() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/var/cache/pop"))) {
      assertThat(files).singleElement().asString().endsWith(".jsa");
    }
  }

  private static PlayerAndBackend configure() throws IOException {
    PlayerAndBackend around = new PlayerAndBackend();
    // Written into the file that is there, so that its owner and mode stay.
    Files.writeString(CONFIGURATION, around.configuration(SPOOL));
    return around;
  }

  private RelayProcess start(PlayerAndBackend around) throws IOException {
    return RelayProcess.start(
        around, Files.createTempDirectory(directory, "run"), SPOOL, Map.of(), asTheUnitSays());
  }

  private static void everythingBelongsToTheService() throws IOException {
    try (Stream<Path> files = Files.walk(STATE)) {
      for (Path file : files.toList()) {
        assertThat(Files.getOwner(file).getName()).as(file.toString()).isEqualTo("pop");
      }
    }
  }

  /** The same with a higher number. */
  private Path newer() throws Exception {
    Path tree = directory.resolve("newer");
    run("dpkg-deb", "-R", Packages.deb().toString(), tree.toString()).well();
    Path control = tree.resolve("DEBIAN/control");
    Files.writeString(
        control, Files.readString(control).replaceFirst("(?m)^Version: .*$", "Version: 999"));
    Path newer = directory.resolve("newer.deb");
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "-b", tree.toString(), newer.toString()).well();
    return newer;
  }
}
