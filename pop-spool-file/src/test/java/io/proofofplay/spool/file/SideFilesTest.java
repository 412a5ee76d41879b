package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.spi.Drop;
import io.proofofplay.core.spi.DropLedger;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.spool.file.SideFile.Force;
import io.proofofplay.testkit.Events;
import io.proofofplay.testkit.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The drop ledger and the refused lines, as the contract words them. */
class SideFilesTest {

  private final FaultyDisk disk = new FaultyDisk();

  private SideFile file(String name, long mostBytes, Force force) {
    return new SideFile(disk, Spools.FOLDER, name, mostBytes, force, Optional.empty());
  }

  private List<String> lines(String name) {
    Path path = Spools.FOLDER.resolve(name);
    return new String(disk.bytes(path), StandardCharsets.UTF_8).lines().toList();
  }

  private FileDropLedger ledger() {
    return new FileDropLedger(
        file(FileDropLedger.NAME, SideFile.MOST_BYTES, Force.EVERY_LINE), "billing");
  }

  private FileRefusedLines refused(long mostBytes) {
    return new FileRefusedLines(file(FileRefusedLines.NAME, mostBytes, Force.NEVER));
  }

  @Test
  void aDropIsOneObjectAndSurvivesAPowerCut() throws IOException {
    FileDropLedger ledger = ledger();
    ledger.record(
        new Drop(
            ManualTime.START,
            DropReason.FULL_OLDEST,
            17,
            "a \"quoted\" id",
            "b",
            new JsonNumber("1.7e9"),
            new JsonNumber("1700000000.250")));
    ledger.record(Drop.unreadable(ManualTime.START, DropReason.DAMAGED, 3));
    disk.crash(1);

    assertThat(lines("drops.ndjson"))
        .containsExactly(
            "{\"time\":\"2026-03-01T12:00:00Z\",\"sink\":\"billing\",\"reason\":\"full-oldest\","
                + "\"count\":17,\"firstUuid\":\"a \\\"quoted\\\" id\",\"lastUuid\":\"b\","
                + "\"firstTs\":1.7e9,\"lastTs\":1700000000.250}",
            "{\"time\":\"2026-03-01T12:00:00Z\",\"sink\":\"billing\",\"reason\":\"damaged\","
                + "\"count\":3,\"firstUuid\":null,\"lastUuid\":null,"
                + "\"firstTs\":null,\"lastTs\":null}");
  }

  @Test
  void aDropWhoseIdIsHalfACharacterIsWritten() throws IOException {
    PopEvent odd = PopEvent.of("{\"uuid\":\"\\ud83d\"}");
    ledger().record(Drop.of(ManualTime.START, DropReason.NO_SPACE, List.of(odd)));
    assertThat(lines("drops.ndjson")).hasSize(1);
  }

  @Test
  void aDropThatCannotBeWrittenThrowsAndLeavesNothing() throws IOException {
    FileDropLedger ledger = ledger();
    Drop drop = Drop.of(ManualTime.START, DropReason.NO_SPACE, Events.numbered(1));
    ledger.record(drop);
    disk.failAll(kind -> kind == Kind.WRITE, Fault.SHORT_WRITE);
    assertThatThrownBy(() -> ledger.record(drop)).isInstanceOf(IOException.class);
    disk.repair();
    ledger.record(drop);
    assertThat(lines("drops.ndjson")).hasSize(2).allMatch(line -> line.endsWith("}"));
  }

  @Test
  void aRefusedLineIsOneObject() {
    byte[] line = "{\"uuid\":\"x\u00e9\"".getBytes(StandardCharsets.ISO_8859_1);
    refused(SideFile.MOST_BYTES)
        .put(ManualTime.START, "lobby", new RefusedLine(Refusal.BAD_UTF8, 1234, line.length, line));
    assertThat(lines("rejected.ndjson"))
        .containsExactly(
            "{\"time\":\"2026-03-01T12:00:00Z\",\"source\":\"lobby\",\"reason\":\"bad-utf8\","
                + "\"offset\":1234,\"line\":\"{\\\"uuid\\\":\\\"x\\\\xe9\\\"\"}");
  }

  @Test
  void bytesThatAreNoTextAreWrittenAsEscapes() {
    assertThat(text("plain")).isEqualTo("plain");
    assertThat(text("\u00c3\u00a9 \u00ff\u00fe end")).isEqualTo("\u00e9 \\xff\\xfe end");
    // Cut in the middle of a character, as at 1 KiB.
    assertThat(text("cut \u00f0\u009f\u0098")).isEqualTo("cut \\xf0\\x9f\\x98");
    assertThat(text("\u00ed\u00a0\u0080")).isEqualTo("\\xed\\xa0\\x80");
    assertThat(text("nul \u0000")).isEqualTo("nul \u0000");
    assertThat(text("")).isEmpty();
  }

  private static String text(String latin1) {
    return FileRefusedLines.text(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void aFloodOfRefusedLinesForcesNothingAndIsBounded() {
    FileRefusedLines refused = refused(10_000);
    byte[] line = "no".repeat(500).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 500; i++) {
      refused.put(
          ManualTime.START, "lobby", new RefusedLine(Refusal.NOT_JSON, i, line.length, line));
    }
    assertThat(disk.count(Kind.FORCE)).isZero();
    long bytes = disk.files().stream().mapToLong(file -> disk.bytes(file).length).sum();
    assertThat(bytes).isBetween(10_000L, 20_000L);
  }

  @Test
  void whatRotationRemovesIsCounted() throws IOException {
    FileDropLedger ledger =
        new FileDropLedger(file(FileDropLedger.NAME, 1000, Force.EVERY_LINE), "billing");
    FileRefusedLines refused = refused(1000);
    byte[] line = {'x'};
    int written = 30;
    for (int i = 0; i < written; i++) {
      ledger.record(Drop.unreadable(ManualTime.START, DropReason.DAMAGED, i + 1));
      refused.put(ManualTime.START, "lobby", new RefusedLine(Refusal.NOT_JSON, i, 1, line));
    }

    assertThat(ledger.discarded())
        .isPositive()
        .isEqualTo(written - lines("drops.ndjson").size() - lines("drops.1.ndjson").size());
    assertThat(refused.discarded())
        .isPositive()
        .isEqualTo(written - lines("rejected.ndjson").size() - lines("rejected.1.ndjson").size());
  }

  @Test
  void nothingIsWrittenAfterTheClose() throws IOException {
    Drop drop = Drop.unreadable(ManualTime.START, DropReason.DAMAGED, 3);
    byte[] line = {'x'};
    RefusedLine bad = new RefusedLine(Refusal.NOT_JSON, 0, 1, line);
    FileDropLedger ledger = ledger();
    FileRefusedLines refused = refused(SideFile.MOST_BYTES);
    ledger.record(drop);
    ledger.close();
    refused.close();
    long operations = disk.operations();

    assertThatThrownBy(() -> ledger.record(drop))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("drops.ndjson: closed");
    try (Said said = Said.listen()) {
      refused.put(ManualTime.START, "lobby", bad);
      assertThat(said.linesWith("")).isEmpty();
    }

    assertThat(disk.operations()).isEqualTo(operations);
  }

  @Test
  void aRefusedLineThatCannotBeKeptIsNoTrouble() {
    FileRefusedLines refused = refused(SideFile.MOST_BYTES);
    byte[] line = {'x'};
    RefusedLine bad = new RefusedLine(Refusal.NOT_JSON, 0, 1, line);
    disk.failAll(kind -> true, Fault.IO_ERROR);
    refused.put(ManualTime.START, "lobby", bad);
    refused.put(ManualTime.START, "lobby", bad);
    disk.repair();
    refused.put(ManualTime.START, "lobby", bad);
    refused.close();
    assertThat(lines("rejected.ndjson")).hasSize(1);
  }

  @Test
  void whatWasClosedIsNotKeptHoweverOftenSinksComeAndGo(@TempDir Path temporary)
      throws IOException {
    FileStorage storage = FileStorage.open(temporary, TimeSource.system());
    DropLedger stays = storage.openDropLedger("stays");
    int before = storage.sideFiles();
    for (int i = 0; i < 100; i++) {
      storage.openDeadLetters("billing").close();
      storage.openDropLedger("billing").close();
    }

    assertThat(storage.sideFiles()).isLessThanOrEqualTo(before + 3);

    storage.close();
    assertThatThrownBy(() -> stays.record(Drop.unreadable(ManualTime.START, DropReason.DAMAGED, 1)))
        .as("one that was open all the while is closed with the storage")
        .isInstanceOf(IOException.class);
  }
}
