package io.proofofplay.runner.daemon;

import io.proofofplay.runner.cli.ConfigOption;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.config.RelayConfig;
import java.security.Security;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code pop run}: the daemon. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Runs the relay until it is told to end.",
    footer = {
      "",
      "Ends within 5 s on SIGTERM and SIGINT; what was accepted and not delivered is on disk.",
      "On SIGHUP it reads the configuration anew and applies what has changed; one that is wrong"
          + " changes nothing and is said. As the service of an info-beamer package it does so when"
          + " config.json was replaced.",
    })
public final class RunCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  private final Reloading reloading = new Reloading();

  @Mixin private ConfigOption config;

  /** Made by the command line. */
  public RunCommand() {}

  @Override
  public Integer call() throws Exception {
    Hangup.does(reloading::request);
    Ending ending = Ending.prepare();
    try {
      return run(ending);
    } finally {
      ending.over();
    }
  }

  private int run(Ending ending) throws Exception {
    // A backend that moves is found within half a minute, one that comes back sooner.
    Security.setProperty("networkaddress.cache.ttl", "30");
    Security.setProperty("networkaddress.cache.negative.ttl", "10");
    ConfigOption.Loaded loaded = config.load();
    RelayConfig relay = loaded.configuration().relay();
    LOG.info(
        "pop {}: runs {} with sources {}, sinks {}, spool in {}",
        Version.number(),
        loaded.configuration().file(),
        names(relay.sources()),
        names(relay.sinks()),
        relay.spool().directory());
    Daemon daemon = Daemon.build(loaded.configuration(), loaded.adapters());
    ending.stops(daemon);
    Watchdog.watch(daemon);
    daemon.start();
    reloading.serve(daemon, () -> config.again(loaded.adapters()));
    return daemon.awaitEnd();
  }

  private static String names(Map<String, ?> map) {
    return String.join(", ", map.keySet());
  }
}
