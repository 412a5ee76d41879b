package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MembersTest {

  private static String[] texts(String json, String... paths) {
    byte[] line = json.getBytes(StandardCharsets.UTF_8);
    return JsonScanner.texts(line, 0, line.length, Members.of(paths));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.", ".a", "a.b.c", "für", "a..b"})
  void whatIsNoPathIsRefusedByItsName(String path) {
    assertThatThrownBy(() -> Members.of("uuid", path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + path + "\"");
  }

  @Test
  void aNameMayBeLookedForItselfAndAboveOthers() {
    assertThat(texts("{\"a\":1,\"b\":{\"c\":2}}", "a", "a.x", "b", "b.c"))
        .containsExactly("1", null, null, "2");
  }

  @Test
  void aNameBelowIsNotFoundBesideAndNotOneLevelDeeper() {
    assertThat(texts("{\"id\":1,\"b\":{\"id\":2},\"a\":{\"x\":{\"id\":3},\"y\":4}}", "a.id", "a.y"))
        .containsExactly(null, "4");
    assertThat(texts("{\"a\":{\"b\":1},\"c\":2}", "b", "c")).containsExactly(null, "2");
  }

  @Test
  void nameThatBeginsLikeAnotherIsAnother() {
    assertThat(texts("{\"ab\":1,\"a\":2,\"abc\":{\"d\":3}}", "a", "abc.d", "abc", "b"))
        .containsExactly("2", "3", null, null);
  }
}
