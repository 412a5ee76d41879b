package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.bench.Machine.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineTest {

  private static final List<String> MOUNTINFO =
      List.of(
          "22 27 0:21 / /proc rw,relatime - proc proc rw",
          "40 27 7:0 / /mnt/a\\040b rw,noatime shared:2 master:3 - ext4 /dev/loop0 rw,errors=x",
          "27 0 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw,discard",
          "41 27 8:1 / /mnt/twice rw - xfs /dev/sda1 rw",
          "42 27 8:2 / /mnt/twice ro - btrfs /dev/sda2 rw",
          "a line that is none");

  private static Mount of(String path) {
    return Mount.of(MOUNTINFO, Path.of(path)).orElseThrow();
  }

  @Test
  void aPathLiesOnTheMountThatIsNearest() {
    assertThat(of("/mnt/a b/spool"))
        .isEqualTo(new Mount(Path.of("/mnt/a b"), "7:0", "ext4", "rw,noatime,rw,errors=x"));
    assertThat(of("/mnt/a bc/spool").device()).isEqualTo("254:0");
    assertThat(of("/").options()).isEqualTo("rw,relatime,rw,discard");
  }

  @Test
  void ofTwoMountsOnOnePointTheLaterOneIsSeen() {
    assertThat(of("/mnt/twice/spool").type()).isEqualTo("btrfs");
  }

  @Test
  void whereNothingIsMountedNothingIsKnown() {
    assertThat(Mount.of(List.of("22 27 0:21 / /proc rw - proc proc rw"), Path.of("/tmp")))
        .isEqualTo(Optional.empty());
  }

  @Test
  void thisMachineHasAKernelAndAFileSystem(@TempDir Path directory) throws IOException {
    Machine machine = Machine.of(directory);

    assertThat(machine.processors()).isPositive();
    assertThat(machine.kernel()).isNotBlank();
    assertThat(machine.fileSystem()).isNotBlank();
  }
}
