package io.proofofplay.source.infobeamer;

import io.proofofplay.core.model.RetryPolicy;
import io.proofofplay.core.spi.EventSource;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.EventSourceContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/** The rules of the port, with a player on a real socket as the peer. */
final class InfoBeamerSourceContractTest implements EventSourceContract {

  private static final Duration HASTE = Duration.ofMillis(50);

  @Override
  public Peer peer() throws IOException {
    return new Player(Lookout.PROCESS);
  }

  static final class Player implements Peer {

    private final Lookout lookout;
    private FakePlayer player;
    private volatile FakePlayer.Client client;

    Player(Lookout lookout) throws IOException {
      this.lookout = lookout;
      player = new FakePlayer(this::introduce);
    }

    private void introduce(FakePlayer.Client connected) throws IOException {
      client = connected;
      connected.introduce().listen();
    }

    @Override
    public EventSource source() {
      InfoBeamerConfig config = InfoBeamerConfig.of("127.0.0.1", player.port());
      RetryPolicy hasty = new RetryPolicy(HASTE, HASTE, 1.0, 0.5);
      return new InfoBeamerSource(
          config,
          new SourceContext("contract", TimeSource.system()),
          new SocketDialer(config, InetAddress::getAllByName, lookout, TimeSource.system()),
          new Reconnects(hasty, hasty, Math::random),
          lookout);
    }

    @Override
    public String sender() {
      return "lobby";
    }

    @Override
    public void emit(List<byte[]> events) throws IOException {
      ByteArrayOutputStream lines = new ByteArrayOutputStream();
      for (byte[] event : events) {
        lines.writeBytes(event);
        lines.write('\n');
      }
      // At once: the source may go away at the first of them.
      client.say(lines.toByteArray());
    }

    @Override
    public int emitNonsense() throws IOException {
      client.say("no json\n\n{\"ts\":1}\r\n[]\n" + "x".repeat(2 << 20) + "\n \n");
      return 4;
    }

    @Override
    public void drop() throws IOException {
      player.drop();
    }

    @Override
    public void vanish() throws IOException {
      player.goAway();
    }

    @Override
    public void turnForeign() throws IOException {
      become(connected -> connected.say("220 ftp.example ready\r\n").listen());
    }

    @Override
    public void turnSilent() throws IOException {
      become(FakePlayer.Client::listen);
    }

    @Override
    public void appear() throws IOException {
      become(this::introduce);
    }

    private void become(FakePlayer.Script script) throws IOException {
      player.goAway();
      player = player.successor(script);
    }

    @Override
    public void close() throws IOException {
      player.close();
    }
  }
}
