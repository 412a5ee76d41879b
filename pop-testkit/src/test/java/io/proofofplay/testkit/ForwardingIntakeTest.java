package io.proofofplay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.BegunOffer;
import io.proofofplay.core.spi.Intake;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ForwardingIntakeTest {

  /** Those too that an intake need not have: they would be missed by nobody. */
  @Test
  void everyCallIsPassedOn() throws Exception {
    List<Method> heard = new ArrayList<>();
    Intake next =
        (Intake)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Intake.class},
                (proxy, method, arguments) -> {
                  heard.add(method);
                  return method.getReturnType() == boolean.class ? false : null;
                });
    List<Method> all =
        Arrays.stream(Intake.class.getMethods())
            .filter(method -> !method.getName().equals("begin"))
            .toList();
    for (Method method : all) {
      Object[] nothing =
          Arrays.stream(method.getParameterTypes())
              .map(type -> type == int.class ? 0 : null)
              .toArray();
      method.invoke(new ForwardingIntake(next), nothing);
    }
    assertThat(heard).containsExactlyElementsOf(all);
  }

  /** Who overrides that one, to look at what comes, need not know of any other way. */
  @Test
  void whatIsBegunIsOffered() throws Exception {
    RecordingIntake next = new RecordingIntake();
    BegunOffer begun = new ForwardingIntake(next).begin(Events.numbered(2));
    assertThat(begun.settle()).isFalse();
    assertThat(next.calls()).isEmpty();
    assertThat(begun.finish()).isEqualTo(Intake.Answer.ACCEPTED);
    assertThat(next.accepted()).containsExactlyElementsOf(Events.numbered(2));
  }
}
