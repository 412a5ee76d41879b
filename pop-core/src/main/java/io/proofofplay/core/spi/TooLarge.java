package io.proofofplay.core.spi;

/**
 * The size of the batch is at fault: it is sent in smaller parts.
 *
 * @param reason what happened
 */
public record TooLarge(Reason reason) implements SubmitResult {}
