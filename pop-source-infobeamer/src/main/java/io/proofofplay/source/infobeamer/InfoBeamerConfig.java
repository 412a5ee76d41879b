package io.proofofplay.source.infobeamer;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Setting;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * Where a player is and how to talk to it. Every component may be {@code null} for its default.
 *
 * <p>Immutable and thread-safe.
 *
 * @param host name or address of the player's device; default {@code 127.0.0.1}. The addresses of a
 *     name are looked up anew for every connection, and all of them are tried, IPv4 first: the
 *     engines bind IPv4 alone
 * @param port TCP port of the player, 1 to 65535; default 4444
 * @param path path of the node, without {@code *raw/}; default {@code root/::pop}. Not empty, no
 *     control character in it
 * @param raw whether {@code *raw/} is sent before the path; default true. Engines older than that
 *     word need false
 * @param connectTimeout longest wait for a connection to one address, 10 ms to 1 min; default 2 s
 * @param headerTimeout longest wait for the banner, and from the path to the end of the header, 10
 *     ms to 10 min; default 10 s. The wait is over then even if bytes still drip in
 * @param idleReconnect after so long without a line the player is connected anew, because a node
 *     that was reloaded forgets its clients and keeps their connections; 0 for never, else 100 ms
 *     or more; default 10 min
 * @param maxLineBytes longest line that is taken, without its line end, 1 KiB to 16 MiB; default 1
 *     MiB. An eighth of the heap if that is less. Lines that do not fit into the small buffer of a
 *     source, 4 KiB or, where the sources are very many, 2 KiB, wait for one another
 * @param repeatWindow how many of the events that came last are known when they come again, byte
 *     for byte, and are left out then; 0 for none, at most 20,000; default 2048. At most 32 bytes
 *     of memory each. Twice what {@code pop.lua} sends again
 */
public record InfoBeamerConfig(
    @Setting(
            value = "name or address of the device on which the player runs",
            example = "127.0.0.1")
        String host,
    @Setting(value = "TCP port of the player", min = "1", max = "65535", example = "4444")
        Integer port,
    @Setting(
            value = "path of the node that tells what was played, without *raw/",
            example = "root/::pop")
        String path,
    @Setting("whether *raw/ is sent before the path; false for older engines") Boolean raw,
    @Setting(
            value = "longest wait for a connection to one address",
            min = "10ms",
            max = "1m",
            example = "2s")
        Duration connectTimeout,
    @Setting(
            value = "longest wait for the player's banner, and again for its header",
            min = "10ms",
            max = "10m",
            example = "10s")
        Duration headerTimeout,
    @Setting(
            value = "without a line for so long, connect anew; 0 means never",
            max = "7d",
            example = "10m")
        Duration idleReconnect,
    @Setting(
            value =
                "longest line that is taken, and never more than an eighth of the heap; a longer"
                    + " one is refused and skipped; all long lines of all sources together take a"
                    + " quarter of the heap, and one that does not end loses its place to one that"
                    + " waits",
            min = "1KiB",
            max = "16MiB",
            example = "1MiB")
        ByteSize maxLineBytes,
    @Setting(
            value =
                "how many of the last events are left out when they come again, byte for byte; 0"
                    + " leaves none out; more than 60 sources keep fewer each in the shipped heap",
            min = "0",
            max = "20000",
            example = "2048")
        Integer repeatWindow)
    implements Checked {

  private static final String RAW = "*raw/";

  private static final Duration SHORTEST_IDLE = Duration.ofMillis(100);

  /** A name or an IPv4 address with a port behind it; an IPv6 address has more colons. */
  private static final Pattern WITH_PORT = Pattern.compile("[^:]*:\\d*");

  /**
   * Puts the defaults where nothing is given.
   *
   * @throws IllegalArgumentException if a number, a duration or a size is out of its bounds
   */
  public InfoBeamerConfig {
    host = host == null ? "127.0.0.1" : host;
    port = port == null ? 4444 : port;
    path = path == null ? "root/::pop" : path;
    raw = raw == null || raw;
    connectTimeout = connectTimeout == null ? Duration.ofSeconds(2) : connectTimeout;
    headerTimeout = headerTimeout == null ? Duration.ofSeconds(10) : headerTimeout;
    idleReconnect = idleReconnect == null ? Duration.ofMinutes(10) : idleReconnect;
    maxLineBytes = maxLineBytes == null ? ByteSize.ofMiB(1) : maxLineBytes;
    repeatWindow = repeatWindow == null ? 2048 : repeatWindow;
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not within 1 and 65535");
    }
    within("connectTimeout", connectTimeout, Duration.ofMillis(10), Duration.ofMinutes(1));
    within("headerTimeout", headerTimeout, Duration.ofMillis(10), Duration.ofMinutes(10));
    within("idleReconnect", idleReconnect, Duration.ZERO, Duration.ofDays(7));
    within("repeatWindow", repeatWindow, 0, 20_000);
    within("maxLineBytes", maxLineBytes, ByteSize.ofKiB(1), ByteSize.ofMiB(16));
  }

  /**
   * The defaults: a player on this device.
   *
   * @return the settings
   */
  public static InfoBeamerConfig defaults() {
    return new InfoBeamerConfig(null, null, null, null, null, null, null, null, null);
  }

  /**
   * A player elsewhere, all else as by default.
   *
   * @param host name or address of the player's device
   * @param port TCP port of the player
   * @return the settings
   */
  public static InfoBeamerConfig of(String host, int port) {
    return new InfoBeamerConfig(host, port, null, null, null, null, null, null, null);
  }

  @Override
  public void check(Problems problems) {
    checkHost(problems);
    checkPath(problems);
    if (!idleReconnect.isZero() && idleReconnect.compareTo(SHORTEST_IDLE) < 0) {
      problems.add("idleReconnect", "is too short to hear anything; write 100ms or more, or 0");
    }
  }

  private void checkHost(Problems problems) {
    if (host.isBlank()) {
      problems.add("host", "is empty; write a name or an address such as 127.0.0.1");
    } else if (WITH_PORT.matcher(host).matches()) {
      problems.add("host", "holds a port; write the port as port: " + host.replaceAll(".*:", ""));
    } else if (host.chars().anyMatch(c -> c <= ' ' || c == '/' || c == '@' || c == 0x7f)) {
      problems.add(
          "host",
          Wording.quote(host)
              + " is neither a name nor an address; write one such as 127.0.0.1, without a scheme"
              + " or a path");
    }
  }

  private void checkPath(Problems problems) {
    if (path.isBlank()) {
      problems.add("path", "is empty; write the path of a node such as root/::pop");
    } else if (path.chars().anyMatch(Character::isISOControl)) {
      problems.add(
          "path",
          Wording.quote(path)
              + " holds a line break or another control character; write one line such as"
              + " root/::pop");
    } else if (path.startsWith(RAW)) {
      problems.add(
          "path",
          "begins with *raw/, which the setting raw adds; write "
              + (path.length() == RAW.length() ? "root/::pop" : path.substring(RAW.length())));
    }
  }

  /** The line that chooses the node, without its line end. */
  String request() {
    return raw ? RAW + path : path;
  }

  private static <T extends Comparable<T>> void within(String key, T value, T min, T max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          key + " " + value + " is not within " + min + " and " + max);
    }
  }
}
