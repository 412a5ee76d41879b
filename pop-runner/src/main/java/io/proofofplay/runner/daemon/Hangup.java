package io.proofofplay.runner.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, which operators send to daemons so that they read their configuration anew; without this
 * it would end the process.
 *
 * <p>The JDK offers signals in {@code sun.misc} alone, of which the compiler warns whoever names
 * it; so it is named as text. Where it is missing, SIGHUP stays what it is.
 */
final class Hangup {

  private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

  private Hangup() {}

  /** From now on SIGHUP does this, and ends nothing. */
  static void does(Runnable task) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler handling =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  LOG.info("pop: told to reload");
                  task.run();
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
                  Hangup.class.getClassLoader(), new Class<?>[] {handler}, handling));
    } catch (ReflectiveOperationException e) {
      LOG.debug("pop: SIGHUP cannot be caught", e);
    }
  }
}
