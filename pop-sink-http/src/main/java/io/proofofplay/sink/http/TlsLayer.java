package io.proofofplay.sink.http;

import io.proofofplay.core.config.Problems;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.sink.http.HttpSinkConfig.Tls;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Puts TLS over a connection, with the key material that is on disk at that moment, and explains
 * why it could not.
 */
final class TlsLayer implements TlsSocketStrategy {

  private final Tls files;
  private final TimeSource time;
  private final Progress progress;
  private final String address;
  private final Consumer<String> notices;
  private final ExpiryNotice theirs;
  private final ExpiryNotice ours;
  private final ObservedTrust.Holder observed = new ObservedTrust.Holder();

  private KeyMaterial material;
  private SSLContext context;
  private String unread = "";

  /**
   * Reads the files.
   *
   * @param files where they are
   * @param address the backend's, for people
   * @param host the backend's
   * @param time both clocks
   * @param progress is told of the handshake
   * @param notices takes lines about what needs somebody although nothing has failed
   * @throws IllegalArgumentException if they cannot be used
   */
  TlsLayer(
      Tls files,
      String address,
      String host,
      TimeSource time,
      Progress progress,
      Consumer<String> notices) {
    this.address = address;
    this.notices = notices;
    theirs =
        new ExpiryNotice(
            address + ": the certificate of " + host, "the backend needs a new one", time, notices);
    ours =
        new ExpiryNotice(
            address + ": our certificate " + files.certFile(),
            "replace tls.certFile and tls.keyFile, no restart is needed",
            time,
            notices);
    this.files = files;
    this.time = time;
    this.progress = progress;
    Problems problems = new Problems();
    Optional<KeyMaterial> read = KeyMaterial.read(files, problems);
    if (read.isEmpty()) {
      throw new IllegalArgumentException(text(problems));
    }
    material = read.get();
    try {
      context = material.context(observed);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("tls: cannot be set up: " + e.getMessage(), e);
    }
  }

  private static String text(Problems problems) {
    return problems.found().stream()
        .map(problem -> problem.key() + ": " + problem.message())
        .collect(Collectors.joining("; "));
  }

  @Override
  public SSLSocket upgrade(
      Socket socket, String host, int port, Object attachment, HttpContext unused)
      throws IOException {
    progress.enter(Progress.Stage.HANDSHAKING);
    reloadIfReplaced();
    observed.clear();
    SSLSocket layered =
        (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
    SSLParameters parameters = layered.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    layered.setSSLParameters(parameters);
    layered.startHandshake();
    // Of the session, not what was observed: a session that is resumed shows no chain again.
    if (layered.getSession().getPeerCertificates()[0] instanceof X509Certificate shown) {
      theirs.look(shown);
    }
    material.own().ifPresent(ours::look);
    progress.enter(Progress.Stage.EXCHANGING);
    return layered;
  }

  /** Takes new files if there are any; what is in force stays if they cannot be used. */
  private void reloadIfReplaced() {
    if (!material.isStale()) {
      return;
    }
    Problems problems = new Problems();
    Optional<KeyMaterial> now = KeyMaterial.read(files, problems);
    if (now.isEmpty()) {
      keep(text(problems));
      return;
    }
    try {
      context = now.get().context(observed);
      material = now.get();
      unread = "";
    } catch (GeneralSecurityException | IOException e) {
      keep(String.valueOf(e.getMessage()));
    }
  }

  private void keep(String because) {
    String said = "the files were replaced, but the new ones are not used: " + because;
    if (!unread.equals("; " + said)) {
      unread = "; " + said;
      notices.accept(address + ": " + said);
    }
  }

  /** What went wrong with TLS, and what would be right. */
  String explain(Throwable failure, String host) {
    String what;
    if (causeOf(failure, CertificateExpiredException.class).isPresent()) {
      what = refusal(host) + " has expired" + validity() + "; the backend needs a new one";
    } else if (causeOf(failure, CertificateNotYetValidException.class).isPresent()) {
      what = refusal(host) + " is not yet valid" + validity();
    } else if (says(failure, "unable to find valid certification path")) {
      what =
          refusal(host)
              + " comes from an authority that is not trusted here"
              + issuer()
              + "; put that authority into tls.caFile"
              + validity();
    } else if (says(failure, "No subject alternative") || says(failure, "No name matching")) {
      what =
          refusal(host)
              + " is for another host"
              + names()
              + validity()
              + "; url must name one of those";
    } else if (says(failure, "Received fatal alert")) {
      what =
          "the backend refuses our side of TLS ("
              + alert(failure)
              + "); "
              + material
                  .own()
                  .map(own -> "our certificate " + own.getSubjectX500Principal() + span(own))
                  .orElse("if it wants a client certificate, set tls.certFile and tls.keyFile");
    } else if (says(failure, "Unsupported or unrecognized SSL message")) {
      what = "what answers there does not speak TLS; if that is right, write http:// in url";
    } else {
      what = "TLS failed: " + rootMessage(failure);
    }
    return what + clock() + unread;
  }

  private String refusal(String host) {
    return "the certificate of " + host;
  }

  /** The shown certificate that is not valid now, else the backend's own. */
  private Optional<X509Certificate> suspect() {
    List<X509Certificate> shown = observed.shown();
    for (X509Certificate one : shown) {
      try {
        one.checkValidity();
      } catch (CertificateExpiredException | CertificateNotYetValidException e) {
        return Optional.of(one);
      }
    }
    return shown.isEmpty() ? Optional.empty() : Optional.of(shown.get(0));
  }

  private String validity() {
    return suspect().map(this::span).orElse("");
  }

  private String span(X509Certificate certificate) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    Instant now = time.now();
    String dates = " (valid from " + day(from) + " to " + day(to);
    if (now.isBefore(from)) {
      return dates + ", in " + days(now, from) + ")";
    }
    return now.isAfter(to)
        ? dates + ", " + days(to, now) + " ago)"
        : dates + ", " + days(now, to) + " left)";
  }

  private static String days(Instant from, Instant to) {
    long days = Duration.between(from, to).toDays();
    return days == 1 ? "1 day" : days + " days";
  }

  private static String day(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  private String issuer() {
    List<X509Certificate> shown = observed.shown();
    return shown.isEmpty()
        ? ""
        : " (" + shown.get(shown.size() - 1).getIssuerX500Principal().getName() + ")";
  }

  private String names() {
    if (observed.shown().isEmpty()) {
      return "";
    }
    try {
      Collection<List<?>> names = observed.shown().get(0).getSubjectAlternativeNames();
      if (names == null) {
        return " (it names none)";
      }
      return names.stream()
          .map(name -> String.valueOf(name.get(1)))
          .collect(Collectors.joining(", ", " (", ")"));
    } catch (CertificateParsingException e) {
      return "";
    }
  }

  private String clock() {
    Instant now = time.now();
    return WallClock.canBeRight(now)
        ? ""
        : "; the system clock looks wrong, it shows " + day(now) + ": set it";
  }

  private static String alert(Throwable failure) {
    String message = rootMessage(failure);
    return message.substring(message.indexOf(':') + 1).strip();
  }

  private static String rootMessage(Throwable failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null && deepest.getCause() != deepest) {
      deepest = deepest.getCause();
    }
    return String.valueOf(deepest.getMessage());
  }

  private static boolean says(Throwable failure, String words) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains(words)) {
        return true;
      }
    }
    return false;
  }

  private static <T extends Throwable> Optional<T> causeOf(Throwable failure, Class<T> type) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }
}
