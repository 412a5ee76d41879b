package io.proofofplay.sink.http;

import io.proofofplay.core.config.Problems;
import io.proofofplay.sink.http.HttpSinkConfig.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** What was in the PEM files at one moment, and how to see that they were replaced since. */
final class KeyMaterial {

  private static final Pattern PRIVATE_KEY =
      Pattern.compile(
          "-----BEGIN ([A-Z ]*)PRIVATE KEY-----(.*?)-----END [A-Z ]*PRIVATE KEY-----",
          Pattern.DOTALL);

  /** Enough to notice a replaced file: a rename changes the key, a rewrite the time. */
  private record Stamp(Path path, Object key, Object modified, long size) {

    static Stamp of(Path path) {
      try {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        return new Stamp(path, now.fileKey(), now.lastModifiedTime(), now.size());
      } catch (IOException e) {
        return new Stamp(path, null, null, -1);
      }
    }
  }

  private final List<Stamp> stamps;
  private final List<X509Certificate> authorities;
  private final List<X509Certificate> ownChain;
  private final Optional<PrivateKey> ownKey;

  private KeyMaterial(
      List<Stamp> stamps,
      List<X509Certificate> authorities,
      List<X509Certificate> ownChain,
      Optional<PrivateKey> ownKey) {
    this.stamps = stamps;
    this.authorities = authorities;
    this.ownChain = ownChain;
    this.ownKey = ownKey;
  }

  /**
   * Reads the files.
   *
   * @param problems takes what is wrong with them, with keys that begin with {@code tls.}
   * @return what is in them; empty if something is wrong
   */
  static Optional<KeyMaterial> read(Tls files, Problems problems) {
    List<Stamp> stamps = stampsOf(files);
    int before = problems.found().size();
    List<X509Certificate> authorities = List.of();
    if (files.caFile() != null) {
      authorities = certificates("tls.caFile", files.caFile(), problems);
    }
    List<X509Certificate> chain = List.of();
    Optional<PrivateKey> key = Optional.empty();
    if (files.certFile() != null) {
      chain = certificates("tls.certFile", files.certFile(), problems);
    }
    if (files.keyFile() != null) {
      key = privateKey(files.keyFile(), problems);
      if (key.isPresent() && !chain.isEmpty() && !belongTogether(key.get(), chain.get(0))) {
        problems.add(
            "tls.keyFile",
            files.keyFile() + " is not the key of the first certificate in " + files.certFile());
      }
    }
    return problems.found().size() > before
        ? Optional.empty()
        : Optional.of(new KeyMaterial(stamps, authorities, chain, key));
  }

  private static List<Stamp> stampsOf(Tls files) {
    List<Stamp> stamps = new ArrayList<>();
    for (Path path : new Path[] {files.caFile(), files.certFile(), files.keyFile()}) {
      if (path != null) {
        stamps.add(Stamp.of(path));
      }
    }
    return List.copyOf(stamps);
  }

  /** Whether a file is another one than when it was read. */
  boolean isStale() {
    return stamps.stream().anyMatch(stamp -> !stamp.equals(Stamp.of(stamp.path())));
  }

  /** Our own certificate, if we show one. */
  Optional<X509Certificate> own() {
    return ownChain.isEmpty() ? Optional.empty() : Optional.of(ownChain.get(0));
  }

  /** A context that trusts and shows this, and the trust in it that remembers what it saw. */
  SSLContext context(ObservedTrust.Holder holder) throws GeneralSecurityException, IOException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities.isEmpty() ? null : storeOf(authorities));
    X509ExtendedTrustManager judge = null;
    for (TrustManager manager : trust.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager found) {
        judge = found;
      }
    }
    if (judge == null) {
      throw new GeneralSecurityException("this Java has no trust manager for X.509");
    }
    KeyManager[] keys = null;
    if (ownKey.isPresent()) {
      char[] password = new char[0];
      KeyStore store = emptyStore();
      store.setKeyEntry("own", ownKey.get(), password, ownChain.toArray(new Certificate[0]));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, password);
      keys = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {new ObservedTrust(judge, holder)}, null);
    return context;
  }

  private static KeyStore storeOf(List<X509Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry("authority-" + i, certificates.get(i));
    }
    return store;
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static List<X509Certificate> certificates(String key, Path file, Problems problems) {
    Optional<byte[]> bytes = bytesOf(key, file, problems);
    if (bytes.isEmpty()) {
      return List.of();
    }
    List<X509Certificate> found = new ArrayList<>();
    try {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes.get()));
      for (Certificate one : all) {
        found.add((X509Certificate) one);
      }
    } catch (CertificateException e) {
      problems.add(key, file + " holds no proper certificates in PEM form: " + e.getMessage());
      return List.of();
    }
    if (found.isEmpty()) {
      problems.add(key, file + " holds no certificate; it begins with BEGIN CERTIFICATE");
    }
    return List.copyOf(found);
  }

  private static Optional<PrivateKey> privateKey(Path file, Problems problems) {
    String key = "tls.keyFile";
    Optional<byte[]> bytes = bytesOf(key, file, problems);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    Matcher block = PRIVATE_KEY.matcher(new String(bytes.get(), StandardCharsets.ISO_8859_1));
    if (!block.find()) {
      problems.add(key, file + " holds no private key; it begins with BEGIN PRIVATE KEY");
      return Optional.empty();
    }
    String kind = block.group(1).strip();
    if (kind.equals("ENCRYPTED") || block.group(2).contains("ENCRYPTED")) {
      problems.add(
          key, file + " is encrypted; decrypt it with openssl pkcs8 -in KEY -out NEW and use that");
      return Optional.empty();
    }
    if (!kind.isEmpty()) {
      problems.add(
          key,
          file
              + " is a "
              + kind
              + " key; turn it into PKCS #8 with openssl pkcs8 -topk8 -nocrypt -in KEY -out NEW");
      return Optional.empty();
    }
    PKCS8EncodedKeySpec encoded;
    try {
      encoded = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(block.group(2)));
    } catch (IllegalArgumentException e) {
      problems.add(key, file + " is damaged: what is between BEGIN and END is no base64");
      return Optional.empty();
    }
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(encoded));
      } catch (GeneralSecurityException e) {
        // Another algorithm, or none of these.
      }
    }
    problems.add(key, file + " is no RSA, EC or EdDSA key, or is damaged");
    return Optional.empty();
  }

  private static boolean belongTogether(PrivateKey key, X509Certificate certificate) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    byte[] probe = "probe".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(probe);
      byte[] signed = signer.sign();
      signer.initVerify(certificate.getPublicKey());
      signer.update(probe);
      return signer.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Optional<byte[]> bytesOf(String key, Path file, Problems problems) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      problems.add(key, file + " does not exist; name a PEM file that this process can read");
    } catch (IOException e) {
      problems.add(key, file + " cannot be read (" + e.getClass().getSimpleName() + ")");
    }
    return Optional.empty();
  }
}
