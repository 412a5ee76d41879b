package io.proofofplay.runner.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What SIGHUP does: nothing but a line in the log. Without this it would end the process, while
 * operators send it to daemons so that they read their configuration anew.
 *
 * <p>The JDK offers signals in {@code sun.misc} alone, of which the compiler warns whoever names
 * it; so it is named as text. Where it is missing, SIGHUP stays what it is.
 */
final class Hangup {

  private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

  private Hangup() {}

  /** From now on SIGHUP ends nothing. */
  static void survive() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler says =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  LOG.warn(
                      "pop: told to reload, which this version cannot; restart to apply a changed"
                          + " configuration");
                  yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "the handler of SIGHUP";
              };
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null,
              signal.getConstructor(String.class).newInstance("HUP"),
              Proxy.newProxyInstance(
                  Hangup.class.getClassLoader(), new Class<?>[] {handler}, says));
    } catch (ReflectiveOperationException e) {
      LOG.debug("pop: SIGHUP cannot be caught", e);
    }
  }
}
