package io.proofofplay.runner.terminal;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a command prints for people: a terminal that a line can be drawn again on, or a plain
 * stream such as a pipe, a file or a journal, which gets whole lines without any control character.
 *
 * <p>Colour is used only on a terminal, and never when the environment has a {@code NO_COLOR} that
 * is not empty (<a href="https://no-color.org">no-color.org</a>) or {@code TERM=dumb}.
 *
 * <p>Parts of what is printed come from other machines. A character that would steer a terminal or
 * end the line is printed as JSON escapes it, such as <code>&#92;u001b</code>: in a text of JSON it
 * means the same, and everywhere else it is seen.
 *
 * <p>Thread-safe: a line is printed whole.
 */
public final class Terminal {

  /**
   * The launcher says here which of {@code out} and {@code err} are terminals. Java cannot tell
   * them apart, and from release 22 on has a console even without one. Unset means that none is.
   */
  private static final String LAUNCHER_SAYS = "pop.terminal";

  private static final String ERASE_LINE = "\r\u001b[2K";

  /** Our own colours, or a control character: C0, C1, the ends of lines, the turns of direction. */
  private static final Pattern STEERS =
      Pattern.compile(
          "(\\x1b\\[(?:0|1|31|32|33)m)"
              + "|[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]");

  private final PrintStream stream;
  private final boolean watched;
  private final boolean live;
  private final boolean colour;

  /** What is drawn on the current line of a live terminal and must be erased before a line. */
  private String drawn = "";

  private Terminal(PrintStream stream, boolean watched, boolean live, boolean colour) {
    this.stream = Objects.requireNonNull(stream, "stream");
    this.watched = watched;
    this.live = live;
    this.colour = colour;
  }

  /**
   * The standard output of this process.
   *
   * @return a terminal if it is one
   */
  public static Terminal standardOutput() {
    return of(utf8(System.out), isTerminal("out"), System.getenv());
  }

  /**
   * The standard error of this process.
   *
   * @return a terminal if it is one
   */
  public static Terminal standardError() {
    return of(utf8(System.err), isTerminal("err"), System.getenv());
  }

  /**
   * A stream that gets whole lines and no control character.
   *
   * @param stream takes UTF-8
   * @return the plain terminal
   */
  public static Terminal plain(PrintStream stream) {
    return new Terminal(stream, false, false, false);
  }

  static Terminal of(PrintStream stream, boolean isTerminal, Map<String, String> environment) {
    boolean dumb = "dumb".equals(environment.get("TERM"));
    boolean noColour = !environment.getOrDefault("NO_COLOR", "").isEmpty();
    boolean live = isTerminal && !dumb;
    return new Terminal(stream, isTerminal, live, live && !noColour);
  }

  private static PrintStream utf8(PrintStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }

  private static boolean isTerminal(String which) {
    return System.getProperty(LAUNCHER_SAYS, "").contains(which);
  }

  /**
   * Whether what is printed is shown by a terminal, also by one on which no line can be drawn
   * again.
   *
   * @return whether this is one
   */
  public boolean isWatched() {
    return watched;
  }

  /**
   * Spells out what would steer a terminal or end the line, such as {@code \\u001b}.
   *
   * @param text a line
   * @return it; if it is JSON without control characters between its tokens, JSON of the same
   *     meaning
   */
  public static String harmless(String text) {
    return visible(text, false);
  }

  /**
   * Whether a line can be drawn again.
   *
   * @return whether this is a terminal
   */
  public boolean isLive() {
    return live;
  }

  /**
   * Prints a line. Control characters in it are spelled out, such as {@code \\u001b}.
   *
   * @param text the line, without its end; a line end within it is printed as <code>&#92;u000a
   *     </code>
   */
  public synchronized void line(String text) {
    if (!drawn.isEmpty()) {
      stream.print(ERASE_LINE);
    }
    stream.print(visible(text) + "\n");
    stream.print(drawn);
    stream.flush();
  }

  /** Draws what stands below the lines until it is drawn again; nothing on a plain stream. */
  synchronized void draw(String text) {
    String visible = visible(text);
    if (live && !visible.equals(drawn)) {
      stream.print(ERASE_LINE + visible);
      stream.flush();
      drawn = visible;
    }
  }

  private String visible(String text) {
    return visible(text, colour);
  }

  private static String visible(String text, boolean colour) {
    return STEERS
        .matcher(text)
        .replaceAll(
            found ->
                colour && found.group(1) != null
                    ? Matcher.quoteReplacement(found.group())
                    : Matcher.quoteReplacement(escaped(found.group())));
  }

  private static String escaped(String text) {
    return "\\u%04x".formatted((int) text.charAt(0)) + text.substring(1);
  }

  /**
   * Marks a text as good news.
   *
   * @param text the text
   * @return the text, green where there is colour
   */
  public String good(String text) {
    return coloured("32", text);
  }

  /**
   * Marks a text as bad news.
   *
   * @param text the text
   * @return the text, red where there is colour
   */
  public String bad(String text) {
    return coloured("31", text);
  }

  /**
   * Marks a text as one to notice.
   *
   * @param text the text
   * @return the text, yellow where there is colour
   */
  public String notable(String text) {
    return coloured("33", text);
  }

  /**
   * Marks a text as a heading.
   *
   * @param text the text
   * @return the text, bold where there is colour
   */
  public String heading(String text) {
    return coloured("1", text);
  }

  private String coloured(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
