package io.proofofplay.packaging.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/**
 * The package is one that info-beamer imports: its limits, its names, and what it would misread.
 */
final class PackageIT {

  private static final Path FOLDER = Service.built();
  private static final Path ZIP = FOLDER.resolveSibling(FOLDER.getFileName() + ".zip");
  private static final Path DIST = Path.of("../pop-runner/target/dist");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final int MOST_FILES = 2048;
  private static final long MOST_ZIP_BYTES = 384L << 20;

  /** What a file is called that means something to the device in whatever folder it lies. */
  private static final Set<String> SPECIAL =
      Set.of("service", "node.lua", "node.json", "package.json", "config.json", "overlay.squashfs");

  @Test
  void itHasWhatEveryPackageHasAndNothingThatIsMisread() throws IOException {
    Set<String> files = files().keySet();

    assertThat(files)
        .contains("package.json", "package.png", "node.json", "node.lua", "service", "pop.lua");
    assertThat(files).hasSizeLessThanOrEqualTo(MOST_FILES);
    assertThat(files)
        .allSatisfy(
            file -> {
              assertThat(file).matches("[A-Za-z0-9][A-Za-z0-9._/-]*");
              assertThat(file).as("dot files are passed over").doesNotContain("/.");
              assertThat(file).as("made executable").doesNotEndWith(".exe");
            });
    assertThat(files.stream().filter(file -> file.contains("/")))
        .allMatch(file -> file.matches("lib/[^/]+\\.jar"))
        .noneMatch(file -> SPECIAL.contains(file.substring(file.lastIndexOf('/') + 1)));
    // It would win over config.json.
    assertThat(files).doesNotContain("pop.yaml", "config.json");
    assertThat(Files.isExecutable(FOLDER.resolve("service"))).isTrue();
    assertThat(Files.readString(FOLDER.resolve("service")))
        .startsWith("#!/bin/sh\n")
        .doesNotContain("\r");
    assertThat(FOLDER.resolve("service"))
        .hasSameBinaryContentAs(Path.of("src/main/package/service"));
  }

  @Test
  void theZipHoldsTheSameFilesAtItsRootAndTheServiceCanBeRun() throws IOException {
    assertThat(Files.size(ZIP)).isLessThan(MOST_ZIP_BYTES);
    try (FileSystem zip =
        FileSystems.newFileSystem(
            URI.create("jar:" + ZIP.toUri()), Map.of("enablePosixFileAttributes", "true"))) {
      Path root = zip.getPath("/");
      Map<String, Path> inside = new TreeMap<>();
      try (Stream<Path> paths = Files.walk(root)) {
        paths
            .filter(Files::isRegularFile)
            .forEach(path -> inside.put(root.relativize(path).toString(), path));
      }
      Map<String, Path> outside = files();
      assertThat(inside.keySet()).isEqualTo(outside.keySet());
      for (Map.Entry<String, Path> file : inside.entrySet()) {
        assertThat(Files.mismatch(file.getValue(), outside.get(file.getKey())))
            .as(file.getKey())
            .isEqualTo(-1);
        assertThat(
                Files.getPosixFilePermissions(file.getValue())
                    .contains(PosixFilePermission.OTHERS_EXECUTE))
            .as(file.getKey())
            .isEqualTo(file.getKey().equals("service"));
        assertThat(Files.getPosixFilePermissions(file.getValue()))
            .contains(PosixFilePermission.OTHERS_READ);
      }
    }
  }

  @Test
  void thePackageIsDescribedWithinTheLimits() throws IOException {
    assertThat(Files.size(FOLDER.resolve("package.json"))).isLessThanOrEqualTo(2000);
    JsonNode json = json("package.json");

    assertThat(names(json))
        .isSubsetOf(
            "name",
            "author",
            "desc",
            "repository",
            "version",
            "lifecycle",
            "platforms",
            "offline",
            "nesting",
            "runtime",
            "embeddable_packages");
    assertThat(json.get("name").textValue()).isNotBlank().hasSizeLessThanOrEqualTo(32);
    assertThat(json.get("author").textValue()).isNotBlank().hasSizeLessThanOrEqualTo(64);
    assertThat(json.get("desc").textValue()).isNotBlank().hasSizeLessThanOrEqualTo(140);
    // Beside any player.
    assertThat(json.get("nesting")).isEqualTo(JSON.readTree("{\"parents\":\"any\",\"childs\":[]}"));
    assertThat(json.get("offline").get("support").textValue()).isIn("yes", "no", "maybe");
  }

  @Test
  void theOptionsAreThoseThatTheRelayReads() throws IOException {
    JsonNode json = json("node.json");

    assertThat(names(json))
        .containsExactlyInAnyOrder("name", "permissions", "scratch_scope", "options");
    assertThat(names(json.get("permissions"))).containsExactly("network");
    assertThat(json.get("permissions").get("network").textValue()).isNotBlank();
    assertThat(json.get("scratch_scope").textValue()).isEqualTo("package");
    Map<String, String> types = new TreeMap<>();
    for (JsonNode option : json.get("options")) {
      assertThat(names(option))
          .containsExactlyInAnyOrder("title", "name", "type", "ui_width", "default", "hint");
      assertThat(option.get("ui_width").intValue()).isBetween(1, 12);
      assertThat(option.get("title").textValue()).isNotBlank();
      types.put(option.get("name").textValue(), option.get("type").textValue());
      assertThat(option.get("default").isInt())
          .isEqualTo(option.get("type").textValue().equals("integer"));
    }
    assertThat(types)
        .isEqualTo(Map.of("url", "string", "authorization", "string", "min_interval", "integer"));
  }

  @Test
  void thePictureIsASmallSquare() throws IOException {
    assertThat(Files.size(FOLDER.resolve("package.png"))).isLessThan(20_000);
    BufferedImage picture = ImageIO.read(FOLDER.resolve("package.png").toFile());
    assertThat(picture.getWidth()).isEqualTo(picture.getHeight()).isBetween(64, 512);
    long colours = 0;
    int first = picture.getRGB(picture.getWidth() / 2, 10);
    for (int x = 0; x < picture.getWidth(); x++) {
      colours += picture.getRGB(x, picture.getHeight() / 2) == first ? 0 : 1;
    }
    assertThat(colours).as("there is something on it").isGreaterThan(10);
  }

  @Test
  void theProgramAndItsFlagsAreThoseOfTheDistribution() throws IOException {
    assertThat(FOLDER.resolve("jvm.options")).hasSameBinaryContentAs(DIST.resolve("jvm.options"));
    List<String> shipped = new ArrayList<>();
    try (Stream<Path> jars = Files.list(DIST.resolve("lib"))) {
      jars.map(jar -> "lib/" + jar.getFileName()).sorted().forEach(shipped::add);
    }
    assertThat(shipped).anyMatch(jar -> jar.startsWith("lib/pop-runner-"));
    assertThat(files().keySet().stream().filter(file -> file.startsWith("lib/")))
        .containsExactlyElementsOf(shipped);
  }

  @Test
  void theNodeItselfIsLuaThatDoesNothing() throws Exception {
    assertThat(Files.readAllLines(FOLDER.resolve("node.lua")))
        .allMatch(line -> line.startsWith("--"));
  }

  /** The package's files by their names from its folder. */
  private static Map<String, Path> files() throws IOException {
    Map<String, Path> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(FOLDER)) {
      for (Path path : paths.toList()) {
        assertThat(Files.isSymbolicLink(path)).as("%s is a link", path).isFalse();
        if (Files.isRegularFile(path)) {
          files.put(FOLDER.relativize(path).toString(), path);
        }
      }
    }
    return files;
  }

  private static JsonNode json(String file) throws IOException {
    return JSON.readTree(FOLDER.resolve(file).toFile());
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
