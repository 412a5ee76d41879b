package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.Events;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A look from outside tells the truth and leaves no trace. */
class SpoolViewTest {

  private static final Path DIRECTORY = Spools.FOLDER.getParent();
  private static final String SINK = Spools.FOLDER.getFileName().toString();

  private final FaultyDisk disk = new FaultyDisk();
  private final SpoolView view = new SpoolView(disk, DIRECTORY);

  /** Two sealed files of four events, the first half done with, and an open one of two. */
  private FileSpool spool() throws IOException {
    FileSpool spool = Spools.open(disk, 4);
    spool.append(Events.numbered(10));
    spool.sync();
    spool.remove(spool.peek().orElseThrow().part(0, 2).id());
    return spool;
  }

  private SpoolFile file(int index) throws IOException {
    return view.files(SINK).get(index);
  }

  private SpoolFileContent content(int index) throws IOException {
    return view.read(SINK, file(index)).orElseThrow();
  }

  private Path path(int index) throws IOException {
    return Spools.FOLDER.resolve(file(index).name());
  }

  /** The process that runs this is alive; the number of none is no process's. */
  private void own(boolean owned) {
    String owner = (owned ? ProcessHandle.current().pid() : Long.MAX_VALUE) + "\n";
    disk.put(DIRECTORY.resolve(DirectoryLock.NAME), owner.getBytes(StandardCharsets.US_ASCII));
  }

  private static List<PopEvent> waitingIn(SpoolView view) throws IOException {
    List<PopEvent> events = new ArrayList<>();
    for (SpoolFile file : view.files(SINK)) {
      view.read(SINK, file).ifPresent(content -> events.addAll(content.waiting()));
    }
    return events;
  }

  @Test
  void eachFileIsListedWithWhatItHoldsUnderTheIdThatItIsSentWith() throws IOException {
    FileSpool spool = spool();

    List<SpoolFile> files = view.files(SINK);

    assertThat(files).extracting(SpoolFile::open).containsExactly(false, false, true);
    assertThat(files).extracting(SpoolFile::events).containsExactly(4, 4, 2);
    assertThat(files).extracting(SpoolFile::done).containsExactly(2, 0, 0);
    assertThat(files).extracting(SpoolFile::waiting).containsExactly(2, 4, 2);
    assertThat(files.get(0).batch()).isEqualTo(spool.peek().orElseThrow().id().toString());
    assertThat(files.get(0).bytes()).isEqualTo(disk.bytes(path(0)).length);
    assertThat(view.sinks()).containsExactly(SINK);
  }

  @Test
  void whatWaitsAndWhatIsDoneWithIsToldApart() throws IOException {
    FileSpool spool = spool();

    assertThat(content(0).done()).isEqualTo(Events.numbered(0, 2));
    assertThat(content(0).waiting()).isEqualTo(Events.numbered(2, 4));
    assertThat(content(0).batch()).isEqualTo(spool.peek().orElseThrow().id().toString());
    assertThat(waitingIn(view)).isEqualTo(Events.numbered(2, 10));
  }

  @Test
  void readingLeavesTheDiskAsItWas() throws IOException {
    spool();
    own(true);
    Map<Path, byte[]> before = contents();
    disk.failAll(kind -> kind != Kind.READ && kind != Kind.LIST, Fault.IO_ERROR);

    assertThat(waitingIn(view)).hasSize(8);

    disk.repair();
    assertThat(contents()).containsExactlyInAnyOrderEntriesOf(before);
  }

  private Map<Path, byte[]> contents() {
    Map<Path, byte[]> contents = new HashMap<>();
    disk.files().forEach(file -> contents.put(file, disk.bytes(file)));
    return contents;
  }

  @Test
  void aFileThatIsDeliveredMeanwhileIsNoneAndOneThatIsRenamedIsFollowed() throws IOException {
    FileSpool spool = spool();
    List<SpoolFile> seen = view.files(SINK);
    spool.remove(spool.peek().orElseThrow().id());
    spool.remove(spool.peek().orElseThrow().part(0, 1).id());
    assertThat(spool.roll()).isTrue();

    assertThat(view.read(SINK, seen.get(0))).isEmpty();
    assertThat(view.read(SINK, seen.get(1)).orElseThrow().waiting())
        .isEqualTo(Events.numbered(5, 8));
    assertThat(view.read(SINK, seen.get(2)).orElseThrow().file().open()).isFalse();
    assertThat(view.read(SINK, seen.get(2)).orElseThrow().waiting())
        .isEqualTo(Events.numbered(8, 10));
  }

  @Test
  void anIntactSpoolHasNoDamage() throws IOException {
    spool();
    for (int i = 0; i < 3; i++) {
      assertThat(content(i).damages()).isEmpty();
    }
  }

  /** Every byte behind the first line, each in its turn. */
  @Test
  void whicheverByteIsWrongItsPlaceIsNamed() throws IOException {
    spool();
    Path file = path(1);
    byte[] intact = disk.bytes(file);
    for (int at = 0; at < intact.length - 1; at++) {
      byte[] wrong = intact.clone();
      wrong[at] ^= 0x40;
      disk.put(file, wrong);

      List<SpoolDamage> damages = content(1).damages();

      assertThat(damages).as("byte %d", at).isNotEmpty();
      long from = damages.get(0).offset();
      SpoolDamage last = damages.get(damages.size() - 1);
      assertThat((long) at).as("in %s", damages).isBetween(from, last.offset() + last.length());
      assertThat(damages.get(0).file()).isEqualTo(file.getFileName().toString());
    }
  }

  @Test
  void aWrongByteInAnEventIsNamedAsThisRecordAndTheOthersStay() throws IOException {
    spool();
    Path file = path(1);
    byte[] bytes = disk.bytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int line = text.indexOf('\n', text.indexOf('\n') + 1) + 1;
    int end = text.indexOf('\n', line);
    bytes[end - 3] ^= 1;
    disk.put(file, bytes);

    SpoolFileContent content = content(1);

    assertThat(content.damages()).hasSize(1);
    SpoolDamage damage = content.damages().get(0);
    assertThat(damage.offset()).isEqualTo(line);
    assertThat(damage.length()).isEqualTo(end + 1 - line);
    assertThat(damage.what())
        .startsWith("a record with the checksum " + text.substring(line, line + 8));
    assertThat(content.waiting()).isEqualTo(without(Events.numbered(4, 8), 1));
    assertThat(content.batch()).contains("~");
  }

  private static List<PopEvent> without(List<PopEvent> events, int index) {
    List<PopEvent> rest = new ArrayList<>(events);
    rest.remove(index);
    return rest;
  }

  @Test
  void whatIsCutOffAtARecordsEndIsMissedByTheName() throws IOException {
    spool();
    Path file = path(1);
    String text = new String(disk.bytes(file), StandardCharsets.ISO_8859_1);
    String shorter = text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1);
    disk.put(file, shorter.getBytes(StandardCharsets.ISO_8859_1));

    assertThat(content(1).damages())
        .containsExactly(
            new SpoolDamage(
                file.getFileName().toString(),
                shorter.length(),
                0,
                "1 event that the name promises is not there"));
  }

  @Test
  void theTornTailOfAFileThatIsBeingWrittenIsNoDamageAndAnythingBeforeItIs() throws IOException {
    spool();
    Path file = path(2);
    byte[] whole = disk.bytes(file);
    int last = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf('\n', whole.length - 2);
    for (int length = last + 2; length < whole.length - 1; length++) {
      disk.put(file, Arrays.copyOf(whole, length));
      own(true);
      assertThat(content(2).damages()).as("of a running relay, %d bytes", length).isEmpty();
      own(false);
      assertThat(content(2).damages()).as("of a stopped relay, %d bytes", length).hasSize(1);
    }

    byte[] torn = Arrays.copyOf(whole, whole.length - 5);
    torn[last - 3] ^= 1;
    disk.put(file, torn);
    own(true);

    assertThat(content(2).damages()).hasSize(1);
    assertThat(content(2).damages().get(0).offset() + content(2).damages().get(0).length())
        .isEqualTo(last + 1);
  }

  @Test
  void aSealedFileHasNoTailThatIsBeingWritten() throws IOException {
    spool();
    own(true);
    Path file = path(1);
    byte[] whole = disk.bytes(file);
    disk.put(file, Arrays.copyOf(whole, whole.length - 5));

    assertThat(content(1).damages())
        .singleElement()
        .satisfies(
            damage ->
                assertThat(damage.what())
                    .startsWith("the file ends in the middle of this line; a record of "));
  }

  private void lock(String written) {
    disk.put(DIRECTORY.resolve(DirectoryLock.NAME), written.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anotherProcessOfTheSameNumberOwnsNothing(@TempDir Path real) throws IOException {
    try (FileStorage storage = FileStorage.open(real, TimeSource.system())) {
      assertThat(storage.sinks()).isEmpty();
      assertThat(SpoolView.of(real).isOwned()).isTrue();
    }
    String pid = "" + ProcessHandle.current().pid();
    assertThat(real.resolve("lock")).content().matches(pid + " \\d+\n");
    lock(pid + " 1\n");
    assertThat(view.isOwned()).isFalse();
    lock(pid + "\n");
    assertThat(view.isOwned()).as("an earlier version wrote no more").isTrue();
  }

  @Test
  void aFileMayBeWrittenByARelayThatCannotBeSeenFromHere() throws IOException {
    spool();
    Path file = path(2);
    byte[] whole = disk.bytes(file);
    disk.put(file, Arrays.copyOf(whole, whole.length - 5));
    lock(ProcessHandle.current().pid() + " 1\n");

    assertThat(content(2).damages()).isEmpty();
  }

  @Test
  void whereNothingIsThereIsNothingToSeeAndNothingIsMade() throws IOException {
    assertThat(view.sinks()).isEmpty();
    assertThat(view.files("nobody")).isEmpty();
    assertThat(view.isOwned()).isFalse();
    assertThat(disk.files()).isEmpty();
  }

  /** A link to itself is no directory, and yet nobody can say that nothing is there. */
  private static void cannotBeLookedInto(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    Files.createSymbolicLink(folder, folder.getFileName());
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void whatCannotBeLookedIntoIsNotTakenForNothing(@TempDir Path real) throws IOException {
    cannotBeLookedInto(real.resolve("billing/dead"));
    cannotBeLookedInto(real.resolve("full"));
    SpoolView looking = SpoolView.of(real);

    assertThatThrownBy(() -> looking.letters("billing", false, letter -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("dead");
    assertThatThrownBy(() -> looking.drops("full", drop -> {})).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> looking.files("full")).isInstanceOf(IOException.class);
    assertThat(looking.files("gone")).isEmpty();
    assertThat(looking.letters("gone", true, letter -> {})).isZero();
  }

  @Test
  void aNameThatLeadsOutOfTheDirectoryIsRefused() {
    assertThatThrownBy(() -> view.files("../elsewhere"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The one sealed file of four events, with a wrong byte in a record and in its line end. */
  private List<SpoolDamage> damagesWithTheLineEndOf(int record) throws IOException {
    spool();
    Path file = path(1);
    byte[] bytes = disk.bytes(file);
    PopEvent event = SpoolFileScan.of(bytes).events(0).get(record);
    int lineEnd = event.offset() + event.length();
    bytes[lineEnd - 3] ^= 1;
    bytes[lineEnd] = ' ';
    disk.put(file, bytes);
    return content(1).damages();
  }

  @Test
  void aRecordThatIsDamagedWithItsLineEndIsNamedWithItsOwnLength() throws IOException {
    for (int record = 0; record < 4; record++) {
      List<SpoolDamage> damages = damagesWithTheLineEndOf(record);

      PopEvent event = Events.number(4 + record);
      assertThat(damages).as("record %s", record).hasSize(1);
      assertThat(damages.get(0).what())
          .startsWith("a record with the checksum ")
          .endsWith(", and a wrong byte in place of its line end");
      assertThat(damages.get(0).length()).isEqualTo(SpoolFileFormat.framed(event.length()));
      disk.files().forEach(disk::take);
    }
  }

  @Test
  void aLineThatIsNoRecordAndHasNoEndIsToldAsThat() throws IOException {
    spool();
    Path file = path(1);
    byte[] bytes = disk.bytes(file);
    PopEvent second = SpoolFileScan.of(bytes).events(0).get(1);
    int lineEnd = second.offset() + second.length();
    int line = lineEnd + 1 - (int) SpoolFileFormat.framed(second.length());
    bytes[line + 2] = '-';
    bytes[lineEnd] = ' ';
    disk.put(file, bytes);

    assertThat(content(1).damages())
        .extracting(SpoolDamage::what)
        .containsExactly("not a record, and a wrong byte in place of its line end");
  }
}
