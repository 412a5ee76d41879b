package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.fail;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Keeps everything it is told, and answers as it was told to. */
final class StoryIntake implements Intake {

  private final List<List<PopEvent>> offers = new ArrayList<>();
  private final List<List<PopEvent>> givenUp = new ArrayList<>();
  private final List<RefusedLine> refused = new ArrayList<>();
  private final List<String> senders = new ArrayList<>();
  private final List<String> reasons = new ArrayList<>();

  /** Connections, disconnections and offers in their order. */
  private final List<String> story = new ArrayList<>();

  private int repeated;
  private int reusedIds;
  private byte[] memory = new byte[0];
  private Answer answer = Answer.ACCEPTED;
  private boolean held;
  private Runnable duringOffers = () -> {};

  @Override
  public synchronized Answer offer(List<PopEvent> events) throws InterruptedException {
    offers.add(events);
    story.add("offer " + events.size());
    notifyAll();
    duringOffers.run();
    while (held) {
      wait();
    }
    return answer;
  }

  /** What happens while an offer is thought about. */
  synchronized void duringOffers(Runnable what) {
    duringOffers = what;
  }

  @Override
  public synchronized Answer giveUp(List<PopEvent> events) {
    givenUp.add(events);
    story.add("giveUp " + events.size());
    notifyAll();
    return answer == Answer.CLOSED ? Answer.CLOSED : Answer.ACCEPTED;
  }

  @Override
  public synchronized boolean isClosed() {
    return answer == Answer.CLOSED;
  }

  @Override
  public synchronized void refuse(RefusedLine line) {
    refused.add(line);
    story.add("refuse " + line.reason().code());
    notifyAll();
  }

  @Override
  public synchronized void connected(String sender) {
    senders.add(sender);
    story.add("connected");
    notifyAll();
  }

  @Override
  public synchronized void disconnected(String reason) {
    reasons.add(reason);
    story.add("disconnected");
    notifyAll();
  }

  @Override
  public synchronized void repeated(int events) {
    repeated += events;
    notifyAll();
  }

  @Override
  public synchronized void reusedId(int events) {
    reusedIds += events;
    notifyAll();
  }

  @Override
  public synchronized byte[] recall() {
    return memory.clone();
  }

  @Override
  public synchronized void remember(byte[] bytes) {
    memory = bytes.clone();
  }

  synchronized int repeated() {
    return repeated;
  }

  synchronized int reusedIds() {
    return reusedIds;
  }

  /** What {@link #offer} answers from now on. */
  synchronized void answer(Answer next) {
    answer = next;
  }

  /** Lets {@link #offer} wait until {@link #release}. */
  synchronized void hold() {
    held = true;
  }

  synchronized void release(Answer next) {
    answer = next;
    held = false;
    notifyAll();
  }

  synchronized List<List<PopEvent>> offers() {
    return List.copyOf(offers);
  }

  synchronized List<List<PopEvent>> givenUp() {
    return List.copyOf(givenUp);
  }

  synchronized List<PopEvent> events() {
    return offers.stream().flatMap(List::stream).toList();
  }

  synchronized List<String> json() {
    return events().stream().map(PopEvent::json).toList();
  }

  synchronized List<RefusedLine> refused() {
    return List.copyOf(refused);
  }

  synchronized List<String> refusals() {
    return refused.stream()
        .map(line -> line.reason().code() + " " + line.offset() + " " + line.length())
        .toList();
  }

  synchronized List<String> senders() {
    return List.copyOf(senders);
  }

  synchronized List<String> reasons() {
    return List.copyOf(reasons);
  }

  synchronized List<String> story() {
    return List.copyOf(story);
  }

  /** Waits until what was told fits; fails after half a minute. */
  synchronized void await(Predicate<StoryIntake> wanted) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!wanted.test(this)) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        fail("waited in vain; so far: " + story + " " + reasons);
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }
}
