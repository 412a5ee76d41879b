package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Spool.Append;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.Events;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several threads that append and force, one that delivers, and a disk that fails meanwhile. */
class FileSpoolThreadsTest {

  private static final int PRODUCERS = 3;
  private static final int EACH = 400;
  private static final int ROUNDS = 12;
  private static final int BATCH = 7;
  private static final int CROWD = 32;
  private static final int CROWD_EACH = 40;
  private static final int CROWDED_ROUNDS = 4;

  private final Set<PopEvent> promised = ConcurrentHashMap.newKeySet();
  private final List<PopEvent> delivered = new ArrayList<>();
  private final List<PopEvent> givenUp = new ArrayList<>();

  @ParameterizedTest
  @EnumSource(Durability.class)
  void promisesHoldWhateverFailsMeanwhile(Durability durability) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      promised.clear();
      delivered.clear();
      givenUp.clear();
      FaultyDisk disk = new FaultyDisk();
      FileSpool spool = Spools.open(disk, durability, BATCH);
      boolean trouble = round % 3 != 0;
      run(spool, disk, trouble, round);
      disk.repair();
      SpoolStats stats = spool.stats();
      assertThat(stats.damaged()).isZero();
      assertThat(stats.events())
          .isEqualTo(stats.appended() - delivered.size() - givenUp.size() - stats.withdrawn());
      if (round % 2 == 0) {
        disk.crash(round);
      } else {
        spool.close();
      }
      List<PopEvent> left = Spools.drain(Spools.open(disk, 7));
      Set<PopEvent> there = new HashSet<>(left);
      there.addAll(delivered);
      there.addAll(givenUp);
      assertThat(there).as("round %s", round).containsAll(promised);
      there.clear();
      there.addAll(delivered);
      there.addAll(givenUp);
      expectPromisedInOrder(left, there, round);
      expectOrderOfEachProducer(delivered, round);
      if (!trouble) {
        expectOrderOfEachProducer(left, round);
        Set<PopEvent> again = new HashSet<>(left);
        again.retainAll(delivered);
        assertThat(again.size())
            .as("round %s: delivered, and there again", round)
            .isLessThanOrEqualTo(round % 2 == 0 ? (SpoolFolder.MOST_UNSAFE - 1) * BATCH : 0);
        assertThat(left).as("round %s: each event once", round).doesNotHaveDuplicates();
      }
    }
  }

  /** Each sleeper that were not woken would hold this up until the time is over. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void ofManyThatWaitEachIsWoken(Durability durability) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int round = 0; round < CROWDED_ROUNDS; round++) {
        promised.clear();
        FaultyDisk disk = new FaultyDisk();
        FileSpool spool = Spools.open(disk, durability, 50);
        if (round % 2 == 1) {
          disk.failAll(everyNth(7), Fault.IO_ERROR);
        }
        List<Future<Void>> all = new ArrayList<>();
        for (int producer = 0; producer < CROWD; producer++) {
          all.add(threads.submit(produceOneByOne(spool, producer)));
        }
        for (Future<Void> one : all) {
          one.get(60, TimeUnit.SECONDS);
        }
        disk.repair();
        assertThat(new HashSet<>(Spools.drain(spool))).as("round %s", round).containsAll(promised);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Predicate<Kind> everyNth(int n) {
    AtomicInteger count = new AtomicInteger();
    return kind -> kind == Kind.FORCE && count.incrementAndGet() % n == 0;
  }

  private Callable<Void> produceOneByOne(FileSpool spool, int producer) {
    return () -> {
      for (int i = 0; i < CROWD_EACH; i++) {
        List<PopEvent> event = Events.numbered(producer * 10_000 + i, producer * 10_000 + i + 1);
        if (spool.append(event) == Append.KEPT) {
          try {
            spool.sync();
            promised.addAll(event);
          } catch (IOException e) {
            // Nobody was promised this one.
          }
        }
      }
      return null;
    };
  }

  private void run(FileSpool spool, FaultyDisk disk, boolean trouble, int round) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<Future<Void>> producers = new ArrayList<>();
      for (int producer = 0; producer < PRODUCERS; producer++) {
        producers.add(threads.submit(produce(spool, producer, round)));
      }
      Future<Void> consumer = threads.submit(consume(spool, disk, trouble, producers, round));
      for (Future<Void> producer : producers) {
        producer.get(60, TimeUnit.SECONDS);
      }
      consumer.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
  }

  private Callable<Void> produce(FileSpool spool, int producer, int round) {
    return () -> {
      Random random = new Random(round * 31L + producer);
      int next = producer * 10_000;
      int end = next + EACH;
      while (next < end) {
        List<PopEvent> events = Events.numbered(next, next + 1 + random.nextInt(9));
        next += events.size();
        if (spool.append(events) == Append.KEPT) {
          try {
            spool.sync();
            promised.addAll(events);
          } catch (IOException e) {
            // Nobody was promised these.
          }
        }
      }
      return null;
    };
  }

  private Callable<Void> consume(
      FileSpool spool, FaultyDisk disk, boolean trouble, List<Future<Void>> producers, int round) {
    return () -> {
      Random random = new Random(round);
      while (!producers.stream().allMatch(Future::isDone)) {
        if (trouble && random.nextInt(6) == 0) {
          disk.repair();
          disk.fail(
              1 + random.nextInt(9),
              1 + random.nextInt(6),
              List.of(Fault.values()).get(random.nextInt(Fault.values().length)));
        }
        try {
          step(spool, random);
        } catch (IOException e) {
          // Later, then.
        }
      }
      return null;
    };
  }

  private void step(FileSpool spool, Random random) throws IOException {
    Optional<Batch> oldest = spool.peek();
    switch (random.nextInt(5)) {
      case 0 -> {
        boolean unused = spool.roll();
      }
      case 1 -> {
        Optional<Batch> evicted = spool.evict(oldest.map(Batch::id));
        evicted.ifPresent(batch -> givenUp.addAll(batch.events()));
      }
      case 2 ->
          oldest.ifPresent(
              batch -> {
                Batch part = batch.part(0, (batch.size() + 1) / 2);
                spool.remove(part.id());
                delivered.addAll(part.events());
              });
      default ->
          oldest.ifPresent(
              batch -> {
                spool.remove(batch.id());
                delivered.addAll(batch.events());
              });
    }
  }

  /**
   * Copies may stand where a force has failed. Whoever takes what was promised to a producer in its
   * order still meets each event behind the one before it.
   */
  private void expectPromisedInOrder(List<PopEvent> left, Set<PopEvent> done, int round) {
    for (int producer = 0; producer < PRODUCERS; producer++) {
      int first = producer * 10_000;
      List<Integer> numbers = left.stream().map(FileSpoolThreadsTest::number).toList();
      int at = 0;
      for (PopEvent event :
          promised.stream()
              .filter(event -> !done.contains(event) && number(event) / 10_000 * 10_000 == first)
              .sorted(Comparator.comparingInt(FileSpoolThreadsTest::number))
              .toList()) {
        while (at < numbers.size() && numbers.get(at) != number(event)) {
          at++;
        }
        assertThat(at)
            .as("round %s: %s is behind those before it", round, number(event))
            .isLessThan(numbers.size());
      }
    }
  }

  private static int number(PopEvent event) {
    return Integer.parseInt(event.uuid().substring(event.uuid().length() - 12), 16);
  }

  private static void expectOrderOfEachProducer(List<PopEvent> events, int round) {
    int[] last = new int[PRODUCERS];
    for (PopEvent event : events) {
      int number = number(event);
      int producer = number / 10_000;
      assertThat(number).as("round %s: order", round).isGreaterThanOrEqualTo(last[producer]);
      last[producer] = number;
    }
  }
}
