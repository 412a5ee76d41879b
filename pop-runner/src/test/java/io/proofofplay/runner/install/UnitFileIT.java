package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The unit file, as systemd itself judges it. */
@Timeout(60)
final class UnitFileIT {

  private static final String UNIT = "pop.service";

  /** Of 10, where 10 is a service that may do everything; below 2 systemd says OK. */
  private static final double MOST_EXPOSED = 1.5;

  /** As docs/performance.md has it. */
  private static final int MOST_SOURCES = 1_000;

  /** The JVM's threads, those of sinks and changes and of who asks, and what it starts. */
  private static final int OTHER_TASKS = 100;

  @TempDir private Path root;

  private Path unit;

  @BeforeEach
  void aMachineOnWhichItIsInstalled() throws Exception {
    assumeThat(Shell.has("systemd-analyze"))
        .as("systemd-analyze is not here; install systemd")
        .isTrue();
    // The units that it refers to.
    Path units = Files.createDirectories(root.resolve("usr/lib/systemd/system"));
    // Save the one of an installed relay, which another test may install or remove at this moment.
    String others =
        "find /usr/lib/systemd/system -ignore_readdir_race -mindepth 1 -maxdepth 1"
            + " ! -name pop.service* -exec cp -r -t . {} +";
    Shell.run(units, List.of(others.split(" "))).well();
    // Those that are switched off lead out of the folder, which must not be removed through them.
    Shell.run(root, List.of("find", units.toString(), "-lname", "/dev/null", "-delete")).well();
    unit = Files.createDirectories(root.resolve("etc/systemd/system")).resolve(UNIT);
    Files.copy(Packages.sources().resolve("systemd").resolve(UNIT), unit);
    for (String program : List.of("usr/bin/pop", "bin/kill")) {
      Path file = root.resolve(program);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
  }

  private Shell.Done verify() throws Exception {
    // What it says of other units of this machine is none of ours.
    return Shell.run(
        root, List.of("systemd-analyze", "verify", "--man=no", "--root=" + root, unit.toString()));
  }

  @Test
  void systemdHasNothingToSayAgainstIt() throws Exception {
    Shell.Done done = verify().well();
    assertThat((done.out() + done.err()).lines().filter(line -> line.contains("pop.service")))
        .isEmpty();
  }

  /** Else the claim above would hold for any file. */
  @Test
  void systemdNoticesAWrongLine() throws Exception {
    Files.writeString(unit, Files.readString(unit).replace("RestartSec=", "RestartSecs="));
    assertThat(verify().err()).contains("RestartSecs");
  }

  @Test
  void itIsShutOffFromTheRestOfTheMachine() throws Exception {
    Shell.Done done =
        Shell.run(
                root,
                List.of(
                    "systemd-analyze", "security", "--no-pager", "--offline=true", unit.toString()))
            .well();
    Matcher score =
        Pattern.compile("Overall exposure level for pop.service: ([0-9.]+)").matcher(done.out());
    assertThat(score.find()).as(done.out()).isTrue();
    System.out.printf("UnitFileIT: exposed %s of 10 (systemd-analyze security)%n", score.group(1));
    assertThat(Double.parseDouble(score.group(1))).isLessThanOrEqualTo(MOST_EXPOSED);
  }

  @Test
  void thereIsAThreadForEachOfAThousandSources() throws Exception {
    Matcher most = Pattern.compile("(?m)^TasksMax=(\\d+)$").matcher(Files.readString(unit));
    assertThat(most.find()).as("TasksMax").isTrue();
    assertThat(Integer.parseInt(most.group(1))).isGreaterThan(MOST_SOURCES + OTHER_TASKS);
  }

  @Test
  void whatTheExitCodesAskForIsDone() throws Exception {
    String text = Files.readString(unit);
    assertThat(text)
        // A death by SIGHUP is no failure to systemd, and 78 may be a mount that comes later.
        .containsPattern("(?m)^Restart=always$")
        .containsPattern("(?m)^RestartPreventExitStatus=64$")
        .containsPattern("(?m)^RestartSec=15s$")
        .containsPattern("(?m)^StartLimitIntervalSec=0$")
        // A process that hangs is ended in good order, if it can be; a child of it speaks for it.
        .containsPattern("(?m)^NotifyAccess=all$")
        .containsPattern("(?m)^WatchdogSec=10min$")
        .containsPattern("(?m)^WatchdogSignal=SIGTERM$")
        .containsPattern("(?m)^User=pop$")
        .containsPattern("(?m)^StateDirectory=pop$")
        .containsPattern("(?m)^MemoryMax=\\d+M$");
  }
}
