package io.proofofplay.runner.config;

import io.proofofplay.core.config.Setting;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A working directory with files in it, and two types of each kind to choose from. */
final class Desk {

  /** A source's settings. */
  record Ticker(
      @Setting("where") String host,
      @Setting(value = "which", min = "1", max = "65535") Integer port) {

    Ticker {
      host = host == null ? "127.0.0.1" : host;
      port = port == null ? 4444 : port;
    }
  }

  /** What package mode writes. */
  record Post(
      @Setting(value = "where to", required = true, example = "https://example.org/pop")
          java.net.URI url,
      @Setting("who") io.proofofplay.core.config.Secret authorization) {}

  private record Sinks<C extends Record>(String type, Class<C> configType)
      implements SubmitterProvider<C> {

    @Override
    public Submitter create(C config, SinkContext context) {
      throw new UnsupportedOperationException();
    }
  }

  private record Sources<C extends Record>(String type, Class<C> configType)
      implements EventSourceProvider<C> {

    @Override
    public EventSource create(C config, SourceContext context) {
      throw new UnsupportedOperationException();
    }
  }

  static final Adapters ADAPTERS =
      new Adapters(
          Map.of(
              "infobeamer", new Sources<>("infobeamer", Ticker.class),
              "ticker", new Sources<>("ticker", Ticker.class)),
          Map.of(
              "http", new Sinks<>("http", Post.class),
              "telegraph", new Sinks<>("telegraph", Telegraph.class)));

  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();

  Desk(Path directory) {
    this.directory = directory;
  }

  Desk with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Desk file(String name, String text) throws Exception {
    Files.writeString(directory.resolve(name), text);
    return this;
  }

  Desk file(String name, byte[] bytes) throws Exception {
    Files.write(directory.resolve(name), bytes);
    return this;
  }

  Surroundings surroundings() {
    return new Surroundings(directory, environment);
  }

  RelayConfig load() throws ConfigurationException {
    return Configuration.load(Optional.empty(), surroundings(), ADAPTERS).relay();
  }

  RelayConfig load(String name) throws ConfigurationException {
    return Configuration.load(Optional.of(Path.of(name)), surroundings(), ADAPTERS).relay();
  }

  /** The problems of {@code pop.yaml}, without the directory's path. */
  List<String> problems() {
    return problems(Optional.empty());
  }

  List<String> problems(String name) {
    return problems(Optional.of(Path.of(name)));
  }

  private List<String> problems(Optional<Path> named) {
    try {
      Configuration.load(named, surroundings(), ADAPTERS);
      return List.of();
    } catch (ConfigurationException e) {
      return e.problems().stream().map(problem -> problem.replace(directory + "/", "")).toList();
    }
  }

  /** The settings of a sink {@code t} whose section has these lines, from line 6 on. */
  Telegraph telegraph(String... lines) throws Exception {
    return (Telegraph) sinks(lines).load().sinks().get("t").settings();
  }

  /** The problems of such a sink. */
  List<String> telegraphProblems(String... lines) throws Exception {
    return sinks(lines).problems();
  }

  private Desk sinks(String... lines) throws Exception {
    return file(
        "pop.yaml",
        "sources:\n  s: {type: ticker}\nsinks:\n  t:\n    type: telegraph\n"
            + "    "
            + String.join("\n    ", lines)
            + "\n");
  }
}
