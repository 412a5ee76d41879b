package io.proofofplay.sink.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority for tests: signs X.509 certificates that are as wrong as a test needs
 * them. Writes the little DER that this takes itself.
 */
final class TestAuthority {

  /** A certificate with its key. */
  record Identity(X509Certificate certificate, KeyPair keys) {

    Path writeCertificate(Path file) {
      return write(file, "CERTIFICATE", encoded(certificate));
    }

    Path writeKey(Path file) {
      return write(file, "PRIVATE KEY", keys.getPrivate().getEncoded());
    }
  }

  private static final AtomicLong SERIAL = new AtomicLong(1000);
  private static final byte[] ECDSA_WITH_SHA256 = oid(1, 2, 840, 10045, 4, 3, 2);

  private final Identity own;

  TestAuthority(String name) {
    KeyPair keys = keys();
    Instant now = Instant.now();
    own =
        new Identity(
            sign(
                name,
                name,
                keys,
                keys,
                now.minus(30, ChronoUnit.DAYS),
                now.plus(3000, ChronoUnit.DAYS),
                extension(
                    oid(2, 5, 29, 19), true, sequence(tagged(0x01, new byte[] {(byte) 0xff})))),
            keys);
  }

  Path writeCertificate(Path file) {
    return own.writeCertificate(file);
  }

  /** A certificate for 127.0.0.1 and localhost that is valid now. */
  Identity issue(String name) {
    return issue(name, -10, 100, "127.0.0.1", "localhost");
  }

  /** A certificate that is valid from and to so many days from now, for these hosts. */
  Identity issue(String name, int fromDays, int toDays, String... hosts) {
    List<byte[]> names = new ArrayList<>();
    for (String host : hosts) {
      names.add(
          host.matches("[0-9.]+")
              ? tagged(0x87, address(host))
              : tagged(0x82, host.getBytes(StandardCharsets.US_ASCII)));
    }
    KeyPair keys = keys();
    Instant now = Instant.now();
    byte[] alternatives =
        extension(oid(2, 5, 29, 17), false, sequence(names.toArray(new byte[0][])));
    return new Identity(
        sign(
            name,
            own.certificate.getSubjectX500Principal().getName().substring("CN=".length()),
            keys,
            own.keys,
            now.plus(fromDays, ChronoUnit.DAYS),
            now.plus(toDays, ChronoUnit.DAYS),
            alternatives),
        keys);
  }

  /** A context for a server that shows this identity, and trusts this authority's clients. */
  SSLContext server(Identity identity) {
    try {
      KeyStore keyStore = KeyStore.getInstance("PKCS12");
      keyStore.load(null, null);
      Certificate[] chain = {identity.certificate, own.certificate};
      keyStore.setKeyEntry("server", identity.keys.getPrivate(), new char[0], chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(keyStore, new char[0]);
      KeyStore trustStore = KeyStore.getInstance("PKCS12");
      trustStore.load(null, null);
      trustStore.setCertificateEntry("authority", own.certificate);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trustStore);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate sign(
      String subject,
      String issuer,
      KeyPair keys,
      KeyPair signing,
      Instant from,
      Instant to,
      byte[] extension) {
    byte[] algorithm = sequence(ECDSA_WITH_SHA256);
    byte[] body =
        sequence(
            tagged(0xa0, tagged(0x02, new byte[] {2})),
            tagged(0x02, BigInteger.valueOf(SERIAL.incrementAndGet()).toByteArray()),
            algorithm,
            name(issuer),
            sequence(time(from), time(to)),
            name(subject),
            keys.getPublic().getEncoded(),
            tagged(0xa3, sequence(extension)));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(signing.getPrivate());
      signature.update(body);
      byte[] whole = sequence(body, algorithm, bits(signature.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(whole));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] extension(byte[] oid, boolean critical, byte[] value) {
    byte[] flag = critical ? tagged(0x01, new byte[] {(byte) 0xff}) : new byte[0];
    return sequence(oid, flag, tagged(0x04, value));
  }

  private static byte[] name(String common) {
    byte[] text = tagged(0x0c, common.getBytes(StandardCharsets.UTF_8));
    return sequence(tagged(0x31, sequence(oid(2, 5, 4, 3), text)));
  }

  private static byte[] time(Instant instant) {
    DateTimeFormatter form =
        DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    return tagged(0x18, form.format(instant).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] bits(byte[] bytes) {
    return tagged(0x03, joined(new byte[] {0}, bytes));
  }

  private static byte[] oid(int... arcs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(arcs[0] * 40 + arcs[1]);
    for (int i = 2; i < arcs.length; i++) {
      int shift = 28;
      while (shift > 0 && arcs[i] >> shift == 0) {
        shift -= 7;
      }
      for (; shift >= 0; shift -= 7) {
        out.write(((arcs[i] >> shift) & 0x7f) | (shift > 0 ? 0x80 : 0));
      }
    }
    return tagged(0x06, out.toByteArray());
  }

  private static byte[] sequence(byte[]... parts) {
    return tagged(0x30, joined(parts));
  }

  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] address(String literal) {
    try {
      return InetAddress.getByName(literal).getAddress();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static Path write(Path file, String kind, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    String pem = "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n";
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(fresh, pem);
      return Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
