package io.proofofplay.runner.architecture.broken.runner.wheel;

/** One half of a circle. */
public final class Wheel {

  io.proofofplay.runner.architecture.broken.runner.axle.Axle axle;
}
