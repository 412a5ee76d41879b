package io.proofofplay.runner.inside;

import java.util.regex.Pattern;

/**
 * A text as a field of CSV, as <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a> has
 * it, for people who open it in a spreadsheet.
 */
final class CsvField {

  /** What a spreadsheet may take for a formula. A number alone calculates nothing. */
  private static final Pattern FORMULA = Pattern.compile("(?s)[=+@\\-\\t\\r\\n].*");

  private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?");

  private CsvField() {}

  /**
   * The field, in quotes. What a spreadsheet would take for a formula has an apostrophe before it:
   * the names of devices and assets come from whoever wrote them, and are no commands.
   */
  static String of(String text) {
    boolean formula = FORMULA.matcher(text).matches() && !NUMBER.matcher(text).matches();
    return "\"" + (formula ? "'" : "") + text.replace("\"", "\"\"") + "\"";
  }
}
