package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** What a contract says of an implementation, by running the contract's tests on it. */
final class Verdict {

  private static final String PATIENCE = "pop.testkit.patience";

  private Verdict() {}

  /** Expects the tests of one rule to find the fault. */
  static void expectFound(String rule, Class<?> faulty) {
    assertThat(run(rule, faulty).testEvents().failed().count())
        .as("tests of %s that fail for %s", rule, faulty.getSimpleName())
        .isPositive();
  }

  /** Runs the tests of one rule, or of all where the rule is empty. */
  static EngineExecutionResults run(String rule, Class<?> implementation) {
    List<Method> methods =
        Arrays.stream(implementation.getMethods())
            .filter(method -> method.getName().startsWith(rule) && method.getName().contains("_"))
            .toList();
    assertThat(methods).as("tests of %s", rule).isNotEmpty();
    String before = System.getProperty(PATIENCE, "");
    System.setProperty(PATIENCE, "1");
    try {
      EngineTestKit.Builder kit = EngineTestKit.engine("junit-jupiter");
      methods.forEach(method -> kit.selectors(selectMethod(implementation, method)));
      return kit.execute();
    } finally {
      if (before.isEmpty()) {
        System.clearProperty(PATIENCE);
      } else {
        System.setProperty(PATIENCE, before);
      }
    }
  }

  /** The reasons with which tests were skipped. */
  static List<String> skips(EngineExecutionResults results) {
    return results.testEvents().aborted().stream().map(Verdict::reason).toList();
  }

  private static String reason(Event event) {
    return event
        .getRequiredPayload(TestExecutionResult.class)
        .getThrowable()
        .map(Throwable::getMessage)
        .orElse("");
  }
}
