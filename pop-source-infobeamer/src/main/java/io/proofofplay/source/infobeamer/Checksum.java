package io.proofofplay.source.infobeamer;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * The bytes of an event in 64 bits, by two cyclic redundancy checks of 32: that of zip files and
 * Castagnoli's. Their polynomials have no common factor, so that together they are one check of 64
 * bits: any two texts that differ within 64 bits in a row have different sums, and others have the
 * same one with a probability of 2<sup>-64</sup>.
 *
 * <p>Machines have instructions for both, which the JVM uses whatever its compiler.
 *
 * <p>Not thread-safe.
 */
final class Checksum {

  private final CRC32 zip = new CRC32();
  private final CRC32C castagnoli = new CRC32C();

  long of(byte[] bytes, int offset, int length) {
    zip.reset();
    zip.update(bytes, offset, length);
    castagnoli.reset();
    castagnoli.update(bytes, offset, length);
    return zip.getValue() << Integer.SIZE | castagnoli.getValue();
  }
}
