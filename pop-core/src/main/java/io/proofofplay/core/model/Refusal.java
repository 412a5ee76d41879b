package io.proofofplay.core.model;

import io.proofofplay.core.json.JsonFault;

/** Why a line that a player sent is not an event. */
public enum Refusal {
  /** The bytes are not valid UTF-8. */
  BAD_UTF8("bad-utf8", "not valid UTF-8"),
  /** The bytes are not JSON. */
  NOT_JSON("not-json", "not JSON"),
  /** JSON, but not exactly one object. */
  NOT_ONE_OBJECT("not-one-object", "not exactly one JSON object"),
  /** A key stands twice in one object, so that readers would disagree on its value. */
  DUPLICATE_KEY("duplicate-key", "the same key twice in one object"),
  /** Nested too deep. */
  TOO_DEEP("too-deep", "nested deeper than 64"),
  /** No {@code uuid}, or one that is no string, or an empty one. */
  NO_UUID("no-uuid", "no uuid that is a string with something in it"),
  /** Longer than the source allows, or than it had memory for while others needed it. */
  TOO_LONG("too-long", "longer than the longest line allowed, or than there was memory for"),
  /** The stream ended inside the line. */
  TORN("torn", "the stream ended before the line did");

  private final String code;
  private final String text;

  Refusal(String code, String text) {
    this.code = code;
    this.text = text;
  }

  static Refusal of(JsonFault fault) {
    return switch (fault) {
      case BAD_UTF8 -> BAD_UTF8;
      case NOT_JSON -> NOT_JSON;
      case NOT_ONE_OBJECT -> NOT_ONE_OBJECT;
      case DUPLICATE_KEY -> DUPLICATE_KEY;
      case TOO_DEEP -> TOO_DEEP;
      case MEMBER_MISSING -> NO_UUID;
    };
  }

  /**
   * A stable word for files and metrics.
   *
   * @return the word, in lower case with hyphens
   */
  public String code() {
    return code;
  }

  /**
   * The reason for people.
   *
   * @return a phrase without a full stop
   */
  public String text() {
    return text;
  }
}
