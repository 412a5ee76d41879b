package io.proofofplay.bench;

import io.proofofplay.core.json.JsonFault;
import io.proofofplay.core.json.JsonScanner;
import io.proofofplay.core.model.PopEvent;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The looks at an event's JSON, an operation being an event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JsonBenchmark {

  private final byte[] event = new byte[Play.LENGTH];

  /** Makes the event. */
  public JsonBenchmark() {
    Play.write(event, 0, 7, 42, System.currentTimeMillis());
  }

  /**
   * The strict scan at the door.
   *
   * @return no fault
   */
  @Benchmark
  public Optional<JsonFault> scan() {
    return JsonScanner.faultOf(event, 0, event.length, "uuid");
  }

  /**
   * Looks for the id.
   *
   * @return the id
   */
  @Benchmark
  public String uuid() {
    return PopEvent.scanned(event, 0, event.length, null).uuid();
  }

  /**
   * Reads all members.
   *
   * @return the members
   */
  @Benchmark
  public Map<String, Object> read() {
    return JsonScanner.read(event, 0, event.length);
  }
}
