package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class JointForceTest {

  /** What a file does when it is forced. */
  private interface Deed {
    void run() throws Exception;
  }

  private static final class ForcedFile implements OpenFile {

    private final Deed deed;
    private final List<Thread> by = Collections.synchronizedList(new ArrayList<>());

    ForcedFile(Deed deed) {
      this.deed = deed;
    }

    @Override
    public void force() throws IOException {
      by.add(Thread.currentThread());
      try {
        deed.run();
      } catch (IOException | RuntimeException | Error e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      throw new AssertionError("only forced here");
    }

    @Override
    public void truncate(long length) {
      throw new AssertionError("only forced here");
    }

    @Override
    public void close() {
      throw new AssertionError("only forced here");
    }
  }

  private static List<ForcedFile> files(int count, Deed deed) {
    return IntStream.range(0, count).mapToObj(i -> new ForcedFile(deed)).toList();
  }

  private static void eachIsForcedOnce(List<ForcedFile> files) {
    assertThat(files).allSatisfy(file -> assertThat(file.by).hasSize(1));
  }

  @Test
  void asManyAsThereAreThreadsAreForcedAtTheSameTime() throws Exception {
    CyclicBarrier together = new CyclicBarrier(JointForce.MOST);
    List<ForcedFile> files = files(JointForce.MOST, () -> together.await(30, TimeUnit.SECONDS));
    new JointForce().force(List.copyOf(files));
    eachIsForcedOnce(files);
  }

  @Test
  void moreFilesThanThreadsAreAllForcedAndNoneTwice() throws Exception {
    List<ForcedFile> files = files(10 * JointForce.MOST, () -> {});
    new JointForce().force(List.copyOf(files));
    eachIsForcedOnce(files);
  }

  @Test
  void itReturnsOnlyWhenNoForceIsUnderWayAlsoAfterAFailure() throws Exception {
    CountDownLatch underWay = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    AtomicInteger ended = new AtomicInteger();
    ForcedFile fails =
        new ForcedFile(
            () -> {
              underWay.await();
              throw new IOException("no more");
            });
    ForcedFile lasts =
        new ForcedFile(
            () -> {
              underWay.countDown();
              mayEnd.await();
              ended.incrementAndGet();
            });
    List<Object> seen = Collections.synchronizedList(new ArrayList<>());
    Thread caller =
        new Thread(
            () -> {
              try {
                new JointForce().force(List.of(fails, lasts));
                seen.add("no failure");
              } catch (IOException e) {
                seen.add(e.getMessage());
              }
              seen.add(ended.get());
            });
    caller.start();
    underWay.await();
    while (caller.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(seen).isEmpty();
    mayEnd.countDown();
    caller.join();
    assertThat(seen).containsExactly("no more", 1);
  }

  @Test
  void ofAFileThatFailsTheOthersAreForced() {
    List<OpenFile> files = new ArrayList<>(files(3, () -> {}));
    files.add(
        1,
        new ForcedFile(
            () -> {
              throw new IOException("no more");
            }));
    assertThatThrownBy(() -> new JointForce().force(files))
        .isInstanceOf(IOException.class)
        .hasMessage("no more");
    assertThat(files).allSatisfy(file -> assertThat(((ForcedFile) file).by).hasSize(1));
  }

  @Test
  void whatIsNoFailureOfADiskIsThrownAsItIs() {
    AssertionError bug = new AssertionError("a bug");
    List<ForcedFile> files =
        files(
            2,
            () -> {
              throw bug;
            });
    assertThatThrownBy(() -> new JointForce().force(List.copyOf(files))).isSameAs(bug);
  }

  @Test
  void withoutAnotherThreadTheCallerForcesAll() throws Exception {
    ThreadFactory none =
        task -> {
          throw new OutOfMemoryError("unable to create native thread");
        };
    List<ForcedFile> files = files(5, () -> {});
    new JointForce(none).force(List.copyOf(files));
    assertThat(files)
        .allSatisfy(file -> assertThat(file.by).containsExactly(Thread.currentThread()));
  }

  @Test
  void anInterruptChangesNothingAndIsNotForgotten() throws Exception {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    List<ForcedFile> files =
        files(
            2,
            () -> {
              underWay.incrementAndGet();
              while (underWay.get() < 2) {
                Thread.onSpinWait();
              }
              ended.incrementAndGet();
            });
    Thread.currentThread().interrupt();
    new JointForce().force(List.copyOf(files));
    assertThat(ended).hasValue(2);
    assertThat(Thread.interrupted()).isTrue();
    eachIsForcedOnce(files);
  }

  @Test
  void noThreadHoldsUpTheEndOfTheProcess() throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    List<ForcedFile> files = files(2, () -> together.await(30, TimeUnit.SECONDS));
    new JointForce().force(List.copyOf(files));
    assertThat(files)
        .filteredOn(file -> file.by.get(0) != Thread.currentThread())
        .singleElement()
        .satisfies(file -> assertThat(file.by.get(0).isDaemon()).isTrue());
  }
}
