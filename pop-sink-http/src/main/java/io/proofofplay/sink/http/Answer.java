package io.proofofplay.sink.http;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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

  /** The first value of a header. */
  Optional<String> header(String name) {
    for (Header header : headers) {
      if (header.getName().equalsIgnoreCase(name)) {
        return Optional.of(valueOf(header));
      }
    }
    return Optional.empty();
  }

  /** All values of a header, one for each line of it. */
  Stream<String> values(String name) {
    return headers.stream()
        .filter(header -> header.getName().equalsIgnoreCase(name))
        .map(Answer::valueOf);
  }

  private static String valueOf(Header header) {
    return header.getValue() == null ? "" : header.getValue().strip();
  }

  /** The status alone: a backend may repeat in the rest what we sent. */
  @Override
  public String toString() {
    return "Answer[" + status + "]";
  }

  /** Whether there is such a header, with such a value if one is wanted. */
  boolean has(String name, Optional<String> value) {
    return values(name).anyMatch(actual -> value.isEmpty() || value.get().equals(actual));
  }
}
