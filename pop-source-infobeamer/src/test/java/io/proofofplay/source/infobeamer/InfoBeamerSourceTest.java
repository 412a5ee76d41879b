package io.proofofplay.source.infobeamer;

import static io.proofofplay.source.infobeamer.ScriptedConnection.BANNER;
import static io.proofofplay.source.infobeamer.ScriptedConnection.HEADER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Intake.Answer;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.testkit.ForwardingIntake;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole source on virtual time, with players that follow a script. */
final class InfoBeamerSourceTest {

  /** The scripts say the same few events over and over; the window has its own test. */
  private static final InfoBeamerConfig EACH =
      new InfoBeamerConfig(null, null, null, null, null, null, null, null, 0);

  private static final String E1 = "{\"uuid\":\"1\",\"ts\":1}";
  private static final String E2 = "{\"uuid\":\"2\",\"ts\":2}";
  private static final Duration INITIAL = Duration.ofMillis(200);
  private static final Duration LASTING = Duration.ofSeconds(5);
  private static final Duration SLOW = Duration.ofSeconds(30);

  private final VirtualTime time = new VirtualTime();
  private final StoryIntake intake = new StoryIntake();
  private final ScriptedDialer dialer = new ScriptedDialer();

  // The way to the events

  @Test
  void aPlayerThatIntroducesItselfIsConnectedAndItsLinesAreOffered() throws Exception {
    ScriptedConnection player = introduced().says(E1 + "\n" + E2 + "\n");
    play(player);

    assertThat(player.sent()).isEqualTo("*raw/root/::pop\n");
    assertThat(intake.senders()).containsExactly("lobby");
    assertThat(intake.json()).containsExactly(E1, E2);
    assertThat(intake.events()).allSatisfy(e -> assertThat(e.sender()).contains("lobby"));
    assertThat(intake.story()).containsExactly("connected", "offer 2", "disconnected");
    assertThat(player.isClosed()).isTrue();
  }

  @Test
  void theBarePathIsSentToAnOlderEngine() throws Exception {
    ScriptedConnection player =
        connection().says("Info Beamer 1.0pre4.a46e09+Lua 5.1\n").says("ok!\n" + HEADER);
    play(new InfoBeamerConfig(null, null, null, false, null, null, null, null, null), player);

    assertThat(player.sent()).isEqualTo("root/::pop\n");
    assertThat(intake.senders()).containsExactly("lobby");
  }

  @Test
  void bannerAnswerHeaderAndEventsMayComeInOneSegment() throws Exception {
    play(connection().says(BANNER + "ok!\n" + HEADER + E1 + "\n"));

    assertThat(intake.json()).containsExactly(E1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void bannerAnswerHeaderAndEventsMayComeInSmallPieces(int piece) throws Exception {
    play(connection().says(BANNER + "ok!\r\n" + HEADER + E1 + "\r\n").inPiecesOf(piece));

    assertThat(intake.senders()).containsExactly("lobby");
    assertThat(intake.json()).containsExactly(E1);
  }

  @Test
  void blankLinesBeforeTheHeaderArePassedOver() throws Exception {
    play(connection().says(BANNER + "ok!\n\n \r\n\t\n" + HEADER + E1 + "\n"));

    assertThat(intake.json()).containsExactly(E1);
  }

  @Test
  void aHeaderMayHoldMoreThanTheName() throws Exception {
    play(
        connection().says(BANNER + "ok!\n{\"version\":[1],\"pop\":\"L\\u00f6bby\"}\n" + E1 + "\n"));

    assertThat(intake.senders()).containsExactly("Löbby");
  }

  // Those who are no players with proof of play

  @Test
  void aForeignBannerIsDroppedAndAskedAgainSlowly() throws Exception {
    ScriptedConnection player = connection().says("SSH-2.0-OpenSSH_9.6\r\n").waits(SLOW);
    play(player);

    assertThat(player.sent()).isEmpty();
    assertThat(time.waits()).containsExactly(SLOW);
    assertThat(intake.reasons())
        .containsExactly(
            "127.0.0.1:4444: is no info-beamer player: it began with \"SSH-2.0-OpenSSH_9.6\" where"
                + " \"Info Beamer ...\" is right; correct host and port");
    assertThat(intake.senders()).isEmpty();
  }

  @Test
  void anEndlessBannerIsForeign() throws Exception {
    play(connection().says("Info Beamer " + "x".repeat(3 << 20)).waits(SLOW));

    assertThat(time.waits()).containsExactly(SLOW);
    assertThat(intake.reasons()).singleElement().asString().contains("a line without end");
  }

  @Test
  void aMissingNodeIsAskedForAgainSlowly() throws Exception {
    ScriptedConnection player = connection().says(BANNER).says("404\n").waits(SLOW);
    play(player);

    assertThat(player.sent()).isEqualTo("*raw/root/::pop\n");
    assertThat(time.waits()).containsExactly(SLOW);
    assertThat(intake.reasons())
        .containsExactly(
            "127.0.0.1:4444: has no node \"root/::pop\" (it answered 404); correct path, start the"
                + " package on the player, or set raw: false for another kind of engine");
  }

  @Test
  void aStrangeAnswerToThePathIsToldAndAskedAgainSlowly() throws Exception {
    play(connection().says(BANNER).says("okay\n").waits(SLOW));

    assertThat(time.waits()).containsExactly(SLOW);
    assertThat(intake.reasons())
        .containsExactly(
            "127.0.0.1:4444: answered the path \"*raw/root/::pop\" with \"okay\" where \"ok!\" is"
                + " right; correct path");
  }

  @Test
  void aPlayerThatSaysOkAndNothingElseIsLeftAfterTheHeaderTimeout() throws Exception {
    long before = time.nanos();
    play(connection().says(BANNER).says("ok!\n").waits(Duration.ofDays(1)));

    assertThat(time.waits()).containsExactly(SLOW);
    assertThat(time.nanos() - before).isEqualTo(Duration.ofSeconds(40).toNanos());
    assertThat(intake.reasons())
        .containsExactly(
            "127.0.0.1:4444: is a player without proof of play at \"root/::pop\": it sent no whole"
                + " line within 10s where {\"pop\":\"<name>\"} is right; give the player a package"
                + " with proof of play, or correct path");
  }

  @Test
  void bytesThatDripInDoNotProlongTheWaitForTheHeader() throws Exception {
    ScriptedConnection player = connection().says(BANNER).says("ok!\n");
    for (int i = 0; i < 100; i++) {
      player.waits(Duration.ofSeconds(3)).says(i < 2 ? "\n" : "{");
    }
    long before = time.nanos();
    play(player);

    assertThat(time.nanos() - before).isEqualTo(Duration.ofSeconds(40).toNanos());
    assertThat(intake.senders()).isEmpty();
  }

  @Test
  void bytesThatDripInDoNotProlongTheWaitForTheBanner() throws Exception {
    ScriptedConnection player = connection();
    BANNER.chars().forEach(c -> player.waits(Duration.ofSeconds(1)).says("" + (char) c));
    long before = time.nanos();
    play(player);

    assertThat(time.nanos() - before).isEqualTo(Duration.ofSeconds(10).plus(INITIAL).toNanos());
    assertThat(intake.reasons())
        .containsExactly(
            "127.0.0.1:4444: accepted the connection, but sent no banner within 10s; the player"
                + " hangs, or it is another program: correct host and port");
  }

  @Test
  void aHeaderMayHoldAnEmptyName() throws Exception {
    play(connection().says(BANNER + "ok!\n{\"pop\":\"\"}\n" + E1 + "\n"));

    assertThat(intake.senders()).containsExactly("");
    assertThat(intake.json()).containsExactly(E1);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      textBlock =
          """
          http://stream.example/live  | not JSON
          ["pop"]                     | not exactly one JSON object
          {"pop":1}                   | no pop that is a string
          {"pop":null}                | no pop that is a string
          {"uuid":"1"}                | no pop that is a string
          {"a":{"pop":"a"}}           | no pop that is a string
          {"pop":"a"} {}              | not exactly one JSON object
          {"pop":"a","pop":"b"}       | the same key twice in one object
          {"pop":"a"                  | not JSON
          null                        | not exactly one JSON object
          """)
  void aFirstLineThatIsNoHeaderEndsTheConnection(String line, String fault) throws Exception {
    ScriptedConnection player =
        connection().says(BANNER).says("ok!\n").says(line + "\n" + E1 + "\n").waits(SLOW);
    play(player);

    assertThat(player.isClosed()).isTrue();
    assertThat(time.waits()).containsExactly(SLOW);
    assertThat(intake.story()).containsExactly("disconnected");
    assertThat(intake.reasons())
        .singleElement()
        .asString()
        .contains(
            "its first line was \""
                + line
                + "\" ("
                + fault
                + ") where {\"pop\":\"<name>\"} is right");
  }

  @Test
  void aHeaderInBadUtf8IsToldAsThat() throws Exception {
    play(connection().says(BANNER + "ok!\n{\"pop\":\"").says(bytes("ff")).says("\"}\n"));

    assertThat(intake.senders()).isEmpty();
    assertThat(intake.reasons())
        .singleElement()
        .asString()
        .contains("its first line was \"{\"pop\":\"?\"}\" (not valid UTF-8) where");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4096, Integer.MAX_VALUE})
  void aHeaderOfSixtyFourKibibytesPassesAndALongerOneDoesNot(int piece) throws Exception {
    String longest = "{\"pop\":\"" + "x".repeat(64 * 1024 - 10) + "\"}";
    play(
        connection().says(BANNER + "ok!\n" + longest + "\r\n" + E1 + "\n").inPiecesOf(piece),
        connection().says(BANNER + "ok!\n " + longest + "\r\n" + E1 + "\n").inPiecesOf(piece));

    assertThat(intake.senders()).singleElement().asString().hasSize(64 * 1024 - 10);
    assertThat(intake.json()).containsExactly(E1);
    assertThat(intake.reasons().get(1)).contains("its first line was longer than 64KiB where");
  }

  @Test
  void aHeaderThatDoesNotEndIsNotGathered() throws Exception {
    ScriptedConnection player = connection().says(BANNER + "ok!\n");
    for (int i = 0; i < 100; i++) {
      player.says("x".repeat(1024)).waits(Duration.ofMillis(10));
    }
    long before = time.nanos();
    play(player);

    assertThat(time.nanos() - before).isEqualTo(SLOW.plusMillis(640).toNanos());
    assertThat(intake.reasons()).singleElement().asString().contains("longer than 64KiB");
  }

  @Test
  void aHeaderThatIsTooLongEndsTheConnection() throws Exception {
    String header = "{\"pop\":\"" + "x".repeat(2000) + "\"}\n";
    play(limited(1), connection().says(BANNER).says("ok!\n").says(header).waits(SLOW));
    assertThat(intake.reasons())
        .singleElement()
        .asString()
        .contains("its first line was longer than maxLineBytes, 1KiB");
    assertThat(time.waits()).containsExactly(SLOW);
  }

  @Test
  void whatAStrangerSendsIsShownWithoutItsControlCharacters() throws Exception {
    play(connection().says("\u001b[2J\u0007" + "y".repeat(200) + "\n").waits(SLOW));

    assertThat(intake.reasons().get(0))
        .contains("\"?[2J?" + "y".repeat(75) + "...\"")
        .doesNotContain("\u001b");
  }

  @Test
  void aSilentAnswerIsNoPlayerYet() throws Exception {
    play(connection().says(BANNER).waits(Duration.ofDays(1)));

    assertThat(time.waits()).containsExactly(INITIAL);
    assertThat(intake.reasons())
        .containsExactly(
            "127.0.0.1:4444: did not answer the path \"*raw/root/::pop\" within 10s; the player"
                + " hangs");
  }

  @Test
  void aConnectionThatIsResetBeforeTheBannerIsTriedAgainQuickly() throws Exception {
    play(connection().resets());

    assertThat(time.waits()).containsExactly(INITIAL);
    assertThat(intake.reasons())
        .containsExactly(
            "127.0.0.1:4444: the connection broke before the player had introduced itself"
                + " (Connection reset); it may be starting or stopping");
  }

  @Test
  void aConnectionThatEndsBeforeTheHeaderIsTriedAgainQuickly() throws Exception {
    play(
        connection(),
        connection().says(BANNER),
        connection().says(BANNER).says("ok!\n{\"pop\":\"x\"}"));

    assertThat(time.waits())
        .containsExactly(INITIAL, INITIAL.multipliedBy(2), INITIAL.multipliedBy(4));
    assertThat(intake.reasons().get(0)).contains("closed the connection before a banner");
    assertThat(intake.reasons().get(1)).contains("closed the connection before an answer");
    assertThat(intake.reasons().get(2)).contains("closed the connection before a header");
  }

  // Reconnects

  @Test
  void aPlayerThatIsAwayIsLookedForEverMoreSlowlyUpToThirtySeconds() throws Exception {
    for (int i = 0; i < 11; i++) {
      dialer.fails("no connection: refused; start the player, or correct host and port");
    }
    play();

    assertThat(time.waits().stream().map(Duration::toMillis).limit(11))
        .containsExactly(
            200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 30000L, 30000L, 30000L);
    assertThat(intake.reasons())
        .hasSize(11)
        .containsOnly(
            "127.0.0.1:4444: no connection: refused; start the player, or correct host and port");
  }

  @Test
  void chanceShortensTheWaits() throws Exception {
    dialer.fails("refused").fails("refused");
    dialer.play(EACH, time, 0.5, intake);

    assertThat(time.waits().subList(0, 2))
        .containsExactly(Duration.ofMillis(150), Duration.ofMillis(300));
  }

  @Test
  void anEventOnAConnectionThatLastsMakesTheWaitsShortAgain() throws Exception {
    for (int i = 0; i < 9; i++) {
      dialer.fails("refused");
    }
    play(introduced().says(E1 + "\n").waits(LASTING));

    assertThat(time.waits().get(9)).isEqualTo(INITIAL);
  }

  @Test
  void aPlayerThatSendsAnEventAndGoesAwayAgainAndAgainIsAskedEverMoreSlowly() throws Exception {
    for (int i = 0; i < 10; i++) {
      dialer.connects(introduced().says(E1 + "\n").waits(LASTING.minusMillis(1)));
    }
    play();

    assertThat(intake.events()).hasSize(10);
    assertThat(time.waits().stream().map(Duration::toMillis))
        .containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 30000L, 30000L);
  }

  @Test
  void halfAMinuteOfConnectionMakesTheWaitsShortAgain() throws Exception {
    for (int i = 0; i < 9; i++) {
      dialer.fails("refused");
    }
    play(introduced().waits(SLOW));

    assertThat(time.waits().get(9)).isEqualTo(INITIAL);
  }

  @Test
  void aPlayerThatIntroducesItselfAndGoesAwayAgainAndAgainIsAskedEverMoreSlowly() throws Exception {
    play(introduced(), introduced().waits(Duration.ofSeconds(29)), introduced());

    assertThat(time.waits())
        .containsExactly(INITIAL, INITIAL.multipliedBy(2), INITIAL.multipliedBy(4));
  }

  @Test
  void aRestartedPlayerIsConnectedAgainAndItsEventsGoOn() throws Exception {
    play(introduced().says(E1 + "\n"), connection().resets(), introduced().says(E2 + "\n"));

    assertThat(intake.json()).containsExactly(E1, E2);
    assertThat(intake.story())
        .containsExactly(
            "connected",
            "offer 1",
            "disconnected",
            "disconnected",
            "connected",
            "offer 1",
            "disconnected");
    assertThat(intake.reasons().get(0))
        .isEqualTo("127.0.0.1:4444: closed the connection; it stopped or was restarted");
  }

  @Test
  void aPlayerThatLoadsItsPackageAnewIsNotLeftAloneForHalfAMinute() throws Exception {
    play(
        introduced().says(E1 + "\n").waits(LASTING),
        connection().says(BANNER).says("404\n"),
        introduced().says(E2 + "\n"));

    assertThat(intake.json()).containsExactly(E1, E2);
    assertThat(time.waits())
        .containsExactly(INITIAL, INITIAL.multipliedBy(2), INITIAL.multipliedBy(4));
  }

  @Test
  void aBrokenConnectionIsToldWithTheReason() throws Exception {
    play(introduced().says(E1 + "\n").resets());

    assertThat(intake.reasons())
        .containsExactly("127.0.0.1:4444: the connection broke (Connection reset)");
    assertThat(intake.json()).containsExactly(E1);
  }

  @Test
  void aPlayerThatIsQuietForTheIdleTimeIsConnectedAgainAtOnce() throws Exception {
    long before = time.nanos();
    play(
        introduced()
            .waits(Duration.ofMinutes(9))
            .says(E1 + "\n")
            .waits(Duration.ofMinutes(9))
            .says("\n")
            .waits(Duration.ofMinutes(11)),
        introduced().says(E2 + "\n"));

    assertThat(time.waits()).containsExactly(INITIAL);
    assertThat(time.nanos() - before)
        .isEqualTo(Duration.ofMinutes(9 + 9 + 10).plus(INITIAL).toNanos());
    assertThat(intake.json()).containsExactly(E1, E2);
    assertThat(intake.story()).containsExactly("connected", "offer 1", "offer 1", "disconnected");
  }

  @Test
  void aQuietPlayerThatIsNotFoundAgainIsToldAsGone() throws Exception {
    dialer.connects(introduced().waits(Duration.ofMinutes(11))).fails("refused");
    play();

    assertThat(intake.story()).containsExactly("connected", "disconnected");
    assertThat(intake.reasons()).containsExactly("127.0.0.1:4444: refused");
  }

  @Test
  void aQuietPlayerThatComesBackUnderAnotherNameIsTold() throws Exception {
    play(
        introduced().waits(Duration.ofMinutes(11)),
        connection().says(BANNER + "ok!\n{\"pop\":\"hall\"}\n" + E1 + "\n"));

    assertThat(intake.senders()).containsExactly("lobby", "hall");
    assertThat(intake.events()).singleElement().extracting(e -> e.sender().get()).isEqualTo("hall");
  }

  @Test
  void aSourceThatIsClosedWhileAQuietPlayerIsConnectedAnewSaysSo() throws Exception {
    play(
        introduced().waits(Duration.ofMinutes(11)),
        connection().says(BANNER).then(dialer::closeSource));

    assertThat(intake.story()).containsExactly("connected", "disconnected");
    assertThat(intake.reasons()).containsExactly("127.0.0.1:4444: the relay closed the connection");
  }

  @Test
  void bytesWithoutALineEndAreNoSignOfLife() throws Exception {
    ScriptedConnection player = introduced();
    for (int i = 0; i < 5; i++) {
      player.waits(Duration.ofMinutes(3)).says("x");
    }
    long before = time.nanos();
    play(player);

    assertThat(time.nanos() - before).isEqualTo(Duration.ofMinutes(10).toNanos());
    assertThat(intake.refusals()).singleElement().asString().startsWith("torn ");
  }

  @Test
  void anIdleTimeOfZeroMeansNever() throws Exception {
    play(
        new InfoBeamerConfig(null, null, null, null, null, null, Duration.ZERO, null, null),
        introduced().waits(Duration.ofDays(365)).says(E1 + "\n"));

    assertThat(dialer.dialled()).isEqualTo(1);
    assertThat(intake.json()).containsExactly(E1);
  }

  @Test
  void theTimeThatAnOfferTakesIsNoSilenceOfThePlayer() throws Exception {
    ScriptedConnection player =
        introduced().says(E1 + "\n").waits(Duration.ofMinutes(9)).says(E2 + "\n");
    ScriptedDialer slow = new ScriptedDialer().connects(player);
    Intake slowIntake =
        new ForwardingIntake(intake) {
          @Override
          public Answer offer(List<PopEvent> events) throws InterruptedException {
            time.pass(Duration.ofMinutes(8));
            return super.offer(events);
          }
        };
    slow.play(EACH, time, slowIntake);

    assertThat(slow.dialled()).isEqualTo(1);
    assertThat(intake.json()).containsExactly(E1, E2);
  }

  // Lines that are no events

  @Test
  void everyKindOfBadLineIsRefusedWithItsReasonAndCostsNoOtherEvent() throws Exception {
    Map<String, String> reasons =
        Map.ofEntries(
            Map.entry("not json at all", "not-json"),
            Map.entry("{\"uuid\":\"x\"", "not-json"),
            Map.entry("{\"uuid\":\"x\",}", "not-json"),
            Map.entry("{'uuid':'x'}", "not-json"),
            Map.entry("{\"uuid\":\"x\",\"a\":inf}", "not-json"),
            Map.entry("{\"uuid\":\"x\",\"a\":-nan}", "not-json"),
            Map.entry("{\"uuid\":\"x\",\"a\":01}", "not-json"),
            Map.entry("{\"uuid\":\"x\u0001\"}", "not-json"),
            Map.entry("{\"uuid\":\"x\u0000\"}", "not-json"),
            Map.entry("\u0000{\"uuid\":\"x\"}", "not-json"),
            Map.entry("\ufeff{\"uuid\":\"x\"}", "not-json"),
            Map.entry("// a comment", "not-json"),
            Map.entry("[{\"uuid\":\"x\"}]", "not-one-object"),
            Map.entry("{\"uuid\":\"x\"}{\"uuid\":\"y\"}", "not-one-object"),
            Map.entry("{\"uuid\":\"x\"} 1", "not-one-object"),
            Map.entry("\"uuid\"", "not-one-object"),
            Map.entry("17", "not-one-object"),
            Map.entry("null", "not-one-object"),
            Map.entry("{\"uuid\":\"x\",\"uuid\":\"y\"}", "duplicate-key"),
            Map.entry("{\"uuid\":\"x\",\"a\":{\"b\":1,\"b\":1}}", "duplicate-key"),
            Map.entry(nested(65), "too-deep"),
            Map.entry(nested(50_000), "too-deep"),
            Map.entry("{}", "no-uuid"),
            Map.entry("{\"ts\":1}", "no-uuid"),
            Map.entry("{\"uuid\":\"\"}", "no-uuid"),
            Map.entry("{\"uuid\":7}", "no-uuid"),
            Map.entry("{\"uuid\":null}", "no-uuid"),
            Map.entry("{\"a\":{\"uuid\":\"x\"}}", "no-uuid"));
    ScriptedConnection player = introduced().says(E1 + "\n");
    reasons.keySet().forEach(line -> player.says(line + "\n" + E2 + "\n"));
    play(player);

    assertThat(
            intake.refused().stream()
                .collect(
                    Collectors.toMap(
                        line -> new String(line.start(), StandardCharsets.UTF_8),
                        line -> line.reason().code())))
        .isEqualTo(
            reasons.entrySet().stream()
                .collect(
                    Collectors.toMap(
                        e -> e.getKey().substring(0, Math.min(1024, e.getKey().length())),
                        Map.Entry::getValue)));
    assertThat(intake.json()).hasSize(1 + reasons.size()).containsOnly(E1, E2);
    assertThat(dialer.dialled()).isEqualTo(1);
  }

  @Test
  void nestingOfSixtyFourPasses() throws Exception {
    play(introduced().says(nested(64) + "\n"));

    assertThat(intake.json()).containsExactly(nested(64));
  }

  @Test
  void badUtf8IsRefused() throws Exception {
    for (String hex : List.of("ff", "c0af", "eda080", "f4908080", "e28", "80")) {
      play(introduced().says("{\"uuid\":\"").says(bytes(hex)).says("\"}\n" + E1 + "\n"));
    }

    assertThat(intake.refused()).hasSize(6).allMatch(l -> l.reason().code().equals("bad-utf8"));
    assertThat(intake.json()).hasSize(6).containsOnly(E1);
  }

  @Test
  void linesInUtf16AreRefused() throws Exception {
    for (Charset charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16BE)) {
      play(introduced().says((E1 + "\n" + E2 + "\n").getBytes(charset)).says(E1 + "\n"));
    }

    assertThat(intake.refusals()).hasSize(4);
    assertThat(intake.json()).containsExactly(E1, E1);
  }

  @Test
  void anOverLongLineIsRefusedOnceAndTheNextEventIsTaken() throws Exception {
    String longLine = "{\"uuid\":\"long\",\"a\":\"" + "z".repeat(5000) + "\"}";
    ScriptedConnection player =
        introduced().says(E1 + "\n" + longLine + "\n" + E2 + "\n").inPiecesOf(700);
    play(limited(4), player);

    int at = BANNER.length() + "ok!\n".length() + HEADER.length() + E1.length() + 1;
    assertThat(intake.refusals()).containsExactly("too-long " + at + " " + longLine.length());
    assertThat(intake.refused().get(0).start())
        .isEqualTo(longLine.substring(0, 1024).getBytes(StandardCharsets.UTF_8));
    assertThat(intake.json()).containsExactly(E1, E2);
  }

  @Test
  void whatTheWorldMayHoldIsTakenByteForByte() throws Exception {
    List<String> lines =
        List.of(
            "{\"uuid\":\"x\",\"ts\":1e15,\"duration\":2.50,\"extra\":[]}",
            " { \"ts\" : 1.7745e+09 , \"uuid\" : \"\\u00e4\\/\" } ",
            "{\"uuid\":\"no uuid at all\",\"asset\":null,\"n\":123456789012345678901234567890}",
            "{\"asset\":{\"id\":\"fallback\"},\"uuid\":\"ä\u2028\uD83D\uDE00\",\"-0\":-0}");
    play(introduced().says(String.join("\n", lines) + "\n"));

    assertThat(intake.json()).isEqualTo(lines);
  }

  @Test
  void aTornLastLineIsRefusedAndAWholeOneIsTaken() throws Exception {
    play(introduced().says(E1 + "\n" + E2), introduced().says(E1 + "\n{\"uuid\":\"2\",\"ts\":"));

    int at = BANNER.length() + "ok!\n".length() + HEADER.length() + E1.length() + 1;
    assertThat(intake.json()).containsExactly(E1, E2, E1);
    assertThat(intake.refusals()).containsExactly("torn " + at + " 17");
  }

  @Test
  void aWholeLastLineIsTakenWhenTheConnectionBreaks() throws Exception {
    play(introduced().says(E1 + "\n").says(E2).resets());

    assertThat(intake.json()).containsExactly(E1, E2);
  }

  // The intake's answers

  @Test
  void whatHasArrivedTogetherIsOfferedTogetherInItsOrder() throws Exception {
    String lines =
        IntStream.range(0, 100)
            .mapToObj(i -> "{\"uuid\":\"" + i + "\"}\n" + (i % 10 == 0 ? "bad\n" : ""))
            .collect(Collectors.joining());
    play(introduced().says(lines));

    assertThat(intake.offers()).hasSize(1);
    assertThat(intake.json())
        .isEqualTo(IntStream.range(0, 100).mapToObj(i -> "{\"uuid\":\"" + i + "\"}").toList());
    assertThat(intake.refused()).hasSize(10);
    assertThat(intake.events().stream().map(e -> e.array()).distinct()).hasSize(1);
    assertThat(intake.events().get(0).array())
        .hasSize(intake.events().stream().mapToInt(e -> e.length()).sum());
  }

  @Test
  void anOfferIsBoundedHoweverMuchHasArrived() throws Exception {
    String line = "{\"uuid\":\"" + "u".repeat(190) + "\"}\n";
    play(introduced().says(line.repeat(5000)));

    assertThat(intake.events()).hasSize(5000);
    assertThat(intake.offers().size()).isBetween(5000 * 201 / 75_000, 5000 * 201 / 60_000);
    assertThat(intake.offers())
        .allSatisfy(
            offer ->
                assertThat(offer.stream().mapToInt(e -> e.length()).sum())
                    .isLessThanOrEqualTo(PlayerSession.CHUNK_BYTES + LineFramer.READ_BYTES));
  }

  @Test
  void moreIsGatheredForAnOfferWhileOffersAreDearAndNoMoreThanSoMuch() throws Exception {
    String line = "{\"uuid\":\"" + "u".repeat(190) + "\"}\n";
    intake.duringOffers(
        () ->
            time.pass(
                Duration.ofNanos(
                    intake.offers().size() < 10
                        ? PlayerSession.DEAR_NANOS
                        : PlayerSession.DEAR_NANOS - 1)));
    play(introduced().says(line.repeat(25_000)));

    assertThat(intake.events()).hasSize(25_000);
    List<Integer> sizes =
        intake.offers().stream()
            .map(offer -> offer.stream().mapToInt(e -> e.length()).sum())
            .toList();
    assertThat(sizes.get(0)).isBetween(60_000, PlayerSession.CHUNK_BYTES + LineFramer.READ_BYTES);
    assertThat(sizes.get(1)).isBetween(125_000, 2 * PlayerSession.CHUNK_BYTES + 8_192);
    assertThat(sizes.subList(4, 10))
        .allSatisfy(
            size ->
                assertThat(size)
                    .isBetween(400_000, PlayerSession.LARGEST_CHUNK_BYTES + LineFramer.READ_BYTES));
    assertThat(sizes.get(sizes.size() - 2))
        .as("cheap again")
        .isLessThanOrEqualTo(PlayerSession.CHUNK_BYTES + LineFramer.READ_BYTES);
  }

  @Test
  void anOfferHasNotMoreThanSoManyEventsHoweverTinyTheyAre() throws Exception {
    intake.duringOffers(() -> time.pass(Duration.ofNanos(PlayerSession.DEAR_NANOS)));
    play(introduced().says("{\"uuid\":\"1\"}\n".repeat(100_000)));

    assertThat(intake.events()).hasSize(100_000);
    assertThat(intake.offers())
        .allSatisfy(offer -> assertThat(offer).hasSizeLessThanOrEqualTo(PlayerSession.MOST_EVENTS));
    assertThat(intake.offers()).hasSizeLessThan(100);
  }

  @Test
  void eventsForWhichThereIsNoRoomAreGivenUpAtOnceAndThePlayerIsReadOn() throws Exception {
    intake.answer(Answer.FULL);
    play(introduced().says(E1 + "\n").waits(Duration.ofSeconds(1)).says(E2 + "\n"));

    assertThat(intake.story())
        .containsExactly("connected", "offer 1", "giveUp 1", "offer 1", "giveUp 1", "disconnected");
    assertThat(intake.givenUp()).isEqualTo(intake.offers());
    assertThat(intake.givenUp().get(0)).isSameAs(intake.offers().get(0));
  }

  @Test
  void aClosedIntakeEndsTheSource() throws Exception {
    intake.answer(Answer.CLOSED);
    play(introduced().says(E1 + "\n").says(E2 + "\n"), introduced());

    assertThat(dialer.dialled()).isEqualTo(1);
    assertThat(intake.story()).containsExactly("connected", "offer 2", "disconnected");
    assertThat(intake.reasons()).containsExactly("127.0.0.1:4444: the relay closed the connection");
  }

  @Test
  void anIntakeThatClosesWhileEventsAreGivenUpEndsTheSource() throws Exception {
    ScriptedConnection player = introduced().says(E1 + "\n").waits(SLOW).says(E2 + "\n");
    new ScriptedDialer()
        .connects(player)
        .play(
            InfoBeamerConfig.defaults(),
            time,
            new ForwardingIntake(intake) {
              @Override
              public Answer offer(List<PopEvent> events) throws InterruptedException {
                super.offer(events);
                return Answer.FULL;
              }

              @Override
              public Answer giveUp(List<PopEvent> events) {
                super.giveUp(events);
                return Answer.CLOSED;
              }
            });

    assertThat(intake.story()).containsExactly("connected", "offer 1", "giveUp 1", "disconnected");
  }

  @Test
  void aSourceThatWasClosedTellsNothingOfTheConnectionItCutItself() throws Exception {
    play(connection().says(BANNER).then(dialer::closeSource));

    assertThat(intake.story()).isEmpty();
  }

  @Test
  void aSourceThatWasClosedWhileConnectedSaysSo() throws Exception {
    play(introduced().says(E1 + "\n").waits(SLOW).then(dialer::closeSource));

    assertThat(intake.story()).containsExactly("connected", "offer 1", "disconnected");
    assertThat(intake.reasons()).containsExactly("127.0.0.1:4444: the relay closed the connection");
  }

  @Test
  void aSourceThatIsClosedTakesWhatIsThereAndWaitsForNothing() throws Exception {
    play(
        introduced()
            .says(E1 + "\n")
            .waits(SLOW)
            .then(dialer::closeSource)
            .says(E2 + "\n")
            .waits(SLOW)
            .says(E1 + "\n"),
        introduced());

    assertThat(intake.json()).containsExactly(E1, E2);
    assertThat(dialer.dialled()).isEqualTo(1);
    assertThat(intake.story()).endsWith("disconnected");
  }

  @Test
  void linesThatTheMemoryIsTooSmallForAreToldOf() {
    assertThat(InfoBeamerSource.shortened(longest(ByteSize.ofMiB(4)), 32 << 20)).isEmpty();
    assertThat(InfoBeamerSource.shortened(longest(new ByteSize((4 << 20) + 1)), 32 << 20))
        .contains(
            "maxLineBytes: 4194305B is more than the memory of this process allows, 4MiB are"
                + " taken; more memory makes room for more (POP_JAVA_OPTS=-Xmx128m)");
  }

  private static InfoBeamerConfig longest(ByteSize size) {
    return new InfoBeamerConfig(null, null, null, null, null, null, null, size, null);
  }

  @Test
  void aPlayerThatGoesOnHoldsUpNobodyWhoComesInItsPlace() throws Exception {
    ScriptedConnection player = introduced().says(E1 + "\n");
    for (int i = 0; i < 100; i++) {
      player.goesOn(asMuchAsIsGathered(i));
    }
    closeDuringSlowOffers(player);

    assertThat(intake.events()).hasSizeBetween(2, 60);
    assertThat(intake.story()).endsWith("disconnected");
  }

  @Test
  void whatHadArrivedBeforeASourceIsClosedIsTakenHoweverSlowTheOffersAre() throws Exception {
    ScriptedConnection player = introduced().says(E1 + "\n");
    for (int i = 0; i < 100; i++) {
      player.says(asMuchAsIsGathered(i));
    }
    closeDuringSlowOffers(player);

    assertThat(intake.events()).hasSize(101);
    assertThat(intake.story()).endsWith("disconnected");
  }

  /** One is what an offer gathers at first. */
  private static String asMuchAsIsGathered(int i) {
    return "{\"uuid\":\"" + i + "x".repeat(PlayerSession.CHUNK_BYTES) + "\"}\n";
  }

  private void closeDuringSlowOffers(ScriptedConnection player) throws InterruptedException {
    dialer.connects(player);
    intake.duringOffers(
        () -> {
          time.pass(Duration.ofMillis(300));
          dialer.closeSource();
        });
    dialer.play(InfoBeamerConfig.defaults(), time, intake);
  }

  @Test
  void aSourceThatWasClosedBeforeItsRunConnectsToNobody() throws Exception {
    InfoBeamerSource source =
        new InfoBeamerSource(
            InfoBeamerConfig.defaults(),
            new SourceContext("test", time),
            dialer,
            new Reconnects(() -> 0));
    source.close();
    source.close();
    source.run(intake);

    assertThat(dialer.dialled()).isZero();
    assertThat(intake.story()).isEmpty();
  }

  @Test
  void anInterruptedThreadEndsTheRunWithTheException() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> play(introduced())).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void anIpv6AddressIsShownInBrackets() throws Exception {
    dialer.fails("refused");
    play(InfoBeamerConfig.of("fe80::1", 4444));

    assertThat(intake.reasons()).containsExactly("[fe80::1]:4444: refused");
  }

  private static String nested(int depth) {
    int arrays = depth - 1;
    return "{\"uuid\":\"deep\",\"a\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}";
  }

  private static byte[] bytes(String hex) {
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
    }
    return bytes;
  }

  private static InfoBeamerConfig limited(int kibibytes) {
    return new InfoBeamerConfig(
        null, null, null, null, null, null, null, ByteSize.ofKiB(kibibytes), 0);
  }

  private ScriptedConnection connection() {
    return new ScriptedConnection(time);
  }

  private ScriptedConnection introduced() {
    return ScriptedConnection.introduced(time);
  }

  private void play(ScriptedConnection... connections) throws InterruptedException {
    play(EACH, connections);
  }

  private void play(InfoBeamerConfig config, ScriptedConnection... connections)
      throws InterruptedException {
    for (ScriptedConnection connection : connections) {
      dialer.connects(connection);
    }
    dialer.play(config, time, intake);
  }
}
