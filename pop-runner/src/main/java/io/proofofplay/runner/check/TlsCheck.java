package io.proofofplay.runner.check;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.runner.terminal.Counted;
import io.proofofplay.sink.http.HttpSinkConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Whether a backend's certificate is good, and for how long. */
final class TlsCheck {

  /** From here on somebody should see to a new one. */
  private static final long FEW_DAYS = 14;

  private final HttpSinkConfig.Tls files;
  private final TimeSource time;

  TlsCheck(HttpSinkConfig.Tls files, TimeSource time) {
    this.files = files;
    this.time = time;
  }

  Finding run(String subject, Socket socket, String host, int port, int timeoutMillis) {
    Witness witness = new Witness();
    try {
      socket.setSoTimeout(timeoutMillis);
      SSLContext context = SSLContext.getInstance("TLS");
      witness.judge = judge();
      context.init(null, new TrustManager[] {witness}, null);
      try (SSLSocket layered =
          (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true)) {
        SSLParameters parameters = layered.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        layered.setSSLParameters(parameters);
        layered.startHandshake();
      }
      return good(subject, host, witness.shown.get(0));
    } catch (IOException | GeneralSecurityException e) {
      return Finding.fail(subject, bad(host, witness.shown, e));
    }
  }

  private Finding good(String subject, String host, X509Certificate certificate) {
    long days = days(certificate);
    if (days < 0) {
      // Java does not look at the dates of a certificate that it was told to trust by itself.
      return Finding.note(
          subject,
          "TLS to "
              + host
              + " passes, because tls.caFile holds the very certificate, which has ended on "
              + end(certificate)
              + "; the backend needs a new one");
    }
    String text =
        "TLS to "
            + host
            + " is good; its certificate ends in "
            + Counted.of(days, "day")
            + ", on "
            + end(certificate);
    return days <= FEW_DAYS
        ? Finding.note(subject, text + "; the backend needs a new one soon")
        : Finding.ok(subject, text);
  }

  private String bad(String host, List<X509Certificate> shown, Exception failure) {
    if (shown.isEmpty()) {
      return "TLS to "
          + host
          + " fails: "
          + rootOf(failure).getMessage()
          + "; is url right with https, and tls.caFile readable?";
    }
    X509Certificate certificate = shown.get(0);
    Instant now = time.now();
    String whose = "TLS to " + host + ": the certificate ";
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      return whose
          + "has ended on "
          + end(certificate)
          + ", "
          + Counted.of(-days(certificate), "day")
          + " ago; the backend needs a new one (this device's clock says "
          + now
          + ")";
    }
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      return whose
          + "begins only on "
          + certificate.getNotBefore().toInstant()
          + "; this device's clock says "
          + now
          + ": set it right";
    }
    return whose
        + "of "
        + certificate.getSubjectX500Principal()
        + " by "
        + certificate.getIssuerX500Principal()
        + " is not trusted: "
        + rootOf(failure).getMessage()
        + "; put the authority into tls.caFile, or correct the host in url";
  }

  private long days(X509Certificate certificate) {
    return Duration.between(time.now(), certificate.getNotAfter().toInstant()).toDays();
  }

  private static String end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant().atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }

  private X509ExtendedTrustManager judge() throws GeneralSecurityException, IOException {
    KeyStore store = null;
    if (files.caFile() != null) {
      store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      try (InputStream in = Files.newInputStream(files.caFile())) {
        int number = 0;
        for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          store.setCertificateEntry("authority-" + number++, one);
        }
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("this Java has no trust manager for X.509");
  }

  /** Leaves every judgement to the real one, and remembers what was shown. */
  private static final class Witness extends X509ExtendedTrustManager {

    private X509ExtendedTrustManager judge;
    private List<X509Certificate> shown = List.of();

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      shown = List.of(chain);
      judge.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      shown = List.of(chain);
      judge.checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      shown = List.of(chain);
      judge.checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      judge.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      judge.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      judge.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return judge.getAcceptedIssuers();
    }
  }
}
