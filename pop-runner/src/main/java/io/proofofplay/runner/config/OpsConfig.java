package io.proofofplay.runner.config;

import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.config.Setting;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The endpoint that tells how the relay is.
 *
 * @param listen the address and port, {@code host:port}; port 0 takes any free one
 * @param token what a caller must send as {@code Authorization: Bearer}; {@code null} for none
 */
public record OpsConfig(
    @Setting(
            value = "address and port of the status endpoint",
            required = true,
            example = "127.0.0.1:9464")
        String listen,
    @Setting(
            "what a caller sends as `Authorization: Bearer …`; needed beyond this machine, and then"
                + " better of 16 characters or more")
        Secret token)
    implements Checked {

  /** Whoever can reach the endpoint may guess, as fast as it answers. */
  private static final int SHORTEST_TOKEN = 16;

  private static final Pattern FORM =
      Pattern.compile("(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+):(\\d{1,5})");

  @Override
  public void check(Problems problems) {
    Matcher form = FORM.matcher(listen);
    if (!form.matches() || Integer.parseInt(form.group(2)) > 65535) {
      problems.add(
          "listen", Hidden.quote(listen) + " is not an address and a port; write 127.0.0.1:9464");
    } else if (!isLoopback(form.group(1)) && secret().isEmpty()) {
      problems.add(
          "listen",
          Hidden.quote(listen)
              + " can be reached from other machines; add a token, or write 127.0.0.1:"
              + form.group(2));
    }
    if (secret().filter(OpsConfig::isNoHeadersValue).isPresent()) {
      problems.add(
          "token",
          "holds a character that no header carries to the relay; write printable ASCII,"
              + " without a blank at either end");
    }
  }

  /**
   * What is weak about the token: it is short, and others than this machine can try. That is no
   * reason not to run, as the plays of a screen are worth more than what the endpoint tells.
   *
   * @return the weakness in words, with what would be better; empty if there is none
   */
  public Optional<String> weakness() {
    boolean open = !isLoopback(listen.substring(0, listen.lastIndexOf(':')));
    return secret()
        .filter(given -> open && given.reveal().length() < SHORTEST_TOKEN)
        .map(
            given ->
                "ops.token: is shorter than "
                    + SHORTEST_TOKEN
                    + " characters, and "
                    + Hidden.quote(listen)
                    + " can be reached by those who guess; write a random one, such as"
                    + " openssl rand -hex 16 prints");
  }

  /** Nobody could send it, and so nobody would get in. */
  private static boolean isNoHeadersValue(Secret secret) {
    return !secret.reveal().matches("[!-~](?:[ -~]*[!-~])?");
  }

  /**
   * The host, without brackets.
   *
   * @return the name or address
   */
  public String host() {
    return listen.substring(0, listen.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
  }

  /**
   * The port.
   *
   * @return 0 to 65535
   */
  public int port() {
    return Integer.parseInt(listen.substring(listen.lastIndexOf(':') + 1));
  }

  /**
   * The token, if one is asked for.
   *
   * @return the token; empty for none
   */
  public Optional<Secret> secret() {
    return Optional.ofNullable(token).filter(secret -> !secret.reveal().isEmpty());
  }

  /**
   * Whether a host is this machine alone, by its spelling: a name that must be looked up may lead
   * anywhere.
   *
   * @param host a name or an address, one of IPv6 in brackets; in lower case
   * @return whether it is of the loopback interface
   */
  public static boolean isLoopback(String host) {
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
  }
}
