package io.proofofplay.core.spi;

/**
 * The destination has confirmed every event of the batch.
 *
 * @param reason what it answered
 */
public record Delivered(Reason reason) implements SubmitResult {}
