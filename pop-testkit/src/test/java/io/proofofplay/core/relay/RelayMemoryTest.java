package io.proofofplay.core.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.core.spi.Storage;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.MemoryStorage;
import io.proofofplay.testkit.ScriptedSubmitter;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a source leaves for the next relay. */
@Timeout(60)
class RelayMemoryTest {

  private static final byte[] SEEN = "seen".getBytes(StandardCharsets.UTF_8);

  private final TimeSource time = TimeSource.system();
  private final MemoryStorage storage = new MemoryStorage(time);
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private boolean spoolsFail;

  @Test
  void whatASourceLeavesIsThereForTheNextOneOfItsName() throws Exception {
    Relay first = started();
    assertThat(first.intake("player").recall()).isEmpty();
    first.intake("player").remember("older".getBytes(StandardCharsets.UTF_8));
    first.intake("player").remember(SEEN);
    first.stop(Duration.ZERO);

    Relay next = started();
    assertThat(next.intake("player").recall()).isEqualTo(SEEN);
    assertThat(next.intake("another").recall()).isEmpty();
    next.stop(Duration.ZERO);
    assertThat(storage.recall("player")).as("not told anew").isEqualTo(SEEN);
  }

  @Test
  void aSourceThatTakesThePlaceOfAnotherFindsWhatThatOneLeft() throws Exception {
    storage.remember("player", "older".getBytes(StandardCharsets.UTF_8));
    Relay relay = started();
    relay.intake("player").remember(SEEN);

    assertThat(relay.intake("player").recall()).isEqualTo(SEEN);
    relay.stop(Duration.ZERO);
  }

  @Test
  void itIsKeptOnceWhatWasAcceptedIsKept() throws Exception {
    Relay relay = started();
    relay.intake("player").remember(SEEN);
    relay.stop(Duration.ZERO);

    assertThat(calls).containsSubsequence("spool closed", "remember", "storage closed");
  }

  @Test
  void itIsNotKeptWhenWhatWasAcceptedMayBeLost() throws Exception {
    spoolsFail = true;
    Relay relay = started();
    relay.intake("player").remember(SEEN);
    relay.stop(Duration.ZERO);

    assertThat(calls).contains("spool failed").doesNotContain("remember");
  }

  @Test
  void aMemoryThatCannotBeReadIsNone() throws Exception {
    Relay relay = started();
    Intake intake = relay.intake("player");
    storage.refuseToOpen("gone");
    assertThat(intake.recall()).isEmpty();
    storage.refuseToOpen("");
    relay.stop(Duration.ZERO);
  }

  @Test
  void repeatsAndReusedIdsAreCountedForTheirSource() throws Exception {
    Relay relay = started();
    relay.intake("player").repeated(3);
    relay.intake("player").repeated(2);
    relay.intake("player").reusedId(1);
    relay.stop(Duration.ZERO);

    SourceStats stats = relay.stats().sources().get("player");
    assertThat(stats.repeated()).isEqualTo(5);
    assertThat(stats.reusedIds()).isEqualTo(1);
    assertThat(stats.accepted()).isZero();
  }

  private Relay started() throws IOException {
    Relay relay =
        Relay.builder()
            .storage(watched(Storage.class, storage))
            .sink(Sink.named("billing", new ScriptedSubmitter(time)))
            .build();
    relay.start();
    return relay;
  }

  private <T> T watched(Class<T> port, Object target) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (target instanceof Spool && method.getName().equals("close") && spoolsFail) {
            calls.add("spool failed");
            throw new IOException("cannot be forced");
          }
          Object result;
          try {
            result = method.invoke(target, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
          if (method.getName().equals("close")) {
            calls.add((target instanceof Spool ? "spool" : "storage") + " closed");
          } else if (method.getName().equals("remember")) {
            calls.add("remember");
          }
          return result instanceof Spool spool ? watched(Spool.class, spool) : result;
        };
    return port.cast(Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, handler));
  }
}
