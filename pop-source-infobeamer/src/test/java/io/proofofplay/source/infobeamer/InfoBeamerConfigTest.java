package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Setting;
import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class InfoBeamerConfigTest {

  @Test
  void theDefaultsAreAPlayerOnThisDevice() {
    assertThat(InfoBeamerConfig.defaults())
        .isEqualTo(
            new InfoBeamerConfig(
                "127.0.0.1",
                4444,
                "root/::pop",
                true,
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                ByteSize.ofMiB(1),
                2048));
    assertThat(problems(InfoBeamerConfig.defaults())).isEmpty();
  }

  @Test
  void everySettingIsDescribed() {
    for (RecordComponent component : InfoBeamerConfig.class.getRecordComponents()) {
      assertThat(component.getAnnotation(Setting.class)).as(component.getName()).isNotNull();
      assertThat(component.getAnnotation(Setting.class).value()).doesNotEndWith(".");
    }
  }

  @Test
  void rawDecidesWhatIsSent() {
    assertThat(InfoBeamerConfig.defaults().request()).isEqualTo("*raw/root/::pop");
    assertThat(bare("root/::pop").request()).isEqualTo("root/::pop");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 65536})
  void aPortThatIsNoneIsRefused(int port) {
    assertThatThrownBy(() -> InfoBeamerConfig.of("127.0.0.1", port))
        .hasMessage("port " + port + " is not within 1 and 65535");
  }

  @Test
  void numbersOutOfTheirBoundsAreRefusedByName() {
    assertThatThrownBy(() -> timed(Duration.ZERO, null, null)).hasMessageStartingWith("connect");
    assertThatThrownBy(() -> timed(Duration.ofHours(1), null, null))
        .hasMessageStartingWith("connectTimeout ");
    assertThatThrownBy(() -> timed(null, Duration.ofMillis(9), null))
        .hasMessageStartingWith("headerTimeout ");
    assertThatThrownBy(() -> timed(null, null, Duration.ofSeconds(-1)))
        .hasMessageStartingWith("idleReconnect ");
    for (ByteSize size : List.of(new ByteSize(1023), new ByteSize((16L << 20) + 1))) {
      assertThatThrownBy(
              () -> new InfoBeamerConfig(null, null, null, null, null, null, null, size, null))
          .hasMessage("maxLineBytes " + size + " is not within 1KiB and 16MiB");
    }
  }

  @Test
  void anIdleReconnectOfZeroMeansNeverAndOneTooShortIsToldSo() {
    assertThat(problems(timed(null, null, Duration.ZERO))).isEmpty();
    assertThat(problems(timed(null, null, Duration.ofMillis(99))))
        .containsExactly("idleReconnect is too short to hear anything; write 100ms or more, or 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "lobby.example", "::1", "[fe80::1%eth0]", "display-7"})
  void namesAndAddressesAreHosts(String host) {
    assertThat(problems(InfoBeamerConfig.of(host, 4444))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', is empty",
    "' ', is empty",
    "lobby:4444, write the port as port: 4444",
    "127.0.0.1:1, write the port as port: 1",
    "tcp://lobby, without a scheme",
    "a b, neither a name nor an address",
    "user@lobby, neither a name nor an address",
  })
  void aHostThatIsNoneIsToldWithWhatWouldBeRight(String host, String message) {
    assertThat(problems(InfoBeamerConfig.of(host, 4444)))
        .singleElement()
        .asString()
        .startsWith("host ")
        .contains(message);
  }

  @Test
  void aPathWithALineBreakOrAnotherControlCharacterIsRefused() {
    for (String path : List.of("root\n", "root\r\nx", "ro\0ot", "root\t", "root\u0085x")) {
      assertThat(problems(bare(path)))
          .singleElement()
          .asString()
          .startsWith("path \"root".substring(0, 8))
          .contains("control character")
          .contains("root/::pop")
          .doesNotContain("\n");
    }
  }

  @Test
  void anEmptyPathIsRefused() {
    assertThat(problems(bare("")))
        .containsExactly("path is empty; write the path of a node such as root/::pop");
    assertThat(problems(bare("  "))).hasSize(1);
  }

  @Test
  void aPathThatBeginsWithRawIsToldWithoutIt() {
    assertThat(problems(bare("*raw/root/x")))
        .containsExactly("path begins with *raw/, which the setting raw adds; write root/x");
    assertThat(problems(bare("*raw/")))
        .containsExactly("path begins with *raw/, which the setting raw adds; write root/::pop");
  }

  @Test
  void aSourceIsNotMadeFromSettingsThatDoNotWork() {
    InfoBeamerConfig config =
        new InfoBeamerConfig(" ", null, "", null, null, null, null, null, null);
    assertThatThrownBy(
            () -> new InfoBeamerSource(config, new SourceContext("x", TimeSource.system())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("host is empty")
        .hasMessageContaining("path is empty");
  }

  @Test
  void theProviderIsFoundByItsType() {
    InfoBeamerSourceProvider provider =
        ServiceLoader.load(EventSourceProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(InfoBeamerSourceProvider.class::isInstance)
            .map(InfoBeamerSourceProvider.class::cast)
            .findFirst()
            .orElseThrow();

    assertThat(provider.type()).isEqualTo("infobeamer");
    assertThat(provider.configType()).isEqualTo(InfoBeamerConfig.class);
    assertThat(
            provider.create(
                InfoBeamerConfig.defaults(), new SourceContext("lobby", TimeSource.system())))
        .hasToString("InfoBeamerSource[127.0.0.1:4444]");
  }

  private static InfoBeamerConfig bare(String path) {
    return new InfoBeamerConfig(null, null, path, false, null, null, null, null, null);
  }

  private static InfoBeamerConfig timed(Duration connect, Duration header, Duration idle) {
    return new InfoBeamerConfig(null, null, null, null, connect, header, idle, null, null);
  }

  private static List<String> problems(InfoBeamerConfig config) {
    Problems problems = new Problems();
    config.check(problems);
    return problems.found().stream().map(p -> p.key() + " " + p.message()).toList();
  }
}
