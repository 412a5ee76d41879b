package io.proofofplay.runner.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.config.Secret;
import io.proofofplay.testkit.Await;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordBindingTest {

  private static final String URL = "url: https://example.org/pop";

  @TempDir private Path directory;
  private Desk desk;

  @BeforeEach
  void sit() {
    desk = new Desk(directory);
  }

  @Test
  void whatIsNotGivenTakesItsDefault() throws Exception {
    assertThat(desk.telegraph(URL))
        .isEqualTo(
            new Telegraph(
                URI.create("https://example.org/pop"),
                "Morse",
                4,
                0,
                9_000_000_000L,
                0,
                0.5,
                0,
                true,
                false,
                Duration.ofSeconds(10),
                ByteSize.ofKiB(64),
                null,
                Telegraph.Current.TWO_PHASE,
                null,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                null,
                Renewable.of(2),
                null));
  }

  @Test
  void everyTypeIsRead() throws Exception {
    assertThat(
            desk.telegraph(
                URL,
                "name: Gauss",
                "wires: 2",
                "spare: -1",
                "longest: 5000000000",
                "plain: 7",
                "volume: 1",
                "pitch: 440.5",
                "morse: false",
                "loud: yes",
                "every: 2m",
                "size: 2MiB",
                "tape: /var/tape",
                "current: three-phase",
                "authorization: Basic abc",
                "stations: [north, 7, no]",
                "hours: [1s, 2h]",
                "headers: {X-One: 1, X-Two: two}",
                "keys: {X-Key: 3}",
                "proxy: http://proxy:3128",
                "clerks: 9",
                "office: {file: f, floor: 0, key: k}"))
        .isEqualTo(
            new Telegraph(
                URI.create("https://example.org/pop"),
                "Gauss",
                2,
                -1,
                5_000_000_000L,
                7,
                1.0,
                440.5,
                false,
                true,
                Duration.ofMinutes(2),
                ByteSize.ofMiB(2),
                Path.of("/var/tape"),
                Telegraph.Current.THREE_PHASE,
                Secret.of("Basic abc"),
                List.of("north", "7", "no"),
                List.of(Duration.ofSeconds(1), Duration.ofHours(2)),
                Map.of("X-One", "1", "X-Two", "two"),
                Map.of("X-Key", Renewable.of("3")),
                Renewable.of(URI.create("http://proxy:3128")),
                Renewable.of(9),
                new Telegraph.Office(Path.of("f"), 0, Secret.of("k"))));
  }

  @ParameterizedTest(name = "{0} is {1} ms")
  @CsvSource({"500ms,500", "10s,10000", "5m,300000", "2h,7200000", "1d,86400000", "1 s,1000"})
  void durationsAreReadInEveryUnit(String text, long millis) {
    assertThat(Notation.of(Duration.class).orElseThrow().read(text))
        .isEqualTo(Duration.ofMillis(millis));
    assertThat(Notation.of(Duration.class).orElseThrow().write(Duration.ofMillis(millis)))
        .isEqualTo(text.replace(" ", ""));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "wires: many | wires: \"many\" is not a whole number; write 4 (1 to 65535, default 4)",
        "wires: 0 | wires: \"0\" is below 1; write 4 (1 to 65535, default 4)",
        "wires: 65536 | wires: \"65536\" is above 65535; write 4 (1 to 65535, default 4)",
        "wires: 010 | wires: \"010\" is not a whole number; write 4 (1 to 65535, default 4)",
        "wires: 4.0 | wires: \"4.0\" is not a whole number; write 4 (1 to 65535, default 4)",
        "wires: 99999999999 | wires: \"99999999999\" is not a whole number; write 4 (1 to 65535, default 4)",
        "wires: [4] | wires: is a list, not a single value; write 4 (1 to 65535, default 4)",
        "wires: {a: 4} | wires: is a section, not a single value; write 4 (1 to 65535, default 4)",
        "volume: 1.5 | volume: \"1.5\" is above 1; write 0.5 (0 to 1, default 0.5)",
        "volume: .inf | volume: \".inf\" is not a number; write 0.5 (0 to 1, default 0.5)",
        "morse: maybe | morse: \"maybe\" is neither true nor false; write true or false (default true)",
        "every: 30 | every: \"30\" is not a duration; write 15s (100ms to 1h, default 10s)",
        "every: 2 weeks | every: \"2 weeks\" is not a duration; write 15s (100ms to 1h, default 10s)",
        "every: 2h | every: \"2h\" is above 1h; write 15s (100ms to 1h, default 10s)",
        "size: 10 Mb | size: \"10 Mb\" is not a size; write 64KiB (1KiB to 16MiB, default 64KiB)",
        "size: 32MiB | size: \"32MiB\" is above 16MiB; write 64KiB (1KiB to 16MiB, default 64KiB)",
        "current: steady | current: \"steady\" is none of direct, two-phase, three-phase; write direct, two-phase or three-phase (default two-phase)",
        "url: 'ht tp://x' | url: \"ht tp://x\" is not a URI; write https://example.org/pop",
        "url: 'http://u:pw@h/a b?q=1' | url: \"http://***@h/a b?***\" is not a URI; write https://example.org/pop",
        "url: example.org | url: \"example.org\" has no scheme; write https://example.org/pop",
        "url: | url: is missing; write https://example.org/pop",
        "tape: \"a\\0b\" | tape: \"a·b\" is not a path; write ./file",
        "authorization: [a, b] | authorization: is a list, not a single value",
        "stations: north | stations: is a single value, not a list; write [first, second]",
        "stations: [north, ~] | stations[1]: has no value; write one, or take it out",
        "hours: [1s, 1ms] | hours[1]: \"1ms\" is below 1s; write 10s (1s or more)",
        "headers: x | headers: is a single value, not a section; write {name: value}",
        "headers: {X: } | headers.X: has no value; write one, or take it out",
        "headers: {X: [1]} | headers.X: is a list, not a single value; write text",
        "office: here | office: is a single value, not a section; below it belong file, floor, key",
        "office: {flor: 1} | office.flor: is not a setting; did you mean floor?",
        "office: {floor: 12} | office.floor: \"12\" is above 9; write 3 (0 to 9, default 3)",
        "office: {file: missing.pem} | office.file: \"missing.pem\" does not exist; name a file",
        "name: Morse! | office.floor: does not suit Morse!",
        "Name: x | Name: is not a setting; did you mean name?",
      })
  void aWrongValueIsNamedWithItsPlaceAndWhatWouldBeRight(String line, String message)
      throws Exception {
    List<String> lines = line.startsWith("url:") ? List.of(line) : List.of(URL, line);
    assertThat(desk.telegraphProblems(lines.toArray(String[]::new)))
        .containsExactly("pop.yaml:" + atLine(line, lines.size()) + ": sinks.t." + message);
  }

  /** A key that is there is in its own line; a missing one is where its section begins. */
  private static int atLine(String line, int lines) {
    return line.startsWith("name: Morse!") ? 4 : 5 + lines;
  }

  @Test
  void aRecordThatRefusesIsAProblemAtItsSection() throws Exception {
    assertThat(desk.telegraphProblems(URL, "name: Bell"))
        .containsExactly("pop.yaml:4: sinks.t: name: Bell had a telephone");
  }

  @Test
  void allProblemsAreSaidAtOnceInTheOrderOfTheFile() throws Exception {
    assertThat(
            desk.telegraphProblems(
                "wires: 0",
                "office: {floor: x, flour: 1}",
                "every: never",
                "batch: {maxEvents: 0}"))
        .extracting(problem -> problem.substring(0, problem.indexOf(' ', 14)))
        .containsExactly(
            "pop.yaml:4: sinks.t.url:",
            "pop.yaml:6: sinks.t.wires:",
            "pop.yaml:7: sinks.t.office.flour:",
            "pop.yaml:7: sinks.t.office.floor:",
            "pop.yaml:8: sinks.t.every:",
            "pop.yaml:9: sinks.t.batch.maxEvents:");
  }

  @Test
  void theContractsExampleIsWordForWord() throws Exception {
    assertThat(desk.telegraphProblems(URL, "batch: {maxBytes: 10 Mb}"))
        .containsExactly(
            "pop.yaml:7: sinks.t.batch.maxBytes: \"10 Mb\" is not a size; write 10MiB (1KiB to"
                + " 16MiB, default 512KiB)");
  }

  @Test
  void aReferenceStandsForAVariableOrAFilesText() throws Exception {
    desk.with("HOST", "example.net").with("WIRES", "12").file("name.txt", "Wheatstone\n\n");
    Telegraph telegraph =
        desk.telegraph(
            "url: https://${env:HOST}/pop",
            "name: ${file:name.txt}",
            "wires: ${env:WIRES}",
            "headers: {X: 'a$${b}c'}");
    assertThat(telegraph.url()).isEqualTo(URI.create("https://example.net/pop"));
    assertThat(telegraph.name()).isEqualTo("Wheatstone\n");
    assertThat(telegraph.wires()).isEqualTo(12);
    assertThat(telegraph.headers()).containsEntry("X", "a${b}c");
  }

  @Test
  void aReferenceThatLeadsNowhereIsAProblem() throws Exception {
    desk.file("latin.txt", new byte[] {(byte) 0xE4}).file("big.txt", "x".repeat(70_000));
    Files.createDirectory(directory.resolve("folder"));
    assertThat(
            desk.telegraphProblems(
                URL,
                "name: ${env:NOBODY}",
                "authorization: ${file:nothing.txt}",
                "headers:",
                "  a: ${file:latin.txt}",
                "  b: ${file:big.txt}",
                "  c: ${file:folder}",
                "  d: ${HOME}",
                "  e: ${env:}"))
        .containsExactly(
            "pop.yaml:7: sinks.t.name: the environment has no NOBODY; set it, or take ${env:NOBODY}"
                + " out",
            "pop.yaml:8: sinks.t.authorization: the file nothing.txt does not exist; create it, or"
                + " correct the path",
            "pop.yaml:10: sinks.t.headers.a: the file latin.txt is not UTF-8 text; name a text"
                + " file",
            "pop.yaml:11: sinks.t.headers.b: the file big.txt is larger than 64KiB; name a smaller"
                + " one",
            "pop.yaml:12: sinks.t.headers.c: the file folder is a directory; name a file",
            "pop.yaml:13: sinks.t.headers.d: \"${HOME}\" holds a ${ that is no reference; write"
                + " ${env:NAME}, ${file:PATH}, or $${ for the two characters themselves",
            "pop.yaml:14: sinks.t.headers.e: \"${env:}\" holds a ${ that is no reference; write"
                + " ${env:NAME}, ${file:PATH}, or $${ for the two characters themselves");
  }

  @Test
  void aSecretFromAFileIsReadAgain() throws Exception {
    desk.file("token", "first\r\n");
    Secret secret = desk.telegraph(URL, "authorization: Bearer ${file:token}").authorization();
    assertThat(secret.reveal()).isEqualTo("Bearer first");
    desk.file("token", "second\n");
    assertThat(secret.refresh()).isTrue();
    assertThat(secret.reveal()).isEqualTo("Bearer second");
    Files.delete(directory.resolve("token"));
    assertThat(secret.refresh()).isFalse();
    assertThat(secret.reveal()).isEqualTo("Bearer second");
  }

  /** A pipe hangs until somebody writes to it, as a file does whose server is away. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsReadAgainIsReadOnAThreadThatMayHang(boolean secret) throws Exception {
    desk.file("token", "first");
    Telegraph telegraph =
        desk.telegraph(URL, "authorization: ${file:token}", "keys: {X-Key: '${file:token}'}");
    Path token = directory.resolve("token");
    Files.delete(token);
    assertThat(new ProcessBuilder("mkfifo", token.toString()).start().waitFor()).isZero();
    FutureTask<Boolean> renewing =
        new FutureTask<>(
            () ->
                secret
                    ? telegraph.authorization().refresh()
                    : telegraph.keys().get("X-Key").renew());
    new Thread(renewing).start();
    try {
      Await.until(
          "the reading to hang on a thread of its own",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .anyMatch(thread -> thread.getName().equals("pop-reading")));
    } finally {
      Files.writeString(token, "second");
    }
    assertThat(renewing.get()).isTrue();
    assertThat(secret ? telegraph.authorization().reveal() : telegraph.keys().get("X-Key").get())
        .isEqualTo("second");
  }

  @Test
  void aRenewableValueFromAFileIsReadAgain() throws Exception {
    desk.file("pw", "first\n").file("key", "a");
    Telegraph telegraph =
        desk.telegraph(
            URL,
            "proxy: 'http://relay:${file:pw}@proxy:3128'",
            "keys: {X-Key: '${file:key}', X-Site: lobby}");
    assertThat(telegraph.proxy().get()).hasToString("http://relay:first@proxy:3128");
    assertThat(telegraph.keys().get("X-Key").get()).isEqualTo("a");
    desk.file("pw", "second\n").file("key", "b");
    assertThat(telegraph.proxy().renew()).isTrue();
    assertThat(telegraph.proxy().get()).hasToString("http://relay:second@proxy:3128");
    assertThat(telegraph.keys().get("X-Key").renew()).isTrue();
    assertThat(telegraph.keys().get("X-Key").get()).isEqualTo("b");
    assertThat(telegraph.keys().get("X-Site").renew()).isFalse();
    assertThat(telegraph.keys().get("X-Site").get()).isEqualTo("lobby");
  }

  /** An empty proxy means none, and a file is empty while it is written. */
  @Test
  void aRenewableValueThatBecomesEmptyStaysAsItWas() throws Exception {
    desk.file("way", "http://proxy:3128\n");
    Telegraph telegraph = desk.telegraph(URL, "proxy: ${file:way}");
    for (String nothing : List.of("", "\n", " \n")) {
      desk.file("way", nothing);
      assertThat(telegraph.proxy().renew()).isFalse();
      assertThat(telegraph.proxy().unread()).contains("there is nothing there now");
      assertThat(telegraph.proxy().get()).hasToString("http://proxy:3128");
    }
    desk.file("way", "http://other:3128\n");
    assertThat(telegraph.proxy().renew()).isTrue();
    assertThat(telegraph.proxy().unread()).isEmpty();
  }

  @Test
  void aRenewableValueThatWasEmptyFromTheStartMayBeSo() throws Exception {
    desk.file("way", "\n");
    Telegraph telegraph = desk.telegraph(URL, "proxy: ${file:way}");
    assertThat(telegraph.proxy().renew()).isFalse();
    assertThat(telegraph.proxy().unread()).isEmpty();
    assertThat(telegraph.proxy().get()).hasToString("");
  }

  @Test
  void aRenewableValueThatCannotBeReadAgainStaysAndSaysWhyWithoutTheText() throws Exception {
    desk.file("pw", "first").file("n", "3");
    Telegraph telegraph =
        desk.telegraph(URL, "proxy: 'http://relay:${file:pw}@proxy:3128'", "clerks: ${file:n}");
    desk.file("pw", "hunter2 ^").file("n", "10");
    assertThat(telegraph.proxy().renew()).isFalse();
    assertThat(telegraph.proxy().unread()).contains("what is there now is not a URI");
    assertThat(telegraph.clerks().renew()).isFalse();
    assertThat(telegraph.clerks().unread()).contains("what is there now is above 9");
    desk.file("n", " \n");
    assertThat(telegraph.clerks().renew()).isFalse();
    assertThat(telegraph.clerks().unread()).contains("there is nothing there now");
    Files.delete(directory.resolve("pw"));
    assertThat(telegraph.proxy().renew()).isFalse();
    assertThat(telegraph.proxy().unread())
        .contains("the file pw does not exist; create it, or correct the path");
    assertThat(telegraph.proxy().get()).hasToString("http://relay:first@proxy:3128");
    assertThat(telegraph.clerks().get()).isEqualTo(3);
  }

  @Test
  void aRenewableValueThatIsWrongIsSaidAsAnyOther() throws Exception {
    assertThat(desk.telegraphProblems(URL, "proxy: 'http://a b'", "clerks: 10"))
        .containsExactly(
            "pop.yaml:7: sinks.t.proxy: \"http://a b\" is not a URI; write http://proxy:3128",
            "pop.yaml:8: sinks.t.clerks: \"10\" is above 9; write 2 (1 to 9, default 2)");
  }

  @Test
  void aNumberIsAFineSecret() throws Exception {
    assertThat(desk.telegraph(URL, "authorization: 12345").authorization().reveal())
        .isEqualTo("12345");
  }

  @Test
  void noMessageShowsWhatAReferenceStandsFor() throws Exception {
    desk.with("TOKEN", "hunter2").with("URL", "hunter0.example").with("N", "hunter1");
    assertThat(
            desk.telegraphProblems(
                "url: ${env:URL}",
                "office: {floor: 5, key: '${env:TOKEN}'}",
                "authorization: ${env:TOKEN} ${bad}",
                "wires: ${env:N}",
                "every: ${env:N}"))
        .hasSize(5)
        .noneMatch(problem -> problem.contains("hunter"))
        .contains(
            "pop.yaml:7: sinks.t.office: has no fifth floor for \"${env:TOKEN}\"",
            "pop.yaml:8: sinks.t.authorization: holds a ${ that is no reference; write ${env:NAME}"
                + " or ${file:PATH}",
            "pop.yaml:9: sinks.t.wires: \"${env:N}\" is not a whole number; write 4 (1 to 65535,"
                + " default 4)");
  }

  @Test
  void aCheckThatQuotesWhatAReferenceStandsForIsCovered() throws Exception {
    desk.with("URL", "hunter2.example");
    assertThat(desk.telegraphProblems("url: ${env:URL}"))
        .containsExactly(
            "pop.yaml:6: sinks.t.url: \"${env:URL}\" has no scheme; write https://example.org/pop");
  }

  @Test
  void aLiteralSecretIsCoveredToo() throws Exception {
    assertThat(desk.telegraphProblems(URL, "office: {floor: 5, key: hunter2}"))
        .containsExactly("pop.yaml:7: sinks.t.office: has no fifth floor for \"***\"");
  }

  @Test
  void theChecksOfARecordAreMadeAlthoughSomethingInItIsWrong() throws Exception {
    assertThat(
            desk.telegraphProblems(
                "url: no-scheme", "wires: many", "office: {floor: x, file: missing.pem}"))
        .containsExactly(
            "pop.yaml:6: sinks.t.url: \"no-scheme\" has no scheme; write https://example.org/pop",
            "pop.yaml:7: sinks.t.wires: \"many\" is not a whole number; write 4 (1 to 65535, default"
                + " 4)",
            "pop.yaml:8: sinks.t.office.floor: \"x\" is not a whole number; write 3 (0 to 9, default"
                + " 3)",
            "pop.yaml:8: sinks.t.office.file: \"missing.pem\" does not exist; name a file");
  }

  @Test
  void whatIsSaidOfASettingIsNotSaidAgainByTheChecks() throws Exception {
    assertThat(desk.telegraphProblems(URL, "name: Morse!", "office: {floor: x}"))
        .containsExactly(
            "pop.yaml:8: sinks.t.office.floor: \"x\" is not a whole number; write 3 (0 to 9, default"
                + " 3)");
  }

  @Test
  void aMissingRequiredSettingDoesNotKeepTheOthersFromBeingChecked() throws Exception {
    assertThat(desk.telegraphProblems("office: {file: missing.pem}"))
        .containsExactly(
            "pop.yaml:4: sinks.t.url: is missing; write https://example.org/pop",
            "pop.yaml:6: sinks.t.office.file: \"missing.pem\" does not exist; name a file");
  }

  @Test
  void aTildeInAPathIsRefused() throws Exception {
    assertThat(desk.telegraphProblems(URL, "tape: ~/tape"))
        .containsExactly(
            "pop.yaml:7: sinks.t.tape: \"~/tape\" begins with ~, for which only a shell knows a"
                + " directory; write the whole path, or begin it with ${env:HOME}");
  }
}
