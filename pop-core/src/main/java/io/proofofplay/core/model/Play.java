package io.proofofplay.core.model;

import io.proofofplay.core.json.JsonNumber;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an event says, as far as it says it. A player's Lua drops fields that are nil, and clocks of
 * devices without a battery start in 1970: anything may be absent, and a time may be implausible.
 *
 * @param startedAt when playback began ({@code ts}, seconds since 1970, to the nanosecond); none if
 *     it is 10<sup>12</sup> seconds or more away from 1970, so that whoever calculates with it
 *     meets no end of time
 * @param duration how long it played ({@code duration}, seconds); none if it is as much
 * @param asset what was played
 * @param device on which device
 * @param setup in which setup, as text whatever its JSON type
 * @param extra what else the player's author added, in order, as plain values (see {@link
 *     io.proofofplay.core.json.JsonScanner#read})
 */
public record Play(
    Optional<Instant> startedAt,
    Optional<Duration> duration,
    Asset asset,
    Device device,
    Optional<String> setup,
    Map<String, Object> extra) {

  private static final int NANOS_DIGITS = 9;
  private static final BigDecimal NANOS = BigDecimal.TEN.pow(NANOS_DIGITS);

  /** Some 31,700 years, in seconds. */
  private static final BigDecimal BEYOND = BigDecimal.TEN.pow(12);

  /**
   * What was played.
   *
   * @param id the asset's id as text, whether it was sent as a number or as a string
   * @param filename its file
   */
  public record Asset(Optional<String> id, Optional<String> filename) {}

  /**
   * Where it was played.
   *
   * @param id the device's id as text, whether it was sent as a number or as a string
   * @param serial its serial number
   */
  public record Device(Optional<String> id, Optional<String> serial) {}

  public Play {
    extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
  }

  static Play of(Map<String, Object> event) {
    Map<String, Object> asset = object(event.get("asset"));
    Map<String, Object> device = object(event.get("device"));
    return new Play(
        seconds(event.get("ts")).map(Play::instant),
        seconds(event.get("duration")).map(Play::duration),
        new Asset(text(asset.get("id")), text(asset.get("filename"))),
        new Device(text(device.get("id")), text(device.get("serial"))),
        text(object(event.get("setup")).get("id")),
        object(event.get("extra")));
  }

  private static Map<String, Object> object(Object value) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, member) -> members.put(String.valueOf(name), member));
    }
    return members;
  }

  private static Optional<String> text(Object value) {
    return value instanceof String || value instanceof JsonNumber
        ? Optional.of(value.toString())
        : Optional.empty();
  }

  private static Optional<BigDecimal> seconds(Object value) {
    return value instanceof JsonNumber number
        ? number.value().filter(seconds -> seconds.abs().compareTo(BEYOND) < 0)
        : Optional.empty();
  }

  private static Instant instant(BigDecimal seconds) {
    BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
    return Instant.ofEpochSecond(whole.longValueExact(), nanos(seconds, whole));
  }

  private static Duration duration(BigDecimal seconds) {
    BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
    return Duration.ofSeconds(whole.longValueExact(), nanos(seconds, whole));
  }

  private static long nanos(BigDecimal seconds, BigDecimal whole) {
    return seconds.subtract(whole).multiply(NANOS).longValue();
  }
}
