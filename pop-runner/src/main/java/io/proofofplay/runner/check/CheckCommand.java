package io.proofofplay.runner.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ConfigOption;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.OpsConfig;
import io.proofofplay.runner.config.RelayConfig;
import io.proofofplay.runner.config.SinkConfig;
import io.proofofplay.runner.config.SourceConfig;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.sink.http.HttpSinkConfig;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pop check}: whether everything is there that a relay needs. */
@Command(
    name = "check",
    description = {
      "Looks at configuration, disk, players, DNS, TLS and backends, and says what to do.",
      "Ends with 0 if all is well, 1 if something has to be done, 78 if the configuration is wrong."
          + " Sends nothing unless told to."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class CheckCommand implements Callable<Integer> {

  @Mixin private ConfigOption config;

  @Option(
      names = "--send",
      description =
          "Post one event marked \"test\":true to each sink, the real way, and say what the answer"
              + " means.")
  private boolean send;

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  private final Terminal terminal;
  private final TimeSource time;
  private final Map<String, String> environment;
  private final List<Finding> findings = new ArrayList<>();

  /** The command as the program has it. */
  public CheckCommand() {
    this(Terminal.standardOutput(), TimeSource.system(), System.getenv());
  }

  CheckCommand(Terminal terminal, TimeSource time, Map<String, String> environment) {
    this.terminal = terminal;
    this.time = time;
    this.environment = Map.copyOf(environment);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    int exit = look();
    if (json) {
      terminal.line(asJson());
    }
    return exit;
  }

  private int look() throws InterruptedException {
    ConfigOption.Loaded loaded;
    try {
      loaded = config.load();
    } catch (ConfigurationException e) {
      e.problems().forEach(problem -> tell(Finding.fail("configuration", problem)));
      return ExitCode.CONFIGURATION;
    }
    RelayConfig relay = loaded.configuration().relay();
    tell(
        Finding.ok(
            "configuration",
            loaded.configuration().file()
                + " is right: sources "
                + String.join(", ", relay.sources().keySet())
                + "; sinks "
                + String.join(", ", relay.sinks().keySet())));
    relay
        .ops()
        .flatMap(OpsConfig::weakness)
        .ifPresent(weakness -> tell(Finding.note("configuration", weakness)));
    tell(new SpoolCheck(relay, time).run());
    for (Map.Entry<String, SourceConfig> source : relay.sources().entrySet()) {
      tell(new SourceCheck(source.getKey(), source.getValue(), loaded.adapters(), time).run());
    }
    for (Map.Entry<String, SinkConfig> sink : relay.sinks().entrySet()) {
      tell(look(sink.getKey(), sink.getValue(), loaded.adapters()));
    }
    boolean well =
        findings.stream().noneMatch(finding -> finding.outcome() == Finding.Outcome.FAIL);
    return well ? ExitCode.DONE : ExitCode.FOUND;
  }

  private List<Finding> look(String name, SinkConfig sink, Adapters adapters)
      throws InterruptedException {
    List<Finding> seen = new ArrayList<>();
    if (sink.settings() instanceof HttpSinkConfig http) {
      seen.addAll(new Route(name, http, environment, !send, time).run());
    } else if (!send) {
      seen.add(
          Finding.note(
              "sink " + name,
              "a sink of type " + sink.type() + " is looked at only by sending; add --send"));
    }
    if (send) {
      seen.addAll(new SendCheck(name, sink, adapters, time).run());
    }
    return seen;
  }

  private void tell(List<Finding> some) {
    some.forEach(this::tell);
  }

  private void tell(Finding finding) {
    findings.add(finding);
    if (!json) {
      String word =
          switch (finding.outcome()) {
            case OK -> terminal.good("ok  ");
            case NOTE -> terminal.notable("note");
            case FAIL -> terminal.bad("FAIL");
          };
      terminal.line(word + "  " + finding.subject() + ": " + finding.text());
    }
  }

  private String asJson() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.writeStartObject();
      out.writeBooleanField(
          "ok", findings.stream().noneMatch(one -> one.outcome() == Finding.Outcome.FAIL));
      out.writeArrayFieldStart("checks");
      for (Finding finding : findings) {
        out.writeStartObject();
        out.writeStringField("check", finding.subject());
        out.writeStringField("outcome", finding.outcome().name().toLowerCase(Locale.ROOT));
        out.writeStringField("text", finding.text());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    return text.toString();
  }
}
