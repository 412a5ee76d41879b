package io.proofofplay.sink.http;

import io.proofofplay.core.config.Secret;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.sink.http.HttpSinkConfig.Body;
import io.proofofplay.testkit.RogueServer;
import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.RogueServer.Stage;
import io.proofofplay.testkit.SubmitterContract;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of the port, for each form of body. */
final class HttpSubmitterContractTest {

  @Nested
  final class Arrays implements SubmitterContract {
    @Override
    public Destination destination() {
      return new Backend(Body.ARRAY);
    }
  }

  @Nested
  final class Lines implements SubmitterContract {
    @Override
    public Destination destination() {
      return new Backend(Body.NDJSON);
    }
  }

  @Nested
  final class Envelopes implements SubmitterContract {
    @Override
    public Destination destination() {
      return new Backend(Body.ENVELOPE);
    }
  }

  /** A backend that says our secret back whenever it can. */
  private static final class Backend implements SubmitterContract.Destination {

    private static final String SECRET = "Basic cGxheWVyOm9wZW4vc2VzYW1l";

    private final Body form;
    private final RogueServer server = RogueServer.deciding(this::answer);
    private final List<Request> confirmed = new ArrayList<>();
    private Answer ailing;
    private boolean away;

    Backend(Body form) {
      this.form = form;
    }

    private synchronized Answer answer(Request request) {
      if (ailing == null) {
        confirmed.add(request);
        return Answer.of(200, "taken from " + SECRET);
      }
      return ailing;
    }

    @Override
    public Submitter submitter() {
      return Post.with(Post.to(server.uri()).withBody(form).withAuthorization(Secret.of(SECRET)));
    }

    @Override
    public synchronized List<byte[]> received() {
      List<byte[]> events = new ArrayList<>();
      confirmed.forEach(request -> events.addAll(eventsIn(request.body())));
      return events;
    }

    /**
     * Cuts a body at what stands between its events, so that blanks around an event stay with it.
     */
    private List<byte[]> eventsIn(byte[] body) {
      String text = new String(body, StandardCharsets.ISO_8859_1);
      String marker = "\"events\":[";
      int start =
          switch (form) {
            case ARRAY -> 1;
            case NDJSON -> 0;
            case ENVELOPE -> text.indexOf(marker) + marker.length();
          };
      int end = text.length() - (form == Body.ENVELOPE ? 2 : 1);
      List<byte[]> events = new ArrayList<>();
      int depth = 0;
      boolean quoted = false;
      for (int i = start; i < end; i++) {
        char c = text.charAt(i);
        if (quoted) {
          i += c == '\\' ? 1 : 0;
          quoted = c != '"';
        } else if (c == '"') {
          quoted = true;
        } else if (c == '{' || c == '[') {
          depth++;
        } else if (c == '}' || c == ']') {
          depth--;
        } else if (depth == 0 && c == (form == Body.NDJSON ? '\n' : ',')) {
          events.add(java.util.Arrays.copyOfRange(body, start, i));
          start = i + 1;
        }
      }
      events.add(java.util.Arrays.copyOfRange(body, start, end));
      return events;
    }

    @Override
    public void suffer(SubmitterContract.Trouble trouble) {
      synchronized (this) {
        ailing =
            switch (trouble) {
              case ABSENT, REFUSING -> Answer.of(503, "no, " + SECRET);
              case BREAKING_OFF -> Answer.failing(Fault.RESET, Stage.REQUEST);
              case HANGING -> Answer.failing(Fault.HANG, Stage.REQUEST);
              case BABBLING -> Answer.raw("bla " + SECRET + "\r\n\r\nbla");
            };
        away = trouble == SubmitterContract.Trouble.ABSENT;
      }
      if (away) {
        server.goAway();
      }
    }

    @Override
    public void recover() {
      if (away) {
        server.comeBack();
      }
      synchronized (this) {
        ailing = null;
        away = false;
      }
    }

    @Override
    public void awaitHanging() {
      server.awaitFaults(1);
    }

    @Override
    public List<SubmitterContract.Arrival> arrivals() {
      return server.requests().stream()
          .map(
              request ->
                  SubmitterContract.Arrival.of(
                      request.header("Idempotency-Key").orElse(""), request.body()))
          .toList();
    }

    @Override
    public String secret() {
      return SECRET;
    }

    @Override
    public void close() {
      server.close();
    }
  }
}
