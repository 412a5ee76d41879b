package io.proofofplay.sink.http;

import io.proofofplay.bench.Play;
import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.core.model.PopEvent;
import io.proofofplay.sink.http.HttpSinkConfig.Body;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The body of a request, an operation being an event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BodyBenchmark {

  private static final int EVENTS = 500;

  /** The form of the body. */
  @Param({"ARRAY", "ENVELOPE"})
  public String form = "";

  private final Batch batch;

  /** Makes the batch. */
  public BodyBenchmark() {
    byte[] array = new byte[EVENTS * Play.LENGTH];
    List<PopEvent> events = new ArrayList<>(EVENTS);
    for (int i = 0; i < EVENTS; i++) {
      Play.write(array, i * Play.LENGTH, 0, i, 0);
      events.add(PopEvent.scanned(array, i * Play.LENGTH, Play.LENGTH, "player"));
    }
    batch = new Batch(BatchId.of("bench", 1), events);
  }

  /**
   * Writes a body to where it costs nothing.
   *
   * @return its length
   * @throws IOException never
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long write() throws IOException {
    BatchEntity entity = BatchEntity.of(batch, Body.valueOf(form));
    entity.writeTo(OutputStream.nullOutputStream());
    return entity.getContentLength();
  }

  /**
   * Packs a body, as for a sink with {@code compression: gzip}.
   *
   * @return its length
   */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public long pack() {
    return BatchEntity.of(batch, Body.valueOf(form)).gzipped().getContentLength();
  }
}
