package io.proofofplay.runner.check;

import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.relay.BoundedNames;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.core.spi.TooLarge;
import io.proofofplay.runner.cli.Version;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.SinkConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** Sends one marked event the real way, and says what the answer would mean for real ones. */
final class SendCheck {

  private final String name;
  private final SinkConfig config;
  private final Adapters adapters;
  private final TimeSource time;

  SendCheck(String name, SinkConfig config, Adapters adapters, TimeSource time) {
    this.name = name;
    this.config = config;
    this.adapters = adapters;
    this.time = time;
  }

  List<Finding> run() throws InterruptedException {
    String subject = "sink " + name;
    UUID uuid = UUID.randomUUID();
    Batch batch =
        new Batch(
            BatchId.of("check_" + uuid.toString().replace('-', '_'), 0), List.of(event(uuid)));
    SinkContext context = new SinkContext(name, time, Version.number(), new BoundedNames());
    try (Submitter submitter = adapters.submitter(config, context)) {
      SubmitResult result = submitter.submit(batch, new Attempt(config.delivery().timeout(), 1));
      return List.of(
          result instanceof Delivered
              ? Finding.ok(
                  subject, "took the test event " + uuid + " (" + result.reason().text() + ")")
              : Finding.fail(subject, meaning(result) + answer(result.reason())));
    } catch (IllegalArgumentException e) {
      return List.of(Finding.fail(subject, e.getMessage()));
    }
  }

  /** The test event: nothing was played, and it says so. */
  private PopEvent event(UUID uuid) {
    String json =
        new String(
                new JsonLine()
                    .put("uuid", uuid.toString())
                    .put("ts", time.now().getEpochSecond())
                    .put("note", "sent by pop check --send; nothing was played")
                    .end(),
                StandardCharsets.UTF_8)
            .strip();
    return PopEvent.of(json.replaceFirst(",", ",\"test\":true,"));
  }

  private static String meaning(SubmitResult result) {
    String text = result.reason().text();
    if (result instanceof Later) {
      return "did not take the test event: "
          + text
          + ". Real events would wait and be tried again by themselves";
    }
    if (result instanceof Held) {
      return "does not let us in: "
          + text
          + ". Real events would wait until the backend or the configuration is corrected";
    }
    if (result instanceof TooLarge) {
      return "finds one small event too large: "
          + text
          + ". Real events would end in the dead letters";
    }
    return "refuses the test event: "
        + text
        + ". Real events that it refuses so would end in the dead letters; it may be the test event"
        + " alone that it does not like";
  }

  private static String answer(Reason reason) {
    String said = reason.answer().replaceAll("\\p{Cc}+", " ").strip();
    return said.isEmpty() ? "" : ". It said: " + said.substring(0, Math.min(200, said.length()));
  }
}
