package io.proofofplay.core.spi;

/**
 * Why an attempt ended as it did, for people, logs and dead letters. Holds no secret.
 *
 * @param text a phrase that says what happened, with the address where there is one
 * @param status the destination's own code, such as an HTTP status; 0 if there was no answer
 * @param answer the beginning of what the destination answered, at most 1,024 characters; empty if
 *     nothing
 */
public record Reason(String text, int status, String answer) {

  private static final int KEPT_CHARACTERS = 1024;

  public Reason {
    if (answer.length() > KEPT_CHARACTERS) {
      answer = answer.substring(0, KEPT_CHARACTERS);
    }
  }

  /**
   * A reason without an answer behind it.
   *
   * @param text what happened
   * @return the reason
   */
  public static Reason of(String text) {
    return new Reason(text, 0, "");
  }
}
