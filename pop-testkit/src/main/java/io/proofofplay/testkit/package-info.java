/**
 * The contracts of the ports as JUnit 5 interfaces, fakes to test against, and a clock that only
 * tests move.
 *
 * <p>A contract is an interface whose tests are default methods. A test class implements it, says
 * how to get a fresh destination, peer or place, and runs all of its rules. The number in a test's
 * name is the number of the rule in the port's Javadoc. What an implementer cannot stage, such as a
 * destination that hangs, is skipped with a reason, never passed in silence.
 *
 * <p>What must come is waited for, never slept for: 10 s, or as many seconds as the system property
 * {@code pop.testkit.patience} says.
 *
 * <p>Place in the hexagon: beside it. It depends on the ports and the domain, never on an adapter,
 * and nothing that ships depends on it.
 */
package io.proofofplay.testkit;
