package io.proofofplay.runner.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text of the file with references in it. A reference is a dollar sign and, in braces, either
 * {@code env:NAME} for a variable of the environment, or {@code file:PATH} for a file's text
 * without its one trailing newline. Two dollar signs before a brace stand for one, and for no
 * reference.
 */
final class Template {

  /** Larger is no setting; the bound keeps a wrong path from filling the memory. */
  private static final int FILE_BYTES = 64 * 1024;

  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$\\{|\\$\\{(env|file):([^}]+)\\}|\\$\\{");

  /** A reference that leads nowhere. The message names the reference, never a value. */
  static final class Unresolved extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean quotes;

    Unresolved(String message) {
      this(message, false);
    }

    Unresolved(String message, boolean quotes) {
      super(message);
      this.quotes = quotes;
    }

    /** Whether the message repeats the text around the reference. */
    boolean quotes() {
      return quotes;
    }
  }

  /** A reference and what it stands for. */
  record Reference(String asWritten, String value) {

    @Override
    public String toString() {
      return asWritten;
    }
  }

  /** The whole text with every reference replaced, and the references. */
  record Resolved(String text, List<Reference> references) {

    @Override
    public String toString() {
      return references.toString();
    }
  }

  private final String text;
  private final Surroundings surroundings;

  Template(String text, Surroundings surroundings) {
    this.text = text;
    this.surroundings = surroundings;
  }

  /** Whether the text is more than itself. */
  boolean refers() {
    return text.contains("${");
  }

  /** Looks up every reference now. */
  Resolved resolve() {
    Matcher reference = REFERENCE.matcher(text);
    StringBuilder whole = new StringBuilder();
    List<Reference> references = new ArrayList<>();
    while (reference.find()) {
      String value;
      if (reference.group().equals("$${")) {
        value = "${";
      } else if (reference.group(1) == null) {
        throw new Unresolved(
            Hidden.quote(text)
                + " holds a ${ that is no reference; write ${env:NAME}, ${file:PATH}, or $${ for"
                + " the two characters themselves",
            true);
      } else {
        value =
            reference.group(1).equals("env")
                ? variable(reference.group(2))
                : contents(reference.group(2));
        references.add(new Reference(reference.group(), value));
      }
      reference.appendReplacement(whole, Matcher.quoteReplacement(value));
    }
    reference.appendTail(whole);
    return new Resolved(whole.toString(), references);
  }

  private String variable(String name) {
    String value = surroundings.environment().get(name);
    if (value == null) {
      throw new Unresolved(
          "the environment has no " + name + "; set it, or take ${env:" + name + "} out");
    }
    return value;
  }

  private String contents(String path) {
    byte[] bytes;
    try {
      Path file = surroundings.directory().resolve(path);
      if (Files.isDirectory(file)) {
        throw new Unresolved("the file " + path + " is a directory; name a file");
      }
      // Its size may be said to be 0, as that of /dev/zero is.
      try (InputStream input = Files.newInputStream(file)) {
        bytes = input.readNBytes(FILE_BYTES + 1);
      }
      if (bytes.length > FILE_BYTES) {
        throw new Unresolved("the file " + path + " is larger than 64KiB; name a smaller one");
      }
    } catch (NoSuchFileException e) {
      throw new Unresolved("the file " + path + " does not exist; create it, or correct the path");
    } catch (AccessDeniedException e) {
      throw new Unresolved("the file " + path + " may not be read by this user");
    } catch (IOException | InvalidPathException e) {
      throw new Unresolved(
          "the file " + path + " cannot be read (" + e.getClass().getSimpleName() + ")");
    }
    try {
      String whole = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (whole.endsWith("\r\n")) {
        return whole.substring(0, whole.length() - 2);
      }
      return whole.endsWith("\n") ? whole.substring(0, whole.length() - 1) : whole;
    } catch (CharacterCodingException e) {
      throw new Unresolved("the file " + path + " is not UTF-8 text; name a text file");
    }
  }
}
