package io.proofofplay.sink.http;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.io.SessionInputBuffer;

/**
 * What of the bytes that came has been taken from the socket and not yet been read. Behind the end
 * of an answer there must be none: HttpClient would take them for the answer to the next request,
 * and a batch that nobody took would count as delivered.
 *
 * <p>For one connection at a time, the one that was heard last.
 */
final class LeftOver {

  private SessionInputBuffer buffer;
  private InputStream stream;

  /** Notes through what an answer came. */
  void heard(SessionInputBuffer through, InputStream from) {
    buffer = through;
    stream = from;
  }

  boolean isThere() {
    if (buffer == null) {
      return false;
    }
    try {
      // TLS has a buffer of its own, behind which the stream looks.
      return buffer.length() > 0 || stream.available() > 0;
    } catch (IOException e) {
      // The connection is closed, and of no more use either way.
      return true;
    }
  }
}
