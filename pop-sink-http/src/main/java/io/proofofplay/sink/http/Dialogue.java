package io.proofofplay.sink.http;

import java.io.IOException;
import java.util.Map;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * One request and its answer on the wire. Tells apart what HttpClient does not: whether a failure
 * came before the first byte of an answer, and whether an answer is the proxy's own.
 */
final class Dialogue extends HttpRequestExecutor {

  /** A proxy did not make a tunnel. Its answer must not be taken for the backend's. */
  static final class ProxyRefused extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    ProxyRefused(Answer answer) {
      super("the proxy answered " + answer.status());
      this.answer = answer;
    }

    Answer answer() {
      return answer;
    }
  }

  /**
   * A proxy said more than that there is a tunnel, and what it said would be read in the tunnel.
   */
  static final class ProxySaidMore extends HttpException {

    private static final long serialVersionUID = 1L;

    ProxySaidMore() {
      super("more came behind the answer to CONNECT");
    }
  }

  private final Progress progress;
  private final LeftOver leftOver;
  private final String proxyCredentials;
  private final Meanwhile meanwhile;

  private Runnable work = () -> {};
  private Confidential confidential = new Confidential("/", Map.of());

  Dialogue(
      Http1Config config,
      Progress progress,
      LeftOver leftOver,
      String proxyCredentials,
      Meanwhile meanwhile) {
    super(config, null, null);
    this.meanwhile = meanwhile;
    this.progress = progress;
    this.leftOver = leftOver;
    this.proxyCredentials = proxyCredentials;
  }

  /**
   * Says what the next request to the backend says besides, and what can be done while its answer
   * is waited for. One thread makes attempts.
   */
  void carry(Confidential what, Runnable meantime) {
    confidential = what;
    work = meantime;
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request,
      HttpClientConnection connection,
      HttpResponseInformationCallback informed,
      HttpContext context)
      throws IOException, HttpException {
    boolean isTunnel = Method.CONNECT.isSame(request.getMethod());
    if (!isTunnel) {
      request.setPath(confidential.path());
      confidential.headers().forEach(request::setHeader);
    } else if (!proxyCredentials.isEmpty()) {
      request.setHeader(HttpHeaders.PROXY_AUTHORIZATION, proxyCredentials);
    }
    progress.enter(isTunnel ? Progress.Stage.TUNNELLING : Progress.Stage.EXCHANGING);
    EndpointDetails endpoint = connection.getEndpointDetails();
    long before = endpoint == null ? 0 : endpoint.getReceivedBytesCount();
    if (!isTunnel) {
      meanwhile.is(work);
    }
    ClassicHttpResponse response;
    try {
      response = super.execute(request, connection, informed, context);
    } finally {
      meanwhile.isOver();
      if (endpoint != null && endpoint.getReceivedBytesCount() > before) {
        progress.answerBegan();
      }
    }
    // HttpClient makes a tunnel of a 200 alone, and takes any other answer for the backend's.
    if (isTunnel && response.getCode() != HttpStatus.SC_OK) {
      throw new ProxyRefused(Answer.headOf(response));
    }
    if (isTunnel && leftOver.isThere()) {
      throw new ProxySaidMore();
    }
    return response;
  }
}
