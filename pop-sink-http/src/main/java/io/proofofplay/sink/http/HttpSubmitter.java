package io.proofofplay.sink.http;

import io.proofofplay.core.config.Problems;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Attempt;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SinkContext;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.sink.http.HttpSinkConfig.Body;
import io.proofofplay.sink.http.HttpSinkConfig.Compression;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts batches to an HTTP backend over one connection that is kept alive.
 *
 * <p>Each attempt is one request, with one exception inside the attempt's time: a request that
 * failed on a kept connection before any byte of an answer is sent once more on a fresh one, since
 * a server may close an idle connection at any moment. After a 415 to a packed body (a 417 to a
 * wait for {@code 100 Continue}) the next attempts do without. Redirects, cookies, challenges and
 * compressed answers are left alone.
 *
 * <p>The attempt's timeout bounds all of it, from the name's lookup to the answer's last byte, save
 * what the relay does meanwhile. Names are looked up on the JDK's common pool, since the operating
 * system's resolver takes no bound; otherwise the caller's thread does everything.
 *
 * <p>A 2xx counts when its body is complete, or its first 64 KiB: a body that breaks off is how a
 * server tells that it failed after it had begun to answer.
 *
 * <p>Thread-safety is that of {@link Submitter}: one thread submits and refreshes, any closes.
 */
public final class HttpSubmitter implements Submitter {

  private static final Logger LOG = LoggerFactory.getLogger(HttpSubmitter.class);

  /** A reason why a secret cannot be read is as long as a file's path at most. */
  private static final int LONGEST_UNREAD = 300;

  private final HttpSinkConfig config;
  private final Map<String, String> environment;
  private final SinkContext context;
  private final String address;
  private final URI place;
  private final String path;
  private final boolean secure;
  private final Deadline deadline;
  private final Progress progress = new Progress();
  private final Optional<TlsLayer> tls;
  private final Consumer<String> notices;

  private final byte[] piece = new byte[BatchEntity.PIECE_BYTES];

  private Access access;
  private Mask mask;
  private BackendConnection connection;
  private Verdicts verdicts;
  private Failures failures;

  /**
   * Whether nobody answered the last attempt: the proxy may have moved, or what was read of it last
   * was a file that was just being written.
   */
  private boolean unanswered;

  private boolean packing;
  private boolean waitingForContinue;

  /** Guards the end: who comes last frees what is held. */
  private final Object ending = new Object();

  private boolean submitting;
  private boolean closed;

  /**
   * A submitter that minds the proxies of this process's environment. Opens no connection yet.
   *
   * @param config the settings
   * @param context what the relay knows about the sink
   * @throws IllegalArgumentException if the settings do not work; the message says which and why
   */
  public HttpSubmitter(HttpSinkConfig config, SinkContext context) {
    this(config, context, System.getenv(), notice -> LOG.warn("{}", notice));
  }

  HttpSubmitter(
      HttpSinkConfig config,
      SinkContext context,
      Map<String, String> environment,
      Consumer<String> notices) {
    Problems problems = new Problems();
    config.check(problems);
    if (!problems.found().isEmpty()) {
      throw new IllegalArgumentException(
          problems.found().stream()
              .map(problem -> problem.key() + ": " + problem.message())
              .collect(Collectors.joining("; ")));
    }
    this.config = config;
    this.context = context;
    this.environment = Map.copyOf(environment);
    this.notices = notices;
    address = Address.of(config.url());
    // A path or a query beyond ASCII is sent in UTF-8, percent-encoded.
    URI target = URI.create(config.url().toASCIIString());
    path = new HttpPost(target).getPath();
    // Without the query, which may hold a key, HttpClient may log it.
    place = URI.create(target.toString().split("\\?", 2)[0]);
    secure = "https".equalsIgnoreCase(config.url().getScheme());
    packing = config.compression() == Compression.GZIP;
    waitingForContinue = config.expectContinue();
    deadline = new Deadline(context.time());
    tls =
        secure
            ? Optional.of(
                new TlsLayer(
                    config.tls(),
                    address,
                    config.url().getHost(),
                    context.time(),
                    progress,
                    notices))
            : Optional.empty();
    access = Access.now(config, this.environment);
    mask = access.mask(config.url());
    goBy(access);
  }

  /** Makes what knows the way to the backend; all of it, or nothing has changed. */
  private void goBy(Access way) {
    Optional<String> proxyAddress = way.proxy().map(Address::of);
    String credentials = way.proxyCredentials();
    Verdicts judging =
        new Verdicts(address, config, proxyAddress, !credentials.isEmpty(), context.time());
    BackendConnection going =
        new BackendConnection(
            config,
            way.proxy(),
            credentials,
            "pop-relay/" + context.relayVersion(),
            tls,
            new NameLookup(context.names(), deadline, progress),
            context.time(),
            deadline,
            progress);
    failures = new Failures(config.url().getHost(), proxyAddress, judging, tls, progress, deadline);
    verdicts = judging;
    connection = going;
  }

  /**
   * Minds what the settings say by now, for they may have been read again.
   *
   * @return why nothing can be sent like this
   */
  private Optional<SubmitResult> mindSettings() {
    Access now = Access.now(config, environment);
    if (now.equals(access)) {
      return Optional.empty();
    }
    Mask hides = now.mask(config.url());
    Optional<String> fault = now.fault();
    if (fault.isPresent()) {
      return Optional.of(
          new Held(Reason.of(verdicts.text("nothing was sent, for " + fault.get(), hides))));
    }
    if (!now.proxy().equals(access.proxy())) {
      BackendConnection before = connection;
      goBy(now);
      before.close();
    }
    // Last: else a way that could not be made would never be made again.
    access = now;
    mask = hides;
    return Optional.empty();
  }

  @Override
  public SubmitResult submit(Batch batch, Attempt attempt) throws InterruptedException {
    synchronized (ending) {
      if (closed) {
        return closedResult();
      }
      submitting = true;
    }
    try {
      if (unanswered && config.proxy() != null) {
        // Not in the attempt's time, or a file that is read slowly would leave none of it.
        boolean unused = config.proxy().renew();
      }
      deadline.start(attempt.timeout());
      SubmitResult result = deliver(batch, attempt);
      unanswered = result instanceof Later && result.reason().status() == 0;
      return withUnread(result);
    } finally {
      deadline.stop();
      boolean last;
      synchronized (ending) {
        submitting = false;
        last = closed;
      }
      if (last) {
        connection.close();
      }
    }
  }

  private SubmitResult closedResult() {
    return Later.because(address + ": this sink is closed");
  }

  /**
   * A refusal may come of a secret that was rotated and cannot be read, and a silence of such a
   * proxy: that must be seen.
   */
  private SubmitResult withUnread(SubmitResult result) {
    List<String> unread = result instanceof Held || unanswered ? Access.unread(config) : List.of();
    if (unread.isEmpty()) {
      return result;
    }
    String why = mask.apply(String.join("; ", unread)).replaceAll("\\p{Cc}", " ");
    Reason bare = result.reason();
    Reason reason =
        new Reason(
            bare.text()
                + "; "
                + (why.length() > LONGEST_UNREAD ? why.substring(0, LONGEST_UNREAD) + "…" : why),
            bare.status(),
            bare.answer());
    return result instanceof Later later
        ? new Later(reason, later.notBefore(), later.doubt())
        : new Held(reason);
  }

  private SubmitResult deliver(Batch batch, Attempt attempt) throws InterruptedException {
    Optional<SubmitResult> unsendable = mindSettings();
    if (unsendable.isPresent()) {
      return unsendable.get();
    }
    BatchEntity body = BatchEntity.of(batch, config.body(), piece);
    boolean again = false;
    while (true) {
      Answer answer;
      try {
        answer =
            connection.exchange(request(batch, attempt, body), confidential(), attempt.meanwhile());
      } catch (IOException | HttpException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while posting to " + address);
        }
        if (!again && e instanceof IOException loss && failures.isWorthAnother(loss)) {
          again = true;
          continue;
        }
        return failures.verdict(e, attempt.timeout(), mask);
      } catch (IllegalStateException e) {
        // HttpClient's way of saying that it was closed meanwhile.
        if (deadline.isCancelled()) {
          return closedResult();
        }
        throw e;
      }
      return verdict(answer);
    }
  }

  private SubmitResult verdict(Answer answer) {
    if (answer.status() == HttpStatus.SC_UNSUPPORTED_MEDIA_TYPE && packing) {
      packing = false;
      return without("compression is switched off until the next start", answer);
    }
    if (answer.status() == HttpStatus.SC_EXPECTATION_FAILED && waitingForContinue) {
      waitingForContinue = false;
      return without("expectContinue is switched off until the next start", answer);
    }
    return verdicts.on(answer, mask);
  }

  private SubmitResult without(String change, Answer answer) {
    Later later = verdicts.onOurWay(answer, change, mask);
    notices.accept(later.reason().text());
    return later;
  }

  private Confidential confidential() {
    Map<String, String> headers = new LinkedHashMap<>(access.headers());
    if (!access.authorization().isEmpty()) {
      headers.put(HttpHeaders.AUTHORIZATION, access.authorization());
    }
    // Of a request under TLS the proxy sees nothing; it is shown them when it makes the tunnel.
    String forProxy = access.proxyCredentials();
    if (!secure && !forProxy.isEmpty()) {
      headers.put(HttpHeaders.PROXY_AUTHORIZATION, forProxy);
    }
    return new Confidential(path, headers);
  }

  private HttpPost request(Batch batch, Attempt attempt, BatchEntity body) {
    HttpPost request = new HttpPost(place);
    request.setHeader("Idempotency-Key", batch.id().toString());
    request.setHeader("X-Pop-Events", Integer.toString(batch.size()));
    request.setHeader("X-Pop-Backlog", Long.toString(attempt.backlog()));
    if (waitingForContinue) {
      request.setHeader(HttpHeaders.EXPECT, "100-continue");
    }
    HttpEntity entity = packing ? body.gzipped() : body;
    request.setEntity(entity);
    return request;
  }

  /**
   * Reads the authorization, the headers and the proxy again and lets go of the kept connection, so
   * that the next one shows the certificate that is on disk then.
   */
  @Override
  public void refresh() {
    Access.renew(config);
    connection.dropKept();
  }

  @Override
  public boolean wantsOneSender() {
    return config.body() == Body.ENVELOPE;
  }

  @Override
  public void close() {
    boolean last;
    synchronized (ending) {
      last = !closed && !submitting;
      closed = true;
    }
    deadline.cancel();
    if (last) {
      connection.close();
    }
  }

  /** The address alone. */
  @Override
  public String toString() {
    return "HttpSubmitter[" + address + "]";
  }
}
