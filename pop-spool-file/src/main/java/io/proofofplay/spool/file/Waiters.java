package io.proofofplay.spool.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Who waits until what was appended is safe. One thread at a time makes it so, for all that was
 * appended by then (group commit); the others sleep, and each is woken once: when its events are
 * safe, when they cannot be made so, or when it is the one to force next.
 *
 * <p>While nobody forces and somebody sleeps here, one of the sleepers was told to force: so no
 * wake-up is lost, whoever comes in between.
 *
 * <p>The spool's lock guards it, save {@link Waiter#sleep}, which is called without the lock.
 */
final class Waiters {

  /** What a thread that waits has been told. */
  enum Word {
    /** Nothing yet. */
    NONE,
    /** Look whether to force. */
    FORCE,
    /** Its events are safe. */
    KEPT,
    /** Its events are not in the spool any more. */
    FAILED
  }

  /** A thread that waits for a force. */
  static final class Waiter {

    private final Thread thread = Thread.currentThread();
    private final long target;
    private IOException failure;
    private volatile Word word = Word.NONE;

    private Waiter(long target) {
      this.target = target;
    }

    /** Sleeps until there is a word. An interrupt changes nothing. */
    Word sleep() {
      boolean interrupted = false;
      while (word == Word.NONE) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return word;
    }

    Word word() {
      return word;
    }

    /** Why its events are not kept; to be asked after {@link Word#FAILED}. */
    IOException failure() {
      return new IOException(failure.getMessage(), failure);
    }

    private void tell(Word news) {
      word = news;
      LockSupport.unpark(thread);
    }
  }

  /** Counts the appends; what is kept of them is counted in {@code keptTicket}. */
  private long ticket;

  private long keptTicket;
  private final List<Waiter> waiting = new ArrayList<>();

  /** The threads of sources that are no more are forgotten when there are more than so many. */
  private static final int MANY = 1024;

  /**
   * Who will ask for what it has appended, and must then be told the truth about that, whatever
   * became of what others have appended since.
   */
  private final Map<Thread, Long> appenders = new HashMap<>();

  /** Whose events were taken out again before they asked. */
  private final Set<Thread> betrayed = new HashSet<>();

  /**
   * The calling thread has appended.
   *
   * @param willAsk whether it must be told when its events are taken out again
   */
  void appended(boolean willAsk) {
    ticket++;
    if (willAsk) {
      appenders.put(Thread.currentThread(), ticket);
    }
  }

  /** What was appended so far. */
  long ticket() {
    return ticket;
  }

  /** Nobody has to be told what becomes of what was appended. */
  void forgetAppenders() {
    appenders.clear();
  }

  /** Whether what the calling thread has appended was taken out since; that is told once. */
  boolean isBetrayed() {
    return betrayed.remove(Thread.currentThread());
  }

  /** What the calling thread has appended last and has not asked for yet; asks for it. */
  OptionalLong own() {
    Long own = appenders.remove(Thread.currentThread());
    return own == null ? OptionalLong.empty() : OptionalLong.of(own);
  }

  /** Whether what was appended up to a ticket is safe. */
  boolean isKept(long upTo) {
    return keptTicket >= upTo;
  }

  /** The calling thread waits for what was appended up to a ticket. */
  Waiter enter(long upTo) {
    Waiter waiter = new Waiter(upTo);
    waiting.add(waiter);
    return waiter;
  }

  /** Whether it is still to force, and has not been told otherwise meanwhile. */
  boolean isItsTurn(Waiter waiter) {
    return waiter.word == Word.FORCE;
  }

  /** It goes to sleep again: somebody else forces. */
  void stay(Waiter waiter) {
    waiter.word = Word.NONE;
  }

  /** It waits no longer, and forces itself. */
  void leave(Waiter waiter) {
    waiting.remove(waiter);
  }

  /** What was appended up to a ticket is safe. */
  void kept(long upTo) {
    keptTicket = Math.max(keptTicket, upTo);
    if (appenders.size() > MANY) {
      appenders.keySet().removeIf(thread -> !thread.isAlive());
      betrayed.removeIf(thread -> !thread.isAlive());
    }
  }

  /** Nobody forces any more: wakes whose events are safe, and one of the others, to force. */
  void roundOver() {
    List<Waiter> kept = new ArrayList<>();
    waiting.removeIf(waiter -> waiter.target <= keptTicket && kept.add(waiter));
    if (!waiting.isEmpty() && waiting.stream().noneMatch(one -> one.word == Word.FORCE)) {
      waiting.get(0).tell(Word.FORCE);
    }
    kept.forEach(waiter -> waiter.tell(Word.KEPT));
  }

  /** What is not safe is not in the spool any more: tells all who wait for it, or will ask. */
  void fail(IOException failure) {
    for (Waiter waiter : waiting) {
      waiter.failure = failure;
      waiter.tell(isKept(waiter.target) ? Word.KEPT : Word.FAILED);
    }
    waiting.clear();
    appenders
        .entrySet()
        .removeIf(appender -> !isKept(appender.getValue()) && betrayed.add(appender.getKey()));
  }
}
