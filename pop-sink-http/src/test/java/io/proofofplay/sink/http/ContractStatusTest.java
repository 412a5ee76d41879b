package io.proofofplay.sink.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.testkit.ContractStatus;
import io.proofofplay.testkit.ManualTime;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The verdicts that the engine is tried with are the ones that this sink gives. */
final class ContractStatusTest {

  @Test
  void everyStatusHasTheVerdictThatTheEngineIsTriedWith() {
    Verdicts verdicts =
        new Verdicts(
            "http://backend/pop",
            HttpSinkConfig.to(URI.create("http://backend/pop")),
            Optional.empty(),
            false,
            ManualTime.standing());
    for (int status = 200; status <= 599; status++) {
      SubmitResult given = verdicts.on(new Answer(status, List.of(), "said"), new Mask());
      SubmitResult tried = ContractStatus.verdict(status);
      assertThat(given).as("status %s", status).isInstanceOf(tried.getClass());
      assertThat(given.reason().status()).isEqualTo(status);
      if (given instanceof Later later) {
        assertThat(later.doubt()).as("status %s", status).isEqualTo(((Later) tried).doubt());
        assertThat(later.notBefore()).isEqualTo(((Later) tried).notBefore());
      }
    }
  }
}
