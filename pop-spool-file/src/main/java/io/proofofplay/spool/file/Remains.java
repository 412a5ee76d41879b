package io.proofofplay.spool.file;

import io.proofofplay.core.model.Batch;
import io.proofofplay.core.model.BatchId;
import io.proofofplay.spool.file.SpoolFileScan.Damage;
import io.proofofplay.spool.file.SpoolFileScan.Header;
import java.util.List;

/**
 * What a sealed file still holds, weighed against what its name promises: {@code count} events, of
 * which the first {@code skip} are done with.
 *
 * <p>Where records are missing, it matters which: those that are done with are no loss, and the
 * others must not be skipped in their place. When that cannot be told, an event is rather delivered
 * twice than never, and the books count the larger loss.
 *
 * <p>Immutable.
 */
final class Remains {

  private static final int[] NOTHING = {};

  private final SpoolFileScan scan;
  private final BatchId whole;
  private final int count;
  private final int first;
  private final int waiting;
  private final int lost;
  private final boolean strange;

  /** For each gap in which records are missing: how many intact ones stand before it. */
  private final int[] gapBefore;

  private final int[] gapSize;

  /**
   * Weighs a file.
   *
   * @param scan what is in it
   * @param name what it is called, or would be if it were sealed
   */
  Remains(SpoolFileScan scan, SpoolFileName name) {
    this.scan = scan;
    this.count = name.count();
    int skip = name.skip();
    this.whole = identify(scan, name, count);
    // Somebody has given another file's name to this one: nothing of it was ever delivered as far
    // as the name tells.
    this.strange =
        skip > 0 && scan.header().filter(header -> header.number() != name.number()).isPresent();
    int missing = strange ? 0 : Math.max(0, count - scan.count());
    boolean certain = true;
    if (missing == 0) {
      gapBefore = NOTHING;
      gapSize = NOTHING;
    } else {
      List<Damage> suspects =
          scan.damages().stream().filter(damage -> damage.content() && !isHeader(damage)).toList();
      if (scan.damages().stream().noneMatch(Damage::content)) {
        gapBefore = new int[] {scan.count()};
        gapSize = new int[] {missing};
      } else if (suspects.size() == 1) {
        gapBefore = new int[] {suspects.get(0).before()};
        gapSize = new int[] {missing};
      } else if (areCounted(suspects, missing)) {
        gapBefore = suspects.stream().mapToInt(Damage::before).toArray();
        gapSize = suspects.stream().mapToInt(Damage::lines).toArray();
      } else {
        // As if all were lost at the start: the fewest are skipped.
        gapBefore = new int[] {0};
        gapSize = new int[] {missing};
        certain = false;
      }
    }
    int begin = 0;
    if (!strange) {
      while (begin < scan.count() && place(begin) < skip) {
        begin++;
      }
    }
    first = begin;
    waiting = scan.count() - first;
    int promised = count - skip;
    lost = certain || strange ? Math.max(0, promised - waiting) : Math.min(missing, promised);
  }

  /** Whether damages look like exactly so many records. */
  private static boolean areCounted(List<Damage> suspects, int missing) {
    return suspects.stream().noneMatch(Damage::comment)
        && suspects.stream().mapToLong(Damage::lines).sum() == missing;
  }

  private static boolean isHeader(Damage damage) {
    return damage.offset() == 0 && damage.comment();
  }

  private static BatchId identify(SpoolFileScan scan, SpoolFileName name, int count) {
    if (scan.header().isEmpty()) {
      return BatchId.of(scan.idFromContent(), name.number());
    }
    Header header = scan.header().get();
    boolean altered = scan.count() != count || scan.hasHoles();
    return BatchId.of(
        altered ? header.id() + "~" + scan.fingerprint() : header.id(), header.number());
  }

  /** How many events wait in it. */
  int waiting() {
    return waiting;
  }

  /** How many events that the name promised are missing. */
  int lost() {
    return lost;
  }

  /** What waits in it; there must be something. */
  Batch batch() {
    return new Batch(first == 0 ? whole : whole.part(first, scan.count()), scan.events(first));
  }

  /**
   * How the name says that only the records from one on are left.
   *
   * @param record the index of the first intact record that is left
   * @return how many events of the original are done with, or 0 if the name cannot say it
   */
  int skipFor(int record) {
    int skip = strange ? 0 : place(record);
    return skip < count ? skip : 0;
  }

  /** The place that an intact record had in the file when it was whole. */
  private int place(int record) {
    int place = record;
    for (int i = 0; i < gapBefore.length; i++) {
      if (gapBefore[i] <= record) {
        place += gapSize[i];
      }
    }
    return place;
  }
}
