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
    letters = Files.createDirectories(root.resolve("var/lib/pop/spool/billing/dead"));
    for (String name : List.of("deb-systemd-invoke", "deb-systemd-helper", "deluser", "getent")) {
      program(name, "echo " + name + " \"$@\" >>" + told);
    }
    running(true);
  }

  private void program(String name, String text) throws IOException {
    Path file = Files.createDirectories(root.resolve("programs")).resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** Whether systemd says that the relay runs. */
  private void running(boolean yes) throws IOException {
    program("systemctl", "case \"$*\" in *is-active*) exit " + (yes ? 0 : 3) + " ;; esac");
  }

  private Shell.Done script(String name, String... arguments) throws Exception {
    String text = Files.readString(Packages.sources().resolve("deb/control").resolve(name));
    for (String place : List.of("/run/", "/var/", "/etc/")) {
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

  @Test
  void aRelayThatDidNotRunIsNotStarted() throws Exception {
    running(false);
    script("prerm", "upgrade", "2");
    script("postinst", "abort-upgrade", "2");
    assertThat(told()).containsExactly("deb-systemd-invoke stop pop.service");
  }

  @Test
  void aRemovedRelayIsNotStartedByALaterInstallation() throws Exception {
    script("prerm", "remove");
    script("postrm", "remove");
    assertThat(told()).containsExactly("deb-systemd-invoke stop pop.service");
    script("postinst", "abort-upgrade", "2");
    assertThat(told()).isEmpty();
  }

  private boolean purgeKeepsTheSpool() throws Exception {
    Shell.Done done = script("postrm", "purge");
    boolean kept = Files.exists(letters);
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
