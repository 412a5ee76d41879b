package io.proofofplay.runner.ops;

/**
 * Something that is not as it should be, for a person.
 *
 * @param message which it is, and what to do
 * @param weight how soon somebody should come: as the message says, or less when it is over
 * @param about the source, the sink or the folder in question; {@code relay} for the whole
 * @param detail what is wrong, with its numbers
 */
record Trouble(Message message, Message.Weight weight, String about, String detail) {}
