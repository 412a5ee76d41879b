package io.proofofplay.sink.http;

import java.util.Map;

/**
 * What a request says that no log may show. It is put on the request when that leaves, behind
 * everything that writes requests into a log.
 *
 * @param path the path with its query, as sent
 * @param headers headers by name
 */
record Confidential(String path, Map<String, String> headers) {

  @Override
  public String toString() {
    return "Confidential[***]";
  }
}
