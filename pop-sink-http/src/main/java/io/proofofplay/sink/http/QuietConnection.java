package io.proofofplay.sink.http;

import java.io.IOException;
import java.net.Socket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;

/**
 * A connection that logs nothing. HttpClient's own writes all headers and all bytes into a log when
 * an application that this runs in logs everything, the authorization among them.
 */
final class QuietConnection extends DefaultBHttpClientConnection
    implements ManagedHttpClientConnection {

  private final Meanwhile meanwhile;

  QuietConnection(
      Http1Config config,
      HttpMessageParserFactory<ClassicHttpResponse> parsers,
      Meanwhile meanwhile) {
    super(config, null, null, null, null, null, parsers);
    this.meanwhile = meanwhile;
  }

  /** All of the request has left then: who closes a body's stream flushes it. */
  @Override
  public void sendRequestEntity(ClassicHttpRequest request) throws HttpException, IOException {
    super.sendRequestEntity(request);
    meanwhile.use();
  }

  @Override
  public Socket getSocket() {
    SocketHolder holder = getSocketHolder();
    return holder == null ? null : holder.getSocket();
  }

  /** No wait is bound by a socket's timeout here, so none is to be put aside while it is kept. */
  @Override
  public void passivate() {}

  @Override
  public void activate() {}
}
