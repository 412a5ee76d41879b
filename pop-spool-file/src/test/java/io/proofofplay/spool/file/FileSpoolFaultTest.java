package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.Durability;
import io.proofofplay.spool.file.FaultyDisk.Fault;
import io.proofofplay.testkit.TallyRun;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever fails, at whichever operation: what was promised is there, and nothing is invented. */
class FileSpoolFaultTest {

  private static final int MAX_EVENTS = 5;
  private static final long FOR_EVER = Long.MAX_VALUE;

  /** A life of a spool with everything that happens in one, and a second life. */
  private static void live(Witness witness) {
    for (int life = 0; life < 2; life++) {
      if (!witness.open()) {
        return;
      }
      witness.append(3);
      witness.sync();
      witness.append(4);
      witness.sync();
      witness.removePart();
      witness.append(1);
      witness.append(11);
      witness.sync();
      witness.roll();
      witness.remove();
      witness.removePart();
      witness.append(2);
      witness.sync();
      witness.evict();
      witness.append(6);
      witness.roll();
      witness.append(1);
      if (life == 0) {
        witness.close();
      }
    }
  }

  private static TallyRun tally(String test, String what) {
    return TallyRun.of("FileSpoolFaultTest." + test, what);
  }

  /** One round: how many operations or the power failed, and what became of what was promised. */
  private static void count(TallyRun run, FaultyDisk disk, Witness witness) {
    run.round(Math.max(1, disk.failures()));
    run.events(witness.promised(), witness.lost(), 0);
  }

  private static long operations(Durability durability) {
    FaultyDisk disk = new FaultyDisk();
    live(new Witness(disk, durability, MAX_EVENTS, "nothing fails"));
    return disk.operations();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void withoutTroubleNothingIsLostOrRepeated(Durability durability) {
    FaultyDisk disk = new FaultyDisk();
    Witness witness = new Witness(disk, durability, MAX_EVENTS, "nothing fails");
    live(witness);
    witness.close();
    witness.expectNothingTwice();
    assertThat(disk.operations()).isGreaterThan(50);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  @Tag("long")
  void anyOperationMayFailOnceOrForEver(Durability durability) {
    try (TallyRun run = tally("anyOperationMayFailOnceOrForEver", "spool: each operation fails")) {
      long operations = operations(durability);
      for (long n = 1; n <= operations; n++) {
        for (Fault fault : Fault.values()) {
          for (long howMany : new long[] {1, 2, 7, FOR_EVER}) {
            FaultyDisk disk = new FaultyDisk();
            String story =
                durability + ": " + howMany + " operations fail from " + n + ": " + fault;
            Witness witness = new Witness(disk, durability, MAX_EVENTS, story);
            disk.fail(n, howMany, fault);
            live(witness);
            disk.repair();
            try {
              witness.settleUp();
            } finally {
              count(run, disk, witness);
            }
          }
        }
      }
      run.held();
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  @Tag("long")
  void thePowerMayFailAtAnyOperation(Durability durability) {
    try (TallyRun run =
        tally("thePowerMayFailAtAnyOperation", "spool: the power fails at each operation")) {
      long operations = operations(durability);
      for (long n = 1; n <= operations; n++) {
        for (long seed = 0; seed < 8; seed++) {
          FaultyDisk disk = new FaultyDisk();
          String story = durability + ": power fails at operation " + n + ", seed " + seed;
          Witness witness = new Witness(disk, durability, MAX_EVENTS, story);
          disk.fail(n, FOR_EVER, Fault.IO_ERROR);
          live(witness);
          witness.crash(seed);
          try {
            witness.settleUpWithoutRepeats();
          } finally {
            count(run, disk, witness);
          }
        }
      }
      run.held();
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void theProcessMayBeKilledAtAnyOperation(Durability durability) {
    try (TallyRun run =
        tally("theProcessMayBeKilledAtAnyOperation", "spool: killed at each operation")) {
      long operations = operations(durability);
      for (long n = 1; n <= operations; n++) {
        FaultyDisk disk = new FaultyDisk();
        String story = durability + ": killed at operation " + n;
        Witness witness = new Witness(disk, durability, MAX_EVENTS, story);
        disk.fail(n, FOR_EVER, Fault.IO_ERROR);
        live(witness);
        witness.kill();
        try {
          witness.settleUpWithoutRepeats();
        } finally {
          count(run, disk, witness);
        }
      }
      run.held();
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  @Tag("long")
  void aLongLifeWithTroubleKeepsItsPromises(Durability durability) {
    try (TallyRun run =
        tally("aLongLifeWithTroubleKeepsItsPromises", "spool: long lives with trouble")) {
      for (long seed = 1; seed <= 150; seed++) {
        Random random = new Random(seed);
        FaultyDisk disk = new FaultyDisk();
        Witness witness =
            new Witness(disk, durability, 1 + random.nextInt(9), durability + ": seed " + seed);
        witness.expectDamage();
        for (int step = 0; step < 120; step++) {
          if (!witness.isOpen() && !witness.open()) {
            disk.repair();
            continue;
          }
          switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> witness.append(1 + random.nextInt(12));
            case 4, 5 -> witness.sync();
            case 6 -> witness.roll();
            case 7, 8 -> witness.remove();
            case 9 -> witness.removePart();
            case 10 -> witness.evict();
            case 11 -> {
              disk.repair();
              disk.fail(
                  1 + random.nextInt(6),
                  1 + random.nextInt(4),
                  List.of(Fault.values()).get(random.nextInt(Fault.values().length)));
            }
            case 12 -> disk.leaveRoom(random.nextInt(2000));
            case 13 -> disk.repair();
            case 14 -> {
              if (random.nextInt(4) == 0) {
                witness.crash(random.nextLong());
              }
            }
            default -> {
              if (random.nextInt(3) == 0) {
                witness.close();
              } else if (random.nextInt(3) == 0) {
                witness.kill();
              }
            }
          }
        }
        disk.repair();
        try {
          witness.settleUp();
        } finally {
          count(run, disk, witness);
        }
      }
      run.held();
    }
  }
}
