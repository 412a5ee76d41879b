package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RepeatWindowTest {

  private final Random random = new Random(11);

  private static PopEvent event(int uuid, int ts) {
    String json = "{\"uuid\":\"" + uuid + "\",\"ts\":" + ts + "}";
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return PopEvent.scanned(bytes, 0, bytes.length, null);
  }

  private static List<String> held(RepeatWindow window) {
    return new String(window.memory(), StandardCharsets.US_ASCII).lines().toList();
  }

  /** Beside a list that is searched from end to end. */
  @Test
  void aWindowOfAnySizeAnswersLikeAPlainList() {
    for (int size : new int[] {1, 2, 3, 7, 16, 17, 100}) {
      RepeatWindow window = new RepeatWindow(size);
      Deque<PopEvent> list = new ArrayDeque<>();
      for (int round = 0; round < 400; round++) {
        List<PopEvent> chunk = new ArrayList<>();
        for (int i = random.nextInt(round % 50 == 0 ? 60 : 6); i >= 0; i--) {
          chunk.add(event(random.nextInt(size + 5), random.nextInt(3)));
        }
        List<PopEvent> fresh = new ArrayList<>();
        int reused = 0;
        for (PopEvent event : chunk) {
          if (list.contains(event) || fresh.contains(event)) {
            continue;
          }
          boolean known =
              list.stream().anyMatch(other -> other.uuid().equals(event.uuid()))
                  || fresh.stream().anyMatch(other -> other.uuid().equals(event.uuid()));
          reused += known ? 1 : 0;
          fresh.add(event);
        }

        RepeatWindow.Sifted sifted = window.sift(chunk);

        assertThat(sifted.fresh()).isEqualTo(fresh);
        assertThat(sifted.repeated()).isEqualTo(chunk.size() - fresh.size());
        assertThat(sifted.reusedIds()).isEqualTo(reused);
        window.add(sifted);
        for (PopEvent event : fresh) {
          list.addLast(event);
          if (list.size() > size) {
            list.removeFirst();
          }
        }
        assertThat(held(window)).hasSize(list.size());
      }
    }
  }

  @Test
  void whatIsRememberedIsRecalledInItsOrder() {
    RepeatWindow window = new RepeatWindow(50);
    for (int i = 0; i < 80; i++) {
      window.add(window.sift(List.of(event(i, 0))));
    }
    RepeatWindow next = new RepeatWindow(50);
    next.recall(window.memory());

    assertThat(held(next)).isEqualTo(held(window)).hasSize(50);
  }

  @Test
  void manySourcesShareWhatOneWouldHave() {
    Crowd crowd = new Crowd();
    crowd.enter();
    RepeatWindow window = new RepeatWindow(2048, crowd, 131_000);
    for (int i = 0; i < 3000; i++) {
      window.add(window.sift(List.of(event(i, 0))));
    }
    assertThat(held(window)).hasSize(2048);
    for (int i = 1; i < 1000; i++) {
      crowd.enter();
    }

    window.add(window.sift(List.of(event(3000, 0))));

    assertThat(held(window)).hasSize(131);
    assertThat(window.sift(List.of(event(3000, 0))).repeated()).isEqualTo(1);
    assertThat(window.sift(List.of(event(2999, 0))).repeated()).isEqualTo(1);
    assertThat(window.sift(List.of(event(2800, 0))).repeated()).isZero();

    for (int i = 1000; i < 100_000; i++) {
      crowd.enter();
    }
    window.add(window.sift(List.of(event(3001, 0))));
    assertThat(held(window)).hasSize(RepeatWindow.LEAST);
  }
}
