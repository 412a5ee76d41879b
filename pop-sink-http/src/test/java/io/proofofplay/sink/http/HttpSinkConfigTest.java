package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Problems.Problem;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.config.Setting;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.SubmitterProvider;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.sink.http.HttpSinkConfig.Body;
import io.proofofplay.sink.http.HttpSinkConfig.Compression;
import io.proofofplay.sink.http.HttpSinkConfig.Tls;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpSinkConfigTest {

  private static final URI PLACE = URI.create("https://example.org/pop");

  @TempDir private Path folder;

  private static List<Problem> problems(HttpSinkConfig config) {
    Problems problems = new Problems();
    config.check(problems);
    return problems.found();
  }

  private static void assertOne(HttpSinkConfig config, String key, String... words) {
    assertThat(problems(config)).hasSize(1);
    Problem problem = problems(config).get(0);
    assertThat(problem.key()).isEqualTo(key);
    assertThat(problem.message()).doesNotContain("sesame");
    for (String word : words) {
      assertThat(problem.message()).contains(word);
    }
    assertThatThrownBy(
            () -> new HttpSubmitter(config, new SinkContext("x", TimeSource.system(), "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key);
  }

  @Test
  void theDefaultsAreThoseOfTheContract() {
    HttpSinkConfig config = HttpSinkConfig.to(PLACE);
    assertThat(config.authorization().reveal()).isEmpty();
    assertThat(config.headers()).isEmpty();
    assertThat(config.body()).isEqualTo(Body.ARRAY);
    assertThat(config.compression()).isEqualTo(Compression.NONE);
    assertThat(config.proxy()).isNull();
    assertThat(config.expectContinue()).isFalse();
    assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(problems(config)).isEmpty();
  }

  @Test
  void everySettingIsDescribed() {
    Stream<RecordComponent> all =
        Stream.of(HttpSinkConfig.class, Tls.class)
            .flatMap(type -> Arrays.stream(type.getRecordComponents()));
    assertThat(all)
        .allSatisfy(component -> assertThat(component.getAnnotation(Setting.class)).isNotNull());
  }

  @ParameterizedTest
  @CsvSource({
    "ftp://example.org/, no http or https",
    "example.org/pop, no http or https",
    "mailto:a@example.org, no http or https",
    "http:///pop, has no host",
    "http://my_host/pop, has no host",
    "https://user:sesame@example.org/, user or password",
    "https://user:sesame@my_host/, user or password",
    "http://example.org:0/, port 0",
    "http://example.org:70000/, port 70000",
    "http://example.org/pop#top, behind #",
  })
  void aUrlThatIsNoPlaceToPostToIsRefused(String url, String words) {
    assertOne(HttpSinkConfig.to(URI.create(url)), "url", words);
  }

  @ParameterizedTest
  @CsvSource({
    "https://bücher.example/pop, write https://xn--bcher-kva.example/pop instead",
    "https://BÜCHER.example:8443/pop, write https://xn--bcher-kva.example:8443/pop instead",
    "http://b%C3%BCcher.example/, write http://xn--bcher-kva.example/ instead",
    "https://例え.テスト, write https://xn--r8jz45g.xn--zckzah instead",
    "https://straße.example/pop, the form with xn-- under which it is registered",
    "https://ςigma.example/, the form with xn-- under which it is registered",
    "https://bü_cher.example/, the form with xn-- under which it is registered",
  })
  void aHostBeyondAsciiIsRefusedWithTheFormThatIsRight(String url, String words) {
    assertOne(HttpSinkConfig.to(URI.create(url)), "url", "has a host beyond ASCII; ", words);
  }

  @Test
  void aProxyBeyondAsciiIsRefusedWithTheFormThatIsRight() {
    assertOne(
        HttpSinkConfig.to(PLACE).withProxy(URI.create("http://u:sesame@größe.example:3128")),
        "proxy",
        "\"http://größe.example:3128\" has a host beyond ASCII");
    assertOne(
        HttpSinkConfig.to(PLACE).withProxy(URI.create("http://u:sesame@bücher.example:3128")),
        "proxy",
        "write http://xn--bcher-kva.example:3128 instead");
  }

  @Test
  void theUrlMustBeThere() {
    assertOne(HttpSinkConfig.to(null), "url", "is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "sesame\n", "a\u0000b", "ключ", " sesame", "sesame\u0085"})
  void anAuthorizationThatNoHeaderCanCarryIsRefused(String value) {
    assertOne(HttpSinkConfig.to(PLACE).withAuthorization(Secret.of(value)), "authorization");
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Type, set by the relay itself",
    "content-length, set by the relay itself",
    "Content-Encoding, set by the relay itself",
    "Host, set by the relay itself",
    "User-Agent, set by the relay itself",
    "Idempotency-Key, set by the relay itself",
    "X-POP-Events, set by the relay itself",
    "x-pop-backlog, set by the relay itself",
    "Authorization, belongs into",
    "Expect, expectContinue",
    "Connection, about the connection",
    "Transfer-Encoding, about the connection",
    "Upgrade, about the connection",
    "Proxy-Authorization, about the connection",
    "TE, about the connection",
  })
  void aHeaderThatIsNotTheUsersIsRefused(String name, String words) {
    assertOne(HttpSinkConfig.to(PLACE).withHeader(name, "x"), "headers." + name, words);
  }

  @Test
  void aHeaderThatIsNoneIsRefused() {
    assertOne(HttpSinkConfig.to(PLACE).withHeader("X Site", "x"), "headers", "no header name");
    assertOne(HttpSinkConfig.to(PLACE).withHeader("X-A", "sesame\r\nX-B: c"), "headers.X-A");
    assertOne(HttpSinkConfig.to(PLACE).withExpected(": x", ""), "expectHeader");
  }

  @Test
  void headersThatDifferInCaseAloneAreRefused() {
    assertOne(
        HttpSinkConfig.to(PLACE).withHeader("X-Key", "sesame").withHeader("x-key", "sesame2"),
        "headers.x-key",
        "is the same header as X-Key");
  }

  @Test
  void filesForTlsWithAnHttpUrlAreRefused() throws Exception {
    TestAuthority authority = new TestAuthority("a");
    Path ca = authority.writeCertificate(folder.resolve("ca.pem"));
    Path certificate = authority.issue("one").writeCertificate(folder.resolve("one.pem"));
    HttpSinkConfig plain = HttpSinkConfig.to(URI.create("HTTP://example.org/pop"));
    assertOne(plain.withTls(new Tls(ca, null, null)), "tls", "would be sent in clear", "https://");
    assertThat(problems(plain.withTls(new Tls(null, certificate, null))))
        .extracting(Problem::key)
        .containsExactly("tls.keyFile", "tls");
    assertThat(problems(plain.withTls(new Tls(null, null, null)))).isEmpty();
    assertThat(problems(HttpSinkConfig.to(PLACE).withTls(new Tls(ca, null, null)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://p:1", "socks5://p:1", "p:3128", "http:///", "http://p:0"})
  void aProxyOfAnotherKindIsRefused(String proxy) {
    assertOne(HttpSinkConfig.to(PLACE).withProxy(URI.create(proxy)), "proxy");
  }

  @Test
  void severalProblemsAreSaidAtOnce() {
    HttpSinkConfig config =
        HttpSinkConfig.to(URI.create("ftp://x/"))
            .withAuthorization(Secret.of("a\nb"))
            .withHeader("Host", "x")
            .withTls(new Tls(null, Path.of("c.pem"), null))
            .withProxy(URI.create("socks5://p:1"));
    assertThat(problems(config))
        .extracting(Problem::key)
        .containsExactlyInAnyOrder(
            "url", "authorization", "headers.Host", "tls.keyFile", "tls.certFile", "proxy");
  }

  private HttpSinkConfig withTls(Path ca, Path cert, Path key) {
    return HttpSinkConfig.to(PLACE).withTls(new Tls(ca, cert, key));
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void aCertificateAndItsKeyGoTogether() throws Exception {
    TestAuthority authority = new TestAuthority("a");
    Path certificate = authority.issue("one").writeCertificate(folder.resolve("one.pem"));
    Path key = authority.issue("one").writeKey(folder.resolve("one.key"));
    assertOne(withTls(null, certificate, null), "tls.keyFile", "go together");
    assertOne(withTls(null, null, key), "tls.certFile", "go together");
  }

  @Test
  void aFileForTlsIsLookedAtAlthoughAnotherIsMissing() {
    assertThat(problems(withTls(folder.resolve("ca"), folder.resolve("c"), null)))
        .extracting(Problem::key)
        .containsExactlyInAnyOrder("tls.keyFile", "tls.caFile", "tls.certFile");
  }

  @Test
  void aPemFileThatCannotBeUsedIsNamed() throws Exception {
    TestAuthority authority = new TestAuthority("a");
    Path certificate = authority.issue("one").writeCertificate(folder.resolve("one.pem"));
    Path otherKey = authority.issue("two").writeKey(folder.resolve("two.key"));

    assertOne(withTls(folder.resolve("none"), null, null), "tls.caFile", "does not exist");
    assertOne(withTls(folder, null, null), "tls.caFile", "cannot be read");
    assertOne(withTls(file("empty", ""), null, null), "tls.caFile", "holds no certificate");
    assertOne(withTls(file("text", "hello"), null, null), "tls.caFile");
    assertOne(withTls(null, certificate, otherKey), "tls.keyFile", "is not the key of");
    assertOne(withTls(null, certificate, certificate), "tls.keyFile", "no private key");
    assertOne(
        withTls(null, certificate, file("rsa", pem("RSA PRIVATE KEY"))),
        "tls.keyFile",
        "openssl pkcs8 -topk8");
    assertOne(
        withTls(null, certificate, file("enc", pem("ENCRYPTED PRIVATE KEY"))),
        "tls.keyFile",
        "is encrypted");
    assertOne(withTls(null, certificate, file("bad", pem("PRIVATE KEY"))), "tls.keyFile");
  }

  private static String pem(String kind) {
    return "-----BEGIN " + kind + "-----\nc2VzYW1l\n-----END " + kind + "-----\n";
  }

  @Test
  void theProviderIsFoundAndMakesASubmitter() {
    SubmitterProvider<?> found =
        ServiceLoader.load(SubmitterProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(provider -> provider.type().equals("http"))
            .findFirst()
            .orElseThrow();
    assertThat(found.configType()).isEqualTo(HttpSinkConfig.class);
    HttpSubmitterProvider provider = new HttpSubmitterProvider();
    try (Submitter submitter =
        provider.create(HttpSinkConfig.to(PLACE), new SinkContext("x", TimeSource.system(), "1"))) {
      assertThat(submitter).hasToString("HttpSubmitter[https://example.org/pop]");
    }
  }
}
