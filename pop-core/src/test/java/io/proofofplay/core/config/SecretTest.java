package io.proofofplay.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SecretTest {

  @Test
  void itPrintsAsThreeStars() {
    Secret secret = Secret.of("Bearer abc");

    assertThat(secret).hasToString("***");
    assertThat("authorization " + secret).doesNotContain("abc");
    assertThat(secret.reveal()).isEqualTo("Bearer abc");
  }

  @Test
  void aFixedSecretNeverChanges() {
    Secret secret = Secret.of("a");

    assertThat(secret.refresh()).isFalse();
    assertThat(secret.reveal()).isEqualTo("a");
  }

  @Test
  void aSecretFromAPlaceIsReadAgain() {
    AtomicReference<String> place = new AtomicReference<>("old");
    Secret secret = Secret.from(place::get);
    place.set("new");
    assertThat(secret.reveal()).isEqualTo("old");

    assertThat(secret.refresh()).isTrue();
    assertThat(secret.reveal()).isEqualTo("new");
    assertThat(secret.refresh()).isFalse();
  }

  @Test
  void whatWasKnownStaysInForceWhenThePlaceCannotBeRead() {
    AtomicReference<String> place = new AtomicReference<>("old");
    Secret secret =
        Secret.from(
            () -> {
              if (place.get().equals("gone")) {
                throw new IllegalStateException("no such file: it held old");
              }
              return place.get().equals("empty") ? null : place.get();
            });
    assertThat(secret.unread()).isEmpty();
    place.set("gone");
    assertThat(secret.refresh()).isFalse();
    assertThat(secret.unread()).contains("no such file: it held ***");
    place.set("empty");
    assertThat(secret.refresh()).isFalse();
    assertThat(secret.unread()).contains("there is nothing any more");

    assertThat(secret.reveal()).isEqualTo("old");
    place.set("new");
    assertThat(secret.refresh()).isTrue();
    assertThat(secret.unread()).isEmpty();
  }

  @Test
  void whatWasReadAlreadyIsReadAgainOnlyWhenAsked() {
    Secret secret = Secret.from("old", () -> "new");
    assertThat(secret.reveal()).isEqualTo("old");
    assertThat(secret.refresh()).isTrue();
    assertThat(secret.reveal()).isEqualTo("new");
  }

  @Test
  void aPlaceThatCannotBeReadAtFirstIsAnError() {
    assertThatThrownBy(() -> Secret.from(() -> null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Secret.of(null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void twoAreEqualWhenTheirTextsAre() {
    assertThat(Secret.of("a")).isEqualTo(Secret.from(() -> "a")).isNotEqualTo(Secret.of("b"));
    assertThat(Secret.of("a")).hasSameHashCodeAs(Secret.from(() -> "a"));
  }
}
