package io.proofofplay.sink.http;

import java.util.List;
import java.util.Optional;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;

/**
 * What the backend said.
 *
 * @param status the final status
 * @param headers all headers
 * @param body the beginning of the body as a text
 */
record Answer(int status, List<Header> headers, String body) {

  static Answer headOf(HttpResponse response) {
    return new Answer(response.getCode(), List.of(response.getHeaders()), "");
  }

  Answer withBody(String text) {
    return new Answer(status, headers, text);
  }

  Optional<String> header(String name) {
    for (Header header : headers) {
      if (header.getName().equalsIgnoreCase(name)) {
        return Optional.of(header.getValue() == null ? "" : header.getValue().strip());
      }
    }
    return Optional.empty();
  }

  /** Whether there is such a header, with such a value if one is wanted. */
  boolean has(String name, Optional<String> value) {
    for (Header header : headers) {
      String actual = header.getValue() == null ? "" : header.getValue().strip();
      if (header.getName().equalsIgnoreCase(name)
          && (value.isEmpty() || value.get().equals(actual))) {
        return true;
      }
    }
    return false;
  }
}
