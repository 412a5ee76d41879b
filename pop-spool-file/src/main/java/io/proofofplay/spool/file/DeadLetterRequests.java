package io.proofofplay.spool.file;

import io.proofofplay.core.json.JsonLine;
import io.proofofplay.core.json.JsonNumber;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetterRequest.Action;
import io.proofofplay.spool.file.Disk.Entry;
import io.proofofplay.spool.file.Disk.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an operator's command and a relay that runs talk about dead letters: by files in the folder
 * of the letters, each written whole under another name, forced and renamed. Whoever renames a
 * request first has it: the relay to follow it, or the command to take it back.
 *
 * <p>Thread-safe: it has no state.
 */
public final class DeadLetterRequests {

  /**
   * What came of a request.
   *
   * @param done how many letters are not among the dead ones any more
   * @param problem why not all that were meant; empty if nothing went wrong
   */
  public record Answer(long done, String problem) {}

  private static final Pattern REQUEST = Pattern.compile("request-([a-z0-9]{1,32})\\.ndjson");
  private static final Pattern LEFT_OVER =
      Pattern.compile("(answer-[a-z0-9]{1,32}\\.ndjson|.*\\.(tmp|taken))");

  private static final Pattern DONE = Pattern.compile("\\d{1,18}");

  /** Nobody waits so long for an answer. */
  private static final Duration STALE = Duration.ofHours(1);

  /** Larger requests were made by nobody. */
  private static final int LONGEST = 64 << 20;

  /** What is said of a request that its taker cannot read. */
  private static final class Unreadable extends IOException {

    private static final long serialVersionUID = 1L;

    Unreadable(Path request, IOException cause) {
      super(
          request
              + " cannot be read by the relay, and is not followed: "
              + cause
              + "; run the command as the relay's user",
          cause);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterRequests.class);

  private final Disk disk;
  private final Path folder;

  DeadLetterRequests(Disk disk, Path folder) {
    this.disk = disk;
    this.folder = folder;
  }

  /**
   * The requests about one sink's dead letters.
   *
   * @param directory the spool's directory
   * @param sink the sink's name
   * @return the requests; nothing is read or written yet
   * @throws IllegalArgumentException if no sink can have such a name
   */
  public static DeadLetterRequests of(Path directory, String sink) {
    if (!FileStorage.isSink(sink)) {
      throw new IllegalArgumentException("\"" + sink + "\" is not the name of a sink");
    }
    return new DeadLetterRequests(
        new RealDisk(),
        directory.toAbsolutePath().normalize().resolve(sink).resolve(FileDeadLetters.FOLDER));
  }

  /**
   * Leaves a request for the relay, which looks about once a second. Removes what earlier ones have
   * left that nobody waits for any more.
   *
   * @param action what is to become of the letters
   * @param batches the letters by their batches
   * @param now the wall clock
   * @return names the request
   * @throws IOException if it cannot be left; then there is none
   */
  public String post(Action action, Collection<String> batches, Instant now) throws IOException {
    disk.createDirectories(folder);
    for (Entry entry : disk.list(folder)) {
      if (LEFT_OVER.matcher(entry.name()).matches()
          && entry.modified().isBefore(now.minus(STALE))) {
        disk.delete(folder.resolve(entry.name()));
      }
    }
    String id = SpoolId.random();
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    lines.writeBytes(
        new JsonLine()
            .put("action", action.name().toLowerCase(Locale.ROOT))
            .put("letters", batches.size())
            .end());
    for (String batch : batches) {
      lines.writeBytes(new JsonLine().put("batch", batch).end());
    }
    write(request(id), lines.toByteArray());
    return id;
  }

  /**
   * Whether the relay has not seen a request yet.
   *
   * @param id names the request
   * @return whether it is still there
   * @throws IOException if the folder cannot be read
   */
  public boolean isWaiting(String id) throws IOException {
    return disk.list(folder).stream().anyMatch(entry -> entry.name().equals(request(id)));
  }

  /**
   * Takes a request back.
   *
   * @param id names the request
   * @return whether it is taken back; else the relay has it
   * @throws IOException if that cannot be done
   */
  public boolean withdraw(String id) throws IOException {
    return claim(request(id)).isPresent();
  }

  /**
   * What the relay has answered, which is removed by this.
   *
   * @param id names the request
   * @return the answer; empty if there is none yet
   * @throws IOException if it cannot be read, or is not what a relay writes
   */
  public Optional<Answer> answer(String id) throws IOException {
    Path file = folder.resolve(answerTo(id));
    byte[] bytes;
    try {
      bytes = disk.read(file, 0, LONGEST);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    disk.delete(file);
    return Optional.of(
        lines(bytes).stream()
            .findFirst()
            .flatMap(DeadLetterLine::members)
            .flatMap(DeadLetterRequests::answer)
            .orElseThrow(() -> new IOException(file + ": the relay's answer cannot be read")));
  }

  private static Optional<Answer> answer(Map<String, Object> members) {
    return members.get("done") instanceof JsonNumber done
            && DONE.matcher(done.text()).matches()
            && members.get("problem") instanceof String problem
        ? Optional.of(new Answer(Long.parseLong(done.text()), problem))
        : Optional.empty();
  }

  /**
   * The oldest request, which is gone from now on; one that makes no sense is just gone, and one
   * that cannot be read is answered so.
   */
  Optional<DeadLetterRequest> take() throws IOException {
    if (!disk.isDirectory(folder)) {
      return Optional.empty();
    }
    List<Entry> waiting = new ArrayList<>(disk.list(folder));
    waiting.removeIf(entry -> !REQUEST.matcher(entry.name()).matches());
    waiting.sort(Comparator.comparing(Entry::modified));
    for (Entry entry : waiting) {
      String id = entry.name().replaceFirst("request-(.*)\\.ndjson", "$1");
      Optional<DeadLetterRequest> request;
      try {
        request = claim(entry.name()).flatMap(bytes -> request(id, bytes));
      } catch (Unreadable e) {
        LOG.warn("{}", e.getMessage());
        answer(id, 0, e.getMessage());
        continue;
      }
      if (request.isPresent()) {
        return request;
      }
    }
    return Optional.empty();
  }

  /** The bytes of a request that this caller, and no other, takes away. */
  private Optional<byte[]> claim(String name) throws IOException {
    Path taken = folder.resolve(name + ".taken");
    try {
      disk.rename(folder.resolve(name), taken);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    byte[] bytes;
    try {
      bytes = disk.read(taken, 0, LONGEST);
    } catch (IOException e) {
      disk.delete(taken);
      throw new Unreadable(folder.resolve(name), e);
    }
    disk.delete(taken);
    disk.forceDirectory(folder);
    return Optional.of(bytes);
  }

  private static Optional<DeadLetterRequest> request(String id, byte[] bytes) {
    Optional<Action> action = Optional.empty();
    Set<String> batches = new TreeSet<>();
    for (byte[] line : lines(bytes)) {
      Map<String, Object> members = DeadLetterLine.members(line).orElse(Map.of());
      for (Action one : Action.values()) {
        if (one.name().toLowerCase(Locale.ROOT).equals(members.get("action"))) {
          action = Optional.of(one);
        }
      }
      if (members.get("batch") instanceof String batch) {
        batches.add(batch);
      }
    }
    return action.map(one -> new DeadLetterRequest(id, one, batches));
  }

  private static List<byte[]> lines(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  void answer(String id, long done, String problem) throws IOException {
    write(answerTo(id), new JsonLine().put("done", done).put("problem", problem).end());
  }

  private void write(String name, byte[] bytes) throws IOException {
    Path draft = folder.resolve(name + ".tmp");
    try (OpenFile file = disk.create(draft)) {
      file.write(bytes, 0, bytes.length);
      file.force();
    }
    disk.giveToOwnerOfFolder(draft);
    disk.rename(draft, folder.resolve(name));
    disk.forceDirectory(folder);
  }

  private static String request(String id) {
    return "request-" + id + ".ndjson";
  }

  private static String answerTo(String id) {
    return "answer-" + id + ".ndjson";
  }
}
