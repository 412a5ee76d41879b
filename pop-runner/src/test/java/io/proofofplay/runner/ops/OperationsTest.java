package io.proofofplay.runner.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.proofofplay.core.model.Refusal;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.SinkState;
import io.proofofplay.core.spi.DropReason;
import io.proofofplay.runner.browser.Promtool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written for operators fits the program: its codes, its words and its metrics. */
final class OperationsTest {

  private static final Path ROOT = Path.of("..");
  private static final Path MANUAL = ROOT.resolve("docs/operations.md");
  private static final Path ALERTS = ROOT.resolve("deploy/alerts.yml");
  private static final Path DASHBOARD = ROOT.resolve("deploy/grafana-dashboard.json");

  private static final View VIEW =
      Views.of(
          new RelayStats(
              RelayState.RUNNING,
              Map.of("lobby", Views.connected("player", 1, Map.of(Refusal.NO_UUID, 3L))),
              Map.of("billing", Views.sink().waiting(5, Duration.ofSeconds(1)).stats()),
              0,
              0),
          new TreeSet<>(List.of("old")));

  @TempDir Path directory;

  private static Set<String> found(String regex, String text) {
    return Pattern.compile(regex, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> headings(String manual) {
    return manual.lines().filter(line -> line.startsWith("##")).toList();
  }

  private static Set<String> metrics() {
    return found("(?<=^# TYPE )\\S+", Metrics.of(VIEW));
  }

  @Test
  void everyMessageHasAnEntryInTheRunbookAndNoEntryIsWithoutAMessage() throws IOException {
    List<String> entries =
        headings(Files.readString(MANUAL)).stream().filter(line -> line.startsWith("###")).toList();
    assertThat(entries)
        .containsExactlyElementsOf(
            Arrays.stream(Message.values())
                .map(message -> "### `" + message.code() + "`")
                .toList());
  }

  @Test
  void everyStateIsExplained() throws IOException {
    String manual = Files.readString(MANUAL);
    String states = manual.substring(manual.indexOf("## What the states mean"));
    for (SinkState state : SinkState.values()) {
      assertThat(states).contains("| `" + Words.of(state) + "` |");
    }
    for (RelayState state : RelayState.values()) {
      assertThat(states.substring(0, states.indexOf("A sink's")))
          .contains("`" + Words.of(state) + "`");
    }
  }

  @Test
  void everyReasonToGiveUpAnEventIsExplained() throws IOException {
    String manual = Files.readString(MANUAL);
    String entry = manual.substring(manual.indexOf("### `events-dropped`"));
    for (DropReason reason : DropReason.values()) {
      assertThat(entry.substring(0, entry.indexOf("### `lines")))
          .contains('`' + reason.code() + '`');
    }
  }

  @Test
  void everyReasonToRefuseALineIsExplained() throws IOException {
    String manual = Files.readString(MANUAL);
    String entry = manual.substring(manual.indexOf("### `lines-refused`"));
    for (Refusal reason : Refusal.values()) {
      assertThat(entry.substring(0, entry.indexOf("### `portal")))
          .contains('`' + reason.code() + '`');
    }
  }

  /** They must agree on whether it still goes on. */
  @Test
  void theRulesLookBackAsFarAsThePage() throws IOException {
    String hours = "[" + Troubles.GOES_ON.toHours() + "h]";
    assertThat(Files.readString(ALERTS))
        .contains("pop_events_rejected_total{reason!=\"" + Refusal.TORN.code() + "\"}" + hours)
        .contains("pop_uuids_reused_total" + hours)
        .contains("pop_dead_letters_discarded_total" + hours);
  }

  @Test
  void everyMetricThatIsNamedExists() throws IOException {
    for (Path file : List.of(MANUAL, ALERTS, DASHBOARD)) {
      Set<String> named = found("\\bpop_[a-z_]+[a-z]", Files.readString(file));
      assertThat(named).as(file.toString()).hasSizeGreaterThan(3);
      assertThat(metrics()).as(file.toString()).containsAll(named);
    }
  }

  @Test
  void everyMetricIsInTheTable() throws IOException {
    String manual = Files.readString(MANUAL);
    String table =
        manual.substring(
            manual.indexOf("## All metrics"), manual.indexOf("## What the states mean"));
    assertThat(found("(?<=^\\| `)pop_[a-z_]+", table)).isEqualTo(metrics());
  }

  @Test
  void theWordsOfTheLogAreThoseOfTheProgram() throws IOException {
    String manual = Files.readString(MANUAL);
    String table = manual.substring(manual.indexOf("## How to read the log"));
    Set<String> words = found("(?<=^\\| `)[^`]+", table);
    assertThat(words).hasSizeGreaterThan(10);
    StringBuilder texts = new StringBuilder();
    for (String module :
        List.of(
            "pop-core", "pop-source-infobeamer", "pop-sink-http", "pop-spool-file", "pop-runner")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          // A text that goes on in the next line is one text; what is no text says nothing.
          String source = Files.readString(file).replaceAll("\"\\s*\\+ \"", "");
          found("\"(?:[^\"\\\\\n]|\\\\.)*\"", source)
              .forEach(text -> texts.append(text).append('\n'));
        }
      }
    }
    assertThat(words).allMatch(text -> texts.indexOf(text) >= 0);
  }

  @Test
  void whatIsLinkedIsThere() throws IOException {
    for (String page :
        List.of(
            "docs/operations.md",
            "docs/receiving.md",
            "deploy/README.md",
            "examples/receiving/README.md")) {
      Path file = ROOT.resolve(page);
      for (String link : found("(?<=\\]\\()[^)]+", Files.readString(file))) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]);
        assertThat(target).as(page + ": " + link).exists();
        if (parts.length == 2) {
          assertThat(anchors(target)).as(page + ": " + link).contains(parts[1]);
        }
      }
    }
  }

  private static List<String> anchors(Path page) throws IOException {
    return headings(Files.readString(page)).stream()
        .map(
            line ->
                line.replaceAll("^#+ ", "")
                    .toLowerCase(java.util.Locale.ROOT)
                    .replaceAll("[^a-z0-9 -]", "")
                    .replace(' ', '-'))
        .toList();
  }

  @Test
  void everyAlertLeadsToAnEntry() throws IOException {
    Set<String> runbooks = found("(?<=runbook: )\\S+", Files.readString(ALERTS));
    assertThat(runbooks).hasSize(11);
    assertThat(anchors(MANUAL)).containsAll(runbooks);
  }

  @Test
  void prometheusTakesTheRules() throws IOException {
    Promtool promtool = Promtool.find();
    assertThat(promtool.check("", "check", "rules", ALERTS.toString())).isEmpty();
  }

  @Test
  void theAlertsFireWhenTheyShouldAndNotBefore() throws IOException {
    Path cases =
        Files.writeString(
            directory.resolve("cases.yml"),
            """
            rule_files: [%s]
            evaluation_interval: 1m
            tests:
              - interval: 1m
                input_series:
                  - series: pop_oldest_waiting_seconds{instance="i", job="pop", sink="billing"}
                    values: 0x10 0+60x120
                  - series: pop_source_connected{instance="i", job="pop", source="lobby"}
                    values: 1x10 0x120
                  - series: pop_events_dropped_total{instance="i", job="pop", sink="billing", reason="damaged"}
                    values: 0x100 1x30
                  - series: pop_events_rejected_total{instance="i", job="pop", source="lobby", reason="torn"}
                    values: 0x10 1x120
                  - series: pop_events_rejected_total{instance="i", job="pop", source="lobby", reason="no-uuid"}
                    values: 0x19 1+1x10 11x100
                  - series: pop_uuids_reused_total{instance="i", job="pop", source="lobby"}
                    values: 0x29 2x100
                  - series: pop_events_imbalance{instance="i", job="pop", sink="billing"}
                    values: 0x100 -1x30
                  - series: pop_dead_letters{instance="i", job="pop", sink="billing"}
                    values: 3x20 0x110
                  - series: pop_dead_letters_discarded_total{instance="i", job="pop", sink="billing"}
                    values: 0x100 2x30
                  - series: pop_spools_unclaimed{instance="i", job="pop"}
                    values: 0x10 1x120
                  - series: pop_spool_unreadable_at_start_total{instance="i", job="pop", sink="billing"}
                    values: 2x20 0x110
                alert_rule_test:
                  # As a start finds them: of what rises nothing would be seen.
                  - {alertname: PlaysWereRejected, eval_time: 14m, exp_alerts: []}
                  - alertname: PlaysWereRejected
                    eval_time: 16m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop, sink: billing}
                        exp_annotations:
                          summary: 3 events that billing rejected are set aside at i
                          runbook: dead-letters
                  - {alertname: PlaysWereRejected, eval_time: 30m, exp_alerts: []}
                  - {alertname: DeadLettersWereLost, eval_time: 100m, exp_alerts: []}
                  - alertname: DeadLettersWereLost
                    eval_time: 102m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop, sink: billing}
                        exp_annotations:
                          summary: Events that billing rejected are gone from the disk at i, as too many were set aside
                          runbook: dead-letters-lost
                  - {alertname: SpoolIsUnclaimed, eval_time: 20m, exp_alerts: []}
                  - alertname: SpoolIsUnclaimed
                    eval_time: 40m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop}
                        exp_annotations:
                          summary: Events at i are kept for a sink that is not configured
                          runbook: spool-unclaimed
                  - alertname: PlaysWereUnreadable
                    eval_time: 5m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop, sink: billing}
                        exp_annotations:
                          summary: 2 lines for billing at i could not be read at the start
                          runbook: unreadable-at-the-start
                  - {alertname: PlaysWereUnreadable, eval_time: 30m, exp_alerts: []}
                  # The hour is over 71 minutes after the start, and five more pass.
                  - {alertname: PlaysAreNotDelivered, eval_time: 74m, exp_alerts: []}
                  - alertname: PlaysAreNotDelivered
                    eval_time: 80m
                    exp_alerts:
                      - exp_labels: {severity: page, instance: i, job: pop, sink: billing}
                        exp_annotations:
                          summary: A play has been waiting for 1h 9m 0s at i for billing
                          runbook: the-one-number-to-alarm-on
                  - {alertname: PlayerIsNotConnected, eval_time: 20m, exp_alerts: []}
                  - alertname: PlayerIsNotConnected
                    eval_time: 30m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop, source: lobby}
                        exp_annotations:
                          summary: The player lobby at i is away; what it plays now is not recorded
                          runbook: player-away
                  - {alertname: PlaysWereLost, eval_time: 99m, exp_alerts: []}
                  - alertname: PlaysWereLost
                    eval_time: 105m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop, sink: billing}
                        exp_annotations:
                          summary: Events for billing at i were given up or cannot be stored
                          runbook: events-dropped
                  # A torn line came at 11, others from 20 to 30, a used uuid at 30.
                  - {alertname: LinesAreRefused, eval_time: 19m, exp_alerts: []}
                  - alertname: LinesAreRefused
                    eval_time: 21m
                    exp_alerts: &refused
                      - exp_labels: {severity: ticket, instance: i, job: pop, source: lobby}
                        exp_annotations:
                          summary: The player lobby at i sends lines that are no events; no backend gets what they tell
                          runbook: lines-refused
                  - {alertname: LinesAreRefused, eval_time: 89m, exp_alerts: *refused}
                  - {alertname: LinesAreRefused, eval_time: 92m, exp_alerts: []}
                  - {alertname: UuidsAreReused, eval_time: 29m, exp_alerts: []}
                  - alertname: UuidsAreReused
                    eval_time: 31m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop, source: lobby}
                        exp_annotations:
                          summary: The player lobby at i gives different plays the same uuid; a backend that goes by the uuid alone keeps one of them
                          runbook: uuids-reused
                  - {alertname: UuidsAreReused, eval_time: 92m, exp_alerts: []}
                  - {alertname: BooksDoNotBalance, eval_time: 99m, exp_alerts: []}
                  - alertname: BooksDoNotBalance
                    eval_time: 105m
                    exp_alerts:
                      - exp_labels: {severity: ticket, instance: i, job: pop, sink: billing}
                        exp_annotations:
                          summary: The books of billing at i are off by -1
                          runbook: books-off
            """
                .formatted(ALERTS.toAbsolutePath().normalize()));
    assertThat(Promtool.find().check("", "test", "rules", cases.toString())).isEmpty();
  }

  @Test
  void theDashboardAsksForWhatIsThereAndDrawsItWithoutOverlap() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(Files.readString(DASHBOARD));
    assertThat(dashboard.at("/templating/list/0/query/query").asText()).contains("pop_info");
    Set<String> taken = new TreeSet<>();
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : dashboard.get("panels")) {
      JsonNode place = panel.get("gridPos");
      for (int x = place.get("x").asInt();
          x < place.get("x").asInt() + place.get("w").asInt();
          x++) {
        for (int y = place.get("y").asInt();
            y < place.get("y").asInt() + place.get("h").asInt();
            y++) {
          assertThat(x).isLessThan(24);
          assertThat(taken.add(x + " " + y)).as(panel.get("title").asText()).isTrue();
        }
      }
      for (JsonNode target : panel.get("targets")) {
        expressions.add(target.get("expr").asText());
      }
    }
    assertThat(expressions).hasSizeGreaterThan(10).allMatch(text -> text.contains("pop_"));
    // Each is a rule that could be: promtool reads them with the parser of the server.
    StringBuilder rules = new StringBuilder("groups: [{name: dashboard, rules: [\n");
    for (int i = 0; i < expressions.size(); i++) {
      String expression = expressions.get(i).replace("$__range", "1h").replace("'", "''");
      rules.append("{record: 'panel:").append(i).append("', expr: '").append(expression);
      rules.append("'},\n");
    }
    Path file = Files.writeString(directory.resolve("dashboard.yml"), rules.append("]}]\n"));
    assertThat(Promtool.find().check("", "check", "rules", file.toString())).isEmpty();
  }
}
