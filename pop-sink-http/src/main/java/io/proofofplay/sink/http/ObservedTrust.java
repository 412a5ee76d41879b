package io.proofofplay.sink.http;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Leaves every judgement to another trust manager and keeps the chain that was shown, so that a
 * refusal can be explained: a failed handshake leaves no session to ask.
 */
final class ObservedTrust extends X509ExtendedTrustManager {

  /** Keeps the chain that was shown last. One thread makes connections. */
  static final class Holder {

    private List<X509Certificate> shown = List.of();

    void clear() {
      shown = List.of();
    }

    List<X509Certificate> shown() {
      return shown;
    }
  }

  private final X509ExtendedTrustManager judge;
  private final Holder holder;

  ObservedTrust(X509ExtendedTrustManager judge, Holder holder) {
    this.judge = judge;
    this.holder = holder;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    holder.shown = List.of(chain);
    judge.checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    holder.shown = List.of(chain);
    judge.checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    holder.shown = List.of(chain);
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
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    judge.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return judge.getAcceptedIssuers();
  }
}
