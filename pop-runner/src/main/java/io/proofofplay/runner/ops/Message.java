package io.proofofplay.runner.ops;

/**
 * The messages that a person may get to see, each with its code. The code stands in {@code
 * /status}, on the page, and as a heading of the runbook in {@code docs/operations.md}; it never
 * changes its meaning. Those that cost or may soon cost plays come first.
 */
enum Message {
  BOOKS_OFF(
      Weight.FAULT,
      "The books do not balance",
      "This is a fault of the relay. Keep the spool's folder and the log, and report it."),
  RELAY_NOT_RUNNING(
      Weight.FAULT,
      "The relay does not run",
      "If it is not about to start or to stop, look at the end of the log and start it again."),
  NOT_STORED(
      Weight.FAULT,
      "Events cannot be stored",
      "Look for a full, read-only or failing disk under the spool's directory. It goes on by itself"
          + " as soon as writing works."),
  EVENTS_DROPPED(
      Weight.FAULT,
      "Events were given up",
      "drops.ndjson in the sink's folder says which. If the spool was full, get the destination to"
          + " take events again, or raise maxBytes. If the disk was, make room. If they were damaged,"
          + " replace the disk."),
  DEAD_LETTERS_LOST(
      Weight.FAULT,
      "Rejected events made room for newer ones",
      "So many were set aside that the oldest are gone from the disk. Correct the cause, then hand"
          + " in what is left with pop dead retry, or write it off with pop dead discard."),
  LINES_REFUSED(
      Weight.FAULT,
      "The player sent lines that are no events",
      "No backend gets what they tell. rejected.ndjson in the spool's directory has each with its"
          + " reason: correct the player's package."),
  PORTAL_IN_THE_WAY(
      Weight.FAULT,
      "Somebody else answers in the destination's place",
      "The address has moved, or a captive portal or proxy stands in between. Open the address from"
          + " this network; correct the url, or log in to the network."),
  CREDENTIALS_REFUSED(
      Weight.FAULT,
      "The destination does not accept our credentials",
      "Renew the token, certificate or proxy password. One from a file is read again by itself;"
          + " another needs a reload, and one from the environment a restart."),
  ADDRESS_WRONG(
      Weight.FAULT,
      "The destination does not know what we ask for",
      "Compare the sink's settings with the backend's. pop check --send tries them."),
  REJECTS_EVERYTHING(
      Weight.FAULT,
      "The destination rejects everything",
      "Compare the sink's body and headers with what the backend expects; its answer stands beside"
          + " each dead letter. Nothing more is given up meanwhile."),
  SINK_THREW(
      Weight.FAULT,
      "The sink's code threw an exception",
      "This is a fault of the sink's adapter. The log has it; report it to whoever wrote it."),
  SPOOL_NEARLY_FULL(
      Weight.FAULT,
      "The spool is nearly full",
      "When it is full, events are lost as whenFull says. Get the destination to take events again,"
          + " or raise maxBytes."),
  UUIDS_REUSED(
      Weight.WARNING,
      "The player gave different plays the same uuid",
      "The relay delivers each, but a backend that goes by the uuid alone keeps one of them. Let it"
          + " go by uuid and bytes, and the player's package make every uuid anew."),
  UNREACHABLE(
      Weight.WARNING,
      "The destination cannot be reached",
      "Check the network, the name service and the proxy; pop check tells which of them. Events"
          + " wait and nothing is lost."),
  ANSWERS_ERRORS(
      Weight.WARNING,
      "The destination is there but cannot take events now",
      "Ask whoever runs the backend. Events wait and nothing is lost."),
  BACKLOG_OLD(
      Weight.WARNING,
      "Events have been waiting for long",
      "Events are delivered, but not as fast as they come or came. If the age does not fall, raise"
          + " batch.maxEvents, or ask why the backend is slow."),
  PLAYER_AWAY(
      Weight.WARNING,
      "The player is not connected",
      "What it plays now is not recorded. Check that the player runs, that its package has proof of"
          + " play, and the source's host, port and path."),
  DEAD_LETTERS(
      Weight.WARNING,
      "Some events were rejected and set aside",
      "pop dead ls lists them with the destination's answer. Correct the cause, then hand them in"
          + " again with pop dead retry, or write them off with pop dead discard."),
  SPOOL_UNCLAIMED(
      Weight.WARNING,
      "Events are kept for a sink that is not configured",
      "They wait until somebody acts. Add a sink of this name to deliver them, or remove the folder"
          + " if nobody misses them."),
  TOKEN_WEAK(
      Weight.WARNING,
      "The token of this endpoint can be guessed",
      "Whoever can reach it may try as fast as it answers. Write one of 16 characters or more as"
          + " ops.token, such as openssl rand -hex 16 prints, and reload."),
  LISTENER_THREW(
      Weight.NOTE,
      "A part that only looks on threw an exception",
      "No event is touched by it. The log has it; report it.");

  /** How soon somebody should come; the most urgent first. */
  enum Weight {
    /** Plays are lost or stuck until somebody acts. */
    FAULT,
    /** The relay has lost nothing yet, and it may pass by itself. */
    WARNING,
    /** Good to know. */
    NOTE
  }

  private final Weight weight;
  private final String title;
  private final String advice;

  Message(Weight weight, String title, String advice) {
    this.weight = weight;
    this.title = title;
    this.advice = advice;
  }

  /** The stable word, in lower case with hyphens. */
  String code() {
    return Words.of(this);
  }

  /** How soon somebody should come as long as it goes on. */
  Weight weight() {
    return weight;
  }

  /** What is wrong, in a few words. */
  String title() {
    return title;
  }

  /** What to do. */
  String advice() {
    return advice;
  }
}
