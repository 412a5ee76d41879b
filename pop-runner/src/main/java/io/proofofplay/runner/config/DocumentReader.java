package io.proofofplay.runner.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.proofofplay.core.config.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads a file into a tree. What is no YAML or no JSON is a finding, not an exception. */
final class DocumentReader {

  /** No configuration is larger; the bound keeps a wrong path from filling the memory. */
  private static final int FILE_BYTES = 1024 * 1024;

  /** Deeper than any setting, and far above the stack's bound. */
  private static final int DEPTH = 32;

  private static final Pattern YAML_PLACE =
      Pattern.compile("^ in '[^']*', line (\\d{1,9}), column", Pattern.MULTILINE);

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final Findings findings;

  /** The entries of the root that are read; empty for all. */
  private final Set<String> wanted;

  /** What belongs into the file, for a message. */
  private final String right;

  private DocumentReader(Findings findings, Set<String> wanted, String right) {
    this.findings = findings;
    this.wanted = wanted;
    this.right = right;
  }

  /** Reads a configuration. */
  static DocumentReader ofConfiguration(Findings findings) {
    return new DocumentReader(findings, Set.of(), "write at least one source and one sink");
  }

  /** Reads some entries of the root; the others may be anything, since they are somebody else's. */
  static DocumentReader ofEntries(Findings findings, List<String> names) {
    return new DocumentReader(
        findings, Set.copyOf(names), "write an object with " + Notation.either(names));
  }

  /** The root section; empty if there is none, and then a finding says why. */
  Optional<Node.Fields> read(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return switch (name.contains(".") ? extension : "") {
      case "yaml", "yml" -> load(file).flatMap(text -> parse(text, new YAMLFactory(), "YAML"));
      case "json" -> load(file).flatMap(text -> parse(text, new JsonFactory(), "JSON"));
      default -> {
        findings.add("is neither YAML nor JSON by its name; name it .yaml, .yml or .json");
        yield Optional.empty();
      }
    };
  }

  private Optional<String> load(Path file) {
    try {
      if (Files.isDirectory(file)) {
        findings.add("is a directory; name a file");
        return Optional.empty();
      }
      byte[] bytes;
      try (InputStream input = Files.newInputStream(file)) {
        bytes = input.readNBytes(FILE_BYTES + 1);
      }
      if (bytes.length > FILE_BYTES) {
        findings.add("is larger than " + new ByteSize(FILE_BYTES) + ", as no configuration is");
        return Optional.empty();
      }
      return decode(bytes);
    } catch (NoSuchFileException e) {
      findings.add("does not exist; create it, or name another with --config FILE");
    } catch (AccessDeniedException e) {
      findings.add(
          "may not be read by this user; run this as the one to whom the relay belongs, or change its owner or its mode");
    } catch (IOException e) {
      findings.add("cannot be read: " + e.getMessage());
    }
    return Optional.empty();
  }

  private Optional<String> decode(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CharBuffer text = CharBuffer.allocate(bytes.length + 1);
    ByteBuffer input = ByteBuffer.wrap(bytes);
    CoderResult result = decoder.decode(input, text, true);
    text.flip();
    if (result.isError()) {
      int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
      findings.add(line, "holds bytes that are not UTF-8; save the file as UTF-8");
      return Optional.empty();
    }
    if (text.length() > 0 && text.charAt(0) == BYTE_ORDER_MARK) {
      text.get();
    }
    return Optional.of(text.toString());
  }

  private Optional<Node.Fields> parse(String text, JsonFactory factory, String language) {
    try (JsonParser parser = factory.createParser(text)) {
      if (parser.nextToken() == null) {
        findings.add("is empty; " + right);
        return Optional.empty();
      }
      int before = findings.count();
      Node root = value(parser, "", parser.currentTokenLocation().getLineNr(), 0);
      if (findings.count() == before && parser.nextToken() != null) {
        findings.add(
            parser.currentTokenLocation().getLineNr(), "a second document begins here; write one");
      }
      if (root instanceof Node.Fields fields) {
        return Optional.of(fields);
      }
      if (root instanceof Node.Nothing) {
        findings.add("is empty; " + right);
      } else {
        findings.add(
            root.line(),
            "is "
                + root.kind()
                + "; "
                + (wanted.isEmpty() ? "write sections: sources, sinks" : right));
      }
    } catch (TooDeep e) {
      findings.add(e.line, "is nested deeper than any setting");
    } catch (JsonProcessingException e) {
      findings.add(line(e), "is not " + language + ": " + words(e.getOriginalMessage()));
    } catch (IOException e) {
      findings.add("is not " + language + ": " + words(String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  private Node value(JsonParser parser, String key, int line, int depth) throws IOException {
    if (depth > DEPTH) {
      throw new TooDeep(line);
    }
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      findings.add(
          line, (key.isEmpty() ? "" : key + ": ") + "aliases (*name) are not taken; write it out");
      return new Node.Nothing(key, line);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> fields(parser, key, line, depth);
      case START_ARRAY -> items(parser, key, line, depth);
      case VALUE_NULL -> new Node.Nothing(key, line);
      default -> new Node.Text(key, line, parser.getText());
    };
  }

  private Node.Fields fields(JsonParser parser, String key, int line, int depth)
      throws IOException {
    Map<String, Node> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      int at = parser.currentTokenLocation().getLineNr();
      parser.nextToken();
      if (depth == 0 && !wanted.isEmpty() && !wanted.contains(name)) {
        parser.skipChildren();
        continue;
      }
      Node entry = value(parser, Node.Fields.below(key, name), at, depth + 1);
      Node first = entries.putIfAbsent(name, entry);
      if (first != null) {
        findings.add(
            entry,
            "stands here for the second time, first in line "
                + first.line()
                + "; keep one of the two");
      }
    }
    return new Node.Fields(key, line, entries);
  }

  private Node.Items items(JsonParser parser, String key, int line, int depth) throws IOException {
    List<Node> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      int at = parser.currentTokenLocation().getLineNr();
      items.add(value(parser, key + "[" + items.size() + "]", at, depth + 1));
    }
    return new Node.Items(key, line, items);
  }

  /** Where the fault is; YAML names first where what is at fault began, and then this. */
  private static int line(JsonProcessingException fault) {
    int line = fault.getLocation() == null ? 1 : Math.max(1, fault.getLocation().getLineNr());
    Matcher place = YAML_PLACE.matcher(fault.getOriginalMessage());
    while (place.find()) {
      line = Integer.parseInt(place.group(1));
    }
    return line;
  }

  /**
   * The parser's own words, without the pieces of the file that it likes to quote: they may be
   * secrets.
   */
  private static String words(String message) {
    if (message.contains("\\t(TAB)")) {
      return "a tab stands where only spaces may; indent with spaces";
    }
    if (message.startsWith("Unexpected end-of-input") || message.contains("found '<stream end>'")) {
      return "it ends before all that was begun is closed; look for a missing bracket or quote";
    }
    // YAML's messages have indented lines with a place and a piece of the file.
    String kept =
        message.lines().filter(line -> !line.startsWith(" ")).collect(Collectors.joining(", "));
    return kept.replaceAll("\\(start marker at .*\\)", "")
        .replaceAll("(?<=\\s)'[^']{2,}'", "")
        .replaceAll("(?<=\\s)\"[^\"]{2,}\"", "")
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static final class TooDeep extends IOException {

    private static final long serialVersionUID = 1L;

    private final int line;

    TooDeep(int line) {
      super("nested too deep");
      this.line = line;
    }
  }
}
