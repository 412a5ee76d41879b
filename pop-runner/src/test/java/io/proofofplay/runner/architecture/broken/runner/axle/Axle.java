package io.proofofplay.runner.architecture.broken.runner.axle;

/** The other half of a circle. */
public final class Axle {

  io.proofofplay.runner.architecture.broken.runner.wheel.Wheel wheel;
}
