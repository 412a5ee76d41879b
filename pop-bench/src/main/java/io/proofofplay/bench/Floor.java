package io.proofofplay.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * What the machine can do: a bare loop in one thread that reads the same sockets, scans the same
 * JSON, computes the same checksums, writes and forces the same bytes and posts the same batches,
 * and does nothing else. It keeps no promise: no error is handled, nothing is retried or recovered.
 *
 * <p>The JSON is scanned by Jackson's streaming parser as it comes, not by the relay's scanner, so
 * that the floor stays where it is when the relay's own parts get faster.
 */
public final class Floor {

  /** The mode in which what waits in files is posted and deleted. */
  static final String DRAIN = "drain";

  /** The same, with what the relay writes and forces meanwhile. */
  static final String DRAIN_AND_KEEP = "drain-and-keep";

  /** How many files the relay deletes, at most, before it forces that they are gone. */
  private static final int FORCED_AFTER = 8;

  /** About what the relay remembers of deliveries; then the oldest is overwritten. */
  private static final int LOG_BYTES = 60 << 20;

  private static final JsonFactory JSON = new JsonFactory();
  private static final int READ_BYTES = 64 << 10;

  /** How much is read at a time from each of many: more than one of them says at a time. */
  private static final int CROWD_READ_BYTES = 4 << 10;

  private static final byte[] PATH = "*raw/root/::pop\n".getBytes(StandardCharsets.US_ASCII);

  /** What is free before a body for the head of its request, so that both go with one write. */
  private static final int HEAD_ROOM = 512;

  private final int batch;
  private final Socket backend;
  private final byte[] body;
  private final byte[] file;
  private final byte[] answer = new byte[1024];
  private final CRC32C crc = new CRC32C();
  private final Backlog records = new Backlog();
  private final Path folder;
  private final boolean forced;
  private int count;
  private int bodyEnd = HEAD_ROOM + 1;
  private int fileEnd;
  private long number;

  private Floor(int batch, int backendPort, Path folder, boolean forced) throws IOException {
    this.batch = batch;
    this.folder = folder;
    this.forced = forced;
    body = new byte[HEAD_ROOM + batch * (Play.LENGTH + 1) + 1];
    file = new byte[batch * (Play.LENGTH + Backlog.FRAME)];
    body[HEAD_ROOM] = '[';
    backend = new Socket(InetAddress.getLoopbackAddress(), backendPort);
    backend.setTcpNoDelay(true);
  }

  /**
   * Runs the loop until the player goes away or the folder is empty, and then stays until its input
   * ends, so that what it has used can be read.
   *
   * @param arguments {@code write-ahead}, {@code on-failure}, {@value #DRAIN} or {@value
   *     #DRAIN_AND_KEEP}; the events a batch; the player's port; the backend's port; the folder for
   *     files; how many connections to make to the player
   * @throws IOException if anything at all goes wrong
   */
  public static void main(String[] arguments) throws IOException {
    String mode = arguments[0];
    Path folder = Files.createDirectories(Path.of(arguments[4]));
    Floor floor =
        new Floor(
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[3]),
            folder,
            mode.equals("write-ahead"));
    if (mode.equals(DRAIN) || mode.equals(DRAIN_AND_KEEP)) {
      floor.drain(mode.equals(DRAIN_AND_KEEP));
    } else {
      int playerPort = Integer.parseInt(arguments[2]);
      int sources = Integer.parseInt(arguments[5]);
      if (sources == 1) {
        floor.receive(playerPort);
      } else {
        floor.receiveFromMany(playerPort, sources);
      }
    }
    // Nothing is said to it; at the end of its input it is let go.
    System.in.transferTo(OutputStream.nullOutputStream());
  }

  private void receive(int playerPort) throws IOException {
    try (Socket player = new Socket(InetAddress.getLoopbackAddress(), playerPort)) {
      InputStream in = player.getInputStream();
      player.getOutputStream().write(PATH);
      Said said = new Said(READ_BYTES);
      while (true) {
        int read = in.read(said.bytes, said.end, said.bytes.length - said.end);
        if (read < 0) {
          return;
        }
        takeLines(said, read);
      }
    }
  }

  /** One thread looks who has said something, and reads once from each of those. */
  private void receiveFromMany(int playerPort, int sources) throws IOException {
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < sources; i++) {
        SocketChannel player =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), playerPort));
        int unused = player.write(ByteBuffer.wrap(PATH));
        player.configureBlocking(false);
        player.register(selector, SelectionKey.OP_READ, new Said(CROWD_READ_BYTES));
      }
      while (true) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          Said said = (Said) key.attachment();
          int read = ((SocketChannel) key.channel()).read(said.room());
          if (read < 0) {
            return;
          }
          takeLines(said, read);
        }
        selector.selectedKeys().clear();
      }
    }
  }

  /** What has come from one player and is no whole line yet. */
  private static final class Said {

    private final byte[] bytes;
    private final ByteBuffer room;

    /** Banner, answer and header. */
    private int introduction = 3;

    private int end;

    Said(int most) {
      bytes = new byte[most];
      room = ByteBuffer.wrap(bytes);
    }

    /** Where more is read to. */
    ByteBuffer room() {
      return room.limit(bytes.length).position(end);
    }
  }

  private void takeLines(Said said, int read) throws IOException {
    byte[] bytes = said.bytes;
    int end = said.end + read;
    int from = 0;
    for (int i = said.end; i < end; i++) {
      if (bytes[i] == '\n') {
        if (said.introduction > 0) {
          said.introduction--;
        } else {
          take(bytes, from, i - from);
        }
        from = i + 1;
      }
    }
    System.arraycopy(bytes, from, bytes, 0, end - from);
    said.end = end - from;
  }

  private void take(byte[] bytes, int from, int length) throws IOException {
    scan(bytes, from, length);
    if (forced) {
      System.arraycopy(bytes, from, file, fileEnd + Backlog.FRAME - 1, length);
      fileEnd = records.frame(file, fileEnd);
    }
    add(bytes, from, length);
    if (count == batch) {
      Path sealed = forced ? keep() : null;
      post();
      if (forced) {
        Files.delete(sealed);
        fileEnd = 0;
      }
    }
  }

  private static void scan(byte[] bytes, int from, int length) throws IOException {
    boolean found = false;
    try (JsonParser parser = JSON.createParser(bytes, from, length)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        found |= token == JsonToken.FIELD_NAME && parser.currentName().equals("uuid");
      }
    }
    if (!found) {
      throw new IOException("no uuid");
    }
  }

  private void add(byte[] bytes, int from, int length) {
    System.arraycopy(bytes, from, body, bodyEnd, length);
    bodyEnd += length;
    body[bodyEnd++] = ',';
    count++;
  }

  /** One file a batch: written, forced, named, and its name forced. */
  private Path keep() throws IOException {
    Path open = folder.resolve(number + ".open");
    try (FileChannel channel =
        FileChannel.open(open, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      int unused = channel.write(ByteBuffer.wrap(file, 0, fileEnd));
      channel.force(false);
    }
    Path sealed = folder.resolve(number + ".ndjson");
    Files.move(open, sealed, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel channel = FileChannel.open(folder)) {
      channel.force(true);
    }
    number++;
    return sealed;
  }

  private void post() throws IOException {
    body[bodyEnd - 1] = ']';
    byte[] head =
        String.format(
                Locale.ROOT,
                """
        POST /pop HTTP/1.1\r
        Host: 127.0.0.1\r
        Content-Type: application/json\r
        Content-Length: %d\r
        Idempotency-Key: floor-%d\r
        \r
        """,
                bodyEnd - HEAD_ROOM,
                number)
            .getBytes(StandardCharsets.US_ASCII);
    int start = HEAD_ROOM - head.length;
    System.arraycopy(head, 0, body, start, head.length);
    backend.getOutputStream().write(body, start, bodyEnd - start);
    int have = 0;
    while (have < 4 || answer[have - 1] != '\n' || answer[have - 3] != '\n') {
      int read = backend.getInputStream().read(answer, have, answer.length - have);
      if (read < 0) {
        throw new EOFException("no answer");
      }
      have += read;
    }
    count = 0;
    bodyEnd = HEAD_ROOM + 1;
  }

  /**
   * Posts what waits, and deletes it.
   *
   * @param keeps whether it is also written down what was delivered, and forced that files are gone
   */
  private void drain(boolean keeps) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.sorted().toList();
    }
    byte[] lines = new byte[batch * Play.BRIEF_LENGTH];
    int deleted = 0;
    try (RandomAccessFile log =
            new RandomAccessFile(folder.resolveSibling("delivered.log").toFile(), "rw");
        FileChannel names = FileChannel.open(folder)) {
      for (Path one : files) {
        byte[] bytes = Files.readAllBytes(one);
        int at = 0;
        while (bytes[at] != '\n') {
          at++;
        }
        int linesEnd = 0;
        for (at++; at < bytes.length; at += Play.LENGTH + Backlog.FRAME) {
          check(bytes, at);
          int event = at + Backlog.FRAME - 1;
          if (keeps) {
            Play.briefly(bytes, event, lines, linesEnd);
            linesEnd += Play.BRIEF_LENGTH;
          }
          add(bytes, event, Play.LENGTH);
        }
        post();
        if (keeps) {
          log.write(lines, 0, linesEnd);
          log.seek(log.getFilePointer() % LOG_BYTES);
        }
        Files.delete(one);
        deleted++;
        if (keeps && deleted % FORCED_AFTER == 0) {
          names.force(true);
        }
      }
    }
  }

  private void check(byte[] bytes, int at) throws IOException {
    int sum = 0;
    for (int i = at; i < at + 8; i++) {
      sum = sum << 4 | Character.digit(bytes[i], 16);
    }
    crc.reset();
    crc.update(bytes, at + 9, Backlog.FRAME - 10 + Play.LENGTH);
    if ((int) crc.getValue() != sum) {
      throw new IOException("a checksum does not hold");
    }
  }
}
