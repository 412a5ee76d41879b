package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetters;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.spool.file.SideFile.Force;
import io.proofofplay.testkit.DeadLettersContract;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import io.proofofplay.testkit.TallyRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters keep the rules of their port, also on a full disk. */
class FileDeadLettersTest implements DeadLettersContract {

  private static final Path FOLDER = Spools.FOLDER.resolve(FileDeadLetters.FOLDER);

  private static final class OnFaultyDisk implements DeadLettersContract.Place {
    private final FaultyDisk disk = new FaultyDisk();
    private final ManualTime time = ManualTime.standing();
    private final Reserve reserve;
    private final long mostBytes;
    private long seed;

    OnFaultyDisk(long mostBytes) throws IOException {
      this.mostBytes = mostBytes;
      disk.createDirectories(Spools.FOLDER);
      reserve = new Reserve(disk, Spools.FOLDER, time, Reserve.BYTES);
      reserve.prepare();
    }

    @Override
    public FileDeadLetters open() {
      return new FileDeadLetters(
          new SideFile(
              disk,
              FOLDER,
              FileDeadLetters.NAME,
              mostBytes,
              Force.EVERY_LINE,
              Optional.of(reserve)),
          new SideFile(
              disk,
              FOLDER,
              FileDeadLetters.DISCARDED,
              mostBytes,
              Force.WHEN_ASKED,
              Optional.empty()),
          new DeadLetterRequests(disk, FOLDER));
    }

    @Override
    public boolean givesBack() {
      return true;
    }

    @Override
    public List<DeadLetter> readDiscarded() throws IOException {
      List<DeadLetter> letters = new ArrayList<>();
      new SpoolView(disk, Spools.FOLDER.getParent())
          .letters(Spools.FOLDER.getFileName().toString(), true, letters::add);
      return letters;
    }

    @Override
    public void ask(DeadLetterRequest.Action action, Set<String> batches) throws IOException {
      String unused = new DeadLetterRequests(disk, FOLDER).post(action, batches, time.now());
    }

    @Override
    public List<DeadLetter> read() {
      List<DeadLetter> letters = new ArrayList<>();
      for (String name : List.of("dead.1.ndjson", "dead.ndjson")) {
        if (disk.files().contains(FOLDER.resolve(name))) {
          new String(disk.bytes(FOLDER.resolve(name)), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.endsWith("}"))
              .map(OnFaultyDisk::letter)
              .forEach(letters::add);
        }
      }
      return letters;
    }

    private static DeadLetter letter(String line) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      assertThat(JsonScanner.faultOf(bytes, 0, bytes.length, "time")).as(line).isEmpty();
      Map<String, Object> letter = JsonScanner.read(bytes, 0, bytes.length);
      assertThat(letter.keySet())
          .containsExactly("time", "batch", "status", "reason", "answer", "event");
      return new DeadLetter(
          Instant.parse(letter.get("time").toString()),
          batch(letter.get("batch").toString()),
          new Reason(
              letter.get("reason").toString(),
              Integer.parseInt(((JsonNumber) letter.get("status")).text()),
              letter.get("answer").toString()),
          PopEvent.of(letter.get("event").toString()));
    }

    private static BatchId batch(String text) {
      Matcher form = Pattern.compile("([^-]+)-(\\d+)(?:\\.(\\d+)-(\\d+))?").matcher(text);
      assertThat(form.matches()).isTrue();
      BatchId whole = BatchId.of(form.group(1), Long.parseLong(form.group(2)));
      return form.group(3) == null
          ? whole
          : whole.part(Integer.parseInt(form.group(3)), Integer.parseInt(form.group(4)));
    }

    @Override
    public void kill() {
      disk.crash(++seed);
    }

    @Override
    public void damage() {
      disk.failAll(kind -> kind == Kind.WRITE || kind == Kind.FORCE, Fault.SHORT_WRITE);
    }

    @Override
    public void repair() {
      disk.repair();
    }

    @Override
    public void close() {
      // In memory.
    }
  }

  @Override
  public Place place() throws IOException {
    return new OnFaultyDisk(SideFile.MOST_BYTES);
  }

  private static DeadLetter letter(int number) {
    return new DeadLetter(
        ManualTime.START.plusSeconds(number),
        BatchId.of("life", number),
        Reason.of("no"),
        Events.number(number));
  }

  private static List<String> events(OnFaultyDisk place) {
    return place.read().stream().map(letter -> letter.event().json()).toList();
  }

  private static List<String> numbered(int from, int behind) {
    return Events.numbered(from, behind).stream().map(PopEvent::json).toList();
  }

  @Test
  void aTornLineDoesNotSpoilTheNextLetter() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    place.open().put(letter(0));
    Path file = FOLDER.resolve("dead.ndjson");
    byte[] whole = place.disk.bytes(file);
    for (int left = whole.length + 1; left < whole.length + 40; left++) {
      byte[] torn = new byte[left];
      System.arraycopy(whole, 0, torn, 0, whole.length);
      System.arraycopy(whole, 0, torn, whole.length, left - whole.length);
      place.disk.put(file, torn);

      place.open().put(letter(1));

      assertThat(events(place)).isEqualTo(numbered(0, 2));
    }
  }

  /** A spool that shares the reserve. */
  private static FileSpool spoolBeside(OnFaultyDisk place) throws IOException {
    return FileSpool.open(
        new SpoolFolder(place.disk, Spools.FOLDER, place.time),
        place.reserve,
        place.time,
        SpoolPolicy.defaults(),
        Spools.batchesOf(10),
        false);
  }

  @Test
  void onAFullDiskTheReserveMakesRoomForLettersAndComesBeforeNewEvents() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    FileSpool spool = spoolBeside(place);
    spool.append(Events.numbered(1));
    spool.sync();
    DeadLetters letters = place.open();
    letters.put(letter(0));
    place.disk.leaveRoom(10);

    for (int i = 1; i < 100; i++) {
      letters.put(letter(i));
    }

    assertThat(events(place)).isEqualTo(numbered(0, 100));
    // There is room, but it is the reserve's.
    assertThat(spool.append(Events.numbered(1, 2))).isEqualTo(Spool.Append.NO_SPACE);
    place.disk.repair();
    place.time.advance(Duration.ofSeconds(2));
    assertThat(spool.append(Events.numbered(1, 2))).isEqualTo(Spool.Append.KEPT);
    assertThat(place.disk.bytes(Spools.FOLDER.resolve(Reserve.NAME))).hasSize(Reserve.BYTES);
  }

  /** It must not keep all behind it from being sent: only that makes room. */
  @Test
  void theReserveIsEnoughForTheLetterOfTheLargestEvent() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    FileSpool spool = spoolBeside(place);
    PopEvent large = PopEvent.of("{\"uuid\":\"1\",\"a\":[" + "\"\",".repeat(100_000) + "1]}");
    assertThat(spool.append(List.of(large))).isEqualTo(Spool.Append.KEPT);
    spool.sync();
    DeadLetters letters = place.open();
    letters.put(letter(0));
    place.disk.leaveRoom(10);

    letters.put(
        new DeadLetter(
            Instant.EPOCH, letter(0).batch(), new Reason("no", 422, "\u0001".repeat(1024)), large));

    assertThat(letters.kept()).isEqualTo(2);
  }

  @Test
  void whereThereIsNoRoomForALargerReserveALargeEventIsNotTaken() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    FileSpool spool = spoolBeside(place);
    place.disk.leaveRoom(400_000);
    PopEvent large = PopEvent.of("{\"uuid\":\"" + "x".repeat(400_000) + "\"}");

    assertThat(spool.append(List.of(large))).isEqualTo(Spool.Append.NO_SPACE);
    assertThat(spool.append(Events.numbered(1))).as("others are").isEqualTo(Spool.Append.KEPT);
    assertThat(place.disk.bytes(Spools.FOLDER.resolve(Reserve.NAME))).hasSize(Reserve.BYTES);
    place.disk.repair();
    assertThat(spool.append(List.of(large)))
        .as("tried once a second")
        .isEqualTo(Spool.Append.NO_SPACE);
    place.time.advance(Duration.ofSeconds(2));
    assertThat(spool.append(List.of(large))).isEqualTo(Spool.Append.KEPT);
  }

  @Test
  void theOldLettersMakeRoomAndAreCounted() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(2000);
    DeadLetters letters = place.open();
    for (int i = 0; i < 20; i++) {
      letters.put(letter(i));
      int kept = (int) (i + 1 - letters.discarded());
      assertThat(events(place)).isEqualTo(numbered(i + 1 - kept, i + 1));
      assertThat(kept).isGreaterThanOrEqualTo(Math.min(i + 1, 5));
      assertThat(letters.kept()).isEqualTo(kept);
    }
    assertThat(letters.discarded()).isPositive();
    assertThat(place.disk.files().stream().filter(file -> file.startsWith(FOLDER))).hasSize(2);
    for (Path file : place.disk.files()) {
      if (file.startsWith(FOLDER)) {
        assertThat(place.disk.bytes(file).length).isLessThanOrEqualTo(2000);
      }
    }
  }

  private static void count(TallyRun run, int faults, List<String> put, int lost) {
    run.round(faults);
    run.events(put.size(), lost, 0);
  }

  private static int missing(List<String> due, List<String> there) {
    List<String> missing = new ArrayList<>(due);
    missing.removeAll(there);
    return missing.size();
  }

  @Test
  void whicheverOperationFailsALetterIsThereOrItsPutHasThrown() throws IOException {
    try (TallyRun run =
        TallyRun.of(
            "FileDeadLettersTest.whicheverOperationFailsALetterIsThereOrItsPutHasThrown",
            "dead letters: each operation fails, then the power")) {
      for (int n = 1; n < 40; n++) {
        for (Fault fault : Fault.values()) {
          for (int seed = 0; seed < 8; seed++) {
            OnFaultyDisk place = new OnFaultyDisk(1500);
            place.disk.fail(n, 1, fault);
            DeadLetters letters = place.open();
            List<String> put = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
              try {
                letters.put(letter(i));
                put.add(Events.number(i).json());
              } catch (IOException e) {
                // Not kept, then.
              }
            }
            place.disk.crash(seed);
            List<String> due = put.subList((int) letters.discarded(), put.size());
            count(run, 2, put, missing(due, events(place)));
            assertThat(events(place))
                .as("operation %s fails: %s, power cut %s", n, fault, seed)
                .isEqualTo(due);
          }
        }
      }
      run.held();
    }
  }

  @Test
  void thePowerMayFailAtAnyOperation() throws IOException {
    try (TallyRun run =
        TallyRun.of(
            "FileDeadLettersTest.thePowerMayFailAtAnyOperation",
            "dead letters: the power fails at each operation")) {
      for (int n = 1; n < 60; n++) {
        for (int seed = 0; seed < 16; seed++) {
          OnFaultyDisk place = new OnFaultyDisk(1500);
          place.disk.fail(n, Long.MAX_VALUE, Fault.IO_ERROR);
          DeadLetters letters = place.open();
          List<String> put = new ArrayList<>();
          for (int i = 0; i < 10; i++) {
            try {
              letters.put(letter(i));
              put.add(Events.number(i).json());
            } catch (IOException e) {
              // Not kept, then.
            }
          }
          place.disk.crash(seed);
          List<String> due = put.subList((int) letters.discarded(), put.size());
          count(run, 1, put, missing(due, events(place)));
          // One more may be there: the one that the power cut has interrupted.
          assertThat(events(place))
              .as("power fails at operation %s, seed %s", n, seed)
              .containsAll(due);
        }
      }
      run.held();
    }
  }

  @Test
  void halfACharacterIsNoReasonToThrow() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    place
        .open()
        .put(
            new DeadLetter(
                ManualTime.START,
                BatchId.of("life", 1),
                new Reason("no", 400, "cut in the middle \ud83d"),
                Events.number(1)));
    assertThat(events(place)).isEqualTo(numbered(1, 2));
  }

  /** Takes the even ones over, as a spool does: what was not kept is gone after a power cut. */
  private static final class Even implements DeadLetters.Taker {
    private final FaultyDisk disk;
    private final List<String> pending = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();

    Even(FaultyDisk disk) {
      this.disk = disk;
    }

    @Override
    public boolean take(DeadLetter letter) {
      boolean even = letter.batch().number() % 2 == 0;
      if (even) {
        pending.add(letter.event().json());
      }
      return even;
    }

    @Override
    public void keep() throws IOException {
      // A force of its own, which may fail as any.
      disk.forceDirectory(FOLDER);
      kept.addAll(pending);
    }
  }

  @Test
  void wheneverThePowerFailsALetterIsThereOrWasTakenOver() throws IOException {
    try (TallyRun run =
        TallyRun.of(
            "FileDeadLettersTest.wheneverThePowerFailsALetterIsThereOrWasTakenOver",
            "dead letters given back: each operation fails, then the power")) {
      for (int n = 1; n < 45; n++) {
        for (int seed = 0; seed < 8; seed++) {
          // Two files, so that both are written anew.
          OnFaultyDisk place = new OnFaultyDisk(1500);
          for (int i = 0; i < 8; i++) {
            place.open().put(letter(i));
          }
          List<String> all = events(place);
          assertThat(all).hasSizeGreaterThan(4);
          place.disk.fail(n, seed % 2 == 0 ? Long.MAX_VALUE : 1, Fault.IO_ERROR);
          Even taker = new Even(place.disk);
          try {
            long unused = place.open().takeOut(taker);
          } catch (IOException e) {
            // As much as was done is done.
          }
          place.disk.crash(seed);

          List<String> there = events(place);
          List<String> both = new ArrayList<>(there);
          both.addAll(taker.kept);
          run.round(1);
          run.events(all.size(), missing(all, both), Math.max(0, both.size() - all.size()));
          assertThat(both).as("operation %s fails, seed %s", n, seed).containsAll(all);
          assertThat(there).as("operation %s fails, seed %s", n, seed).isSubsetOf(all);
          assertThat(there).doesNotHaveDuplicates();
        }
      }
      run.held();
    }
  }

  @Test
  void aLineThatIsNoLetterStays() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    place.open().put(letter(0));
    Path file = FOLDER.resolve("dead.ndjson");
    byte[] line = place.disk.bytes(file);
    String with = "{\"torn\":\n" + new String(line, StandardCharsets.UTF_8) + "{\"to";
    place.disk.put(file, with.getBytes(StandardCharsets.UTF_8));

    assertThat(place.open().takeOut(new Even(place.disk))).isEqualTo(1);

    assertThat(new String(place.disk.bytes(file), StandardCharsets.UTF_8))
        .isEqualTo("{\"torn\":\n{\"to");
  }

  @Test
  void afterTheClosingNothingIsGivenBack() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    FileDeadLetters letters = place.open();
    letters.put(letter(0));
    letters.close();
    long operations = place.disk.operations();

    assertThatThrownBy(() -> letters.takeOut(new Even(place.disk))).isInstanceOf(IOException.class);
    assertThat(place.disk.operations()).isEqualTo(operations);
  }

  @Test
  void aRequestBelongsToWhoeverIsFirst() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    FileDeadLetters letters = place.open();
    letters.put(letter(0));
    DeadLetterRequests requests = new DeadLetterRequests(place.disk, FOLDER);
    String first =
        requests.post(DeadLetterRequest.Action.DISCARD, List.of("life-0"), ManualTime.START);
    assertThat(requests.isWaiting(first)).isTrue();
    assertThat(requests.withdraw(first)).isTrue();
    assertThat(letters.request()).isEmpty();

    String second =
        requests.post(DeadLetterRequest.Action.DISCARD, List.of("life-0"), ManualTime.START);
    DeadLetterRequest taken = letters.request().orElseThrow();
    assertThat(requests.withdraw(second)).isFalse();
    assertThat(taken.id()).isEqualTo(second);
    assertThat(requests.answer(second)).isEmpty();
    letters.answer(taken, 1, "half of it");
    assertThat(requests.answer(second)).contains(new DeadLetterRequests.Answer(1, "half of it"));
    assertThat(requests.answer(second)).isEmpty();
  }

  @Test
  void aRequestThatCannotBeReadIsAnsweredAndDoesNotHoldUpTheNext() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    FileDeadLetters letters = place.open();
    letters.put(letter(0));
    DeadLetterRequests requests = new DeadLetterRequests(place.disk, FOLDER);
    String first =
        requests.post(DeadLetterRequest.Action.DISCARD, List.of("life-0"), ManualTime.START);
    place.disk.failAll(
        (kind, path) -> kind == Kind.READ && path.toString().endsWith(".taken"), Fault.IO_ERROR);
    assertThat(letters.request()).isEmpty();
    place.disk.repair();

    DeadLetterRequests.Answer answer = requests.answer(first).orElseThrow();
    assertThat(answer.done()).isZero();
    assertThat(answer.problem())
        .contains("request-" + first + ".ndjson cannot be read by the relay")
        .contains("run the command as the relay's user");
    assertThat(place.disk.files()).noneMatch(file -> file.toString().endsWith(".taken"));
    String second =
        requests.post(DeadLetterRequest.Action.DISCARD, List.of("life-0"), ManualTime.START);
    assertThat(letters.request()).map(DeadLetterRequest::id).contains(second);
  }

  @Test
  void whatRootAsksForBelongsToTheRelay(@TempDir Path directory) throws IOException {
    assumeThat(System.getProperty("user.name"))
        .as("only root may give files away")
        .isEqualTo("root");
    Path folder = Files.createDirectories(directory.resolve("billing/dead"));
    Files.setAttribute(folder, "unix:uid", 4711);
    Files.setAttribute(folder, "unix:gid", 4712);

    String id =
        DeadLetterRequests.of(directory, "billing")
            .post(DeadLetterRequest.Action.RETRY, List.of("life-0"), ManualTime.START);

    Path request = folder.resolve("request-" + id + ".ndjson");
    assertThat(Files.getAttribute(request, "unix:uid")).isEqualTo(4711);
    assertThat(Files.getAttribute(request, "unix:gid")).isEqualTo(4712);
  }

  @Test
  void whatIsDiscardedSurvivesAPowerCut() throws IOException {
    for (int seed = 0; seed < 16; seed++) {
      OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
      FileDeadLetters letters = place.open();
      letters.put(letter(0));
      assertThat(letters.discard(ManualTime.START, letter -> true)).isEqualTo(1);
      place.disk.crash(seed);

      List<String> both = new ArrayList<>(events(place));
      place.readDiscarded().forEach(letter -> both.add(letter.event().json()));
      assertThat(both).as("seed %s", seed).contains(Events.number(0).json());
    }
  }

  @Test
  void whatIsDiscardedSurvivesAPowerCutAlsoInTheOlderFile() throws IOException {
    for (int seed = 0; seed < 16; seed++) {
      OnFaultyDisk place = new OnFaultyDisk(1500);
      FileDeadLetters letters = place.open();
      List<String> put = new ArrayList<>();
      // The second discard begins in a file that has room for a part of it.
      for (int count : new int[] {2, 3}) {
        for (int i = 0; i < count; i++) {
          letters.put(letter(put.size()));
          put.add(Events.number(put.size()).json());
        }
        assertThat(letters.discard(ManualTime.START, letter -> true)).isEqualTo(count);
      }
      assertThat(place.disk.files()).contains(FOLDER.resolve("discarded.1.ndjson"));
      place.disk.crash(seed);

      List<String> both = new ArrayList<>(events(place));
      place.readDiscarded().forEach(letter -> both.add(letter.event().json()));
      assertThat(both).as("seed %s", seed).containsAll(put);
    }
  }

  @Test
  void whatWasDiscardedBeforeSurvivesAPowerCutInTheMiddleOfTheNextDiscard() throws IOException {
    for (int n = 1; n < 50; n++) {
      for (int seed = 0; seed < 16; seed++) {
        OnFaultyDisk place = new OnFaultyDisk(1500);
        FileDeadLetters letters = place.open();
        letters.put(letter(0));
        assertThat(letters.discard(ManualTime.START, letter -> true)).isEqualTo(1);
        for (int i = 1; i < 5; i++) {
          letters.put(letter(i));
        }
        place.disk.fail(n, Long.MAX_VALUE, Fault.IO_ERROR);
        try {
          long unused = letters.discard(ManualTime.START, letter -> true);
        } catch (IOException e) {
          // The power is about to fail.
        }
        place.disk.crash(seed);

        List<String> kept = new ArrayList<>();
        place.readDiscarded().forEach(letter -> kept.add(letter.event().json()));
        assertThat(kept).as("operation %s, seed %s", n, seed).contains(Events.number(0).json());
      }
    }
  }

  @Test
  void theOlderFileGivesItsLettersBackToo() throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(1500);
    for (int i = 0; i < 8; i++) {
      place.open().put(letter(i));
    }
    assertThat(place.disk.files()).contains(FOLDER.resolve("dead.1.ndjson"));

    assertThat(place.open().takeOut(new Even(place.disk))).isPositive();

    assertThat(place.read()).allMatch(letter -> letter.batch().number() % 2 == 1);
  }

  @Test
  void lettersAreReadWholeWhileTheFilesChangePlaces(@TempDir Path directory) throws IOException {
    Path folder = directory.resolve("billing").resolve(FileDeadLetters.FOLDER);
    FileDeadLetters letters =
        new FileDeadLetters(
            new SideFile(
                new RealDisk(),
                folder,
                FileDeadLetters.NAME,
                1500,
                Force.EVERY_LINE,
                Optional.empty()),
            new SideFile(
                new RealDisk(),
                folder,
                FileDeadLetters.DISCARDED,
                1500,
                Force.WHEN_ASKED,
                Optional.empty()),
            new DeadLetterRequests(new RealDisk(), folder));
    for (int i = 0; i < 8; i++) {
      letters.put(letter(i));
    }
    List<String> before = new ArrayList<>();
    SpoolView view = SpoolView.of(directory);
    assertThat(view.letters("billing", false, letter -> before.add(letter.event().json())))
        .isZero();
    assertThat(before).hasSizeGreaterThan(5);

    List<String> read = new ArrayList<>();
    long unreadable =
        view.letters(
            "billing",
            false,
            letter -> {
              read.add(letter.event().json());
              for (int i = 0; i < 10 && read.size() == 1; i++) {
                try {
                  letters.put(letter(100 + i));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            });
    letters.close();

    assertThat(unreadable).isZero();
    assertThat(read.subList(0, before.size())).isEqualTo(before);
    assertThat(read).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[1]",
        "{}",
        "{\"done\":1}",
        "{\"problem\":\"\"}",
        "{\"done\":\"1\",\"problem\":\"\"}",
        "{\"done\":null,\"problem\":\"\"}",
        "{\"done\":1.5,\"problem\":\"\"}",
        "{\"done\":-1,\"problem\":\"\"}",
        "{\"done\":99999999999999999999,\"problem\":\"\"}",
        "{\"done\":1,\"problem\":null}",
        "{\"done\":1,\"problem\":7}"
      })
  void anAnswerThatNoRelayWroteIsRefusedWithItsName(String mangled) throws IOException {
    OnFaultyDisk place = new OnFaultyDisk(SideFile.MOST_BYTES);
    place.open();
    Path folder = Spools.FOLDER.resolve(FileDeadLetters.FOLDER);
    DeadLetterRequests requests = new DeadLetterRequests(place.disk, folder);
    place.disk.createDirectories(folder);
    place.disk.put(
        folder.resolve("answer-abc.ndjson"), (mangled + "\n").getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> requests.answer("abc"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("answer-abc.ndjson");
    assertThat(requests.answer("abc")).as("nobody reads it twice").isEmpty();
  }
}
