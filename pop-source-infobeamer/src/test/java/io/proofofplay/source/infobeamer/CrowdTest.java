package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CrowdTest {

  @Test
  void whatThereIsIsDividedBetweenTheLeastAndTheMost() {
    Crowd crowd = new Crowd();
    assertThat(crowd.share(100, 5, 40)).isEqualTo(40);
    for (int i = 0; i < 4; i++) {
      crowd.enter();
    }
    assertThat(crowd.share(100, 5, 40)).isEqualTo(25);
    for (int i = 0; i < 96; i++) {
      crowd.enter();
    }
    assertThat(crowd.share(100, 5, 40)).isEqualTo(5);
    for (int i = 0; i < 97; i++) {
      crowd.leave();
    }
    assertThat(crowd.share(100, 5, 40)).isEqualTo(33);
  }
}
