package io.proofofplay.bench;

import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The checksum of an event, an operation being an event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChecksumBenchmark {

  private final byte[] event = new byte[Play.LENGTH];
  private final CRC32C crc = new CRC32C();

  /** Makes the event. */
  public ChecksumBenchmark() {
    Play.write(event, 0, 7, 42, System.currentTimeMillis());
  }

  /**
   * CRC-32C, as each record of a spool file has it.
   *
   * @return the checksum
   */
  @Benchmark
  public long crc32c() {
    crc.reset();
    crc.update(event, 0, event.length);
    return crc.getValue();
  }
}
