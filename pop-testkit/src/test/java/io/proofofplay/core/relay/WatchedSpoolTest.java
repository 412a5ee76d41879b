package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.Spool;
import io.proofofplay.testkit.ManualTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WatchedSpoolTest {

  /** {@code stats} waits for another call only; a stop has a bound of its own. */
  private static final Set<String> UNWATCHED = Set.of("stats", "close");

  private final ManualTime time = ManualTime.flowing();
  private final StorageWatch watch = new StorageWatch("billing", time);

  /** Whatever hung until it failed, and was seen to hang meanwhile. */
  private final Set<String> seen = new TreeSet<>();

  private final Set<String> asked = new TreeSet<>();

  private final Spool spool =
      new WatchedSpool(
          (Spool)
              Proxy.newProxyInstance(
                  Spool.class.getClassLoader(),
                  new Class<?>[] {Spool.class},
                  (proxy, method, arguments) -> {
                    asked.add(method.getName());
                    time.advance(StorageWatch.LONGEST.plus(Duration.ofSeconds(1)));
                    if (watch.trouble().isPresent()) {
                      seen.add(method.getName());
                    }
                    throw new IllegalStateException("failed in the end");
                  }),
          watch);

  @Test
  void whicheverCallHangsIsSeenToHangAndNotAnyMoreOnceItHasFailed() throws Exception {
    List<Method> methods =
        Arrays.stream(Spool.class.getMethods())
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .toList();
    for (Method method : methods) {
      call(method);
      assertThat(watch.trouble()).as(method.getName()).isEmpty();
    }

    Set<String> all =
        methods.stream().map(Method::getName).collect(Collectors.toCollection(TreeSet::new));
    // A method that is not passed on would be answered by what its interface says of it.
    assertThat(asked).isEqualTo(all);
    all.removeAll(UNWATCHED);
    assertThat(seen).isEqualTo(all);
  }

  private void call(Method method) throws IllegalAccessException {
    Object[] arguments =
        Arrays.stream(method.getParameterTypes())
            .map(type -> type == boolean.class ? (Object) false : null)
            .toArray();
    try {
      method.invoke(spool, arguments);
    } catch (InvocationTargetException e) {
      assertThat(e).cause().hasMessage("failed in the end");
    }
  }
}
