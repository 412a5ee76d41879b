package io.proofofplay.runner.config;

import io.proofofplay.core.config.ByteSize;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How values of one type are written.
 *
 * @param name the type's name in the manual
 * @param fault what a text is that is none, such as {@code is not a size}
 * @param sample a value for people who have none to copy
 * @param choices the words, if there are only a few; else empty
 * @param reader makes a value of a text; throws an {@code IllegalArgumentException} if it is none
 * @param writer makes a text of a value
 * @param <T> the type
 */
record Notation<T>(
    String name,
    String fault,
    String sample,
    List<String> choices,
    Function<String, T> reader,
    Function<T, String> writer) {

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
  private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9]\\d*)");
  private static final Pattern DECIMAL = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d{1,2})?");

  private static final Notation<String> TEXT =
      new Notation<>("text", "is not a text", "text", List.of(), text -> text, text -> text);

  private static final Notation<Integer> INTEGER =
      new Notation<>(
          "whole number",
          "is not a whole number",
          "10",
          List.of(),
          text -> Integer.valueOf(form(WHOLE, text).group()),
          String::valueOf);

  private static final Notation<Long> LONG =
      new Notation<>(
          "whole number",
          "is not a whole number",
          "10",
          List.of(),
          text -> Long.valueOf(form(WHOLE, text).group()),
          String::valueOf);

  private static final Notation<Double> DOUBLE =
      new Notation<>(
          "number",
          "is not a number",
          "0.5",
          List.of(),
          text -> Double.valueOf(form(DECIMAL, text).group()),
          number -> BigDecimal.valueOf(number).stripTrailingZeros().toPlainString());

  private static final Notation<Boolean> BOOLEAN =
      new Notation<>(
          "true or false",
          "is neither true nor false",
          "true",
          List.of("true", "false"),
          Notation::truth,
          String::valueOf);

  private static final Notation<Duration> DURATION_NOTATION =
      new Notation<>(
          "duration", "is not a duration", "10s", List.of(), Notation::duration, Notation::write);

  private static final Notation<ByteSize> SIZE =
      new Notation<>(
          "size",
          "is not a size",
          "10MiB",
          List.of(),
          text -> text.strip().equals("0") ? new ByteSize(0) : ByteSize.parse(text),
          String::valueOf);

  private static final Notation<URI> ADDRESS =
      new Notation<>(
          "URI", "is not a URI", "https://example.org/", List.of(), Notation::uri, String::valueOf);

  private static final Notation<Path> PATH =
      new Notation<>("path", "is not a path", "./file", List.of(), Path::of, String::valueOf);

  private static final Map<Type, Notation<?>> BY_TYPE =
      Map.ofEntries(
          Map.entry(String.class, TEXT),
          Map.entry(int.class, INTEGER),
          Map.entry(Integer.class, INTEGER),
          Map.entry(long.class, LONG),
          Map.entry(Long.class, LONG),
          Map.entry(double.class, DOUBLE),
          Map.entry(Double.class, DOUBLE),
          Map.entry(boolean.class, BOOLEAN),
          Map.entry(Boolean.class, BOOLEAN),
          Map.entry(Duration.class, DURATION_NOTATION),
          Map.entry(ByteSize.class, SIZE),
          Map.entry(URI.class, ADDRESS),
          Map.entry(Path.class, PATH));

  /** The notation of a type; empty if its values are not single texts. */
  static Optional<Notation<?>> of(Type type) {
    if (type instanceof Class<?> word && word.isEnum()) {
      return Optional.of(ofEnum(word));
    }
    return Optional.ofNullable(BY_TYPE.get(type));
  }

  private static Notation<Object> ofEnum(Class<?> type) {
    Map<String, Object> constants =
        Arrays.stream(type.getEnumConstants())
            .collect(Collectors.toMap(Notation::word, constant -> constant));
    List<String> words = Arrays.stream(type.getEnumConstants()).map(Notation::word).toList();
    String all = either(words);
    return new Notation<>(
        all,
        words.size() == 1 ? "is not " + all : "is none of " + String.join(", ", words),
        words.get(0),
        words,
        text -> {
          Object constant = constants.get(text.strip());
          if (constant == null) {
            throw new IllegalArgumentException();
          }
          return constant;
        },
        Notation::word);
  }

  /** The words in a sentence. */
  static String either(List<String> words) {
    int last = words.size() - 1;
    return last < 1
        ? String.join("", words)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  /** Whether the values name files. */
  boolean isPath() {
    return equals(PATH);
  }

  T read(String text) {
    return reader.apply(text);
  }

  /** The text of a value that is known to be of this type. */
  @SuppressWarnings("unchecked")
  String write(Object value) {
    return writer.apply((T) value);
  }

  private static String word(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Matcher form(Pattern pattern, String text) {
    Matcher form = pattern.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException();
    }
    return form;
  }

  /** YAML 1.1 knows more words than JSON; none of them means two things. */
  private static boolean truth(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw new IllegalArgumentException();
    };
  }

  private static Duration duration(String text) {
    if (text.strip().equals("0")) {
      return Duration.ZERO;
    }
    Matcher form = form(DURATION, text);
    long count = Long.parseLong(form.group(1));
    return switch (form.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  private static String write(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0s";
    }
    record Unit(long millis, String name) {}
    for (Unit unit :
        List.of(
            new Unit(86_400_000, "d"),
            new Unit(3_600_000, "h"),
            new Unit(60_000, "m"),
            new Unit(1000, "s"))) {
      if (millis % unit.millis() == 0) {
        return millis / unit.millis() + unit.name();
      }
    }
    return millis + "ms";
  }

  private static URI uri(String text) {
    try {
      return new URI(text.strip());
    } catch (URISyntaxException e) {
      // Its message quotes the text, which may be a secret.
      throw new IllegalArgumentException("not a URI", e);
    }
  }
}
