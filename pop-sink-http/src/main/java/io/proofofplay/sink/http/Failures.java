package io.proofofplay.sink.http;

import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.sink.http.BackendConnection.TakenUnread;
import io.proofofplay.sink.http.Progress.Stage;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.TruncatedChunkException;

/** Whose fault it was when no answer came: from what was thrown to a verdict. */
final class Failures {

  private final String host;
  private final Optional<String> proxy;
  private final Verdicts verdicts;
  private final Optional<TlsLayer> tls;
  private final Progress progress;
  private final Deadline deadline;

  Failures(
      String host,
      Optional<String> proxy,
      Verdicts verdicts,
      Optional<TlsLayer> tls,
      Progress progress,
      Deadline deadline) {
    this.host = host;
    this.proxy = proxy;
    this.verdicts = verdicts;
    this.tls = tls;
    this.progress = progress;
    this.deadline = deadline;
  }

  /** Whether the peer ended the connection, in whatever way. */
  static boolean isLoss(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketException
          || cause instanceof EOFException
          || cause instanceof ClosedChannelException
          || cause instanceof NoHttpResponseException
          || cause instanceof ConnectionClosedException
          || cause instanceof TruncatedChunkException
          || String.valueOf(cause.getMessage()).startsWith("Connection reset")
          || String.valueOf(cause.getMessage()).startsWith("Broken pipe")) {
        return true;
      }
    }
    return false;
  }

  SubmitResult verdict(Exception failure, Duration timeout, Mask mask) {
    if (deadline.isCancelled()) {
      return later("this sink was closed", Doubt.NONE, mask);
    }
    if (deadline.hasPassed()) {
      return timedOut(timeout, mask);
    }
    if (failure instanceof Dialogue.ProxyRefused refused) {
      return verdicts.onProxy(refused.answer(), mask);
    }
    if (failure instanceof TakenUnread) {
      return later(failure.getMessage(), Doubt.SIZE, mask);
    }
    Stage stage = progress.stage();
    return switch (stage) {
      case RESOLVING, CONNECTING -> unreachable(failure, mask);
      case HANDSHAKING -> later(throughProxy() + explainTls(failure), Doubt.NONE, mask);
      case TUNNELLING -> ended(failure, "the proxy " + proxy.orElse(""), Doubt.NONE, mask);
      case EXCHANGING -> ended(failure, "the connection" + through(), Doubt.SIZE, mask);
      case READING -> ended(failure, "the answer" + through(), Doubt.NONE, mask);
    };
  }

  /**
   * Time that went by while the peer took no more of the request casts doubt on its size: smaller
   * parts get through a slow line, and past a server that has stopped reading.
   */
  private SubmitResult timedOut(Duration timeout, Mask mask) {
    Stage stage = progress.stage();
    boolean sending = stage == Stage.EXCHANGING && progress.isBlockedSending();
    String what = sending ? "the request could not be sent" : silence(stage);
    return later(
        what + " within " + seconds(timeout) + "; timeout bounds the whole exchange",
        sending ? Doubt.SIZE : Doubt.NONE,
        mask);
  }

  private String silence(Stage stage) {
    if (proxy.isEmpty() || stage == Stage.RESOLVING) {
      return stage.silence();
    }
    return switch (stage) {
      case CONNECTING -> "the proxy " + proxy.get() + " took no connection";
      case TUNNELLING -> "the proxy " + proxy.get() + " gave no answer";
      default -> stage.silence() + " through the proxy " + proxy.get();
    };
  }

  private static String seconds(Duration timeout) {
    return timeout.toMillis() % 1000 == 0 ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms";
  }

  private SubmitResult unreachable(Exception failure, Mask mask) {
    String where = proxy.map(name -> "the proxy " + name).orElse(host);
    String what;
    if (failure instanceof UnknownHostException) {
      what = where + " has no address: the name is wrong, or the name service does not work";
    } else if (failure instanceof NoRouteToHostException) {
      what = "there is no route to " + where + ": the network is down, or a firewall is in between";
    } else if (failure instanceof SocketTimeoutException || isTimeout(failure)) {
      what = where + " took no connection in time (connectTimeout)";
    } else if (failure instanceof ConnectException) {
      what = where + " refuses connections: nothing listens there, or a firewall is in between";
    } else {
      what = "no connection to " + where + ": " + failure.getMessage();
    }
    return later(what, Doubt.NONE, mask);
  }

  private String throughProxy() {
    return proxy.map(name -> "through the proxy " + name + ": ").orElse("");
  }

  private String through() {
    return proxy.map(name -> " through the proxy " + name).orElse("");
  }

  private static boolean isTimeout(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }

  private SubmitResult ended(Exception failure, String what, Doubt doubt, Mask mask) {
    if (isForeign(failure)) {
      return new Held(
          Reason.of(
              verdicts.text(
                  what
                      + " is not HTTP/1.1 as it should be ("
                      + failure.getMessage()
                      + "); "
                      + (progress.stage() == Stage.TUNNELLING
                          ? "proxy must name an HTTP proxy that makes tunnels"
                          : "url may name another service or, with http://, one that wants"
                              + " https://"),
                  mask)));
    }
    if (isLoss(failure)) {
      return later(what + " broke off before an answer was complete", doubt, mask);
    }
    if (failure instanceof SSLException) {
      return later(explainTls(failure), Doubt.NONE, mask);
    }
    return later(what + " failed: " + failure.getMessage(), doubt, mask);
  }

  /** Whether the peer said something that is not HTTP, or too much of it. */
  private static boolean isForeign(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpException || cause instanceof MessageConstraintException) {
        return true;
      }
    }
    return false;
  }

  private String explainTls(Exception failure) {
    if (isLoss(failure)) {
      return "the connection broke off during the TLS handshake; the backend may not speak TLS"
          + " there, or refuse our certificate";
    }
    return tls.map(layer -> layer.explain(failure, host)).orElse(failure.getMessage());
  }

  private SubmitResult later(String what, Doubt doubt, Mask mask) {
    return new Later(Reason.of(verdicts.text(what, mask)), Optional.empty(), doubt);
  }

  /** Whether one more try on a fresh connection is due. */
  boolean isWorthAnother(IOException failure) {
    return progress.isReused()
        && progress.stage() == Stage.EXCHANGING
        && !progress.hasAnswerBegun()
        && !deadline.isCancelled()
        && !deadline.hasPassed()
        && isLoss(failure);
  }
}
