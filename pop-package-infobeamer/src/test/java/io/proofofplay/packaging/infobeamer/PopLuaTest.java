package io.proofofplay.packaging.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** {@code pop.lua} under Lua 5.1. What it claims stands in {@code src/test/lua/pop_test.lua}. */
@Timeout(120)
final class PopLuaTest {

  private static final String GOOD = "ok ";

  @TestFactory
  Stream<DynamicTest> theClaimsOfTheModule() throws Exception {
    List<String> lines =
        new String(output("pop_test.lua"), StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSizeGreaterThan(30);
    return lines.stream()
        .map(
            line ->
                DynamicTest.dynamicTest(
                    line.replaceFirst("^(not )?ok ", ""), () -> assertThat(line).startsWith(GOOD)));
  }

  @Test
  void whateverAPlayerTellsIsAnEventForTheRelay() throws Exception {
    List<byte[]> lines = lines(output("odd_plays.lua"));

    assertThat(lines).hasSize(1 + 4 * 256 + 5);
    for (byte[] line : lines) {
      assertThat(PopEvent.refusalOf(line, 0, line.length))
          .as("%s", new String(line, StandardCharsets.ISO_8859_1))
          .isEmpty();
      assertThat(PopEvent.of(line).uuid()).isNotEmpty();
      assertThat(PopEvent.of(line).play().startedAt()).isPresent();
    }
    Map<String, Object> numbers = PopEvent.of(lines.get(1 + 4 * 256)).play().extra();
    assertThat(numbers.get("a")).isNull();
    assertThat(numbers.get("d")).hasToString("0");
    assertThat(numbers.get("g"))
        .asString()
        .satisfies(g -> assertThat(Double.parseDouble(g)).isEqualTo(0x1p53));
    assertThat(PopEvent.of(lines.get(2 + 4 * 256)).json()).contains("\"empty\":{}");
  }

  private static List<byte[]> lines(byte[] output) {
    List<byte[]> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte one : output) {
      if (one == '\n') {
        lines.add(line.toByteArray());
        line.reset();
      } else {
        line.write(one);
      }
    }
    // The first is the header.
    return lines.subList(1, lines.size());
  }

  private static byte[] output(String script) throws Exception {
    Process process = Lua.script(script).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      byte[] output = process.getInputStream().readAllBytes();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
