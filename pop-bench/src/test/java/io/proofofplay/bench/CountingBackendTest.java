package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CountingBackendTest {

  private final Arrivals arrivals = new Arrivals(1, null);

  private static void post(Socket relay, int number) throws IOException {
    byte[] body = new byte[Play.LENGTH + 2];
    body[0] = '[';
    Play.write(body, 1, 0, number, 0);
    body[Play.LENGTH + 1] = ']';
    OutputStream out = relay.getOutputStream();
    String head = "POST / HTTP/1.1\r\nContent-Length: " + body.length + "\r\n\r\n";
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(body);
  }

  private static String answer(Socket relay) throws IOException {
    byte[] answer = relay.getInputStream().readNBytes("HTTP/1.1 200 OK".length());
    relay.getInputStream().skipNBytes("\r\nContent-Length: 0\r\n\r\n".length());
    return new String(answer, StandardCharsets.US_ASCII);
  }

  @Test
  void itAnswersBeforeItLooksAtWhatHasCome() throws IOException {
    try (CountingBackend backend = new CountingBackend(arrivals);
        Socket relay = new Socket(InetAddress.getLoopbackAddress(), backend.port())) {
      relay.setSoTimeout(20_000);
      // As long as this is held, nothing can be counted.
      synchronized (arrivals) {
        post(relay, 0);
        assertThat(answer(relay)).isEqualTo("HTTP/1.1 200 OK");
        assertThat(arrivals.count()).isZero();
      }
      post(relay, 1);
      assertThat(answer(relay)).isEqualTo("HTTP/1.1 200 OK");
      Patience patience = new Patience("both to be counted");
      while (arrivals.count() < 2) {
        patience.pause();
      }
      assertThat(arrivals.changed()).isZero();
    }
  }

  /** Else what is looked at later would gather without an end. */
  @Test
  void itDoesNotAnswerTheNextRequestBeforeItHasLookedAtTheLast() throws IOException {
    try (CountingBackend backend = new CountingBackend(arrivals);
        Socket relay = new Socket(InetAddress.getLoopbackAddress(), backend.port())) {
      post(relay, 0);
      assertThat(answer(relay)).isEqualTo("HTTP/1.1 200 OK");
      post(relay, 1);
      assertThat(answer(relay)).isEqualTo("HTTP/1.1 200 OK");

      assertThat(arrivals.count()).isPositive();
    }
  }
}
