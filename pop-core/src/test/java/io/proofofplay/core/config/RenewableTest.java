package io.proofofplay.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RenewableTest {

  private static final URI OLD = URI.create("http://u:old@proxy");
  private static final URI NEW = URI.create("http://u:new@proxy");

  @Test
  void itPrintsAsThreeStars() {
    assertThat(Renewable.of(OLD)).hasToString("***");
    assertThat(Renewable.of(OLD).get()).isEqualTo(OLD);
  }

  @Test
  void whatNeverChangesIsReadAgainWithoutHarm() {
    Renewable<URI> fixed = Renewable.of(OLD);

    assertThat(fixed.renew()).isFalse();
    assertThat(fixed.get()).isEqualTo(OLD);
    assertThat(fixed.unread()).isEmpty();
  }

  @Test
  void itIsReadAgainOnlyWhenAsked() {
    AtomicReference<URI> place = new AtomicReference<>(NEW);
    Renewable<URI> renewable = Renewable.from(OLD, place::get);
    assertThat(renewable.get()).isEqualTo(OLD);

    assertThat(renewable.renew()).isTrue();
    assertThat(renewable.get()).isEqualTo(NEW);
    assertThat(renewable.renew()).isFalse();
  }

  @Test
  void aFailureWithoutWordsIsNamedByItsKind() {
    Renewable<URI> renewable =
        Renewable.from(
            OLD,
            () -> {
              throw new IllegalStateException();
            });

    assertThat(renewable.renew()).isFalse();
    assertThat(renewable.get()).isEqualTo(OLD);
    assertThat(renewable.unread()).contains("IllegalStateException");
  }

  @Test
  void twoAreEqualWhenTheirValuesAre() {
    assertThat(Renewable.of(OLD))
        .isEqualTo(Renewable.from(OLD, () -> NEW))
        .hasSameHashCodeAs(Renewable.from(OLD, () -> NEW))
        .isNotEqualTo(Renewable.of(NEW));
  }
}
