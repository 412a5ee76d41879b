package io.proofofplay.sink.http;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpTransportMetrics;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.util.CharArrayBuffer;

/**
 * Takes an answer's head only if its empty last line came. HttpCore takes the end of the stream for
 * that line too, so that {@code HTTP/1.1 200 OK} and a dead connection would count as delivered.
 */
final class WholeHeadParser implements HttpMessageParser<ClassicHttpResponse> {

  private final DefaultHttpResponseParser parser;
  private final LeftOver leftOver;

  WholeHeadParser(Http1Config config, LeftOver leftOver) {
    parser = new DefaultHttpResponseParser(config);
    this.leftOver = leftOver;
  }

  @Override
  public ClassicHttpResponse parse(SessionInputBuffer buffer, InputStream stream)
      throws IOException, HttpException {
    leftOver.heard(buffer, stream);
    Watched watched = new Watched(buffer);
    ClassicHttpResponse response = parser.parse(watched, stream);
    if (watched.ended) {
      throw new ConnectionClosedException("the connection ended within the head of the answer");
    }
    return response;
  }

  /** Notices that a line was asked for and the stream had ended. */
  private static final class Watched implements SessionInputBuffer {

    private final SessionInputBuffer buffer;
    private boolean ended;

    Watched(SessionInputBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public int readLine(CharArrayBuffer line, InputStream stream) throws IOException {
      int length = buffer.readLine(line, stream);
      ended = length < 0;
      return length;
    }

    @Override
    public int length() {
      return buffer.length();
    }

    @Override
    public int capacity() {
      return buffer.capacity();
    }

    @Override
    public int available() {
      return buffer.available();
    }

    @Override
    public int read(byte[] bytes, int offset, int length, InputStream stream) throws IOException {
      return buffer.read(bytes, offset, length, stream);
    }

    @Override
    public int read(byte[] bytes, InputStream stream) throws IOException {
      return buffer.read(bytes, stream);
    }

    @Override
    public int read(InputStream stream) throws IOException {
      return buffer.read(stream);
    }

    @Override
    public HttpTransportMetrics getMetrics() {
      return buffer.getMetrics();
    }
  }
}
