package io.proofofplay.testkit;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.spi.Held;
import io.proofofplay.core.spi.Later;
import io.proofofplay.core.spi.Reason;
import io.proofofplay.core.spi.SubmitResult;
import io.proofofplay.core.spi.Submitter;
import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.testkit.SubmitterContract.Arrival;
import io.proofofplay.testkit.SubmitterContract.Destination;
import io.proofofplay.testkit.SubmitterContract.Trouble;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** A destination in memory; its submitters are scripted, and share what it has. */
class MemoryDestination implements Destination {

  static final String SECRET = "Bearer 0123456789abcdef";

  private final List<ScriptedSubmitter> submitters = new ArrayList<>();
  private final List<byte[]> received = new ArrayList<>();
  private final List<Arrival> arrivals = new ArrayList<>();
  private Trouble trouble;

  @Override
  public Submitter submitter() {
    ScriptedSubmitter submitter =
        new ScriptedSubmitter(TimeSource.system()).otherwise(this::arrive);
    submitters.add(submitter);
    return submitter;
  }

  private synchronized SubmitResult arrive(Batch batch) {
    if (trouble == Trouble.ABSENT) {
      return Later.because("memory: nothing is there");
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    batch.events().forEach(event -> body.writeBytes(event.bytes()));
    if (trouble != Trouble.BREAKING_OFF) {
      arrivals.add(Arrival.of(batch.id().toString(), body.toByteArray()));
    }
    if (trouble == Trouble.REFUSING) {
      return new Held(new Reason("memory: not now", 403, "go away"));
    }
    if (trouble != null) {
      return Later.because("memory: " + trouble);
    }
    received.addAll(Events.bytesOf(batch.events()));
    return ScriptedSubmitter.delivered();
  }

  @Override
  public synchronized List<byte[]> received() {
    return List.copyOf(received);
  }

  @Override
  public synchronized List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  @Override
  public synchronized void suffer(Trouble wrong) {
    trouble = wrong;
    if (wrong == Trouble.HANGING) {
      submitters.forEach(ScriptedSubmitter::hang);
    }
  }

  @Override
  public synchronized void recover() {
    trouble = null;
    submitters.forEach(ScriptedSubmitter::release);
  }

  @Override
  public void awaitHanging() throws InterruptedException {
    submitters.get(submitters.size() - 1).awaitInside();
  }

  @Override
  public String secret() {
    return SECRET;
  }

  @Override
  public void close() {
    recover();
  }

  /** Makes attempts hang that nothing but the end of the test releases. */
  final void hangStubbornly() {
    submitters.forEach(ScriptedSubmitter::hangStubbornly);
  }
}
