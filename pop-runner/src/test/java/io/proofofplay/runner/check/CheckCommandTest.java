package io.proofofplay.runner.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.backend.BackendListener;
import io.proofofplay.runner.backend.Ledger;
import io.proofofplay.runner.backend.ReceivingBackend;
import io.proofofplay.runner.terminal.Terminal;
import io.proofofplay.spool.file.FileStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CheckCommandTest {

  private static final String BANNER = "Info Beamer PI 0.9 test\n";
  private static final String HEADER = "ok!\n{\"pop\":\"lobby player\"}\n";

  @TempDir Path directory;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final List<PopEvent> received = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private ReceivingBackend backend;
  private String url;
  private int playerPort;
  private Path spool;
  private String tls = "{}";
  private String more = "";

  @BeforeEach
  void allIsWell() throws IOException {
    backend =
        ReceivingBackend.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new Ledger(received::addAll),
            BackendListener.NONE);
    open.add(backend);
    url = "http://127.0.0.1:" + backend.address().getPort() + "/pop";
    player(BANNER, HEADER);
    spool = directory.resolve("a/b/spool");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private void player(String first, String second) {
    TinyServer server = new TinyServer(first, second);
    open.add(server);
    playerPort = server.port();
  }

  private Path configuration() throws IOException {
    return Files.writeString(
        directory.resolve("pop.yaml"),
        """
        spool: {directory: '%s'}
        sources:
          lobby: {type: infobeamer, port: %d, connectTimeout: 1s, headerTimeout: 1s}
        sinks:
          billing: {type: http, url: "%s", proxy: "", tls: %s, connectTimeout: 2s}
        %s
        """
            .formatted(spool, playerPort, url, tls, more));
  }

  private int check(Map<String, String> environment, String... options) throws IOException {
    Terminal terminal = Terminal.plain(new PrintStream(printed, true, StandardCharsets.UTF_8));
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add("--config=" + configuration());
    return new CommandLine(new CheckCommand(terminal, TimeSource.system(), environment))
        .execute(arguments.toArray(String[]::new));
  }

  private int check(String... options) throws IOException {
    return check(Map.of(), options);
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private List<String> failures() {
    return text().lines().filter(line -> line.startsWith("FAIL  ")).toList();
  }

  @Test
  void whereAllIsWellEveryLineSaysSoAndNothingIsSent() throws IOException {
    assertThat(check()).as(this::text).isZero();
    assertThat(failures()).isEmpty();
    assertThat(text())
        .contains("ok    configuration: ")
        .contains("ok    spool: ")
        .contains("of room")
        .contains(
            "ok    source lobby: 127.0.0.1:"
                + playerPort
                + " is a player with proof of play, it calls itself \"lobby player\"")
        .contains("ok    sink billing: 127.0.0.1:" + backend.address().getPort() + " takes")
        .contains("note  sink billing: nothing was sent; --send posts one marked test event");
    assertThat(received).isEmpty();
  }

  @Test
  void aTokenThatCanBeGuessedIsToldAndFailsNothing() throws IOException {
    more = "ops: {listen: '0.0.0.0:9464', token: short}";
    assertThat(check()).as(this::text).isZero();
    assertThat(text())
        .contains("note  configuration: ops.token: is shorter than 16 characters, and")
        .doesNotContain("short}");
  }

  @Test
  void nothingStaysOfADirectoryThatWasNotThere() throws IOException {
    check();
    assertThat(directory.resolve("a")).doesNotExist();
  }

  @Test
  void aDirectoryThatWasThereKeepsWhatIsInIt() throws IOException {
    Path kept = Files.writeString(Files.createDirectories(spool).resolve("kept"), "x");
    check();
    assertThat(kept).hasContent("x");
    try (Stream<Path> files = Files.list(spool)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("check-"));
    }
  }

  @Test
  void aTestEventIsMarkedAndItsAnswerTold() throws IOException {
    assertThat(check("--send")).as(this::text).isZero();
    assertThat(received).hasSize(1);
    assertThat(received.get(0).json()).contains("\"test\":true").contains("nothing was played");
    assertThat(text())
        .contains("ok    sink billing: took the test event " + received.get(0).uuid());
  }

  @Test
  void aBackendThatFailsIsToldWithWhatItMeans() throws IOException {
    backend.failWith(503);
    assertThat(check("--send")).isEqualTo(1);
    assertThat(failures())
        .singleElement()
        .asString()
        .contains("503")
        .contains("would wait and be tried again by themselves")
        .contains("made to fail");
    backend.failWith(401);
    check("--send");
    assertThat(failures()).last().asString().contains("until the backend or the configuration is");
    backend.failWith(422);
    check("--send");
    assertThat(failures()).last().asString().contains("would end in the dead letters");
  }

  @Test
  void aBackendThatIsNotThereIsNamed() throws IOException {
    backend.close();
    assertThat(check()).isEqualTo(1);
    assertThat(failures())
        .singleElement()
        .asString()
        .contains("sink billing: 127.0.0.1:")
        .contains("takes no connection")
        .contains("start the backend");
  }

  @Test
  void aHostThatTheDnsDoesNotKnowIsNamed() throws IOException {
    url = "https://no.such.host.invalid/pop";
    assertThat(check()).isEqualTo(1);
    assertThat(failures())
        .singleElement()
        .asString()
        .contains("no.such.host.invalid is not known to the DNS");
  }

  @Test
  void aPlayerThatIsNotThereIsToldFromOneThatIsForeignOneWithoutPopAndOneThatIsSilent()
      throws IOException {
    // Nobody listens there: the port is reserved.
    playerPort = 1;
    assertThat(check()).isEqualTo(1);
    player("SSH-2.0-OpenSSH\n", "");
    assertThat(check()).isEqualTo(1);
    player(BANNER, "404\n");
    assertThat(check()).isEqualTo(1);
    player(BANNER, "ok!\n");
    assertThat(check()).isEqualTo(1);
    player("", "");
    assertThat(check()).isEqualTo(1);

    List<String> failures = failures();
    assertThat(failures)
        .hasSize(5)
        .allMatch(line -> line.startsWith("FAIL  source lobby: 127.0.0.1:"));
    assertThat(failures.get(0)).contains("refuse");
    assertThat(failures.get(1)).contains("is no info-beamer player").contains("SSH-2.0");
    assertThat(failures.get(2)).contains("answered 404");
    assertThat(failures.get(3)).contains("without proof of play");
    assertThat(failures.get(4)).contains("sent no banner within");
  }

  @Test
  void aSpoolInUseIsNamedAndIsNoFault() throws IOException {
    try (FileStorage storage = FileStorage.open(spool, TimeSource.system())) {
      assertThat(storage.sinks()).isEmpty();
      assertThat(check()).as(this::text).isZero();
    }
    assertThat(text()).contains("note  spool: ").contains("that is right if it is this relay");
  }

  @Test
  void aSpoolThatCannotBeUsedIsNamedWithWhatToDo() throws IOException {
    Files.writeString(directory.resolve("a"), "a file in the way");
    assertThat(check()).isEqualTo(1);
    assertThat(failures())
        .singleElement()
        .asString()
        .startsWith("FAIL  spool: spool.directory " + spool + " cannot be used: ")
        .contains("name another directory");
  }

  @Test
  void everyProblemOfTheConfigurationIsToldAndEndsWith78() throws IOException {
    url = "ftp://example.org/";
    playerPort = 99_999;
    assertThat(check()).isEqualTo(78);
    assertThat(failures()).hasSize(2).allMatch(line -> line.startsWith("FAIL  configuration: "));
  }

  @Test
  void asJsonItIsOneObject() throws IOException {
    backend.close();
    assertThat(check("--json")).isEqualTo(1);
    byte[] line = text().strip().getBytes(StandardCharsets.UTF_8);
    Map<String, Object> root = JsonScanner.read(line, 0, line.length);
    assertThat(root.get("ok")).isEqualTo(false);
    assertThat((List<?>) root.get("checks")).hasSizeGreaterThan(4);
    Map<?, ?> first = (Map<?, ?>) ((List<?>) root.get("checks")).get(0);
    assertThat(first.get("check")).isEqualTo("configuration");
    assertThat(first.get("outcome")).isEqualTo("ok");
    assertThat(first.get("text").toString()).isNotEmpty();
    assertThat(text().lines()).hasSize(1);
  }

  @Test
  void behindAProxyOnlyTheProxyIsLookedAt() throws IOException {
    String proxy = "http://127.0.0.1:" + backend.address().getPort();
    url = "https://example.org/pop";
    Path file = configuration();
    Files.writeString(
        file, Files.readString(file).replace("proxy: \"\"", "proxy: \"" + proxy + "\""));
    Terminal terminal = Terminal.plain(new PrintStream(printed, true, StandardCharsets.UTF_8));
    int exit =
        new CommandLine(new CheckCommand(terminal, TimeSource.system(), Map.of()))
            .execute("--config=" + file);
    assertThat(exit).as(this::text).isZero();
    assertThat(text()).contains("the proxy 127.0.0.1").contains("what is behind the proxy");
  }

  @Test
  void aProxyThatIsNotThereIsNotBlamedOnTheBackend() throws IOException {
    Path file = configuration();
    Files.writeString(
        file, Files.readString(file).replace("proxy: \"\"", "proxy: \"http://127.0.0.1:1\""));
    Terminal terminal = Terminal.plain(new PrintStream(printed, true, StandardCharsets.UTF_8));
    int exit =
        new CommandLine(new CheckCommand(terminal, TimeSource.system(), Map.of()))
            .execute("--config=" + file);
    assertThat(exit).as(this::text).isEqualTo(1);
    assertThat(text())
        .contains("the proxy 127.0.0.1:1 takes no connection")
        .contains("start the proxy")
        .doesNotContain("start the backend");
  }

  @Test
  void aGoodCertificateIsToldWithItsDays() throws Exception {
    secure("good", "-1d", 101);
    assertThat(check()).as(this::text).isZero();
    assertThat(text())
        .containsPattern("ok    sink billing: TLS to 127.0.0.1 is good; .* (99|100) days");
  }

  @Test
  void aCertificateThatEndsSoonIsANote() throws Exception {
    secure("soon", "-1d", 6);
    assertThat(check()).as(this::text).isZero();
    assertThat(text()).contains("note  sink billing: TLS").contains("needs a new one soon");
  }

  @Test
  void aCertificateThatHasEndedIsToldWithItsDate() throws Exception {
    secure("ended", "-30d", 10);
    check();
    assertThat(text()).contains("holds the very certificate, which has ended on");
    tls = "{}";
    assertThat(check()).isEqualTo(1);
    assertThat(failures()).singleElement().asString().contains("has ended on").contains("days ago");
  }

  @Test
  void anAuthorityThatIsNotTrustedIsNamed() throws Exception {
    secure("foreign", "-1d", 100);
    tls = "{}";
    assertThat(check()).isEqualTo(1);
    assertThat(failures())
        .singleElement()
        .asString()
        .contains("by CN=foreign is not trusted")
        .contains("tls.caFile");
  }

  @Test
  void aPlainServerUnderHttpsIsNamed() throws IOException {
    TinyServer plain = new TinyServer("HTTP/1.0 400 no\r\n\r\n", "");
    open.add(plain);
    url = "https://127.0.0.1:" + plain.port() + "/";
    assertThat(check()).isEqualTo(1);
    assertThat(failures()).singleElement().asString().contains("is url right with https");
  }

  /** A TLS server with a certificate that begins then and is valid for so many days. */
  private void secure(String name, String begin, int days) throws Exception {
    Path store = directory.resolve(name + ".p12");
    String password = "changeit";
    keytool(
        List.of(
            "-genkeypair",
            "-alias",
            "server",
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + name,
            "-ext",
            "san=ip:127.0.0.1",
            "-startdate",
            begin,
            "-validity",
            String.valueOf(days),
            "-keystore",
            store.toString(),
            "-storetype",
            "PKCS12",
            "-storepass",
            password));
    Path certificate = directory.resolve(name + ".pem");
    keytool(
        List.of(
            "-exportcert",
            "-rfc",
            "-alias",
            "server",
            "-file",
            certificate.toString(),
            "-keystore",
            store.toString(),
            "-storepass",
            password));
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, password.toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, password.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    TinyServer server =
        new TinyServer(
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress()),
            "",
            "");
    open.add(server);
    url = "https://127.0.0.1:" + server.port() + "/pop";
    tls = "{caFile: '" + certificate + "'}";
  }

  private static void keytool(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
