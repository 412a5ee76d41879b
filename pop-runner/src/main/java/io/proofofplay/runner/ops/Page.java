package io.proofofplay.runner.ops;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The status page's files. They are the same for everybody and hold nothing of this relay; what the
 * page shows it asks for, with the token if there is one.
 */
final class Page {

  /** What a browser may do with the page: run its own script, ask its own server, nothing else. */
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
          + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private record Part(String resource, String type) {}

  private static final Map<String, Part> PARTS =
      Map.of(
          "/", new Part("page.html", "text/html; charset=utf-8"),
          "/page.css", new Part("page.css", "text/css; charset=utf-8"),
          "/page.js", new Part("page.js", "text/javascript; charset=utf-8"),
          "/icon.svg", new Part("icon.svg", "image/svg+xml"));

  /**
   * One of them.
   *
   * @param type its media type
   * @param text its content
   */
  record File(String type, String text) {}

  private Page() {}

  /** The file at a path; empty if none is there. */
  static Optional<File> at(String path) {
    Part part = PARTS.get(path);
    if (part == null) {
      return Optional.empty();
    }
    try (InputStream in = Page.class.getResourceAsStream(part.resource())) {
      if (in == null) {
        throw new IllegalStateException(part.resource() + " is not in the program's jar");
      }
      return Optional.of(
          new File(part.type(), new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException(
          part.resource() + " cannot be read from the program's jar", e);
    }
  }
}
