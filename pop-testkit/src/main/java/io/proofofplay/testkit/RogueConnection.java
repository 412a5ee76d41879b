package io.proofofplay.testkit;

import io.proofofplay.testkit.RogueServer.Answer;
import io.proofofplay.testkit.RogueServer.Fault;
import io.proofofplay.testkit.RogueServer.Request;
import io.proofofplay.testkit.RogueServer.Stage;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;

/** One connection of a {@link RogueServer}, served by one thread. */
final class RogueConnection {

  /** Thrown where the connection ends on purpose. */
  private static final class Ended extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static final int MOST_BODY = 64 * 1024 * 1024;

  private final RogueServer server;
  private final Socket socket;
  private final CountDownLatch closing = new CountDownLatch(1);

  int number;

  private Socket line;
  private InputStream in;
  private OutputStream out;

  RogueConnection(RogueServer server, Socket socket) {
    this.server = server;
    this.socket = socket;
  }

  void serve() {
    try {
      Optional<Answer> first = server.takeOnAccept();
      if (first.isPresent()) {
        at(Stage.ACCEPTED, first.get());
      }
      socket.setTcpNoDelay(true);
      attach(socket);
      if (server.tls().isPresent() && !server.tlsInTunnel()) {
        upgrade();
      }
      boolean more = true;
      while (more) {
        more = exchange();
      }
    } catch (IOException e) {
      // The peer went, or the script ended the connection: nothing is left to do here.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
      server.ended(this);
    }
  }

  private void attach(Socket to) throws IOException {
    line = to;
    in = new BufferedInputStream(to.getInputStream());
    out = to.getOutputStream();
  }

  private void upgrade() throws IOException {
    SSLSocket layered =
        (SSLSocket)
            server
                .tls()
                .orElseThrow()
                .getSocketFactory()
                .createSocket(socket, "127.0.0.1", socket.getPort(), true);
    layered.setUseClientMode(false);
    layered.setNeedClientAuth(server.asksForCertificate());
    layered.startHandshake();
    attach(layered);
  }

  private boolean exchange() throws IOException, InterruptedException {
    in.mark(1);
    if (in.read() < 0) {
      return false;
    }
    in.reset();
    Answer answer = server.take();
    at(Stage.ACCEPTED, answer);

    String requestLine = readLine();
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    if (answer.fault != Fault.NONE && answer.stage == Stage.REQUEST_LINE) {
      server.received(request(requestLine, headers, new byte[0], false));
      at(Stage.REQUEST_LINE, answer);
    }
    for (String header = readLine(); !header.isEmpty(); header = readLine()) {
      int colon = header.indexOf(':');
      headers.add(
          Map.entry(header.substring(0, Math.max(colon, 0)), header.substring(colon + 1).strip()));
    }
    boolean stopsAtHead = answer.fault != Fault.NONE && answer.stage == Stage.REQUEST_HEAD;
    Request head = request(requestLine, headers, new byte[0], false);
    if (stopsAtHead || !answer.reads) {
      server.received(head);
      at(Stage.REQUEST_HEAD, answer);
    } else {
      if (head.header("Expect").isPresent()) {
        send("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII), answer);
      }
      if (answer.fault != Fault.NONE && answer.stage == Stage.REQUEST_BODY) {
        server.received(request(requestLine, headers, readExactly(lengthOf(head) / 2), false));
        at(Stage.REQUEST_BODY, answer);
      }
      Request whole = request(requestLine, headers, readBody(head), true);
      answer = server.decide(answer, whole);
      server.received(whole);
    }
    at(Stage.REQUEST, answer);
    answer(answer);
    at(Stage.ANSWERED, answer);
    if (requestLine.startsWith("CONNECT ") && answer.status == 200 && server.tlsInTunnel()) {
      upgrade();
    }
    return staysOpen(answer);
  }

  private boolean staysOpen(Answer answer) throws IOException {
    if (answer.idle.compareTo(Duration.ofSeconds(1)) > 0) {
      return true;
    }
    long end = System.nanoTime() + answer.idle.toNanos();
    while (in.available() == 0) {
      if (System.nanoTime() - end >= 0) {
        server.closedIdle();
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  private Request request(
      String requestLine, List<Map.Entry<String, String>> headers, byte[] body, boolean complete) {
    return new Request(number, requestLine, List.copyOf(headers), body, complete);
  }

  private byte[] readBody(Request head) throws IOException {
    if (head.header("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent()) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      while (true) {
        int size = Integer.parseInt(readLine().strip(), 16);
        body.write(readExactly(size));
        String end = readLine();
        if (size == 0) {
          return body.toByteArray();
        }
        if (!end.isEmpty()) {
          throw new IOException("chunk does not end");
        }
      }
    }
    return readExactly(lengthOf(head));
  }

  private static int lengthOf(Request head) {
    return Integer.parseInt(head.header("Content-Length").orElse("0"));
  }

  private byte[] readExactly(int length) throws IOException {
    if (length < 0 || length > MOST_BODY) {
      throw new IOException("body of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("body ends early");
    }
    return bytes;
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("line ends early");
      }
      bytes.write(b);
    }
    String text = bytes.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private void answer(Answer answer) throws IOException, InterruptedException {
    if (answer.raw.isPresent()) {
      send(answer.raw.get(), answer);
      sendForEver(answer);
      return;
    }
    for (int status : answer.interim) {
      send(
          ("HTTP/1.1 " + status + " Interim\r\nX-Interim: yes\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII),
          answer);
    }
    byte[] head = head(answer);
    byte[] body = answer.body;
    send(RogueServer.firstHalf(head), answer);
    at(Stage.ANSWER_STARTED, answer);
    send(RogueServer.secondHalf(head), answer);
    at(Stage.ANSWER_HEAD, answer);
    send(RogueServer.firstHalf(body), answer);
    at(Stage.ANSWER_BODY, answer);
    byte[] rest = RogueServer.secondHalf(body);
    send(Arrays.copyOf(rest, Math.max(rest.length - 1, 0)), answer);
    at(Stage.LAST_BYTE, answer);
    if (rest.length > 0) {
      send(new byte[] {rest[rest.length - 1]}, answer);
    }
    sendForEver(answer);
  }

  private void sendForEver(Answer answer) throws IOException, InterruptedException {
    while (answer.forEver.isPresent()) {
      send(answer.forEver.get(), answer);
    }
  }

  private static byte[] head(Answer answer) {
    StringBuilder head = new StringBuilder();
    head.append("HTTP/1.1 ").append(answer.status).append(" As Told\r\n");
    boolean framed = answer.forEver.isPresent() || answer.status == 204 || answer.status == 304;
    for (Map.Entry<String, String> header : answer.headers) {
      head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
      framed |= header.getKey().equalsIgnoreCase("Transfer-Encoding");
      framed |= header.getKey().equalsIgnoreCase("Content-Length");
    }
    if (!framed) {
      head.append("Content-Length: ").append(answer.body.length).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private void send(byte[] bytes, Answer answer) throws IOException, InterruptedException {
    if (answer.period.isZero()) {
      out.write(bytes);
      out.flush();
      return;
    }
    for (byte b : bytes) {
      out.write(b);
      out.flush();
      server.hasDripped();
      if (closing.await(answer.period.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Ended();
      }
    }
  }

  private void at(Stage stage, Answer answer) throws IOException, InterruptedException {
    if (answer.stage != stage || answer.fault == Fault.NONE) {
      return;
    }
    server.faultBegins();
    switch (answer.fault) {
      case HANG -> closing.await();
      case RESET -> reset();
      case HALF_CLOSE -> {
        (line == null ? socket : line).shutdownOutput();
        InputStream rest = line == null ? socket.getInputStream() : in;
        long unused = rest.transferTo(OutputStream.nullOutputStream());
      }
      default -> (line == null ? socket : line).close();
    }
    throw new Ended();
  }

  /** Ends the connection with a TCP RST, past TLS if there is any. */
  void reset() {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // Closed already.
    }
    close();
  }

  /** Ends the connection with a TCP FIN, or a RST if something unread came. */
  void close() {
    closing.countDown();
    try {
      socket.close();
    } catch (IOException e) {
      // Closed as well as can be.
    }
  }
}
