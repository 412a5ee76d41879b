package io.proofofplay.spool.file;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool.Append;
import io.proofofplay.core.spi.SpoolStats;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FileSpool.Bounds;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A spool beside a plain list of numbers, taken through the same steps. An event is its number; a
 * step is a number too, so that a sequence of them shrinks well.
 *
 * <p>The list is what waits. Beside it stand two sets: what the spool has promised to keep through
 * a power cut, and what is done with. After each end of a process, whatever ended it, a copy of the
 * disk is emptied and weighed against these; from there on the list is what was found.
 */
final class SpoolModel {

  /** How a process ends. */
  private enum End {
    CLOSE,
    KILL,
    POWER
  }

  private static final List<End> ENDS = List.of(End.values());
  private static final List<Fault> FAULTS = List.of(Fault.values());
  private static final List<Durability> DURABILITIES = List.of(Durability.values());
  private static final int EVENTS = 2000;
  private static final PopEvent[] SMALL = events("");
  private static final int LARGEST = 40 << 10;

  private final Scale scale;
  private final List<String> story;
  private final FaultyDisk disk = new FaultyDisk();
  private final ManualTime time = ManualTime.standing();
  private final IntList waiting = new IntList();
  private final BitSet promised = new BitSet();
  private final BitSet done = new BitSet();

  /** What nobody was promised when the power failed: the line that names its sender may be gone. */
  private final BitSet orphaned = new BitSet();

  /**
   * What the last removals took out; a power cut may bring it back while something else waits, as a
   * removal's force may wait for a few others.
   */
  private final ArrayDeque<BitSet> lastRemoved = new ArrayDeque<>();

  /**
   * Found where the name of a file counts it. What is found elsewhere alone, such as what could not
   * be cut off a file again when its force had failed, is a surplus: no start forces a sealed file.
   */
  private final BitSet counted = new BitSet();

  /** Found although it was refused, or was done with: nobody counts on it. */
  private final BitSet nobodys = new BitSet();

  private final Map<String, int[]> batches = new HashMap<>();
  private Durability durability = Durability.WRITE_AHEAD;
  private Durability nextDurability = durability;
  private int maxEvents = 3;
  private long maxBytes = 1 << 30;
  private long batchBytes = 1 << 20;
  private boolean oneSender;
  private int unforcedBytes = 400;
  private FileSpool spool;

  /**
   * Whether something may be in memory alone until it is forced: what was appended among others
   * that are not forced, or made more batches than may have open files at a time.
   */
  private boolean leftToTheForce;

  private long removed;
  private long withdrawn;

  /**
   * Whether a file may hold other events than its name says, because it could not be cut back: the
   * spool counts them when it looks inside.
   */
  private boolean unsure;

  private int made;

  /** Whether a force or anything else has ever failed: then an event may be there twice. */
  private boolean troubled;

  private long ends;
  private long failures;
  private long lost;

  /** How large everything is. */
  enum Scale {
    /** A few events reach every bound. */
    SMALL,
    /** The bounds of the product, and events that reach them. */
    USUAL
  }

  /** A growing list of numbers. */
  private static final class IntList {
    private int[] values = new int[16];
    private int from;
    private int size;

    void add(int value) {
      if (from + size == values.length) {
        values = Arrays.copyOfRange(values, from, from + Math.max(16, size * 2));
        from = 0;
      }
      values[from + size++] = value;
    }

    int get(int index) {
      return values[from + index];
    }

    void removeRange(int start, int count) {
      System.arraycopy(values, from, values, from + count, start);
      from += count;
      size -= count;
    }

    void cutTo(int newSize) {
      size = newSize;
    }

    @Override
    public String toString() {
      return Arrays.toString(Arrays.copyOfRange(values, from, from + size));
    }
  }

  private SpoolModel(Scale scale, List<String> story) {
    this.scale = scale;
    this.story = story;
  }

  /**
   * What a sequence came to.
   *
   * @param lost how many events were promised and found to be gone
   * @param held whether the spool did what the list does
   */
  record Outcome(long ends, long failures, long promised, long lost, boolean held) {}

  /**
   * Takes a spool through steps and settles up.
   *
   * @throws AssertionError if it does not do what the list does; the message tells the steps
   */
  static void run(Scale scale, int[] steps) {
    run(scale, steps, outcome -> {});
  }

  /**
   * The same, and tells what the sequence came to, also if it throws.
   *
   * @throws AssertionError if it does not do what the list does; the message tells the steps
   */
  static void run(Scale scale, int[] steps, Consumer<Outcome> told) {
    SpoolModel model = new SpoolModel(scale, null);
    boolean held = false;
    try {
      model.live(steps);
      held = true;
    } catch (AssertionError | RuntimeException | IOException e) {
      List<String> story = new ArrayList<>();
      try {
        new SpoolModel(scale, story).live(steps);
      } catch (AssertionError | RuntimeException | IOException again) {
        throw new AssertionError(again + "\n  " + String.join("\n  ", story), again);
      }
      throw new AssertionError("fails only once: " + e, e);
    } finally {
      told.accept(model.outcome(held));
    }
  }

  private Outcome outcome(boolean held) {
    long failed = failures + disk.failures();
    return new Outcome(ends, failed, promised.cardinality(), lost, held);
  }

  private void live(int[] steps) throws IOException {
    reopen();
    for (int step : steps) {
      step(step & 31, step >> 5 & 0x7ff);
      balance();
    }
    disk.repair();
    end(End.CLOSE, 0);
  }

  private void tell(String what) {
    if (story != null) {
      story.add(what + "   " + waiting + (spool == null ? "" : " " + spool.stats()));
    }
  }

  private void step(int what, int parameter) throws IOException {
    switch (what) {
      case 0, 1, 2 -> append(1 + parameter % 5);
      case 3 -> appendAmongOthers(1 + parameter % 5);
      case 4 -> sync();
      case 5 -> end(End.POWER, parameter);
      case 6 -> remove(false, 0);
      case 7 -> remove(true, parameter);
      case 8 -> roll();
      case 9 -> peekBehind();
      case 10 -> evict(parameter % 2 == 0);
      case 11 -> end(End.KILL, 0);
      case 12 -> end(End.CLOSE, 0);
      case 13, 14 -> {
        disk.fail(
            1 + parameter % 16,
            parameter % 7 == 0 ? Long.MAX_VALUE : 1 + parameter / 16 % 3,
            FAULTS.get(parameter / 48 % 3));
        tell("fails from " + (1 + parameter % 16));
      }
      case 15 -> {
        disk.leaveRoom(scale == Scale.SMALL ? parameter : parameter * 1024L);
        tell("room for " + parameter);
      }
      case 16, 17 -> {
        disk.repair();
        tell("all is well again");
      }
      case 18 -> {
        time.advance(Duration.ofMillis(parameter * 10L));
        time.jumpWall(Duration.ofDays(parameter - 1024));
        tell("the clock jumps by " + (parameter - 1024) + " days");
      }
      case 19 -> {
        nextDurability = DURABILITIES.get(parameter % 3);
        end(ENDS.get(parameter / 3 % 3), parameter);
      }
      case 20 -> {
        maxEvents = scale == Scale.SMALL ? 1 + parameter % 6 : 500;
        batchBytes = parameter % 5 == 0 ? 40 : 1 << 20;
        maxBytes = parameter % 3 == 0 ? 600 + parameter : 1 << 30;
        oneSender = parameter % 2 == 1;
        // With little there is no room for three batches that nobody has forced.
        unforcedBytes = parameter % 7 < 3 ? 2_000 : 400;
        end(ENDS.get(parameter / 6 % 3), parameter);
      }
      case 21 -> {
        sync();
        remove(true, parameter);
      }
      case 22, 23, 24, 25 -> {
        append(1 + parameter % 3);
        sync();
      }
      case 26 -> append(1 + parameter % 24);
      case 27 -> {
        append(1 + parameter % 3);
        end(End.POWER, parameter);
      }
      case 28 -> {
        sync();
        end(End.POWER, parameter);
      }
      default -> {
        append(1);
        roll();
      }
    }
  }

  // ---------------------------------------------------------------- steps

  private void append(int count) {
    append(count, false);
  }

  private void appendAmongOthers(int count) {
    append(count, true);
  }

  private void append(int count, boolean amongOthers) {
    if (made + count > EVENTS) {
      return;
    }
    List<PopEvent> events = new ArrayList<>(count);
    for (int i = made; i < made + count; i++) {
      events.add(event(i));
    }
    long before = spool.stats().batches();
    Append answer = amongOthers ? spool.appendAmongOthers(events) : spool.append(events);
    boolean isBehind = amongOthers && spool.stats().unconfirmed() > count;
    leftToTheForce |=
        durability == Durability.WRITE_AHEAD
            && answer == Append.KEPT
            && (isBehind || spool.stats().batches() - before >= bounds().unforcedFiles());
    if (answer == Append.KEPT) {
      for (int i = made; i < made + count; i++) {
        waiting.add(i);
      }
    }
    made += count;
    tell("append " + count + ": " + answer);
  }

  private PopEvent event(int number) {
    return scale == Scale.SMALL ? SMALL[number] : large(number);
  }

  private void sync() {
    try {
      spool.sync();
      leftToTheForce = false;
      promiseWaiting();
      tell("sync");
    } catch (IOException e) {
      if (durability == Durability.WRITE_AHEAD) {
        withdraw();
      }
      tell("sync fails");
    }
  }

  private void promiseWaiting() {
    for (int i = 0; i < waiting.size; i++) {
      int number = waiting.get(i);
      if (!nobodys.get(number)) {
        promised.set(number);
      }
    }
  }

  /** The newest are taken out again, never a promised one. */
  private void withdraw() {
    int left = waiting.size - (int) (spool.stats().withdrawn() - withdrawn);
    withdrawn = spool.stats().withdrawn();
    for (int i = left; i < waiting.size; i++) {
      expect(!promised.get(waiting.get(i)), "withdrew what was promised: ", waiting.get(i));
    }
    waiting.cutTo(left);
  }

  private void roll() {
    try {
      boolean rolled = spool.roll();
      tell("roll: " + rolled);
    } catch (IOException e) {
      tell("roll fails");
    }
  }

  private Optional<Batch> peek() {
    try {
      Optional<Batch> batch = spool.peek();
      if (batch.isPresent()) {
        expectFront(batch.get(), 0);
      }
      return batch;
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void expectFront(Batch batch, int from) {
    int[] numbers = numbersOf(batch.events());
    expect(from + numbers.length <= waiting.size, "more than waits: ", batch.id());
    for (int i = 0; i < numbers.length; i++) {
      expect(numbers[i] == waiting.get(from + i), batch.id(), " is not what waits first");
    }
    int[] before = batches.putIfAbsent(batch.id().toString(), numbers);
    expect(before == null || Arrays.equals(before, numbers), batch.id(), " means other bytes");
  }

  private void remove(boolean part, int parameter) {
    Optional<Batch> batch = peek();
    if (batch.isEmpty()) {
      tell("nothing to remove");
      return;
    }
    int count = part ? 1 + parameter % batch.get().size() : batch.get().size();
    BatchId id = part ? batch.get().part(0, count).id() : batch.get().id();
    spool.remove(id);
    BitSet now = new BitSet();
    for (int i = 0; i < count; i++) {
      now.set(waiting.get(i));
    }
    done.or(now);
    lastRemoved.add(now);
    if (lastRemoved.size() == SpoolFolder.MOST_UNSAFE) {
      lastRemoved.remove();
    }
    waiting.removeRange(0, count);
    if (waiting.size == 0) {
      lastRemoved.clear();
    }
    removed += count;
    tell("remove " + id);
    Optional<Batch> rest = peek();
    if (part && count < batch.get().size()) {
      expect(rest.isPresent(), "the rest of ", id, " is gone");
    }
  }

  private void peekBehind() {
    Optional<Batch> first = peek();
    if (first.isPresent()) {
      try {
        // Whether it was read ahead must not be seen.
        if (first.get().size() % 2 == 0) {
          spool.readAhead();
        }
        Optional<Batch> second = spool.peekBehind(first.get().id());
        second.ifPresent(batch -> expectFront(batch, first.get().size()));
      } catch (IOException e) {
        // Later, then.
      }
    }
    tell("peek behind");
  }

  private void evict(boolean besideFirst) {
    Optional<Batch> first = besideFirst ? peek() : Optional.empty();
    int from = first.map(Batch::size).orElse(0);
    try {
      Optional<Batch> out = spool.evict(first.map(Batch::id));
      if (out.isPresent()) {
        expectFront(out.get(), from);
        for (int i = from; i < from + out.get().size(); i++) {
          done.set(waiting.get(i));
        }
        lastRemoved.clear();
        waiting.removeRange(from, out.get().size());
        removed += out.get().size();
      } else {
        expect(waiting.size == from, "nothing evicted, though something waits");
      }
      tell("evict " + out.map(Batch::id));
    } catch (IOException e) {
      tell("evict fails");
    }
  }

  // ---------------------------------------------------------------- ends and beginnings

  private void end(End how, int seed) throws IOException {
    ends++;
    End ended = how;
    noticeTrouble();
    if (how == End.CLOSE) {
      try {
        spool.close();
        promiseWaiting();
        lastRemoved.clear();
      } catch (IOException e) {
        ended = End.KILL;
      }
      noticeTrouble();
    }
    if (how == End.POWER) {
      for (int i = 0; i < waiting.size; i++) {
        if (!promised.get(waiting.get(i))) {
          orphaned.set(waiting.get(i));
        }
      }
      disk.crash(seed);
    } else {
      disk.kill();
    }
    tell(how + (ended == how ? "" : " fails"));
    IntList found = content();
    weigh(found, ended);
    BitSet kept = new BitSet();
    for (int i = 0; i < waiting.size; i++) {
      kept.set(waiting.get(i));
    }
    waiting.cutTo(0);
    for (int i = 0; i < found.size; i++) {
      int number = found.get(i);
      waiting.add(number);
      if (!counted.get(number) && (!promised.get(number) || done.get(number))) {
        // Nobody was promised it, or it is a copy of what is done with.
        nobodys.set(number);
        continue;
      }
      if (kept.get(number) && !nobodys.get(number)) {
        // A start on a disk that is well forces what it finds.
        promised.set(number);
      } else if (!promised.get(number)) {
        nobodys.set(number);
      }
      done.clear(number);
    }
    reopen();
    expect(
        troubled || spool.stats().events() == waiting.size,
        "found ",
        spool.stats().events(),
        ", there are ",
        waiting.size);
    tell("opened, " + durability);
  }

  /** What another process would find now. */
  private IntList content() throws IOException {
    FaultyDisk copy = disk.copy();
    counted.clear();
    FileSpool other = Spools.open(copy, 1000);
    IntList found = new IntList();
    long seen = 0;
    long recovered = other.stats().recovered();
    Optional<Batch> next = other.peek();
    while (next.isPresent()) {
      boolean isAsNamed = next.get().id().toString().indexOf('~') < 0;
      for (int number : numbersOf(next.get().events())) {
        found.add(number);
        if (isAsNamed) {
          counted.set(number);
        }
      }
      seen += next.get().size();
      other.remove(next.get().id());
      next = other.peek();
    }
    SpoolStats stats = other.stats();
    expect(stats.events() == 0 && stats.bytes() == 0, "emptied, and ", stats);
    expect(stats.recovered() - stats.damaged() == seen, "seen ", seen, ", and ", stats);
    expect(troubled || stats.damaged() == 0, "damage without trouble: ", stats);
    expect(troubled || stats.recovered() == recovered, "recovered is not what was found");
    other.close();
    return found;
  }

  private void weigh(IntList found, End how) {
    BitSet there = new BitSet();
    boolean orderly = true;
    boolean again = false;
    BitSet mayBeBack = new BitSet();
    if (how == End.POWER) {
      lastRemoved.forEach(mayBeBack::or);
    }
    for (int i = 0; i < found.size; i++) {
      int number = found.get(i);
      expect(number < made, "invented: ", number);
      again |= (done.get(number) && !mayBeBack.get(number)) || there.get(number);
      orderly &= i == 0 || found.get(i - 1) < number;
      there.set(number);
    }
    BitSet missing = (BitSet) promised.clone();
    missing.andNot(done);
    missing.andNot(there);
    lost = missing.cardinality();
    expect(missing.isEmpty(), "promised and gone: ", missing, ", there are ", found);
    if (troubled) {
      if (how != End.POWER || !isPartOfWhatHasWaited(found)) {
        expectOrderOfThePromised(found);
      }
      return;
    }
    expect(orderly, "out of order: ", found);
    expect(!again, "done with, and there again: ", found);
    boolean isWritten = durability != Durability.ON_FAILURE && !leftToTheForce;
    if (how == End.CLOSE || (how == End.KILL && isWritten)) {
      expect(found.size == waiting.size, "lost by ", how, ", there are ", found);
    }
    if (how == End.KILL && durability == Durability.WRITE_AHEAD && mayBeBack.isEmpty()) {
      for (int i = 0; i < found.size; i++) {
        // What was left to the force may be gone, and then all that came behind it is.
        expect(found.get(i) == waiting.get(i), "a later one left by a kill: ", found);
      }
    }
    BitSet strange = (BitSet) there.clone();
    for (int i = 0; i < waiting.size; i++) {
      strange.clear(waiting.get(i));
    }
    strange.andNot(mayBeBack);
    expect(strange.isEmpty(), "did not wait, and is there: ", strange);
  }

  /**
   * After trouble there may be copies, each where it was given up. Whoever takes the promised ones
   * in the order in which they have waited still meets each behind the one before it.
   */
  private void expectOrderOfThePromised(IntList found) {
    BitSet met = new BitSet();
    int at = 0;
    for (int i = 0; i < waiting.size; i++) {
      int number = waiting.get(i);
      if (!promised.get(number) || done.get(number) || met.get(number)) {
        continue;
      }
      met.set(number);
      while (at < found.size && found.get(at) != number) {
        at++;
      }
      expect(at < found.size, "order: ", number, " is not behind those before it: ", found);
      at++;
    }
  }

  /**
   * Where copies have waited, a power cut may take the first one of an event and leave a later one:
   * what is found is then in the order in which all copies have waited.
   */
  private boolean isPartOfWhatHasWaited(IntList found) {
    int at = 0;
    for (int i = 0; i < found.size; i++) {
      int number = found.get(i);
      if (!promised.get(number) || done.get(number)) {
        continue;
      }
      while (at < waiting.size && waiting.get(at) != number) {
        at++;
      }
      if (at++ >= waiting.size) {
        return false;
      }
    }
    return true;
  }

  private void reopen() throws IOException {
    removed = 0;
    withdrawn = 0;
    lastRemoved.clear();
    unsure = troubled;
    leftToTheForce = false;
    durability = nextDurability;
    SpoolPolicy keeping =
        SpoolPolicy.defaults().withDurability(durability).withMaxBytes(new ByteSize(maxBytes));
    BatchPolicy policy = new BatchPolicy(maxEvents, new ByteSize(batchBytes), Duration.ZERO);
    spool =
        FileSpool.open(
            new SpoolFolder(disk, Spools.FOLDER, time),
            new Reserve(disk, Spools.FOLDER, time, Spools.RESERVE),
            time,
            keeping,
            policy,
            oneSender,
            bounds());
  }

  private Bounds bounds() {
    return scale == Scale.SMALL
        ? new Bounds(64, unforcedBytes, 2L * unforcedBytes, 4)
        : Bounds.USUAL;
  }

  // ---------------------------------------------------------------- checks

  private void noticeTrouble() {
    troubled |= disk.failures() > 0;
  }

  private void balance() {
    noticeTrouble();
    SpoolStats stats = spool.stats();
    leftToTheForce &= stats.unconfirmed() > 0;
    expect(
        stats.events()
            == stats.recovered() + stats.appended() - removed - stats.damaged() - stats.withdrawn(),
        "books: ",
        stats,
        ", removed ",
        removed);
    expect(unsure || stats.events() == waiting.size, "events: ", stats);
    expect(troubled || stats.damaged() == 0, "damage without trouble: ", stats);
  }

  /** Its words are put together only when they are needed, which is nearly never. */
  private void expect(boolean what, Object... otherwise) {
    if (!what) {
      String words = Stream.of(otherwise).map(String::valueOf).collect(Collectors.joining());
      throw new AssertionError(words + "; waiting " + waiting + ", promised " + promised);
    }
  }

  // ---------------------------------------------------------------- events

  private static PopEvent[] events(String filler) {
    PopEvent[] events = new PopEvent[EVENTS];
    for (int i = 0; i < EVENTS; i++) {
      events[i] = event(i, filler);
    }
    return events;
  }

  private static PopEvent event(int number, String filler) {
    byte[] json = ("{\"uuid\":\"" + number + "\"" + filler + "}").getBytes(StandardCharsets.UTF_8);
    return PopEvent.scanned(json, 0, json.length, number % 5 == 4 ? null : "p" + number / 9);
  }

  private static PopEvent large(int number) {
    return event(number, ",\"f\":\"" + "x".repeat(number * 7919 % LARGEST) + "\"");
  }

  private int[] numbersOf(List<PopEvent> events) {
    int[] numbers = new int[events.size()];
    for (int i = 0; i < numbers.length; i++) {
      PopEvent event = events.get(i);
      int number = 0;
      for (int at = event.offset() + 9; event.array()[at] != '"'; at++) {
        number = number * 10 + event.array()[at] - '0';
      }
      numbers[i] = number;
      expect(number < made && event.equals(event(number)), "invented: ", event.json());
      Optional<String> sender = event(number).sender();
      expect(
          event.sender().equals(sender)
              || ((troubled || orphaned.get(number)) && event.sender().isEmpty()),
          "sender of ",
          number,
          ": ",
          event.sender());
      if (event.sender().equals(sender)) {
        orphaned.clear(number);
      }
    }
    return numbers;
  }
}
