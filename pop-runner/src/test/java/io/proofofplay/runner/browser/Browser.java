package io.proofofplay.runner.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A headless Chromium, driven through its driver by the WebDriver protocol. Where either of the two
 * is missing, the test is skipped and says so.
 */
public final class Browser implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process driver;
  private final String session;

  private Browser(Process driver, String root) throws IOException {
    this.driver = driver;
    ObjectNode wanted = JSON.createObjectNode();
    ObjectNode always = wanted.putObject("capabilities").putObject("alwaysMatch");
    always.put("browserName", "chrome");
    always.putObject("goog:loggingPrefs").put("browser", "ALL");
    ArrayNode flags = always.putObject("goog:chromeOptions").putArray("args");
    for (String flag :
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--lang=en-GB")) {
      flags.add(flag);
    }
    String id = send("POST", root + "/session", wanted).get("sessionId").asText();
    this.session = root + "/session/" + id;
  }

  /** Starts one. */
  public static Browser start() throws IOException {
    Optional<Path> chromedriver = program("chromedriver");
    assumeTrue(
        chromedriver.isPresent() && program("chromium").isPresent(),
        "there is no chromium and chromedriver; install Debian's chromium and chromium-driver");
    ProcessBuilder builder =
        new ProcessBuilder(chromedriver.get().toString(), "--port=0", "--log-level=SEVERE")
            .redirectErrorStream(true);
    builder.environment().put("TZ", "UTC");
    Process driver = builder.start();
    try {
      return new Browser(driver, "http://127.0.0.1:" + port(driver));
    } catch (IOException | RuntimeException | Error e) {
      end(driver);
      throw e;
    }
  }

  private static int port(Process driver) throws IOException {
    BufferedReader out = driver.inputReader(StandardCharsets.UTF_8);
    StringBuilder told = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      told.append(line).append('\n');
      Matcher port = PORT.matcher(line);
      if (port.find()) {
        Thread drain = new Thread(() -> out.lines().forEach(any -> {}), "chromedriver-output");
        drain.setDaemon(true);
        drain.start();
        return Integer.parseInt(port.group(1));
      }
    }
    throw new AssertionError("chromedriver did not start: " + told);
  }

  private static Optional<Path> program(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private JsonNode send(String method, String url, JsonNode body) throws IOException {
    HttpRequest.BodyPublisher content =
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json; charset=utf-8")
            .method(method, content)
            .build();
    try {
      JsonNode value =
          JSON.readTree(client.send(request, BodyHandlers.ofString()).body()).get("value");
      if (value != null && value.hasNonNull("error")) {
        throw new AssertionError(method + " " + url + ": " + value.get("message").asText());
      }
      return value;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode post(String path, JsonNode body) throws IOException {
    return send("POST", session + path, body);
  }

  private JsonNode devTools(String command, ObjectNode parameters) throws IOException {
    ObjectNode body = JSON.createObjectNode().put("cmd", command);
    body.set("params", parameters);
    return post("/goog/cdp/execute", body);
  }

  /** Opens a page. */
  public Browser open(String url) throws IOException {
    post("/url", JSON.createObjectNode().put("url", url));
    return this;
  }

  /** A window of so many CSS pixels; a narrow one is a phone's. */
  public Browser window(int width, int height) throws IOException {
    boolean phone = width < 600;
    devTools(
        "Emulation.setDeviceMetricsOverride",
        JSON.createObjectNode()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", phone ? 2 : 1)
            .put("mobile", phone));
    return this;
  }

  /** What the person's system prefers: {@code light} or {@code dark}. */
  public Browser colours(String scheme) throws IOException {
    ObjectNode parameters = JSON.createObjectNode();
    parameters
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", scheme);
    devTools("Emulation.setEmulatedMedia", parameters);
    return this;
  }

  /** What a function's body answers, run in the page. */
  public JsonNode run(String body, String... arguments) throws IOException {
    ObjectNode call = JSON.createObjectNode().put("script", body);
    ArrayNode array = call.putArray("args");
    Stream.of(arguments).forEach(array::add);
    return post("/execute/sync", call);
  }

  /** What a function's body hands to its last argument, which it calls later. */
  public JsonNode runLater(String body) throws IOException {
    ObjectNode call = JSON.createObjectNode().put("script", body);
    call.putArray("args");
    return post("/execute/async", call);
  }

  /** The text that a person sees of the first element that a selector finds; empty if none. */
  public Optional<String> text(String selector) throws IOException {
    JsonNode text =
        run(
            "const e = document.querySelector(arguments[0]); return e && e.checkVisibility() ?"
                + " e.innerText : null",
            selector);
    return text.isNull() ? Optional.empty() : Optional.of(text.asText());
  }

  /** Presses keys, one after the other, as a person without a mouse would. */
  public Browser type(String keys) throws IOException {
    ObjectNode actions = JSON.createObjectNode();
    ObjectNode keyboard = actions.putArray("actions").addObject();
    keyboard.put("type", "key").put("id", "keyboard");
    ArrayNode presses = keyboard.putArray("actions");
    keys.codePoints()
        .mapToObj(Character::toString)
        .forEach(
            key -> {
              presses.addObject().put("type", "keyDown").put("value", key);
              presses.addObject().put("type", "keyUp").put("value", key);
            });
    post("/actions", actions);
    return this;
  }

  /** What the browser complained of: errors of scripts, and what its policy did not allow. */
  public List<String> complaints() throws IOException {
    List<String> complaints = new ArrayList<>();
    for (JsonNode entry : post("/se/log", JSON.createObjectNode().put("type", "browser"))) {
      if (entry.get("level").asText().matches("WARNING|SEVERE")) {
        complaints.add(entry.get("level").asText() + " " + entry.get("message").asText());
      }
    }
    return complaints;
  }

  /** Keeps a picture of the whole page. */
  public Path picture(String name) throws IOException {
    JsonNode picture =
        devTools(
            "Page.captureScreenshot",
            JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", true));
    Path file = Path.of("target", "pictures", name + ".png");
    Files.createDirectories(file.getParent());
    return Files.write(file, Base64.getDecoder().decode(picture.get("data").asText()));
  }

  /** What axe finds that is serious or critical, each with the rule and the element. */
  public List<String> seriousFaults() throws IOException {
    try (InputStream axe = Browser.class.getResourceAsStream("/axe.min.js")) {
      // Through the driver, as the page's policy lets no other script in.
      run(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
    }
    JsonNode found =
        runLater(
            "const done = arguments[arguments.length - 1];"
                + " axe.run().then(r => done({checked: r.passes.length, violations: r.violations}),"
                + " e => done({error: String(e)}))");
    if (found.path("checked").asInt() == 0) {
      throw new AssertionError("axe checked nothing: " + found);
    }
    List<String> faults = new ArrayList<>();
    for (JsonNode violation : found.get("violations")) {
      if (violation.path("impact").asText().matches("serious|critical")) {
        for (JsonNode element : violation.get("nodes")) {
          faults.add(
              violation.get("id").asText()
                  + ": "
                  + element.get("html").asText()
                  + " "
                  + element.path("failureSummary").asText());
        }
      }
    }
    return faults;
  }

  /** A condition that may fail to be looked at. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it holds. */
    boolean holds() throws IOException;
  }

  /** Waits until it holds; says what the page shows if that never comes. */
  public Browser await(String what, Condition condition) throws IOException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - until > 0) {
        throw new AssertionError(
            "waited in vain for " + what + ": " + text("body").orElse("") + complaints());
      }
      LockSupport.parkNanos(50_000_000);
    }
    return this;
  }

  @Override
  public void close() {
    try {
      send("DELETE", session, null);
    } catch (IOException | AssertionError e) {
      // It ends with its driver.
    }
    end(driver);
  }

  private static void end(Process driver) {
    List<ProcessHandle> children = driver.descendants().toList();
    driver.destroy();
    try {
      if (!driver.waitFor(5, TimeUnit.SECONDS)) {
        driver.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
