package io.proofofplay.runner.backend;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers the last idempotency keys, with what was answered to them.
 *
 * <p>Not thread-safe.
 */
final class Keys {

  private static final int REMEMBERED = 10_000;

  /**
   * What a key stood for.
   *
   * @param bodyHash a hash of the body, decoded
   * @param events how many events it had
   * @param answer what was answered
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Use(byte[] bodyHash, int events, String answer) {

    boolean isOf(byte[] otherHash) {
      return Arrays.equals(bodyHash, otherHash);
    }
  }

  private final Map<String, Use> uses =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Use> eldest) {
          return size() > REMEMBERED;
        }
      };

  Optional<Use> find(String key) {
    return Optional.ofNullable(uses.get(key));
  }

  void remember(String key, Use use) {
    uses.putIfAbsent(key, use);
  }
}
