package io.proofofplay.runner.daemon;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import io.proofofplay.core.relay.Change;
import io.proofofplay.core.relay.Relay;
import io.proofofplay.core.relay.RelayState;
import io.proofofplay.core.relay.RelayStats;
import io.proofofplay.core.relay.Standstill;
import io.proofofplay.core.spi.RelayListener;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.StorageInUse;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.cli.ExitCode;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.Configuration;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.OpsConfig;
import io.proofofplay.runner.history.History;
import io.proofofplay.runner.ops.Recent;
import io.proofofplay.runner.ops.View;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A relay in a process of its own.
 *
 * <p>Thread-safe: {@link #stop} may come from any thread, at any time.
 */
public final class Daemon {

  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  /** What a request in flight gets when the process is told to end. */
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Relay relay;
  private final Storage storage;
  private final Parts parts;
  private final Recent recent;
  private final Optional<History> history;
  private final TimeSource time;
  private final long began;
  private final Optional<Listening> ops;

  /**
   * What is in force, with the settings that each part was made with; changed under the monitor.
   */
  private volatile Configuration configuration;

  private volatile SortedSet<String> orphans;

  private Daemon(
      Configuration configuration,
      Relay relay,
      Storage storage,
      Parts parts,
      SortedSet<String> orphans,
      Recent recent,
      Optional<History> history,
      TimeSource time) {
    this.configuration = configuration;
    this.relay = relay;
    this.storage = storage;
    this.parts = parts;
    this.orphans = orphans;
    this.recent = recent;
    this.history = history;
    this.time = time;
    this.began = time.nanos();
    this.ops = listen();
  }

  /**
   * Builds everything and opens the storage in files.
   *
   * @param configuration what to build
   * @param adapters what to build it of
   * @return the daemon, not yet started
   * @throws ConfigurationException if an adapter refuses its settings
   * @throws IOException if the storage cannot be used
   */
  public static Daemon build(Configuration configuration, Adapters adapters)
      throws ConfigurationException, IOException {
    return build(configuration, adapters, TimeSource.system());
  }

  /**
   * The same, on other clocks than the system's.
   *
   * @param configuration what to build
   * @param adapters what to build it of
   * @param time the clocks
   * @return the daemon, not yet started
   * @throws ConfigurationException if an adapter refuses its settings
   * @throws IOException if the storage cannot be used
   */
  public static Daemon build(Configuration configuration, Adapters adapters, TimeSource time)
      throws ConfigurationException, IOException {
    return build(configuration, adapters, FileStorage::open, time);
  }

  /**
   * Builds everything, opens the storage and listens where the configuration says so, as soon as
   * that can be had.
   *
   * @throws ConfigurationException if an adapter refuses its settings
   * @throws IOException if the storage cannot be used
   */
  static Daemon build(Configuration configuration, Adapters adapters, Place place, TimeSource time)
      throws ConfigurationException, IOException {
    Recent recent = new Recent(time);
    Optional<History> history = History.of(configuration.relay(), time);
    Set<RelayListener> listeners = new HashSet<>();
    if (configuration.relay().ops().isPresent()) {
      // Whoever shows nothing need not remember anything.
      listeners.add(recent);
    }
    history.ifPresent(listeners::add);
    Injector injector = injector(configuration, adapters, place, listeners, time);
    Relay relay = injector.getInstance(Relay.class);
    try {
      Storage storage = injector.getInstance(Storage.class);
      return new Daemon(
          configuration,
          relay,
          storage,
          injector.getInstance(Parts.class),
          orphans(storage, configuration),
          recent,
          history,
          time);
    } catch (IOException e) {
      relay.stop(GRACE);
      throw judged(e, configuration);
    }
  }

  private static Injector injector(
      Configuration configuration,
      Adapters adapters,
      Place place,
      Set<RelayListener> listeners,
      TimeSource time)
      throws ConfigurationException, IOException {
    // The relay is wired once: what Guice would gain by generated classes it would never earn.
    System.getProperties().putIfAbsent("guice_bytecode_gen_option", "DISABLED");
    try {
      return Guice.createInjector(
          Stage.PRODUCTION, new RelayModule(configuration, adapters, place, listeners, time));
    } catch (CreationException e) {
      Throwable cause =
          e.getErrorMessages().stream()
              .map(message -> message.getCause())
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(e);
      if (cause instanceof ConfigurationException problem) {
        throw problem;
      }
      if (cause instanceof IOException problem) {
        throw judged(problem, configuration);
      }
      throw e;
    }
  }

  private static SortedSet<String> orphans(Storage storage, Configuration configuration)
      throws IOException {
    SortedSet<String> orphans = new TreeSet<>(storage.sinks());
    orphans.removeAll(configuration.relay().sinks().keySet());
    return Collections.unmodifiableSortedSet(orphans);
  }

  /** Says a fault of the chosen directory as one of the configuration; else the failure itself. */
  private static IOException judged(IOException failure, Configuration configuration)
      throws ConfigurationException {
    Optional<String> wrong =
        failure instanceof StorageInUse
            ? Optional.empty()
            : BadPlace.words(failure, configuration.relay().spool().directory());
    if (wrong.isPresent()) {
      throw configuration.problem("spool.directory", wrong.get());
    }
    return failure;
  }

  /**
   * Starts.
   *
   * @throws ConfigurationException if the storage cannot be used where it is
   * @throws IOException if the storage cannot be used for another reason
   */
  public void start() throws ConfigurationException, IOException {
    reportOrphans(new TreeSet<>());
    try {
      relay.start();
    } catch (IOException e) {
      throw judged(e, configuration);
    }
    history.ifPresent(History::start);
  }

  private void reportOrphans(SortedSet<String> known) {
    for (String name : orphans) {
      if (known.contains(name)) {
        continue;
      }
      LOG.warn(
          "sink {}: is not in {}, but {} holds what was kept for it; add a sink of this name, or"
              + " remove that folder",
          name,
          configuration.file(),
          configuration.relay().spool().directory().resolve(name));
    }
  }

  private Optional<Listening> listen() {
    if (configuration.relay().ops().isEmpty()) {
      return Optional.empty();
    }
    OpsConfig where = configuration.relay().ops().get();
    warnOfWeakness(where);
    Listening listening = new Listening(where, this::view, time);
    listening.begin();
    return Optional.of(listening);
  }

  private static void warnOfWeakness(OpsConfig where) {
    where.weakness().ifPresent(weakness -> LOG.warn("{}", weakness));
  }

  private View view() {
    Map<String, Long> limits = new HashMap<>();
    configuration
        .relay()
        .sinks()
        .forEach((name, sink) -> limits.put(name, sink.delivery().spool().maxBytes().bytes()));
    return new View(
        Version.number(),
        time.now(),
        Duration.ofNanos(time.nanos() - began),
        relay.stats(),
        limits,
        orphans,
        recent.plays(),
        recent.answers(),
        configuration.relay().ops().flatMap(OpsConfig::weakness).isPresent(),
        history.map(History::failures).orElse(0L));
  }

  /**
   * Has another configuration take the place of the one in force, without a stop: what it says of a
   * sink or a source as before goes on untouched. Parts of a daemon that is stopping are not
   * changed any more.
   *
   * @param next what is to be in force
   * @return what has changed, for people, by names alone
   * @throws ConfigurationException if it cannot take its place; nothing is changed then
   */
  public synchronized String change(Configuration next) throws ConfigurationException {
    Difference difference = new Difference(configuration, next);
    difference.expectPossible();
    Change change = difference.change(parts);
    if (!change.isNothing()) {
      try {
        relay.change(change, GRACE);
      } catch (IOException e) {
        throw next.problem(
            "sinks", "cannot be stored for in " + next.relay().spool().directory() + ": " + e);
      } catch (IllegalArgumentException e) {
        throw next.problem("sinks", "cannot be stored for: " + e.getMessage());
      }
    }
    next.relay().ops().ifPresent(said -> ops.ifPresent(open -> open.admit(said.secret())));
    if (!next.relay().ops().equals(configuration.relay().ops())) {
      next.relay().ops().ifPresent(Daemon::warnOfWeakness);
    }
    configuration = difference.inForce();
    lookForOrphans();
    return difference.words();
  }

  private void lookForOrphans() {
    SortedSet<String> known = orphans;
    try {
      orphans = orphans(storage, configuration);
      reportOrphans(known);
    } catch (IOException e) {
      LOG.warn("storage: cannot be looked through for what no sink wants: {}", e.toString());
    }
  }

  /** The sinks for which something is kept and that are not in force. */
  SortedSet<String> orphans() {
    return orphans;
  }

  /** What is in force. */
  Configuration configuration() {
    return configuration;
  }

  /**
   * Waits for the end.
   *
   * @return the exit code
   */
  int awaitEnd() {
    return relay.awaitEnd() == RelayState.FAILED ? ExitCode.INTERNAL : ExitCode.DONE;
  }

  /** Stops; returns when all is kept, within 5 s. */
  public void stop() {
    relay.stop(GRACE);
    history.ifPresent(History::close);
    ops.ifPresent(Listening::close);
  }

  /**
   * What the relay has done since its start.
   *
   * @return counts
   */
  public RelayStats stats() {
    return relay.stats();
  }

  /**
   * Where the status page is.
   *
   * @return its address for a browser on this machine; empty if there is none, or not yet
   */
  public Optional<String> page() {
    return ops.flatMap(Listening::port).map(port -> "http://127.0.0.1:" + port + "/");
  }

  /** What a watchdog looks at. */
  Watchdog.Life life() {
    return new Watchdog.Life() {
      @Override
      public boolean isStarting() {
        return relay.state() == RelayState.NEW;
      }

      @Override
      public boolean isOver() {
        return isStopping();
      }

      @Override
      public Optional<Standstill> standstill() {
        return relay.standstill();
      }
    };
  }

  /** Whether it stops, or has stopped. */
  boolean isStopping() {
    return relay.state() == RelayState.STOPPING || ended();
  }

  /** Whether there is nothing to stop any more. */
  boolean ended() {
    return relay.state() == RelayState.STOPPED || relay.state() == RelayState.FAILED;
  }
}
