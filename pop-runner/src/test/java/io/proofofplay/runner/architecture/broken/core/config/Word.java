package io.proofofplay.runner.architecture.broken.core.config;

/** A word of the settings must not know the domain. */
public final class Word {

  io.proofofplay.runner.architecture.broken.core.model.Domain domain;
}
