package io.proofofplay.core.spi;

import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import java.time.Instant;

/**
 * An event that its destination will never take.
 *
 * @param time when that was decided, by the wall clock
 * @param batch the batch, or part of one, in which it was last sent, alone
 * @param reason what the destination answered
 * @param event the event
 */
public record DeadLetter(Instant time, BatchId batch, Reason reason, PopEvent event) {}
