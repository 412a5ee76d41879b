package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Spool.Append;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.spool.file.FileSpool.Bounds;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one append of many small batches needs. */
final class TailTest {

  private static final int MANY = 1500;

  private final FaultyDisk disk = new FaultyDisk();
  private final List<PopEvent> events = Events.numbered(MANY);

  @Test
  void manyBatchesOfOneAppendTakeNoMoreRoomThanTheyNeed() {
    ManualTime time = ManualTime.standing();
    Tail tail =
        new Tail(
            new SpoolFolder(disk, Spools.FOLDER, time),
            time,
            Bounds.USUAL,
            new ReentrantLock(),
            new ArrayList<>(),
            new Fresh(0),
            1,
            true);

    long bytes = tail.add(events, Spools.batchesOf(1), false).bytes();

    assertThat(tail.batches()).hasSize(MANY);
    long room = tail.batches().stream().mapToLong(batch -> batch.pending().capacity()).sum();
    assertThat(room).isLessThan(2 * bytes + Bounds.USUAL.bufferBytes());
  }

  @Test
  void norDoTheyWhenTheDiskHasNotTakenThem() throws IOException {
    ManualTime time = ManualTime.standing();
    ReentrantLock lock = new ReentrantLock();
    SpoolFolder folder = new SpoolFolder(disk, Spools.FOLDER, time);
    folder.prepare();
    Tail tail =
        new Tail(folder, time, Bounds.USUAL, lock, new ArrayList<>(), new Fresh(0), 1, true);
    Tail.Growth growth = tail.add(events.subList(0, 60), Spools.batchesOf(1), false);
    tail.write(growth);
    tail.added(growth);
    disk.failAll(kind -> kind == Kind.FORCE, Fault.IO_ERROR);
    lock.lock();
    try {
      assertThatThrownBy(() -> tail.bringToDisk(true)).isInstanceOf(IOException.class);
      tail.takeBack();
    } finally {
      lock.unlock();
    }
    long room = tail.batches().stream().mapToLong(batch -> batch.pending().capacity()).sum();
    assertThat(room).isLessThan(2 * growth.bytes() + Bounds.USUAL.bufferBytes());
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void manyBatchesOfOneAppendHaveFewFilesOpenAtATime(Durability durability) throws IOException {
    FileSpool spool = Spools.open(disk, durability, 1);

    assertThat(spool.append(events)).isEqualTo(Append.KEPT);
    spool.sync();

    assertThat(disk.mostOpen()).isLessThanOrEqualTo(Bounds.USUAL.unforcedFiles() + 1);
    disk.crash(1);
    assertThat(Spools.drain(Spools.open(disk, 1))).isEqualTo(events);
  }
}
