package io.proofofplay.runner.daemon;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, which operators send to daemons so that they read their configuration anew; without this
 * it would end the process.
 *
 * <p>A process has this signal once, and it may come before there is a daemon: it is caught as soon
 * as the program begins, and remembered until something can be done about it.
 *
 * <p>The JDK offers signals in {@code sun.misc} alone, of which the compiler warns whoever names
 * it; so it is named as text. Where it is missing, SIGHUP stays what it is.
 *
 * <p>Thread-safe.
 */
public final class Hangup {

  private static final Hangup OF_THE_PROCESS = new Hangup();

  private boolean tried;

  /** Why it does not come here; empty if it does. */
  private String lost = "";

  private boolean told;

  /** What it does; {@code null} until that is said. */
  private Runnable task;

  private Hangup() {}

  /** From now on SIGHUP ends nothing. Whoever calls this need not have set the log up. */
  public static void remember() {
    OF_THE_PROCESS.expect();
  }

  /** From now on SIGHUP does this, at once if it has come already. */
  static void does(Runnable task) {
    OF_THE_PROCESS.expect();
    OF_THE_PROCESS.serve(task);
  }

  private synchronized void expect() {
    if (!tried) {
      tried = true;
      lost = catchIt();
    }
  }

  private synchronized void serve(Runnable wanted) {
    task = wanted;
    if (!lost.isEmpty()) {
      log().warn("pop: SIGHUP {}; another configuration needs a restart", lost);
    }
    if (told) {
      hear();
    }
  }

  private synchronized void hear() {
    told = task == null;
    if (task != null) {
      log().info("pop: told to reload");
      task.run();
    }
  }

  /** Not before it is needed: the log is set up after the signal is caught. */
  private static Logger log() {
    return LoggerFactory.getLogger(Hangup.class);
  }

  /** Why it cannot be caught; empty if it is. */
  private String catchIt() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler handling =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  hear();
                  yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "the handler of SIGHUP";
              };
      Object before =
          signal
              .getMethod("handle", signal, handler)
              .invoke(
                  null,
                  signal.getConstructor(String.class).newInstance("HUP"),
                  Proxy.newProxyInstance(
                      Hangup.class.getClassLoader(), new Class<?>[] {handler}, handling));
      // The JVM leaves a signal alone that was ignored when it began, and only says that it was.
      return before == handler.getField("SIG_IGN").get(null)
          ? "is ignored, as nohup and its like ask for"
          : "";
    } catch (ReflectiveOperationException e) {
      return "cannot be caught by this Java (" + (e.getCause() == null ? e : e.getCause()) + ")";
    }
  }
}
