package io.proofofplay.packaging.infobeamer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A player with {@code pop.lua} in a process of its own, directed over a connection. */
final class LuaPlayer implements AutoCloseable {

  private static final String LISTENING = "listening on ";

  private final Process process;
  private final Socket socket;
  private final BufferedReader answers;
  private final int port;

  LuaPlayer() throws IOException {
    process =
        Lua.script("player.lua", "socket").redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = process.inputReader(StandardCharsets.UTF_8).readLine();
    if (said == null || !said.startsWith(LISTENING)) {
      process.destroyForcibly();
      throw new AssertionError("the player said " + said);
    }
    port = Integer.parseInt(said.substring(LISTENING.length()));
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    answers =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    answers.readLine();
    send("*raw/root/control");
    answers.readLine();
  }

  int port() {
    return port;
  }

  private void send(String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Gives a command, see the head of {@code player.lua}; what it answers before it is done. */
  List<String> say(String command) throws IOException {
    send(command);
    List<String> lines = new ArrayList<>();
    for (String line = answers.readLine(); !"done".equals(line); line = answers.readLine()) {
      if (line == null) {
        throw new AssertionError("the player ended at \"" + command + "\"");
      }
      lines.add(line);
    }
    return lines;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    process.destroyForcibly();
  }
}
