package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool.Append;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the file spool promises beyond its port: how often it forces, and how it fills a disk. */
class FileSpoolTest {

  private static List<String> names(FaultyDisk disk) {
    return disk.files().stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> !name.equals(Reserve.NAME))
        .toList();
  }

  private static FileSpool with(FaultyDisk disk, SpoolPolicy keeping, BatchPolicy batches)
      throws IOException {
    return Spools.open(disk, keeping, batches, false);
  }

  // ---------------------------------------------------------------- names and progress

  @Test
  void theNameSaysHowFarABatchIsDoneWith() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 5);
    spool.append(Events.numbered(7));
    assertThat(names(disk)).containsExactly("000000000001.open", "000000000002.open");
    spool.sync();
    assertThat(names(disk)).containsExactly("000000000001-n5.ndjson", "000000000002.open");
    spool.remove(spool.peek().orElseThrow().part(0, 2).id());
    assertThat(names(disk)).containsExactly("000000000001-n5-s2.ndjson", "000000000002.open");
    spool.remove(spool.peek().orElseThrow().id());
    assertThat(names(disk)).containsExactly("000000000002.open");
    spool.close();
    assertThat(names(disk)).containsExactly("000000000002-n2.ndjson");
  }

  @Test
  void deliveryNeedsNoRoom() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 5);
    spool.append(Events.numbered(17));
    spool.sync();
    disk.failAll(kind -> kind == Kind.CREATE || kind == Kind.WRITE, Fault.NO_SPACE);

    Batch first = spool.peek().orElseThrow();
    spool.remove(first.part(0, 2).id());
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(2, 17));
    assertThat(names(disk)).isEmpty();
  }

  @Test
  void whatCannotBeRemovedIsNotSeenAgainAndGoesLater() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 2);
    spool.append(Events.numbered(6));
    spool.sync();
    disk.failAll(kind -> kind == Kind.DELETE || kind == Kind.RENAME, Fault.IO_ERROR);
    spool.remove(spool.peek().orElseThrow().id());
    spool.remove(spool.peek().orElseThrow().part(0, 1).id());
    assertThat(spool.peek().orElseThrow().events()).isEqualTo(Events.numbered(3, 4));
    assertThat(names(disk)).contains("000000000001-n2.ndjson", "000000000002-n2.ndjson");
    disk.repair();

    spool.close();

    assertThat(names(disk)).containsExactly("000000000002-n2-s1.ndjson", "000000000003-n2.ndjson");
  }

  @Test
  void removalsInQuickSuccessionShareForcesAndAPowerCutRepeatsFewOfThem() throws IOException {
    int batches = 100;
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 1);
    spool.append(Events.numbered(batches));
    spool.sync();
    int before = disk.count(Kind.FORCE_DIRECTORY);
    for (int done = 1; done < batches; done++) {
      spool.remove(spool.peek().orElseThrow().id());
      List<PopEvent> left = Spools.drain(Spools.open(disk.afterPowerCut(done), 1));
      int most = SpoolFolder.MOST_UNSAFE - 1;
      assertThat(Events.numbered(Math.max(0, done - most), batches))
          .as("after %s removals", done)
          .containsAll(left);
      assertThat(left).containsAll(Events.numbered(done, batches));
    }
    assertThat(disk.count(Kind.FORCE_DIRECTORY) - before)
        .isBetween(1, batches / SpoolFolder.MOST_UNSAFE + 1);

    spool.remove(spool.peek().orElseThrow().id());
    assertThat(Spools.drain(Spools.open(disk.afterPowerCut(1), 1))).as("it is empty").isEmpty();
  }

  @Test
  void whatWasRemovedStaysRemovedAfterAPowerCut() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      FaultyDisk disk = new FaultyDisk();
      ManualTime time = ManualTime.standing();
      FileSpool spool = Spools.open(disk, SpoolPolicy.defaults(), Spools.batchesOf(4), false, time);
      spool.append(Events.numbered(10));
      spool.sync();
      spool.remove(spool.peek().orElseThrow().id());
      spool.remove(spool.peek().orElseThrow().part(0, 1).id());
      time.advance(Duration.ofNanos(SpoolFolder.LONGEST_UNSAFE));
      assertThat(spool.peek()).isPresent();

      disk.crash(seed);

      assertThat(Spools.drain(Spools.open(disk, 4))).isEqualTo(Events.numbered(5, 10));
    }
  }

  @Test
  void aStartReadsNoSealedFileButTheFirstLineOfTheOldest() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    try (FileSpool spool = Spools.open(disk, 1)) {
      spool.append(Events.numbered(50));
    }
    int before = disk.count(Kind.READ);

    try (FileSpool spool = Spools.open(disk, 1)) {
      assertThat(disk.count(Kind.READ) - before).isEqualTo(1);
      assertThat(spool.stats().events()).isEqualTo(50);
      assertThat(spool.stats().batches()).isEqualTo(50);
    }
  }

  @Test
  void theAgeOfTheOldestIsWhenItsFirstEventCame() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    ManualTime time = ManualTime.standing();
    SpoolFolder folder = new SpoolFolder(disk, Spools.FOLDER, time);
    Reserve reserve = new Reserve(disk, Spools.FOLDER, time, Spools.RESERVE);
    Instant begun = time.now();
    for (int life = 0; life < 2; life++) {
      FileSpool spool =
          FileSpool.open(folder, reserve, time, SpoolPolicy.defaults(), Spools.batchesOf(2), false);
      if (life == 0) {
        spool.append(Events.numbered(1));
        time.advance(Duration.ofMinutes(5));
        spool.append(Events.numbered(1, 3));
      }
      assertThat(spool.stats().oldest()).contains(begun);
      if (life == 1) {
        spool.remove(spool.peek().orElseThrow().id());
        assertThat(spool.stats().oldest()).contains(begun.plus(Duration.ofMinutes(5)));
      }
      spool.close();
    }
  }

  @Test
  void anIdIsNewInEveryLifeAlsoWhenNothingIsLeft() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    Set<String> ids = new HashSet<>();
    for (int life = 0; life < 5; life++) {
      FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 3);
      spool.append(Events.numbered(3));
      assertThat(ids.add(spool.peek().orElseThrow().id().toString())).isTrue();
      // Delivered from memory, and killed: no trace of the id is left.
      disk.kill();
    }
    assertThat(names(disk)).isEmpty();
  }

  // ---------------------------------------------------------------- forcing

  @Test
  void anAcknowledgementCostsOneForceAndTheFirstInAFileOneMoreForItsName() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 1000);
    spool.append(Events.numbered(3));
    spool.sync();
    int forces = disk.count(Kind.FORCE);
    int directoryForces = disk.count(Kind.FORCE_DIRECTORY);

    for (int i = 0; i < 5; i++) {
      spool.append(Events.numbered(i * 10, i * 10 + 10));
      spool.sync();
      spool.sync();
    }

    assertThat(disk.count(Kind.FORCE) - forces).isEqualTo(5);
    assertThat(disk.count(Kind.FORCE_DIRECTORY) - directoryForces).isZero();
  }

  @Test
  void aFullBatchCostsOneForceOfTheFolder() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 10);
    spool.append(Events.numbered(5));
    spool.sync();
    int directoryForces = disk.count(Kind.FORCE_DIRECTORY);

    for (int i = 0; i < 20; i++) {
      spool.append(Events.numbered(i * 10, i * 10 + 10));
      spool.sync();
    }

    // The rename of one file and the name of the next together.
    assertThat(disk.count(Kind.FORCE_DIRECTORY) - directoryForces).isEqualTo(20);
  }

  @Test
  void anAppendIsOneWrite() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 1000);
    int writes = disk.count(Kind.WRITE);

    spool.append(Events.numbered(200));
    spool.append(Events.numbered(200, 400));

    assertThat(disk.count(Kind.WRITE) - writes).isEqualTo(2);
  }

  @Test
  void whatAThreadWithMoreToAppendAppendsIsWrittenInOnePieceByWhoForces() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 150);
    int writes = disk.count(Kind.WRITE);

    for (int i = 0; i < 100; i += 4) {
      assertThat(spool.appendAmongOthers(Events.numbered(i, i + 4))).isEqualTo(Append.KEPT);
    }

    assertThat(disk.count(Kind.WRITE) - writes).as("the first one").isEqualTo(1);
    spool.sync();
    assertThat(disk.count(Kind.WRITE) - writes).isEqualTo(2);
    // Beyond the end of a batch, and over it.
    for (int i = 100; i < 400; i += 4) {
      assertThat(spool.appendAmongOthers(Events.numbered(i, i + 4))).isEqualTo(Append.KEPT);
    }
    spool.sync();
    disk.crash(1);
    assertThat(Spools.drain(Spools.open(disk, 1000))).isEqualTo(Events.numbered(400));
  }

  @Test
  void whoHasNoMoreToAppendWritesWhatWasLeftOfTheOpenFileToo() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 1000);
    spool.appendAmongOthers(Events.numbered(0, 1));
    spool.appendAmongOthers(Events.numbered(1, 2));

    spool.append(Events.numbered(2, 3));
    disk.kill();

    assertThat(Spools.drain(Spools.open(disk, 1000))).isEqualTo(Events.numbered(3));
  }

  /** What came first is there if anything is that came later, wherever batches end between them. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void aKillLosesNothingBeforeWhatItLeaves(int largestBatch) throws IOException {
    for (int left = 0; left <= 8; left++) {
      for (int more = 1; more <= 8; more++) {
        FaultyDisk disk = new FaultyDisk();
        FileSpool spool = Spools.open(disk, largestBatch);
        spool.appendAmongOthers(Events.numbered(0, 1));
        if (left > 0) {
          spool.appendAmongOthers(Events.numbered(1, 1 + left));
        }
        int all = 1 + left + more;
        assertThat(spool.append(Events.numbered(1 + left, all))).isEqualTo(Append.KEPT);

        disk.kill();

        List<PopEvent> found = Spools.drain(Spools.open(disk, largestBatch));
        assertThat(found)
            .as("%s left, %s more", left, more)
            .isEqualTo(Events.numbered(all).subList(0, found.size()));
        assertThat(found).isNotEmpty();
      }
    }
  }

  @Test
  void behindAForceThatFailedAnAppendIsInTheHandsOfTheSystemAtOnceAgain() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 2);
    spool.append(Events.numbered(0, 1));
    spool.sync();
    spool.append(Events.numbered(1, 2));
    spool.appendAmongOthers(Events.numbered(2, 3));
    disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    disk.repair();

    spool.append(Events.numbered(3, 4));
    disk.kill();

    List<PopEvent> left = new ArrayList<>(Events.numbered(0, 1));
    left.addAll(Events.numbered(3, 4));
    assertThat(Spools.drain(Spools.open(disk, 2))).isEqualTo(left);
  }

  @Test
  void aKillWhileRefusedEventsAreTakenOutLeavesABeginning() throws IOException {
    int killedAfter = -1;
    int taken;
    do {
      killedAfter++;
      FaultyDisk disk = new FaultyDisk();
      FileSpool spool = Spools.open(disk, 2);
      spool.append(Events.numbered(0, 1));
      spool.sync();
      spool.append(Events.numbered(1, 7));
      disk.failAll(forcesAndAllBut(killedAfter), Fault.IO_ERROR);
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      taken = disk.count(Kind.DELETE) + disk.count(Kind.TRUNCATE);
      disk.kill();
      disk.repair();

      List<PopEvent> left = Spools.drain(Spools.open(disk, 2));
      assertThat(left)
          .as("killed after %d of what takes events out", killedAfter)
          .isEqualTo(Events.numbered(Math.max(1, left.size())));
    } while (taken > killedAfter);
    assertThat(killedAfter).isGreaterThan(4);
  }

  /** Each force fails, and what takes events out after the first so many times. */
  private static Predicate<Kind> forcesAndAllBut(int times) {
    int[] left = {times};
    return kind ->
        kind == Kind.FORCE || ((kind == Kind.DELETE || kind == Kind.TRUNCATE) && left[0]-- <= 0);
  }

  @Test
  void whoBeginsABatchBehindOneThatIsLeftIsForcedWithIt() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 2);
    spool.appendAmongOthers(Events.numbered(0, 1));
    spool.appendAmongOthers(Events.numbered(1, 4));
    spool.append(Events.numbered(4, 7));

    spool.sync();
    disk.crash(1);

    assertThat(Spools.drain(Spools.open(disk, 2))).isEqualTo(Events.numbered(7));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoFindsNoRoomForItsOwnAndWhatWasLeftIsRefusedAlone(boolean isCut) throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 1000);
    spool.appendAmongOthers(Events.numbered(0, 1));
    spool.appendAmongOthers(Events.numbered(1, 2));
    SpoolStats before = spool.stats();
    disk.failAll(
        kind -> kind == Kind.WRITE || (!isCut && kind == Kind.TRUNCATE), Fault.SHORT_WRITE);

    assertThat(spool.append(Events.numbered(2, 3))).isEqualTo(Append.NO_SPACE);

    disk.repair();
    assertThat(spool.stats().events()).isEqualTo(2);
    assertThat(spool.stats().unconfirmed()).isEqualTo(before.unconfirmed());
    spool.append(Events.numbered(3, 4));
    spool.sync();
    assertThat(spool.stats().withdrawn()).isZero();
    disk.crash(1);
    List<PopEvent> left = new ArrayList<>(Events.numbered(0, 2));
    left.addAll(Events.numbered(3, 4));
    assertThat(Spools.drain(Spools.open(disk, 1000))).isEqualTo(left);
  }

  @Test
  void whatWasLeftAndFindsNoRoomIsTakenOutAgainAndWhatComesLaterIsNot() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 1000);
    spool.appendAmongOthers(Events.numbered(0, 1));
    spool.appendAmongOthers(Events.numbered(1, 2));
    disk.failAll(kind -> kind == Kind.WRITE || kind == Kind.TRUNCATE, Fault.SHORT_WRITE);
    assertThat(spool.appendAmongOthers(Events.numbered(2, 3))).isEqualTo(Append.KEPT);

    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    assertThat(spool.stats().withdrawn()).isEqualTo(3);
    disk.repair();
    spool.append(Events.numbered(3, 4));
    spool.sync();
    disk.crash(1);

    assertThat(Spools.drain(Spools.open(disk, 1000))).isEqualTo(Events.numbered(3, 4));
  }

  @ParameterizedTest
  @EnumSource(names = {"INTERVAL", "ON_FAILURE"})
  void belowWriteAheadWhatIsAppendedIsInTheHandsOfTheSystemAtOnce(Durability durability)
      throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, durability, 1000);
    spool.append(Events.numbered(0, 1));
    spool.sync();

    spool.appendAmongOthers(Events.numbered(1, 2));
    spool.appendAmongOthers(Events.numbered(2, 3));
    disk.kill();

    assertThat(Spools.drain(Spools.open(disk, 1000))).isEqualTo(Events.numbered(3));
  }

  /** A disk on which a force takes until the test lets it go. */
  private static final class SlowForce implements Disk {
    private final Disk disk;
    private final CountDownLatch forcing = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private volatile boolean slow;

    SlowForce(Disk disk) {
      this.disk = disk;
    }

    @Override
    public OpenFile create(Path file) throws IOException {
      OpenFile open = disk.create(file);
      return new OpenFile() {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          open.write(bytes, offset, length);
        }

        @Override
        public void force() throws IOException {
          if (slow) {
            forcing.countDown();
            try {
              assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
          open.force();
        }

        @Override
        public void truncate(long length) throws IOException {
          open.truncate(length);
        }

        @Override
        public void close() throws IOException {
          open.close();
        }
      };
    }

    @Override
    public OpenFile append(Path file) throws IOException {
      return disk.append(file);
    }

    @Override
    public byte[] read(Path file, long offset, int most) throws IOException {
      return disk.read(file, offset, most);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
      disk.delete(file);
    }

    @Override
    public List<Entry> list(Path directory) throws IOException {
      return disk.list(directory);
    }

    @Override
    public boolean isDirectory(Path path) {
      return disk.isDirectory(path);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
      disk.createDirectory(directory);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
      disk.forceDirectory(directory);
    }
  }

  @Test
  void whoComesWhileAForceRunsSharesTheNextOne() throws Exception {
    int followers = 8;
    FaultyDisk disk = new FaultyDisk();
    SlowForce slow = new SlowForce(disk);
    FileSpool spool = Spools.open(slow, SpoolPolicy.defaults(), Spools.batchesOf(1000), false);
    spool.append(Events.numbered(1));
    slow.slow = true;
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      Future<?> leader = threads.submit(syncing(spool));
      assertThat(slow.forcing.await(20, TimeUnit.SECONDS)).isTrue();
      int before = disk.count(Kind.FORCE);
      int writes = disk.count(Kind.WRITE);
      List<Future<?>> others = new ArrayList<>();
      for (int i = 0; i < followers; i++) {
        // An append does not wait for the force that runs.
        assertThat(spool.append(Events.numbered(10 + i, 11 + i))).isEqualTo(Append.KEPT);
        others.add(threads.submit(syncing(spool)));
      }
      slow.slow = false;
      slow.go.countDown();
      leader.get(20, TimeUnit.SECONDS);
      for (Future<?> other : others) {
        other.get(20, TimeUnit.SECONDS);
      }
      assertThat(disk.count(Kind.FORCE) - before).isBetween(2, 3);
      assertThat(disk.count(Kind.WRITE) - writes).as("written together").isBetween(1, 2);
    } finally {
      threads.shutdownNow();
    }
    disk.crash(1);
    assertThat(Spools.drain(Spools.open(disk, 1000))).hasSize(1 + followers);
  }

  /** Who has made room for itself by a force goes on to append while the spool is being closed. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void aCloseEndsWhoeverAppendsMeanwhile(Durability durability) throws Exception {
    FaultyDisk disk = new FaultyDisk();
    SlowForce slow = new SlowForce(disk);
    SpoolPolicy keeping = SpoolPolicy.defaults().withDurability(durability);
    FileSpool spool =
        FileSpool.open(
            new SpoolFolder(slow, Spools.FOLDER, ManualTime.standing()),
            new Reserve(slow, Spools.FOLDER, ManualTime.standing(), Spools.RESERVE),
            ManualTime.standing(),
            keeping,
            Spools.batchesOf(1000),
            false,
            new FileSpool.Bounds(64, 400, 400, 64));
    assertThat(spool.append(Events.numbered(0, 2))).isEqualTo(Append.KEPT);
    slow.slow = true;
    ExecutorService threads = Executors.newCachedThreadPool();
    Thread[] closer = new Thread[1];
    try {
      Future<Append> append = threads.submit(() -> spool.append(Events.numbered(2, 4)));
      assertThat(slow.forcing.await(20, TimeUnit.SECONDS)).as("it makes room").isTrue();
      Future<?> close =
          threads.submit(
              () -> {
                closer[0] = Thread.currentThread();
                spool.close();
                return null;
              });
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while ((closer[0] == null || closer[0].getState() != Thread.State.WAITING)
          && System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      slow.slow = false;
      slow.go.countDown();
      close.get(20, TimeUnit.SECONDS);
      int kept = append.get(20, TimeUnit.SECONDS) == Append.KEPT ? 4 : 2;

      assertThat(Spools.drain(Spools.open(disk, 1000))).isEqualTo(Events.numbered(0, kept));
    } finally {
      threads.shutdownNow();
    }
  }

  /** The files can be forced, their names cannot. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void aFolderThatCannotBeForcedIsNotFilledWithCopies(Durability durability) throws Exception {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, durability, 1000);
    assertThat(spool.append(Events.numbered(0, 3))).isEqualTo(Append.KEPT);
    disk.failAll(kind -> kind == Kind.FORCE_DIRECTORY, Fault.IO_ERROR);

    for (int i = 0; i < 50; i++) {
      // What is written and not forced stays where it is, and there is no place for more of it.
      Append expected = durability == Durability.INTERVAL && i > 0 ? Append.NO_SPACE : Append.KEPT;
      assertThat(spool.append(Events.numbered(3, 4))).as("append %s", i).isEqualTo(expected);
      assertThatThrownBy(spool::sync).as("force %s", i).isInstanceOf(IOException.class);
    }
    int waiting =
        switch (durability) {
          // Each was said not to be kept.
          case WRITE_AHEAD -> 0;
          case INTERVAL -> 4;
          case ON_FAILURE -> 53;
        };
    assertThat(spool.stats().events()).isEqualTo(waiting);

    assertThat(disk.list(Spools.FOLDER))
        .filteredOn(entry -> SpoolFileName.of(entry.name()).isPresent())
        .hasSizeLessThanOrEqualTo(2);
    disk.repair();
    spool.sync();
    assertThat(disk.list(Spools.FOLDER))
        .filteredOn(entry -> SpoolFileName.of(entry.name()).isPresent())
        .hasSizeLessThanOrEqualTo(1);
    assertThat(spool.stats().events()).isEqualTo(waiting);
    disk.kill();
    assertThat(Spools.drain(Spools.open(disk, 1000)))
        .hasSize(waiting)
        .startsWith(durability == Durability.WRITE_AHEAD ? new PopEvent[0] : three());
  }

  /** It is delivered from memory; its copy is in a folder that could not be forced. */
  @Test
  void whatIsDeliveredLeavesNoCopyBehind() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 5);
    assertThat(spool.append(Events.numbered(15))).isEqualTo(Append.KEPT);
    disk.failAll(kind -> kind == Kind.FORCE_DIRECTORY, Fault.IO_ERROR);
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    assertThat(names(disk)).isNotEmpty();
    disk.repair();

    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(15));

    assertThat(names(disk)).isEmpty();
    disk.kill();
    assertThat(Spools.drain(Spools.open(disk, 5))).isEmpty();
  }

  private static PopEvent[] three() {
    return Events.numbered(0, 3).toArray(new PopEvent[0]);
  }

  /** The first sleeps until the second has appended, and the force that fails is the second's. */
  @Test
  void whoWasKeptHearsNothingOfAForceThatFailsForAnother() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    SlowForce slow = new SlowForce(disk);
    FileSpool spool = Spools.open(slow, SpoolPolicy.defaults(), Spools.batchesOf(1000), false);
    ExecutorService first = Executors.newSingleThreadExecutor();
    ExecutorService second = Executors.newSingleThreadExecutor();
    try {
      first.submit(() -> spool.append(Events.numbered(0, 1))).get(20, TimeUnit.SECONDS);
      slow.slow = true;
      Future<?> leader = second.submit(syncing(spool));
      assertThat(slow.forcing.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(spool.append(Events.numbered(1, 2))).isEqualTo(Append.KEPT);
      slow.slow = false;
      slow.go.countDown();
      leader.get(20, TimeUnit.SECONDS);

      disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
      first.submit(syncing(spool)).get(20, TimeUnit.SECONDS);
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    } finally {
      first.shutdownNow();
      second.shutdownNow();
    }
    disk.repair();
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(0, 1));
  }

  @Test
  void whatWasLeftToTheNextForceIsKeptAlsoIfTheFileTakesNothingMore() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    SlowForce slow = new SlowForce(disk);
    FileSpool spool = Spools.open(slow, SpoolPolicy.defaults(), Spools.batchesOf(1000), false);
    spool.append(Events.numbered(0, 1));
    slow.slow = true;
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Future<?> leader = threads.submit(syncing(spool));
      assertThat(slow.forcing.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(spool.append(Events.numbered(1, 2))).isEqualTo(Append.KEPT);
      slow.slow = false;
      slow.go.countDown();
      leader.get(20, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
    disk.failAll(kind -> kind == Kind.WRITE || kind == Kind.TRUNCATE, Fault.SHORT_WRITE);
    assertThat(spool.append(Events.numbered(2, 3))).isEqualTo(Append.NO_SPACE);
    disk.repair();
    spool.sync();
    disk.crash(1);

    assertThat(Spools.drain(Spools.open(disk, 1000))).isEqualTo(Events.numbered(0, 2));
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void aBatchThatIsDeliveredAtOnceIsNotReadBack(Durability durability) throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, durability, 5);
    int before = disk.count(Kind.READ);
    for (int i = 0; i < 20; i++) {
      int first = i * 10;
      spool.append(Events.numbered(first, first + 3));
      spool.sync();
      spool.append(Events.numbered(first + 3, first + 8));
      spool.sync();

      assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(first, first + 8));
    }
    assertThat(disk.count(Kind.READ)).isEqualTo(before);
  }

  /** The buffer of a batch is not used again while somebody may look at its events. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void whatIsLookedAtStaysAsItIsWhateverComesBehind(Durability durability) throws IOException {
    FaultyDisk disk = new FaultyDisk();
    ManualTime time = ManualTime.standing();
    // So little may be kept of what was sealed that its buffer would be free for the next batch.
    FileSpool spool =
        FileSpool.open(
            new SpoolFolder(disk, Spools.FOLDER, time),
            new Reserve(disk, Spools.FOLDER, time, Spools.RESERVE),
            time,
            SpoolPolicy.defaults().withDurability(durability),
            Spools.batchesOf(5),
            false,
            new FileSpool.Bounds(64, 400, 1 << 20, 64));
    spool.append(Events.numbered(0, 5));
    List<PopEvent> seen = spool.peek().orElseThrow().events();
    spool.sync();
    for (int i = 1; i < 20; i++) {
      spool.append(Events.numbered(i * 10, i * 10 + 5));
      spool.sync();
    }
    assertThat(seen).isEqualTo(Events.numbered(0, 5));
    spool.remove(spool.peek().orElseThrow().id());
    spool.append(Events.numbered(900, 905));
    spool.sync();

    assertThat(seen).isEqualTo(Events.numbered(0, 5));
  }

  private static Callable<Void> syncing(FileSpool spool) {
    return () -> {
      spool.sync();
      return null;
    };
  }

  @Test
  void aFailedForceIsFollowedByANewFileAndTheOldOneIsNotTrusted() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    spool.append(Events.numbered(3));
    spool.sync();
    spool.append(Events.numbered(3, 6));
    disk.fail(1, 1, Fault.IO_ERROR);

    spool.sync();

    assertThat(names(disk)).containsExactly("000000000001-n3.ndjson", "000000000002.open");
    assertThat(spool.stats().withdrawn()).isZero();
    disk.crash(1);
    assertThat(Spools.drain(Spools.open(disk, 100))).isEqualTo(Events.numbered(6));
  }

  @Test
  void whatAFailedForceWouldTakeOutIsUnconfirmedUntilItIsForced() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    spool.append(Events.numbered(3));
    assertThat(spool.stats().unconfirmed()).isEqualTo(3);
    spool.sync();
    assertThat(spool.stats().unconfirmed()).isZero();

    spool.append(Events.numbered(3, 5));
    assertThat(spool.stats().unconfirmed()).isEqualTo(2);
    disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    assertThat(spool.stats().unconfirmed()).isZero();
    assertThat(spool.stats().withdrawn()).isEqualTo(2);
    assertThat(spool.stats().events()).isEqualTo(3);
  }

  @Test
  void whicheverStepOfAForceFailsOnceNothingIsLostAndTheBooksAreRight() throws IOException {
    for (Durability durability : Durability.values()) {
      for (int failing = 1; failing <= 20; failing++) {
        for (int maxEvents : new int[] {4, 100}) {
          failOnce(durability, failing, maxEvents, false);
          failOnce(durability, failing, maxEvents, true);
        }
      }
    }
  }

  private static void failOnce(Durability durability, int failing, int maxEvents, boolean begun)
      throws IOException {
    String story = durability + ", operation " + failing + (begun ? " of the second force" : "");
    List<PopEvent> events = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      events.add(Events.from(i < 7 ? "lobby" : "hall", i));
    }
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, durability, maxEvents);
    spool.append(events.subList(0, 2));
    if (begun) {
      spool.sync();
    }
    spool.append(events.subList(2, 7));
    spool.append(events.subList(7, 11));
    disk.fail(failing, 1, Fault.IO_ERROR);

    spool.sync();

    disk.repair();
    List<PopEvent> open = events.subList(11 - spool.stats().openEvents(), 11);
    assertThat(spool.stats().openBytes())
        .as(story)
        .isEqualTo(open.stream().mapToLong(PopEvent::length).sum());
    for (Path file : disk.files()) {
      if (!file.endsWith(Reserve.NAME)) {
        assertThat(SpoolFileScan.of(disk.bytes(file)).header()).as(story).isPresent();
      }
    }
    FaultyDisk cut = disk.afterPowerCut(failing);
    FileSpool again = Spools.open(cut, maxEvents);
    assertThat(Spools.drain(again)).as(story).containsAll(events);
    assertThat(again.stats().damaged()).as(story).isZero();
    List<PopEvent> drained = Spools.drain(spool);
    assertThat(drained).as(story).containsExactlyElementsOf(events);
    assertThat(drained)
        .extracting(PopEvent::sender)
        .containsExactlyElementsOf(events.stream().map(PopEvent::sender).toList());
    SpoolStats books = spool.stats();
    assertThat(books.events() + books.bytes()).as(story).isZero();
    assertThat(books.recovered() + books.damaged() + books.withdrawn()).as(story).isZero();
  }

  @Test
  void aStartAfterAKillKeepsTheSenders() throws IOException {
    List<PopEvent> events =
        List.of(Events.from("lobby", 1), Events.from("hall", 2), Events.from("hall", 3));
    FaultyDisk disk = new FaultyDisk();
    FileSpool killed = Spools.open(disk, 100);
    killed.append(events);
    killed.sync();
    disk.kill();
    // The first start writes the open file anew, the second one reads that.
    Spools.open(disk, 100).close();
    assertThat(Spools.drain(Spools.open(disk, 100)))
        .extracting(PopEvent::sender)
        .containsExactlyElementsOf(events.stream().map(PopEvent::sender).toList());
  }

  @Test
  void theRestOfABatchThatIsEvictedLeavesTheBooksRight() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 5);
    spool.append(Events.numbered(7));
    spool.sync();
    spool.remove(spool.peek().orElseThrow().part(0, 2).id());
    assertThat(spool.evict(Optional.empty()).orElseThrow().events())
        .isEqualTo(Events.numbered(2, 5));
    assertThat(spool.stats().events()).isEqualTo(2);
  }

  @Test
  void whatAnAppendThatFailedHadAddedIsNotInTheBooks() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    spool.append(Events.numbered(2));
    SpoolStats before = spool.stats();
    disk.failAll(kind -> kind == Kind.WRITE, Fault.SHORT_WRITE);
    assertThat(spool.append(Events.numbered(2, 7))).isEqualTo(Append.NO_SPACE);
    assertThat(spool.stats()).isEqualTo(before);
  }

  private static FileSpool withLargeKeptBatch(FaultyDisk disk, Durability durability)
      throws IOException {
    FileSpool spool = Spools.open(disk, durability, 100_000);
    for (int i = 0; i < 10; i++) {
      assertThat(spool.append(List.of(Events.ofLength(i, 64 << 10)))).isEqualTo(Append.KEPT);
      spool.sync();
    }
    return spool;
  }

  private static void expectElevenLargeEvents(FaultyDisk disk, FileSpool spool) throws IOException {
    List<PopEvent> all = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      all.add(Events.ofLength(i, 64 << 10));
    }
    for (long seed = 0; seed < 5; seed++) {
      assertThat(Spools.drain(Spools.open(disk.afterPowerCut(seed), 100_000))).isEqualTo(all);
    }
    assertThat(spool.stats().events()).isEqualTo(11);
    assertThat(Spools.drain(spool)).isEqualTo(all);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void anAppendThatFailsLeavesALargeBatchAsItWas(Durability durability) throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = withLargeKeptBatch(disk, durability);
    SpoolStats before = spool.stats();
    disk.failAll(kind -> kind == Kind.WRITE, Fault.SHORT_WRITE);
    assertThat(spool.append(List.of(Events.ofLength(99, 64 << 10)))).isEqualTo(Append.NO_SPACE);
    assertThat(spool.stats()).isEqualTo(before);
    disk.repair();

    assertThat(spool.append(List.of(Events.ofLength(10, 64 << 10)))).isEqualTo(Append.KEPT);
    spool.sync();

    expectElevenLargeEvents(disk, spool);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void aForceThatFailsCostsALargeBatchNothing(Durability durability) throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = withLargeKeptBatch(disk, durability);
    assertThat(spool.append(List.of(Events.ofLength(10, 64 << 10)))).isEqualTo(Append.KEPT);
    AtomicBoolean failed = new AtomicBoolean();
    disk.failAll(kind -> kind == Kind.FORCE && !failed.getAndSet(true), Fault.IO_ERROR);

    spool.sync();

    assertThat(failed).isTrue();
    expectElevenLargeEvents(disk, spool);
  }

  @Test
  void everyThreadWhoseEventsWereWithdrawnIsTold() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      other.submit(() -> spool.append(Events.numbered(0, 3))).get();
      spool.append(Events.numbered(3, 5));
      disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      disk.repair();
      assertThat(spool.stats().withdrawn()).isEqualTo(5);

      // It appended before the failure and asks after it: its events are not there.
      Future<Void> late = other.submit(syncing(spool));
      assertThatThrownBy(late::get).hasCauseInstanceOf(IOException.class);

      other.submit(() -> spool.append(Events.numbered(5, 7))).get();
      other.submit(syncing(spool)).get();
      spool.sync();
      assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(5, 7));
    } finally {
      other.shutdownNow();
    }
  }

  /** So that of several appends of one thread none is taken to be safe that is not. */
  @Test
  void whoAppendsAgainBeforeItAsksHearsFirstThatWhatCameBeforeWasWithdrawn() throws Exception {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 100);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      other.submit(() -> spool.append(Events.numbered(0, 3))).get();
      spool.append(Events.numbered(3, 5));
      disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      disk.repair();

      other.submit(() -> spool.append(Events.numbered(5, 7))).get();
      Future<Void> asked = other.submit(syncing(spool));
      assertThatThrownBy(asked::get).hasCauseInstanceOf(IOException.class);
      other.submit(syncing(spool)).get();
      assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(5, 7));
    } finally {
      other.shutdownNow();
    }
  }

  @Test
  void whatIsWrittenAndNotForcedIsBounded() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.INTERVAL, 100_000);
    int forces = disk.count(Kind.FORCE);
    int each = 64 << 10;
    int count = (int) (4 * FileSpool.UNFORCED_BYTES / each);
    for (int i = 0; i < count; i++) {
      spool.append(List.of(Events.ofLength(i, each)));
    }
    assertThat(disk.count(Kind.FORCE) - forces).isBetween(4, 8);
  }

  @Test
  void anAppendThatWouldPassTheBoundOfWhatIsNotForcedForcesFirst() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.INTERVAL, 100_000);
    int most = Math.toIntExact(FileSpool.UNFORCED_BYTES);
    spool.append(List.of(Events.ofLength(1, most / 2)));
    int forces = disk.count(Kind.FORCE);
    spool.append(List.of(Events.ofLength(2, most / 3)));
    assertThat(disk.count(Kind.FORCE)).isEqualTo(forces);
    spool.append(List.of(Events.ofLength(3, most / 3)));
    assertThat(disk.count(Kind.FORCE)).isEqualTo(forces + 1);
  }

  @Test
  void theBytesAreRightAfterForcesThatFailed() throws IOException {
    for (Durability durability : Durability.values()) {
      FaultyDisk disk = new FaultyDisk();
      FileSpool spool = Spools.open(disk, durability, 5);
      spool.append(Events.numbered(12));
      spool.sync();
      long sealed = spool.stats().bytes();
      spool.append(Events.numbered(12, 18));
      disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      assertThat(spool.stats().bytes()).isGreaterThanOrEqualTo(sealed);
      disk.repair();
      spool.sync();
      long onDisk = 0;
      for (Path file : disk.files()) {
        onDisk += file.endsWith(Reserve.NAME) ? 0 : disk.bytes(file).length;
      }
      assertThat(spool.stats().bytes()).as("with %s", durability).isEqualTo(onDisk);
      Spools.drain(spool);
      assertThat(spool.stats().bytes()).as("with %s, of nothing", durability).isZero();
    }
  }

  // ---------------------------------------------------------------- a full disk

  @Test
  void aFullDiskKeepsWholeRecordsAndTheSpoolGoesOnByItself() throws IOException {
    for (long room = 0; room < 1500; room += 61) {
      FaultyDisk disk = new FaultyDisk();
      FileSpool spool = Spools.open(disk, 3);
      spool.append(Events.numbered(2));
      spool.sync();
      disk.leaveRoom(room);
      assertThat(spool.append(Events.numbered(10, 18)))
          .as("room %s", room)
          .isEqualTo(Append.NO_SPACE);
      assertThat(spool.stats().events()).isEqualTo(2);
      for (Path file : disk.files()) {
        if (!file.endsWith(Reserve.NAME)) {
          assertThat(SpoolFileScan.of(disk.bytes(file)).damages()).isEmpty();
        }
      }
      disk.repair();

      assertThat(spool.append(Events.numbered(20, 28))).isEqualTo(Append.KEPT);
      spool.sync();
      disk.crash(room);

      List<PopEvent> expected = new ArrayList<>(Events.numbered(2));
      expected.addAll(Events.numbered(20, 28));
      assertThat(Spools.drain(Spools.open(disk, 3))).as("room %s", room).isEqualTo(expected);
    }
  }

  @Test
  void framesCountForTheBound() throws IOException {
    SpoolPolicy keeping = SpoolPolicy.defaults().withMaxBytes(new ByteSize(2000));
    for (Durability durability : Durability.values()) {
      FaultyDisk disk = new FaultyDisk();
      FileSpool spool = with(disk, keeping.withDurability(durability), Spools.batchesOf(2));
      int kept = 0;
      while (spool.append(Events.numbered(kept, kept + 1)) == Append.KEPT) {
        kept++;
      }
      assertThat(kept).isGreaterThan(4);
      assertThat(spool.stats().bytes()).isBetween(1500L, 2000L);
      spool.sync();
      long onDisk =
          disk.files().stream()
              .filter(file -> !file.endsWith(Reserve.NAME))
              .mapToLong(file -> disk.bytes(file).length)
              .sum();
      assertThat(spool.stats().bytes()).isEqualTo(onDisk);
      spool.close();
      FileSpool again = with(disk, keeping, Spools.batchesOf(2));
      assertThat(again.stats().bytes()).isEqualTo(onDisk);
    }
  }

  @Test
  void ofManySmallBatchesThatCannotBeForcedNoneIsThere() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 1);
    assertThat(spool.append(Events.numbered(400))).isEqualTo(Append.KEPT);
    disk.fail(900, Long.MAX_VALUE, Fault.NO_SPACE);
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    assertThat(spool.stats().events()).isZero();
    disk.repair();
    assertThat(spool.append(Events.numbered(400, 800))).isEqualTo(Append.KEPT);
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(400, 800));
    assertThat(names(disk)).isEmpty();
  }

  @Test
  void manySmallBatchesInOneAppendAreAllOrNothing() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.INTERVAL, 1);
    disk.fail(900, 1, Fault.NO_SPACE);
    assertThat(spool.append(Events.numbered(400))).isEqualTo(Append.NO_SPACE);
    assertThat(names(disk)).isEmpty();
    disk.repair();
    assertThat(spool.append(Events.numbered(400))).isEqualTo(Append.KEPT);
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(400));
  }

  // ---------------------------------------------------------------- on failure

  @Test
  void onFailureTouchesNoDiskWhileAllIsWell() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 5);
    long operations = disk.operations();
    for (int i = 0; i < 100; i += 10) {
      spool.append(Events.numbered(i, i + 10));
      assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(i, i + 10));
    }
    assertThat(disk.operations() - operations)
        .as("operations beside asking the folder to be forced")
        .isZero();
  }

  @Test
  void whatFollowsOnFailureIsWrittenAtOnce() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 5);
    spool.adopt(
        SpoolPolicy.defaults().withDurability(Durability.INTERVAL), Spools.batchesOf(5), false);

    spool.append(Events.numbered(2));

    assertThat(names(disk)).as("what a killed process leaves").containsExactly("000000000001.open");
  }

  @Test
  void aBatchThatWasReadAheadIsAtHandWhenItsTurnComes() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool before = Spools.open(disk, 5);
    before.append(Events.numbered(15));
    before.close();
    FileSpool spool = Spools.open(disk, 5);
    spool.readAhead();
    Batch first = spool.peek().orElseThrow();
    SpoolStats stats = spool.stats();
    int reads = disk.count(FaultyDisk.Kind.READ);
    spool.readAhead();
    assertThat(disk.count(FaultyDisk.Kind.READ)).isGreaterThan(reads);
    assertThat(spool.stats()).isEqualTo(stats);
    assertThat(spool.peek()).containsSame(first);
    reads = disk.count(FaultyDisk.Kind.READ);

    spool.readAhead();
    spool.remove(first.id());

    assertThat(spool.peek().orElseThrow().events()).isEqualTo(Events.numbered(5, 10));
    assertThat(disk.count(FaultyDisk.Kind.READ)).isEqualTo(reads);
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(5, 15));
  }

  @Test
  void inMemoryABatchIsReadAheadWithoutAFile() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 5);
    spool.append(Events.numbered(12));
    assertThat(spool.peek()).isPresent();

    spool.readAhead();

    assertThat(names(disk)).isEmpty();
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(12));
  }

  @Test
  void whatCannotBeReadAheadIsReadWhenItsTurnComes() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool before = Spools.open(disk, 5);
    before.append(Events.numbered(15));
    before.close();
    FileSpool spool = Spools.open(disk, 5);
    assertThat(spool.peek()).isPresent();
    disk.failAll(kind -> kind == FaultyDisk.Kind.READ, FaultyDisk.Fault.IO_ERROR);

    spool.readAhead();

    assertThat(disk.failures()).isPositive();
    disk.repair();
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(15));
  }

  /** Else it would be given up sooner than who waits for it has said that it cannot be read. */
  @Test
  void aBatchThatCouldNotBeReadIsNotReadAheadAgain() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool before = Spools.open(disk, 5);
    before.append(Events.numbered(15));
    before.close();
    ManualTime time = ManualTime.standing();
    FileSpool spool = Spools.open(disk, SpoolPolicy.defaults(), Spools.batchesOf(5), false, time);
    assertThat(spool.peek()).isPresent();
    disk.failAll(kind -> kind == FaultyDisk.Kind.READ, FaultyDisk.Fault.IO_ERROR);
    for (int i = 0; i < 20; i++) {
      spool.readAhead();
      time.advance(Duration.ofMinutes(1));
    }

    assertThat(disk.failures()).isEqualTo(1);
    disk.repair();
    assertThat(Spools.drain(spool)).isEqualTo(Events.numbered(15));
  }

  @Test
  void aClosedSpoolReadsNothingAhead() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 5);
    spool.append(Events.numbered(15));
    assertThat(spool.peek()).isPresent();
    spool.close();
    long operations = disk.operations();

    spool.readAhead();

    assertThat(disk.operations()).isEqualTo(operations);
  }

  @Test
  void onFailureASyncWritesEverythingUnderTheSameIds() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 5);
    spool.append(Events.numbered(12));
    spool.remove(spool.peek().orElseThrow().part(0, 2).id());
    Batch first = spool.peek().orElseThrow();
    Batch second = spool.peekBehind(first.id()).orElseThrow();
    assertThat(names(disk)).isEmpty();

    spool.sync();

    assertThat(names(disk))
        .containsExactly(
            "000000000001-n5-s2.ndjson", "000000000002-n5.ndjson", "000000000003.open");
    disk.crash(3);
    FileSpool again = Spools.open(disk, Durability.ON_FAILURE, 5);
    assertThat(again.peek().orElseThrow().id()).isEqualTo(first.id());
    assertThat(again.peek().orElseThrow().events()).isEqualTo(first.events());
    assertThat(again.peekBehind(first.id()).orElseThrow().id()).isEqualTo(second.id());
    assertThat(Spools.drain(again)).isEqualTo(Events.numbered(2, 12));
  }

  @Test
  void onFailureTheDiskIsUsedUntilEverythingIsDeliveredAndNoLonger() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 5);
    spool.append(Events.numbered(3));
    spool.sync();
    spool.append(Events.numbered(3, 8));
    assertThat(names(disk)).hasSize(2);
    disk.kill();
    FileSpool again = Spools.open(disk, Durability.ON_FAILURE, 5);
    assertThat(again.stats().events()).isEqualTo(8);
    again.append(Events.numbered(8, 9));
    assertThat(names(disk)).hasSize(3);
    assertThat(Spools.drain(again)).isEqualTo(Events.numbered(9));
    assertThat(names(disk)).isEmpty();

    again.append(Events.numbered(20, 22));

    assertThat(names(disk)).isEmpty();
    assertThat(Spools.drain(again)).isEqualTo(Events.numbered(20, 22));
  }

  @Test
  void onFailureTheMemoryIsBounded() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 100_000);
    List<PopEvent> events = new ArrayList<>();
    int each = 256 << 10;
    while (events.size() * (long) each < 2 * FileSpool.MEMORY_BYTES) {
      PopEvent event = Events.ofLength(events.size(), each);
      events.add(event);
      assertThat(spool.append(List.of(event))).isEqualTo(Append.KEPT);
    }
    assertThat(names(disk)).isNotEmpty();
    assertThat(Spools.drain(spool)).isEqualTo(events);
  }

  @Test
  void onFailureAnAppendThatWouldPassTheBoundOfTheMemoryGoesToTheDisk() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 100_000);
    int half = Math.toIntExact(FileSpool.MEMORY_BYTES / 2);
    spool.append(List.of(Events.ofLength(1, half)));
    assertThat(names(disk)).isEmpty();
    spool.append(List.of(Events.ofLength(2, half)));
    assertThat(names(disk)).isNotEmpty();
  }

  @Test
  void onFailureWhatCouldNotBeForcedCountsForTheBoundOfTheMemory() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 100_000);
    int most = Math.toIntExact(FileSpool.MEMORY_BYTES);
    spool.append(List.of(Events.ofLength(1, most / 2)));
    disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    assertThat(spool.append(List.of(Events.ofLength(2, most / 4)))).isEqualTo(Append.KEPT);
    assertThat(spool.append(List.of(Events.ofLength(3, most / 2)))).isEqualTo(Append.NO_SPACE);
  }

  @Test
  void onFailureAnUnwritableDiskLosesNothingInMemory() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.ON_FAILURE, 5);
    spool.append(Events.numbered(12));
    Batch first = spool.peek().orElseThrow();
    disk.failAll(kind -> kind == Kind.WRITE, Fault.SHORT_WRITE);
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);

    assertThat(spool.append(Events.numbered(12, 14))).isEqualTo(Append.KEPT);
    assertThat(spool.peek().orElseThrow().id()).isEqualTo(first.id());
    disk.repair();
    spool.sync();

    disk.crash(1);
    assertThat(Spools.drain(Spools.open(disk, 5))).isEqualTo(Events.numbered(14));
  }

  @Test
  void intervalSurvivesAKillWithoutASync() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.INTERVAL, 5);
    spool.append(Events.numbered(7));
    disk.kill();
    assertThat(Spools.drain(Spools.open(disk, 5))).isEqualTo(Events.numbered(7));
  }

  // ---------------------------------------------------------------- the end

  @Test
  void aClosedSpoolKeepsNothingMoreAndSaysSo() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 5);
    spool.append(Events.numbered(2));
    spool.close();

    spool.sync();
    assertThat(spool.append(Events.numbered(2, 3))).isEqualTo(Append.NO_SPACE);
    assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
    assertThatThrownBy(spool::peek).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> spool.evict(Optional.empty())).isInstanceOf(IOException.class);
    spool.close();
    assertThat(Spools.drain(Spools.open(disk, 5))).isEqualTo(Events.numbered(2));
  }

  @Test
  void anAnswerThatComesAfterTheCloseRemovesNothing() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, 5);
    spool.append(Events.numbered(5));
    spool.sync();
    Batch late = spool.peek().orElseThrow();
    spool.close();

    spool.remove(late.id());

    assertThat(Spools.drain(Spools.open(disk, 5))).isEqualTo(Events.numbered(5));
  }

  @Test
  void aCloseThatFailsLeavesWhatWasForced() throws IOException {
    FaultyDisk disk = new FaultyDisk();
    FileSpool spool = Spools.open(disk, Durability.INTERVAL, 50);
    spool.append(Events.numbered(3));
    spool.sync();
    spool.append(Events.numbered(3, 5));
    disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
    assertThatThrownBy(spool::close).isInstanceOf(IOException.class);
    disk.kill();
    assertThat(Spools.drain(Spools.open(disk, 50))).isEqualTo(Events.numbered(5));
  }
}
