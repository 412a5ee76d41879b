package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.RefusedLines;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.SpoolContract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The storage on a real disk. */
// What is opened stays open on purpose, as a kill leaves it.
@SuppressWarnings("try")
class FileStorageTest {

  @TempDir private Path temporary;

  private FileStorage open() throws IOException {
    return open(temporary);
  }

  private static FileStorage open(Path directory) throws IOException {
    return FileStorage.open(directory, TimeSource.system());
  }

  private static Spool spool(FileStorage storage, String sink) throws IOException {
    return storage.openSpool(sink, SpoolPolicy.defaults(), BatchPolicy.defaults(), false);
  }

  @Nested
  @Tag("long")
  class OnARealDisk implements SpoolContract {
    @Override
    public Place place() throws IOException {
      Path directory = Files.createTempDirectory(temporary, "place");
      return new Place() {
        private FileStorage storage;

        @Override
        public Spool open(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
            throws IOException {
          if (storage == null) {
            storage = FileStorageTest.open(directory);
          }
          return storage.openSpool("billing", keeping, batches, oneSender);
        }

        @Override
        public void close() throws IOException {
          if (storage != null) {
            storage.close();
          }
        }
      };
    }
  }

  @Test
  void theDirectoryAndThoseAboveItAreMade() throws IOException {
    Path deep = temporary.resolve("a/b/../c/d");
    try (FileStorage storage = open(deep)) {
      spool(storage, "billing").append(Events.numbered(3));
    }
    assertThat(temporary.resolve("a/c/d/billing/000000000001-n3.ndjson")).exists();
  }

  @Test
  void aSecondStorageOnTheDirectoryIsRefusedAndTheFirstKeepsItsLock() throws Exception {
    FileStorage first = open();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> open(temporary.resolve(".")))
          .isInstanceOf(StorageInUse.class)
          .hasMessageContaining(temporary.toString())
          .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
    }
    // The lock of this process still holds against another one.
    assertThat(tryInAnotherProcess())
        .contains("is owned by process " + ProcessHandle.current().pid());
    first.close();
    assertThat(tryInAnotherProcess()).contains("opened");
    open().close();
  }

  @Test
  void aLockFileWithoutAnOwnerIsNoObstacle() throws IOException {
    Files.writeString(temporary.resolve("lock"), "4711\n");
    try (FileStorage storage = open()) {
      assertThat(storage.sinks()).isEmpty();
      assertThat(temporary.resolve("lock"))
          .content()
          .matches(ProcessHandle.current().pid() + "( \\d+)?\n");
    }
  }

  @Test
  void aKilledOwnerIsNoObstacleAndItsEventsAreThere() throws Exception {
    Process owner = anotherProcess("hold");
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("opened");
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageInUse.class)
          .hasMessageContaining("process " + owner.pid());
    } finally {
      owner.destroyForcibly();
    }
    assertThat(owner.waitFor(20, TimeUnit.SECONDS)).isTrue();

    try (FileStorage storage = open()) {
      assertThat(storage.sinks()).containsExactly("held");
      assertThat(Spools.drain(spool(storage, "held"))).isEqualTo(Events.numbered(5));
    }
  }

  @Test
  void anOwnerThatHasNotSaidYetWhoItIsIsNamedNevertheless() throws Exception {
    Process owner = anotherProcess("hold");
    Thread opener = Thread.currentThread();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("opened");
      // The number of one that was killed stands there until the next owner has written its own.
      Files.writeString(temporary.resolve("lock"), "999999999\n");
      Thread owners =
          new Thread(
              () -> {
                while (opener.getState() != Thread.State.TIMED_WAITING) {
                  Thread.onSpinWait();
                }
                try {
                  Files.writeString(temporary.resolve("lock"), owner.pid() + "\n");
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      owners.setDaemon(true);
      owners.start();

      assertThatThrownBy(this::open)
          .isInstanceOf(StorageInUse.class)
          .hasMessageContaining("process " + owner.pid());
    } finally {
      owner.destroyForcibly();
    }
  }

  /** Another owner, for {@link #aKilledOwnerIsNoObstacleAndItsEventsAreThere()}. */
  static final class Owner {
    private Owner() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
      try {
        FileStorage storage = FileStorage.open(Path.of(arguments[0]), TimeSource.system());
        if (arguments[1].equals("hold")) {
          Spool spool = spool(storage, "held");
          spool.append(Events.numbered(5));
          spool.sync();
          System.out.println("opened");
          Thread.sleep(TimeUnit.MINUTES.toMillis(1));
        }
        System.out.println("opened");
        storage.close();
      } catch (StorageInUse e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private Process anotherProcess(String what) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-cp",
            System.getProperty("java.class.path"),
            Owner.class.getName(),
            temporary.toString(),
            what)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private String tryInAnotherProcess() throws Exception {
    Process other = anotherProcess("try");
    String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return said;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "a\\b",
        "a b",
        "\u00e9",
        "lock",
        "rejected.ndjson"
      })
  void aNameThatCannotBeAFolderIsRefused(String name) throws IOException {
    try (FileStorage storage = open()) {
      assertThatThrownBy(() -> spool(storage, name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + name + "\"");
      assertThatThrownBy(() -> storage.openDeadLetters(name))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> storage.openDropLedger(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aNameOfSixtyFourCharactersIsFineAndOneMoreIsNot() throws IOException {
    try (FileStorage storage = open()) {
      spool(storage, "x".repeat(64));
      assertThatThrownBy(() -> spool(storage, "x".repeat(65)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void sinksAreThoseForWhichSomethingIsKept() throws IOException {
    try (FileStorage storage = open()) {
      spool(storage, "nothing");
      spool(storage, "waiting").append(Events.numbered(1));
      DeadLetters dead = storage.openDeadLetters("dead");
      dead.put(
          new DeadLetter(ManualTime.START, BatchId.of("x", 1), Reason.of("no"), Events.number(1)));
      dead.close();
      DropLedger drops = storage.openDropLedger("dropped");
      drops.record(Drop.unreadable(ManualTime.START, DropReason.DAMAGED, 1));
      drops.close();
      storage.openDeadLetters("no-letter").close();
      Files.createDirectory(temporary.resolve(".git"));
      Files.createFile(temporary.resolve("file"));

      assertThat(storage.sinks()).containsExactly("dead", "dropped", "waiting");
    }
  }

  @Test
  void aSinkKeepsWhatItHasUnderItsNameAlone() throws IOException {
    try (FileStorage storage = open()) {
      spool(storage, "one").append(Events.numbered(0, 2));
      spool(storage, "two").append(Events.numbered(2, 4));
      assertThatThrownBy(() -> spool(storage, "one")).isInstanceOf(IllegalStateException.class);
    }
    try (FileStorage storage = open()) {
      Spool one = spool(storage, "one");
      assertThat(Spools.drain(one)).isEqualTo(Events.numbered(0, 2));
      one.close();
      assertThat(Spools.drain(spool(storage, "one"))).isEmpty();
      assertThat(Spools.drain(spool(storage, "two"))).isEqualTo(Events.numbered(2, 4));
    }
  }

  @Test
  void refusedLinesStandBesideTheSinks() throws IOException {
    try (FileStorage storage = open();
        RefusedLines refused = storage.openRefusedLines()) {
      byte[] line = "hello".getBytes(StandardCharsets.US_ASCII);
      refused.put(ManualTime.START, "lobby", new RefusedLine(Refusal.NOT_JSON, 7, 5, line));
    }
    assertThat(Files.readAllLines(temporary.resolve("rejected.ndjson"))).hasSize(1);
  }

  @Test
  void nothingWritesToTheDirectoryOnceTheStorageIsClosed() throws IOException {
    FileStorage storage = open();
    RefusedLines refused = storage.openRefusedLines();
    DeadLetters dead = storage.openDeadLetters("billing");
    DropLedger drops = storage.openDropLedger("billing");
    storage.close();

    byte[] line = {'x'};
    refused.put(ManualTime.START, "lobby", new RefusedLine(Refusal.NOT_JSON, 0, 1, line));
    DeadLetter letter =
        new DeadLetter(ManualTime.START, BatchId.of("x", 1), Reason.of("no"), Events.number(1));
    assertThatThrownBy(() -> dead.put(letter)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> drops.record(Drop.unreadable(ManualTime.START, DropReason.DAMAGED, 1)))
        .isInstanceOf(IOException.class);

    assertThat(temporary.resolve("rejected.ndjson")).doesNotExist();
    assertThat(temporary.resolve("billing/drops.ndjson")).doesNotExist();
    assertThat(temporary.resolve("billing/dead")).doesNotExist();
  }

  @Test
  void theReserveIsReallyThere() throws IOException {
    try (FileStorage storage = open()) {
      spool(storage, "billing");
      assertThat(Files.size(temporary.resolve("billing/reserve"))).isEqualTo(256 * 1024);
    }
  }

  @Test
  void aDirectoryThatIsAFileIsRefused() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));
    assertThatThrownBy(() -> open(file)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> open(file.resolve("below"))).isInstanceOf(IOException.class);
    Files.createDirectory(temporary.resolve("root"));
    Files.createFile(temporary.resolve("root/billing"));
    try (FileStorage storage = open(temporary.resolve("root"))) {
      assertThatThrownBy(() -> spool(storage, "billing")).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anInterruptedThreadLosesNothingAndStaysInterrupted() throws IOException {
    for (Durability durability : Durability.values()) {
      Path directory = temporary.resolve(durability.name());
      Thread.currentThread().interrupt();
      try {
        FileStorage storage = open(directory);
        BatchPolicy batches = Spools.batchesOf(3);
        SpoolPolicy keeping = SpoolPolicy.defaults().withDurability(durability);
        Spool spool = storage.openSpool("billing", keeping, batches, false);
        for (int i = 0; i < 8; i++) {
          assertThat(spool.append(Events.numbered(i, i + 1))).isEqualTo(Spool.Append.KEPT);
          spool.sync();
        }
        Batch first = spool.peek().orElseThrow();
        spool.remove(first.part(0, 1).id());
        spool.roll();
        spool.close();
        spool = storage.openSpool("billing", keeping, batches, false);
        assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(1, 8));
        storage.close();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
      } finally {
        Thread.interrupted();
      }
    }
  }

  @Test
  void aFolderThatIsAwayIsNoProofThatItsFilesAreGone() throws IOException {
    try (FileStorage storage = open()) {
      Spool earlier = spool(storage, "billing");
      earlier.append(Events.numbered(4));
      earlier.close();
      Spool spool = spool(storage, "billing");
      Path folder = temporary.resolve("billing");
      Path away = temporary.resolve("away");
      Files.move(folder, away);
      assertThatThrownBy(spool::peek).isInstanceOf(IOException.class);
      assertThat(spool.stats().events()).isEqualTo(4);
      Files.move(away, folder);
      assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(4));
    }
  }

  @Test
  void nothingIsLeftOpenOrHalfWritten() throws IOException {
    try (FileStorage storage = open()) {
      Spool spool = spool(storage, "billing");
      for (int i = 0; i < 1200; i += 100) {
        spool.append(Events.numbered(i, i + 100));
        spool.sync();
      }
      assertThat(Spools.drain(spool)).hasSize(1200);
    }
    try (Stream<Path> files = Files.list(temporary.resolve("billing"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("reserve");
    }
  }
}
