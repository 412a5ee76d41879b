package io.proofofplay.spool.file;

import io.proofofplay.core.model.BatchPolicy;
import io.proofofplay.core.model.Durability;
import io.proofofplay.core.model.SpoolPolicy;
import io.proofofplay.core.spi.Spool;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.spool.file.FaultyDisk.Kind;
import io.proofofplay.testkit.SpoolContract;
import java.io.IOException;
import org.junit.jupiter.api.Nested;

/** The rules of the port, on a disk whose power can fail, with each durability. */
class FileSpoolContractTest {

  /** A spool on a disk of its own. */
  static final class OnFaultyDisk implements SpoolContract.Place {

    private final FaultyDisk disk = new FaultyDisk();
    private Spool open;
    private long seed;

    @Override
    public Spool open(SpoolPolicy keeping, BatchPolicy batches, boolean oneSender)
        throws IOException {
      open = Spools.open(disk, keeping, batches, oneSender);
      return open;
    }

    @Override
    public void kill() {
      disk.crash(++seed);
    }

    @Override
    public void fill() {
      disk.leaveRoom(700);
    }

    @Override
    public void failForces() {
      disk.failAll(kind -> kind == Kind.FORCE || kind == Kind.FORCE_DIRECTORY, Fault.IO_ERROR);
    }

    @Override
    public void repair() {
      disk.repair();
    }

    @Override
    public void close() throws IOException {
      disk.repair();
      if (open != null) {
        open.close();
      }
    }
  }

  @Nested
  class WriteAhead implements SpoolContract {
    @Override
    public Place place() {
      return new OnFaultyDisk();
    }
  }

  @Nested
  class Interval implements SpoolContract {
    @Override
    public Place place() {
      return new OnFaultyDisk();
    }

    @Override
    public Durability durability() {
      return Durability.INTERVAL;
    }
  }

  @Nested
  class OnFailure implements SpoolContract {
    @Override
    public Place place() {
      return new OnFaultyDisk();
    }

    @Override
    public Durability durability() {
      return Durability.ON_FAILURE;
    }
  }
}
