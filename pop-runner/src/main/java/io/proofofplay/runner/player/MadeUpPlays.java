package io.proofofplay.runner.player;

import io.proofofplay.core.spi.TimeSource;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * Plays that nobody saw, endless and each with a uuid of its own, in the form that an info-beamer
 * player gives them: {@code uuid}, {@code ts}, {@code asset}, {@code device}, {@code setup}, {@code
 * duration}, {@code extra.seq}.
 *
 * <p>Not thread-safe.
 */
public final class MadeUpPlays implements Programme {

  private static final long VERSION_4 = 0x4000L;
  private static final long VARIANT = 0x8000000000000000L;
  private static final long VARIANT_MASK = 0x3fffffffffffffffL;

  private static final byte[] UUID = ascii("{\"uuid\":\"");
  private static final byte[] TS = ascii("\",\"ts\":");
  private static final byte[] SEQ =
      ascii("\"device\":{\"id\":456,\"serial\":\"123098123\"},\"setup\":{\"id\":243317},");
  private static final byte[] EXTRA = ascii(",\"extra\":{\"seq\":");
  private static final byte[] END = ascii("}}\n");

  private static final byte[][] ASSETS = {
    asset("spring-sale.mp4", 1001),
    asset("opening-hours.png", 1002),
    asset("welcome.mp4", 1003),
    asset("weather.png", 1004),
    asset("caf\u00e9-men\u00fc.jpg", 1005),
    asset("jobs.mp4", 1006),
    asset("safety-briefing.mp4", 1007)
  };
  private static final byte[][] DURATIONS = {
    duration("10"), duration("8"), duration("15.5"), duration("5"), duration("12"), duration("30")
  };

  private final TimeSource time;
  private final SplittableRandom random;
  private long played;

  /**
   * Plays that differ from those of any other run.
   *
   * @param time says when each was played
   */
  public MadeUpPlays(TimeSource time) {
    this(time, new SecureRandom().nextLong());
  }

  MadeUpPlays(TimeSource time, long seed) {
    this.time = time;
    random = new SplittableRandom(seed);
  }

  @Override
  public Next next(LineBuffer line) {
    long high = (random.nextLong() & ~0xf000L) | VERSION_4;
    long low = (random.nextLong() & VARIANT_MASK) | VARIANT;
    int asset = (int) (played % ASSETS.length);
    Instant now = time.now();
    line.add(UUID)
        .addHex(high, 64, 8)
        .addByte('-')
        .addHex(high, 32, 4)
        .addByte('-')
        .addHex(high, 16, 4)
        .addByte('-')
        .addHex(low, 64, 4)
        .addByte('-')
        .addHex(low, 48, 12)
        .add(TS)
        .addNumber(Math.max(0, now.getEpochSecond()), 1)
        .addByte('.')
        .addNumber(now.getNano() / 1_000_000, 3)
        .add(ASSETS[asset])
        .add(SEQ)
        .add(DURATIONS[(int) (played % DURATIONS.length)])
        .add(EXTRA)
        .addNumber(played, 1)
        .add(END);
    played++;
    return Next.EVENT;
  }

  private static byte[] asset(String filename, int id) {
    return ("," + "\"asset\":{\"id\":" + id + ",\"filename\":\"" + filename + "\"},")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] duration(String seconds) {
    return ascii("\"duration\":" + seconds);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
