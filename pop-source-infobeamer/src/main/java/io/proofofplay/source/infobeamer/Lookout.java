package io.proofofplay.source.infobeamer;

import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where many sources read from their players by one thread: what a thread's waking costs for one
 * event is more than all else that is done for it.
 *
 * <p>The thread is that of one of the sources, which owns none and starts none. It waits at the
 * sockets of all, takes what has come, begins to offer it, and then waits once for what makes all
 * of it safe. The threads of the others sleep. Whatever is out of the ordinary is left to a
 * source's own thread, so that it holds up nobody else: a connection's end, a line that needs
 * everybody's memory, an offer for which there is no room, a player that says much.
 *
 * <p>After something was made safe it lets {@link #PACE} pass from one look to the next, so that
 * the next force is for more than one event; nobody waits for an answer.
 *
 * <p>A connection that was made while the sources were few is read by its own thread to its end.
 *
 * <p>An interrupt ends the source of the thread that it is for, and may cost another one its
 * connection if that thread looks out.
 *
 * <p>Thread-safe.
 */
final class Lookout {

  /** With fewer sources what each connects to then is read by itself, as quickly as can be. */
  static final int MANY = 16;

  /** The time from one look to the next, unless there was more to read, or nothing to force. */
  static final long PACE = TimeUnit.MILLISECONDS.toNanos(10);

  /** A player for whom so many looks in a row were not enough says much. */
  private static final int MOST_FULL_LOOKS = 8;

  /** The one of this process. */
  static final Lookout PROCESS = new Lookout(Crowd.PROCESS, MANY, PACE);

  /** What a look came to. */
  enum Look {
    /** All that had come was taken, and nothing is to be made safe. */
    DONE,
    /** An offer was begun that is to be settled. */
    BEGUN,
    /** The source's own thread is needed. */
    OWN
  }

  /** A connection, by the thread that looks out. */
  interface Post {

    /** Takes what has come, without a wait. */
    Look look();

    /** Whether the last look was as much as one takes, so that there may be more. */
    boolean wasFull();

    /**
     * Makes safe what was begun.
     *
     * @return false if the source's own thread is needed now
     */
    boolean settle();
  }

  /** A source's thread that sleeps, or looks out. */
  private final class Seat {

    private final PlayerConnection connection;
    private final Post post;
    private final Condition called = lock.newCondition();

    // Guarded by the lock.
    private boolean isLookedAt;
    private boolean isWanted;
    private boolean isOver;

    /** Whether nobody can look at it. */
    private boolean isForsaken;

    private Throwable fault;

    // Of the thread that looks out, while it looks at this one.
    private boolean hasBegun;
    private boolean isOwn;
    private int fullLooks;

    Seat(PlayerConnection connection, Post post) {
      this.connection = connection;
      this.post = post;
    }

    void look() {
      hasBegun = false;
      try {
        switch (post.look()) {
          case DONE -> {}
          case BEGUN -> hasBegun = true;
          case OWN -> isOwn = true;
        }
        fullLooks = post.wasFull() ? fullLooks + 1 : 0;
      } catch (RuntimeException | Error e) {
        failed(e);
      }
    }

    void settle() {
      try {
        isOwn |= !post.settle();
      } catch (RuntimeException | Error e) {
        failed(e);
      }
    }

    /** Its own thread dies of it, and no other. */
    private void failed(Throwable e) {
      fault = e;
      isOwn = true;
    }

    /** It is looked at no more, for this time; wakes its own thread if that is needed. */
    void lookedAt() {
      isLookedAt = false;
      if (isOwn || isWanted || fullLooks >= MOST_FULL_LOOKS) {
        wake();
      }
    }

    void wake() {
      isOver = true;
      seats.remove(this);
      // Else whoever looks out is told of it again and again until the thread is awake.
      connection.attendNoMore();
      called.signal();
    }

    /** Its own thread wants it back. */
    void want() {
      isWanted = true;
      if (!isLookedAt && !isOver) {
        wake();
      }
      if (leader == this && selector != null) {
        selector.wakeup();
      }
    }
  }

  private final Crowd crowd;
  private final int many;
  private final long pace;

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Set<Seat> seats = new LinkedHashSet<>();
  private int present;
  private Seat leader;

  /** Written under the lock, by who comes first and who goes last. */
  private volatile Selector selector;

  /**
   * Where nobody is yet.
   *
   * @param crowd who counts the sources
   * @param many from how many on it is of use
   * @param pace the least time from one look to the next
   */
  Lookout(Crowd crowd, int many, long pace) {
    this.crowd = crowd;
    this.many = many;
    this.pace = pace;
  }

  /** Whether there are so many sources that connections are better made for this. */
  boolean isOfUse() {
    return crowd.size() >= many;
  }

  /**
   * Has the connection looked after, perhaps by the calling thread and that of others with it,
   * until the calling thread is needed for it: because a look said so, because the connection was
   * left, because the player says much, or because the time is over.
   *
   * @param nanos the longest time; {@link Long#MAX_VALUE} is for ever
   * @return whether it could be; else the calling thread is needed without any of these reasons
   */
  boolean lookAfter(PlayerConnection connection, Post post, long nanos, TimeSource time)
      throws InterruptedException {
    long began = time.nanos();
    Seat seat = new Seat(connection, post);
    lock.lock();
    try {
      if (!enter(connection, seat)) {
        return false;
      }
      try {
        selector.wakeup();
        if (connection.isLeft()) {
          seat.want();
        }
        while (!seat.isOver) {
          long left = nanos == Long.MAX_VALUE ? nanos : nanos - (time.nanos() - began);
          if (left <= 0) {
            seat.want();
            left = Long.MAX_VALUE;
          }
          if (leader == null && !seat.isOver) {
            leader = seat;
            lookOut(seat, left, time);
          } else if (!seat.isOver) {
            time.await(seat.called, left);
          }
        }
      } finally {
        // Also when this thread was interrupted, or failed.
        seat.isWanted = true;
        while (seat.isLookedAt) {
          seat.called.awaitUninterruptibly();
        }
        try {
          connection.attendNoMore();
        } finally {
          leave(seat);
        }
      }
    } finally {
      lock.unlock();
    }
    if (seat.fault instanceof Error error) {
      throw error;
    }
    if (seat.fault != null) {
      throw (RuntimeException) seat.fault;
    }
    return !seat.isForsaken;
  }

  private boolean enter(PlayerConnection connection, Seat seat) {
    boolean isIn = false;
    present++;
    try {
      if (selector == null) {
        selector = Selector.open();
      }
      seats.add(seat);
      connection.attend(selector, seat, () -> recall(seat));
      isIn = true;
      return true;
    } catch (IOException e) {
      // Its next read says what is wrong with it.
      return false;
    } finally {
      if (!isIn) {
        leave(seat);
      }
    }
  }

  private void recall(Seat seat) {
    lock.lock();
    try {
      seat.want();
    } finally {
      lock.unlock();
    }
  }

  private void leave(Seat seat) {
    seat.isOver = true;
    seats.remove(seat);
    present--;
    callSomebody();
    closeIfEmpty();
  }

  private void closeIfEmpty() {
    if (present == 0 && crowd.size() == 0) {
      closeSelector();
    }
  }

  private void closeSelector() {
    if (selector != null) {
      try {
        selector.close();
      } catch (IOException e) {
        // Nobody waits at it any more; how its end went makes no difference to anybody.
      }
      selector = null;
    }
  }

  /** A connection was closed, with which the selector has not done yet. */
  void connectionClosed() {
    lock.lock();
    try {
      if (leader != null && selector != null) {
        selector.wakeup();
      } else if (selector != null) {
        selector.selectNow();
      }
    } catch (IOException e) {
      // Whoever waits at it next is told so.
    } finally {
      lock.unlock();
    }
  }

  /** A source has left the crowd; gives back what nobody needs any more. */
  void sourceEnded() {
    lock.lock();
    try {
      closeIfEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Looks out for all until this seat's own connection needs the thread. Holds the lock. */
  private void lookOut(Seat own, long nanos, TimeSource time) throws InterruptedException {
    List<Seat> looked = new ArrayList<>();
    try {
      long until = time.nanos() + nanos;
      while (!own.isOver) {
        long left = nanos == Long.MAX_VALUE ? nanos : until - time.nanos();
        if (left <= 0) {
          return;
        }
        long began = time.nanos();
        boolean mayRest = lookOnce(looked, left);
        long rest = pace - (time.nanos() - began);
        if (!own.isOver && mayRest && rest > 0) {
          time.await(own.called, rest);
        }
      }
    } finally {
      // Whatever became of this thread, and were it out of memory, the others go on.
      leader = null;
      for (int i = 0; i < looked.size(); i++) {
        looked.get(i).isLookedAt = false;
        looked.get(i).wake();
      }
    }
  }

  /** Somebody must look out. Who was called before may have found that he need not. */
  private void callSomebody() {
    if (leader == null && !seats.isEmpty()) {
      seats.iterator().next().called.signal();
    }
  }

  /**
   * Waits until something has come, and takes it.
   *
   * @param looked is empty, before and afterwards
   * @return whether something was made safe, and there is not more of it at once
   */
  private boolean lookOnce(List<Seat> looked, long nanos) throws InterruptedException {
    Selector all = selector;
    lock.unlock();
    boolean canWait;
    try {
      canWait = select(all, nanos);
    } finally {
      lock.lock();
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (!canWait) {
      closeSelector();
      for (Seat seat : List.copyOf(seats)) {
        seat.isForsaken = true;
        seat.wake();
      }
      return false;
    }
    for (SelectionKey key : all.selectedKeys()) {
      Seat seat = (Seat) key.attachment();
      if (seats.contains(seat)) {
        looked.add(seat);
        seat.isLookedAt = true;
      }
    }
    all.selectedKeys().clear();
    return look(looked);
  }

  private boolean look(List<Seat> looked) {
    boolean isFull = false;
    lock.unlock();
    try {
      for (Seat seat : looked) {
        seat.look();
        isFull |= seat.fullLooks > 0;
      }
    } finally {
      lock.lock();
    }
    // Who has nothing to be made safe need not wait for that.
    for (Iterator<Seat> each = looked.iterator(); each.hasNext(); ) {
      Seat seat = each.next();
      if (!seat.hasBegun) {
        seat.lookedAt();
        each.remove();
      }
    }
    if (looked.isEmpty()) {
      return false;
    }
    lock.unlock();
    try {
      for (Seat seat : looked) {
        seat.settle();
      }
    } finally {
      lock.lock();
    }
    looked.forEach(Seat::lookedAt);
    looked.clear();
    return !isFull;
  }

  /** Says whether it could. */
  private static boolean select(Selector selector, long nanos) {
    try {
      if (nanos == Long.MAX_VALUE) {
        selector.select();
      } else {
        selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
