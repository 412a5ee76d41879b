package io.proofofplay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

final class ArrivalsTest {

  private final Arrivals arrivals = new Arrivals(2, (source, number) -> number * 1_000_000);

  private static byte[] body(int source, long... numbers) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] event = new byte[Play.LENGTH];
    for (long number : numbers) {
      body.write(body.size() == 0 ? '[' : ',');
      Play.write(event, 0, source, number, 1_795_339_351_216L);
      body.writeBytes(event);
    }
    body.write(']');
    return body.toByteArray();
  }

  private void take(byte[] body) {
    arrivals.take(body, body.length, 10_000_000);
  }

  @Test
  void whatComesInOrderIsCountedOnce() {
    take(body(0, 0, 1, 2));
    take(body(1, 0));

    assertThat(arrivals.mark().count()).isEqualTo(4);
    assertThat(arrivals.repeated()).isZero();
    assertThat(arrivals.reordered()).isZero();
    assertThat(arrivals.changed()).isZero();
  }

  @Test
  void whatComesAgainIsARepeatAndNoNewEvent() {
    take(body(0, 0, 1));
    take(body(0, 0, 1));

    assertThat(arrivals.mark().count()).isEqualTo(2);
    assertThat(arrivals.repeated()).isEqualTo(2);
  }

  @Test
  void whatComesBehindALaterOneOfItsSourceIsReordered() {
    take(body(0, 5));
    take(body(1, 0));
    take(body(0, 4));

    assertThat(arrivals.reordered()).isEqualTo(1);
  }

  @Test
  void anEventWithAnotherByteIsChanged() {
    byte[] body = body(0, 0);
    body[Play.LENGTH - 2] ^= 1;

    take(body);

    assertThat(arrivals.changed()).isEqualTo(1);
    assertThat(arrivals.mark().count()).isZero();
  }

  @Test
  void aDamagedDigitIsAChangedEventAndHidesNoOther() {
    byte[] body = body(0, 0, 1, 2);
    // The first digit of the second one's uuid.
    body[1 + Play.LENGTH + 1 + "{'uuid':'".length()] = 'x';

    take(body);

    assertThat(arrivals.changed()).isEqualTo(1);
    assertThat(arrivals.mark().count()).isEqualTo(2);
    assertThat(arrivals.holes()).isEqualTo(1);
  }

  @Test
  void aSourceThatNobodyIsIsAChangedEvent() {
    take(body(2, 0));

    assertThat(arrivals.changed()).isEqualTo(1);
  }

  @Test
  void whatStandsAroundTheEventsCountsToo() {
    for (int at : new int[] {0, 1 + Play.LENGTH, 2 * (Play.LENGTH + 1)}) {
      byte[] body = body(0, 0, 1);
      body[at] = ' ';
      Arrivals all = new Arrivals(1, null);

      all.take(body, body.length, 1);

      assertThat(all.changed()).as("at %d", at).isPositive();
    }
  }

  @Test
  void anEventThatIsMissingBeforeAnotherIsAHole() {
    take(body(0, 0, 1, 4));
    take(body(1, 1));

    assertThat(arrivals.holes()).isEqualTo(3);
  }

  @Test
  void theDelayIsFromWhenAnEventWasDue() {
    take(body(0, 0, 1, 2, 3));

    assertThat(arrivals.delayMillis(0)).isEqualTo(7);
    assertThat(arrivals.delayMillis(0.99)).isEqualTo(10);
  }
}
