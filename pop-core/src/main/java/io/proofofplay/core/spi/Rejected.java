package io.proofofplay.core.spi;

/**
 * These bytes are at fault: the bad event is looked for, and becomes a dead letter.
 *
 * @param reason what happened
 */
public record Rejected(Reason reason) implements SubmitResult {}
