package io.proofofplay.runner.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The container image, read as an engine reads it, and run as far as that goes without one. */
@Timeout(120)
final class ImageIT {

  private static final String USER = "10001:10001";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  private Path image;
  private JsonNode manifest;
  private JsonNode config;

  @BeforeEach
  void unpack() throws Exception {
    assumeThat(Packages.image()).as("there is an image only with -Pimage").exists();
    image = Files.createDirectories(directory.resolve("image"));
    Shell.run(image, List.of("tar", "-xf", Packages.image().toString())).well();
    JsonNode index = JSON.readTree(image.resolve("index.json").toFile());
    assertThat(index.get("manifests")).hasSize(1);
    manifest = JSON.readTree(blob(index.get("manifests").get(0)).toFile());
    config = JSON.readTree(blob(manifest.get("config")).toFile());
  }

  private Path blob(JsonNode descriptor) {
    String digest = descriptor.get("digest").asText();
    assertThat(digest).matches("sha256:[0-9a-f]{64}");
    return image.resolve("blobs/sha256").resolve(digest.substring("sha256:".length()));
  }

  private List<String> strings(String name) {
    List<String> texts = new ArrayList<>();
    config.get("config").get(name).forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void theLayoutIsWhatAnEngineReads() throws Exception {
    assertThat(Files.readString(image.resolve("oci-layout"))).contains("imageLayoutVersion");
    assertThat(manifest.get("mediaType").asText())
        .isEqualTo("application/vnd.oci.image.manifest.v1+json");
    for (JsonNode layer : manifest.get("layers")) {
      Shell.Done sum = Shell.run(image, List.of("sha256sum", blob(layer).toString())).well();
      assertThat("sha256:" + sum.out().substring(0, 64)).isEqualTo(layer.get("digest").asText());
      assertThat(Files.size(blob(layer))).isEqualTo(layer.get("size").asLong());
    }
    assertThat(config.get("rootfs").get("diff_ids")).hasSameSizeAs(manifest.get("layers"));
  }

  @Test
  void itRunsTheDaemonAsAUserOfItsOwnWithOneVolumeAndNoPort() {
    assertThat(config.get("config").get("User").asText()).isEqualTo(USER);
    assertThat(config.get("config").get("Volumes").fieldNames())
        .toIterable()
        .containsExactly("/var/lib/pop");
    assertThat(config.get("config").get("WorkingDir").asText()).isEqualTo("/var/lib/pop");
    assertThat(config.get("config").get("ExposedPorts")).isNullOrEmpty();
    assertThat(strings("Entrypoint")).first().asString().endsWith("/bin/java");
    assertThat(strings("Entrypoint")).contains("@/usr/share/pop/jvm.options");
    assertThat(strings("Cmd")).containsExactly("run", "--config", "/etc/pop/pop.yaml");
    assertThat(strings("Env")).contains("MALLOC_ARENA_MAX=2");
  }

  /** The layers, one over the other. */
  private Path root() throws Exception {
    Path root = Files.createDirectories(directory.resolve("root"));
    for (JsonNode layer : manifest.get("layers")) {
      Shell.run(
              root, List.of("tar", "--warning=no-unknown-keyword", "-xpzf", blob(layer).toString()))
          .well();
    }
    return root;
  }

  @Test
  void onlyTheVolumeCanBeWrittenByAnyoneButRoot() throws Exception {
    Path root = root();
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(
              files
                  .filter(file -> !Files.isSymbolicLink(file))
                  .filter(file -> mode(file).charAt(7) == 'w')
                  .map(file -> root.relativize(file).toString()))
          .containsExactly("var/lib/pop");
    }
  }

  private static String mode(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void itsFilesAloneRunTheDaemonAsThatUser() throws Exception {
    assumeThat(Shell.isRoot()).as("only root may chroot").isTrue();
    assumeThat(Shell.has("chroot") && Shell.has("unshare")).as("no chroot or no unshare").isTrue();
    Path root = root();
    assumeThat(root.resolve("usr/lib/jvm/pop/bin/java")).as("Java is in the base image").exists();
    assumeThat(Shell.run(directory, List.of("unshare", "--mount", "true")).code())
        .as("this machine allows no mounts")
        .isZero();

    Shell.Done version = Shell.run(directory, inside(root, List.of("--version"))).well();
    assertThat(version.out()).isEqualTo("pop " + Packages.version() + "\n");

    PlayerAndBackend around = new PlayerAndBackend();
    Path configuration = root.resolve("etc/pop/pop.yaml");
    Files.writeString(configuration, around.configuration(Path.of("/var/lib/pop/spool")));
    try (RelayProcess daemon =
        RelayProcess.start(
            around,
            Files.createDirectories(directory.resolve("run")),
            root.resolve("var/lib/pop/spool"),
            Map.of("MALLOC_ARENA_MAX", "2"),
            inside(root, strings("Cmd")))) {
      daemon.awaitAccepted();
      assertThat(Files.getAttribute(root.resolve("var/lib/pop/spool"), "unix:uid"))
          .isEqualTo(10001);
      around.beWell();
      daemon.awaitDelivered(around.uuid(0));
      System.out.printf(
          "ImageIT: %.1f MiB, runs from its own files as %s, resident at most %.1f MiB%n",
          Files.size(Packages.image()) / 1024.0 / 1024.0, USER, daemon.residentKib() / 1024.0);
      daemon.stopWell();
    }
  }

  /** What an engine would start, with the kernel's file systems, and all else read-only. */
  private List<String> inside(Path root, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "r=$1; shift; mkdir -p $r/proc $r/dev && mount --bind $r $r && mount --bind"
                    + " $r/var/lib/pop $r/var/lib/pop && mount --rbind /proc $r/proc && mount --rbind"
                    + " /dev $r/dev && mount -o remount,bind,ro $r && exec chroot --userspec="
                    + USER
                    + " $r \"$@\"",
                "inside",
                root.toString()));
    command.addAll(strings("Entrypoint"));
    command.addAll(arguments);
    return command;
  }
}
