package io.proofofplay.sink.http;

import io.proofofplay.core.spi.Delivered;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Later.Doubt;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.Rejected;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.core.spi.TooLarge;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.impl.EnglishReasonPhraseCatalog;

/** Whose fault it was: from an answer to a verdict. The table is the contract's. */
final class Verdicts {

  /** A text may quote what somebody else said, which may be long. */
  private static final int LONGEST_TEXT = 600;

  /** What could steer the terminal of somebody who reads an answer in a log. */
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\r\n\t]]");

  private static final Pattern ANY_CONTROL = Pattern.compile("\\p{Cc}");

  private final String address;
  private final String expectHeader;
  private final String expectBody;
  private final Optional<String> proxy;
  private final boolean showsCredentials;
  private final TimeSource time;

  /**
   * Verdicts on one backend.
   *
   * @param address the backend's
   * @param config what a success must have
   * @param proxy the address of the proxy, if there is one
   * @param showsCredentials whether the proxy is shown user and password
   * @param time for dates that the backend names
   */
  Verdicts(
      String address,
      HttpSinkConfig config,
      Optional<String> proxy,
      boolean showsCredentials,
      TimeSource time) {
    this.proxy = proxy;
    this.showsCredentials = showsCredentials;
    this.address = address;
    this.expectHeader = config.expectHeader();
    this.expectBody = config.expectBody();
    this.time = time;
  }

  /** The verdict on the backend's own answer. */
  SubmitResult on(Answer answer, Mask mask) {
    int status = answer.status();
    return switch (status / 100) {
      case 2 -> success(answer, mask);
      case 3 -> new Held(reason(answer, mask, redirect(answer, mask)));
      case 4 -> clientError(answer, mask);
      case 5 -> serverError(answer, mask);
      default ->
          new Held(reason(answer, mask, "is no status of HTTP; url may name another service"));
    };
  }

  /** The verdict on an answer that minds how a batch was sent: it goes again in another way. */
  Later onOurWay(Answer answer, String change, Mask mask) {
    return new Later(reason(answer, mask, change), Optional.empty(), Doubt.NONE);
  }

  private SubmitResult success(Answer answer, Mask mask) {
    if (!expectHeader.isEmpty()
        && !answer.has(
            HeaderText.expectedName(expectHeader), HeaderText.expectedValue(expectHeader))) {
      return new Held(
          reason(
              answer,
              mask,
              "but without the header "
                  + expectHeader
                  + ": a captive portal or the wrong place; nothing counts as delivered there"));
    }
    if (!expectBody.isEmpty() && !answer.body().contains(expectBody)) {
      return new Held(
          reason(
              answer,
              mask,
              "but its body does not hold the text of expectBody: a captive portal or the wrong"
                  + " place; nothing counts as delivered there"));
    }
    return new Delivered(reason(answer, mask, remark(answer)));
  }

  /**
   * A page is what a captive portal sends, but some backends send one too: without a setting that
   * tells them apart it is a success, and said to be an odd one.
   */
  private String remark(Answer answer) {
    boolean isPage =
        answer
            .header("Content-Type")
            .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("text/html"))
            .isPresent();
    return isPage && expectHeader.isEmpty() && expectBody.isEmpty()
        ? "with an HTML page, as a captive portal sends it; set expectHeader or expectBody to tell"
            + " the backend from one"
        : "";
  }

  private static String redirect(Answer answer, Mask mask) {
    return answer
        .header("Location")
        .filter(place -> !place.isEmpty())
        .map(
            place ->
                "with Location "
                    + Address.ofForeign(mask.apply(place))
                    + ": a captive portal or a moved URL; redirects are never followed, so url must"
                    + " name the right place itself")
        .orElse("which is no place to post to; url must name the right one");
  }

  private SubmitResult clientError(Answer answer, Mask mask) {
    return switch (answer.status()) {
      case 401 -> held(answer, mask, "authorization is missing or not accepted; renew it");
      case 403 ->
          held(answer, mask, "authorization does not allow to post there; renew or widen it");
      case 404 ->
          held(answer, mask, "nothing is there; url must name the place that takes batches");
      case 405 -> held(answer, mask, "that place takes no POST; url must name one that does");
      case 407 -> held(answer, mask, proxyCredentials());
      case 410 -> held(answer, mask, "the place is given up; url must name the new one");
      case 421 -> held(answer, mask, "that server does not answer for this host; check url");
      case 451 -> held(answer, mask, "posting there is forbidden by law, says the server");
      case 408, 425, 429 -> later(answer, mask, Doubt.NONE);
      case 413 -> new TooLarge(reason(answer, mask, "the batch is too large"));
      default -> new Rejected(reason(answer, mask, "the backend will not take these bytes"));
    };
  }

  private String proxyCredentials() {
    if (proxy.isEmpty()) {
      return "something on the way wants credentials for a proxy; name that proxy in proxy";
    }
    return "the proxy "
        + proxy.get()
        + (showsCredentials
            ? " does not accept the user and password in proxy; renew them"
            : " wants user and password; put them into proxy, as http://user:password@host:port");
  }

  private SubmitResult serverError(Answer answer, Mask mask) {
    return later(answer, mask, Doubt.BYTES);
  }

  private SubmitResult held(Answer answer, Mask mask, String hint) {
    return new Held(reason(answer, mask, hint));
  }

  /** A backend that answers 503 and says when to come back is busy, not broken by what it got. */
  private SubmitResult later(Answer answer, Mask mask, Doubt doubt) {
    Optional<Duration> wait = RetryAfter.of(answer, time.now());
    String hint =
        wait.map(time -> "asks to wait " + time.toSeconds() + " s").orElse("try again later");
    if (answer.status() == 511) {
      hint = "a captive portal wants somebody to log in; " + hint;
    }
    boolean busy = answer.status() == 503 && wait.isPresent();
    return new Later(reason(answer, mask, hint), wait, busy ? Doubt.NONE : doubt);
  }

  /**
   * The verdict when a proxy made no tunnel: it has seen no byte of ours, so they are not to blame.
   */
  SubmitResult onProxy(Answer answer, Mask mask) {
    String what =
        "the proxy " + proxy.orElse("") + " answered " + name(answer.status()) + " to CONNECT";
    int status = answer.status();
    if (status / 100 == 5 || status == 408 || status == 425 || status == 429) {
      return new Later(
          new Reason(text(what, mask), status, ""), RetryAfter.of(answer, time.now()), Doubt.NONE);
    }
    String hint =
        status == 407
            ? "; " + proxyCredentials()
            : "; it must allow " + address + ", or proxy must name another one";
    return new Held(new Reason(text(what + hint, mask), status, ""));
  }

  private Reason reason(Answer answer, Mask mask, String hint) {
    String separator =
        hint.isEmpty() || hint.startsWith("with") || hint.startsWith("but") ? " " : "; ";
    return new Reason(
        text(name(answer.status()) + (hint.isEmpty() ? "" : separator + hint), mask),
        answer.status(),
        with("?", mask.apply(answer.body()), CONTROL));
  }

  /** A text with something in place of controls; mostly there are none to look for. */
  private static String with(String instead, String text, Pattern controls) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return controls.matcher(text).replaceAll(instead);
      }
    }
    return text;
  }

  String text(String what, Mask mask) {
    String line = with(" ", mask.apply(address + ": " + what), ANY_CONTROL);
    return line.length() > LONGEST_TEXT ? line.substring(0, LONGEST_TEXT) + "…" : line;
  }

  private static String name(int status) {
    boolean isKnown = status >= 100 && status <= 599;
    String phrase =
        isKnown ? EnglishReasonPhraseCatalog.INSTANCE.getReason(status, Locale.ROOT) : null;
    return phrase == null ? Integer.toString(status) : status + " " + phrase;
  }
}
