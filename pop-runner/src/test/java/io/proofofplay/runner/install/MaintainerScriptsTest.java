package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code dpkg} has the package's scripts do, on a machine that is a folder, with programs that
 * only write down what they were told.
 */
@Timeout(60)
final class MaintainerScriptsTest {

  private static final String EVENT = "{\"uuid\":\"a\"}\n";

  @TempDir private Path root;
  private Path told;
  private Path letters;

  @BeforeEach
  void aMachineWithSystemd() throws IOException {
    told = Files.writeString(root.resolve("told"), "");
    Files.createDirectories(root.resolve("run/systemd/system"));
    Files.createDirectories(root.resolve("usr/sbin"));
    letters = Files.createDirectories(root.resolve("var/lib/pop/spool/billing/dead"));
    for (String name : List.of("deb-systemd-helper", "deluser", "getent")) {
      program(name, "echo " + name + " \"$@\" >>" + told);
    }
    // As Debian's own, which answers 0 also when it does nothing.
    program(
        "deb-systemd-invoke",
        "if [ \"$1\" = start ] && ! systemctl --quiet is-enabled \"$2\"; then\n"
            + "  echo \"$2 is a disabled or a static unit, not starting it.\" >&2\n"
            + "  exit 0\n"
            + "fi\n"
            + ("echo deb-systemd-invoke \"$@\" >>" + told));
    unit("active", 0, true);
  }

  private void program(String name, String text) throws IOException {
    program(Files.createDirectories(root.resolve("programs")).resolve(name), text);
  }

  private static void program(Path file, String text) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /**
   * What systemd says of the relay.
   *
   * @param state its {@code ActiveState}
   * @param code how its process ended the last time; 0 if it runs
   * @param enabled whether it starts with the machine
   */
  private void unit(String state, int code, boolean enabled) throws IOException {
    program(
        "systemctl",
        String.join(
            "\n",
            "case \"$*\" in",
            "  *is-active*) exit " + (state.equals("active") ? 0 : 3) + " ;;",
            "  *is-enabled*) " + (enabled ? "echo enabled" : "echo disabled; exit 1") + " ;;",
            "  'show --property=ActiveState pop.service') echo ActiveState=" + state + " ;;",
            "  'show --property=ExecMainStatus pop.service') echo ExecMainStatus=" + code + " ;;",
            "  'start pop.service') echo systemctl \"$@\" >>" + told + " ;;",
            "esac"));
  }

  private Shell.Done script(String name, String... arguments) throws Exception {
    String text = Files.readString(Packages.sources().resolve("deb/control").resolve(name));
    for (String place : List.of("/run/", "/var/", "/etc/", "/usr/sbin/")) {
      text = text.replace(" " + place, " " + root + place);
      text = text.replace(">" + place, ">" + root + place);
    }
    Path here = Files.writeString(root.resolve(name), text);
    List<String> command = new java.util.ArrayList<>(List.of("sh", here.toString()));
    command.addAll(List.of(arguments));
    return Shell.run(
            root, Map.of("PATH", root.resolve("programs") + ":" + System.getenv("PATH")), command)
        .well();
  }

  private List<String> told() throws IOException {
    List<String> lines = Files.readAllLines(told);
    Files.writeString(told, "");
    return lines;
  }

  @Test
  void anUpgradeThatFailsStartsTheRelayAgain() throws Exception {
    script("prerm", "upgrade", "2");
    assertThat(told()).containsExactly("deb-systemd-invoke stop pop.service");
    script("postrm", "abort-upgrade", "2");

    script("postinst", "abort-upgrade", "2");

    assertThat(told()).containsExactly("deb-systemd-invoke start pop.service");
    script("postinst", "abort-upgrade", "2");
    assertThat(told()).as("it was seen to").isEmpty();
  }

  @Test
  void aRemovalThatFailsStartsTheRelayAgain() throws Exception {
    script("prerm", "remove");
    script("postinst", "abort-remove");
    assertThat(told())
        .containsExactly(
            "deb-systemd-invoke stop pop.service", "deb-systemd-invoke start pop.service");
  }

  /** What becomes of the relay of a machine over an upgrade, apart from its stop. */
  private List<String> upgraded() throws Exception {
    script("prerm", "upgrade", "2");
    script("postinst", "abort-upgrade", "2");
    List<String> all = told();
    assertThat(all).startsWith("deb-systemd-invoke stop pop.service");
    return all.subList(1, all.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"activating", "reloading", "deactivating"})
  void aRelayThatWaitsForItsNextStartIsStarted(String state) throws Exception {
    unit(state, 70, true);
    assertThat(upgraded()).containsExactly("deb-systemd-invoke start pop.service");
  }

  @Test
  void aRelayThatRanWithoutBeingEnabledIsStartedAllTheSame() throws Exception {
    unit("active", 0, false);
    assertThat(upgraded()).containsExactly("systemctl start pop.service");
  }

  @Test
  void whereAPackageMayStartNothingItStartsNoRelayThatIsNotEnabled() throws Exception {
    unit("active", 0, false);
    program(root.resolve("usr/sbin/policy-rc.d"), "[ \"$*\" != 'pop.service start' ] || exit 101");
    assertThat(upgraded()).isEmpty();
    program(root.resolve("usr/sbin/policy-rc.d"), "exit 104");
    assertThat(upgraded()).containsExactly("systemctl start pop.service");
  }

  @Test
  void aRelayThatWasGivenUpForItsCommandLineIsStarted() throws Exception {
    unit("failed", 64, true);
    assertThat(upgraded()).containsExactly("deb-systemd-invoke start pop.service");
  }

  @Test
  void aRelayThatAnOperatorHasStoppedIsNotStarted() throws Exception {
    unit("inactive", 0, true);
    assertThat(upgraded()).isEmpty();
    // It hung, and was stopped all the same.
    unit("failed", 70, true);
    assertThat(upgraded()).isEmpty();
    // It was given up for its command line, and then not wanted any more.
    unit("failed", 64, false);
    assertThat(upgraded()).isEmpty();
  }

  @Test
  void aStartThatFailsIsSaidAndFailsNoUpgrade() throws Exception {
    script("prerm", "upgrade", "2");
    program("deb-systemd-invoke", "exit 1");
    assertThat(script("postinst", "abort-upgrade", "2").err())
        .contains("could not be started again", "systemctl status pop");
  }

  @Test
  void aRemovedRelayIsNotStartedByALaterInstallation() throws Exception {
    script("prerm", "remove");
    script("postrm", "remove");
    assertThat(told()).containsExactly("deb-systemd-invoke stop pop.service");
    script("postinst", "abort-upgrade", "2");
    assertThat(told()).isEmpty();
  }

  /** What the operator reads of a package that is configured, after an earlier version of it. */
  private String saidWhenConfigured() throws Exception {
    // There is no user for them here.
    program("install", "exit 0");
    program("setpriv", "exit 0");
    return script("postinst", "configure", "1").out();
  }

  @Test
  void aRelayThatIsInstalledAgainAndWasEnabledIsToBeStartedByItsOperator() throws Exception {
    script("prerm", "remove");
    script("postrm", "remove");
    unit("inactive", 0, true);
    assertThat(saidWhenConfigured()).contains("to start it: systemctl start pop\n");
    assertThat(told()).noneMatch(line -> line.contains("start pop.service"));
  }

  @Test
  void nobodyIsToldToStartARelayThatRunsOrIsNotToRun() throws Exception {
    assertThat(saidWhenConfigured()).isEmpty();
    unit("activating", 78, true);
    assertThat(saidWhenConfigured()).isEmpty();
    unit("inactive", 0, false);
    assertThat(saidWhenConfigured()).isEmpty();
  }

  private Path enabled(Path unit) throws IOException {
    Path wants =
        Files.createDirectories(root.resolve("etc/systemd/system/multi-user.target.wants"));
    return Files.createSymbolicLink(wants.resolve("pop.service"), unit);
  }

  @Test
  void aPurgeLeavesNoLinkToAUnitThatIsGone() throws Exception {
    Path link = enabled(root.resolve("usr/lib/systemd/system/pop.service"));
    script("postrm", "remove");
    assertThat(link).as("it may be installed again").isSymbolicLink();
    script("postrm", "purge");
    assertThat(Files.isSymbolicLink(link)).isFalse();
  }

  @Test
  void aPurgeLeavesTheUnitOfAnOperatorEnabled() throws Exception {
    Path own = root.resolve("etc/systemd/system/pop.service");
    Files.createDirectories(own.getParent());
    Path link = enabled(Files.writeString(own, "[Service]\n"));
    script("postrm", "purge");
    assertThat(link).isSymbolicLink();
  }

  private boolean purgeKeepsTheSpool() throws Exception {
    Shell.Done done = script("postrm", "purge");
    boolean kept = Files.exists(letters);
    assertThat(told()).noneMatch(line -> line.startsWith("deluser"));
    assertThat(done.err().contains("to give them up: rm -r ")).isEqualTo(kept);
    return kept;
  }

  @Test
  void aDeadLetterIsKept() throws Exception {
    Files.writeString(letters.resolve("dead.ndjson"), EVENT);
    assertThat(purgeKeepsTheSpool()).isTrue();
  }

  @Test
  void whatAnOperatorHasWrittenOffIsNot() throws Exception {
    Files.writeString(letters.resolve("discarded.ndjson"), EVENT);
    Files.writeString(letters.resolve("discarded.1.ndjson"), EVENT);
    Files.writeString(letters.resolve("dead.ndjson"), "");
    Files.writeString(letters.resolveSibling("drops.ndjson"), EVENT);
    assertThat(purgeKeepsTheSpool()).isFalse();
  }

  @Test
  void aFileThatCannotBeReadIsKept() throws Exception {
    Files.writeString(letters.resolveSibling("0001.open"), "# a head\n");
    program("grep", "exit 2");
    assertThat(purgeKeepsTheSpool()).isTrue();
  }

  @Test
  void aFolderThatCannotBeReadIsKept() throws Exception {
    program("find", "exit 1");
    assertThat(purgeKeepsTheSpool()).isTrue();
  }

  @Test
  void aSpoolThatIsEmptyGoes() throws Exception {
    Files.writeString(letters.resolveSibling("0001.open"), "# a head\n");
    assertThat(purgeKeepsTheSpool()).isFalse();
  }
}
