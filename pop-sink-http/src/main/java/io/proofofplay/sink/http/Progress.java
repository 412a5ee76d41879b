package io.proofofplay.sink.http;

/** How far an exchange has come, for saying afterwards what went wrong and whose fault it was. */
final class Progress {

  enum Stage {
    /** Looking up the host's addresses. */
    RESOLVING("the name service gave no answer"),
    /** Waiting for an address to take the connection. */
    CONNECTING("nobody took the connection"),
    /** Waiting for the proxy to make a tunnel. */
    TUNNELLING("the proxy gave no answer"),
    /** Agreeing on keys. */
    HANDSHAKING("the TLS handshake did not end"),
    /** Sending the request and waiting for the answer's head. */
    EXCHANGING("no answer came"),
    /** Reading the answer's body. */
    READING("the answer did not end");

    private final String silence;

    Stage(String silence) {
      this.silence = silence;
    }

    /** What a wait in vain means there. */
    String silence() {
      return silence;
    }
  }

  private Stage stage;
  private boolean fresh;
  private boolean answerBegun;
  private boolean blockedSending;

  Progress() {
    begin();
  }

  void begin() {
    stage = Stage.EXCHANGING;
    fresh = false;
    answerBegun = false;
    blockedSending = false;
  }

  void enter(Stage next) {
    stage = next;
  }

  Stage stage() {
    return stage;
  }

  void connectionOpened() {
    fresh = true;
  }

  /** Whether the exchange began on a connection that was kept from an earlier one. */
  boolean isReused() {
    return !fresh;
  }

  void answerBegan() {
    answerBegun = true;
  }

  boolean hasAnswerBegun() {
    return answerBegun;
  }

  void waitsToSend(boolean sending) {
    blockedSending = sending;
  }

  /** Whether the last wait was for the peer to take more of what we send. */
  boolean isBlockedSending() {
    return blockedSending;
  }
}
