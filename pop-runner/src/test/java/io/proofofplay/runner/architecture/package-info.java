/**
 * Holds the dependency rule. Below {@code broken} stands a small copy of the modules in which every
 * rule is broken once, so that no rule can pass by looking at nothing.
 */
package io.proofofplay.runner.architecture;
