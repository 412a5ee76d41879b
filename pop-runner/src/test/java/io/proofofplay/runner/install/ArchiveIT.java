package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.Surroundings;
import io.proofofplay.runner.plugin.Plugins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archive that is unpacked anywhere. */
@Timeout(180)
@DisabledOnOs(OS.WINDOWS)
final class ArchiveIT {

  @TempDir private Path temporary;

  private Path home;

  @BeforeEach
  void unpack() throws Exception {
    Path place = Files.createDirectories(temporary.resolve("any place"));
    Shell.run(place, List.of("tar", "-xzf", Packages.tar().toString())).well();
    home = place.resolve("pop-" + Packages.version());
  }

  @Test
  void whatIsUnpackedRuns() throws Exception {
    Shell.Done version = Shell.run(temporary, List.of(home + "/bin/pop", "--version")).well();
    assertThat(version.out()).isEqualTo("pop " + Packages.version() + "\n");
    assertThat(version.err()).isEmpty();
  }

  @Test
  void thereIsAllThatOneNeedsAndTheProgramsAreExecutable() throws Exception {
    assertThat(home)
        .isDirectoryContaining("glob:**/LICENSE")
        .isDirectoryContaining("glob:**/NOTICE")
        .isDirectoryContaining("glob:**/jvm.options")
        .isDirectoryContaining("glob:**/pop.example.yaml");
    assertThat(home.resolve("plugins")).isDirectoryContaining("glob:**/README");
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.toList()) {
        boolean program =
            Files.isDirectory(file)
                || List.of("bin", "libexec").contains(file.getParent().getFileName().toString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo(program ? "rwxr-xr-x" : "rw-r--r--");
      }
    }
  }

  @Test
  void theRunbookIsInItAndWhatItRefersTo() throws Exception {
    Documents.areWhole(home);
  }

  @Test
  void theExampleIsAConfiguration() throws Exception {
    var relay =
        Configuration.load(
                Optional.of(home.resolve("pop.example.yaml")),
                new Surroundings(temporary, Map.of()),
                Plugins.load(home))
            .relay();
    assertThat(relay.sinks()).containsOnlyKeys("billing");
  }

  @Test
  void theNoticeNamesEveryLibraryThatIsShippedAndNoOther() throws Exception {
    List<String> shipped = new ArrayList<>();
    try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
      jars.map(jar -> jar.getFileName().toString().replaceFirst("-\\d.*", ""))
          .filter(name -> !name.startsWith("pop-"))
          .forEach(shipped::add);
    }
    List<String> named =
        Pattern.compile("(?m)^  ([a-z]\\S*(?:, \\S+)*) {2,}\\S")
            .matcher(Shell.text(home.resolve("NOTICE")))
            .results()
            .flatMap(line -> Stream.of(line.group(1).split(", ")))
            .toList();
    assertThat(named).containsExactlyInAnyOrderElementsOf(shipped);
  }

  /** Else two builds of one commit would differ. */
  @Test
  void nothingInTheArchiveTellsWhenOrByWhomItWasBuilt() throws Exception {
    Shell.Done listing =
        Shell.run(
                temporary,
                Map.of("TZ", "UTC"),
                List.of(
                    "tar", "--numeric-owner", "--full-time", "-tvzf", Packages.tar().toString()))
            .well();
    assertThat(listing.out().lines())
        .isNotEmpty()
        .allMatch(line -> line.matches("\\S+ 0/0 +\\d+ 2026-11-22 00:00:00 .*"));
  }

  @Test
  void theZipHoldsTheSame() throws Exception {
    Shell.Done listing =
        Shell.run(temporary, List.of("tar", "-tzf", Packages.tar().toString())).well();
    try (ZipFile zip = new ZipFile(Packages.zip().toFile())) {
      assertThat(zip.stream().map(ZipEntry::getName))
          .containsExactlyInAnyOrderElementsOf(listing.out().lines().toList());
    }
  }
}
