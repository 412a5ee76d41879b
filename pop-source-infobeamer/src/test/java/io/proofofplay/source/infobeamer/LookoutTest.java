package io.proofofplay.source.infobeamer;

import static org.assertj.core.api.Assertions.assertThat;

import io.proofofplay.core.model.PopEvent;
import io.proofofplay.core.spi.BegunOffer;
import io.proofofplay.core.spi.Intake;
import io.proofofplay.core.spi.RefusedLine;
import io.proofofplay.core.spi.SourceContext;
import io.proofofplay.core.spi.TimeSource;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many sources by one thread, against players on real sockets. */
@Timeout(60)
final class LookoutTest {

  private final Lookout lookout = new Lookout(new Crowd(), 0, Lookout.PACE);
  private final Story story = new Story();
  private final Map<String, Screen> screens = new LinkedHashMap<>();

  /** A player and the source that hears it. */
  private final class Screen {

    private final String name;
    private final FakePlayer player;
    private final RunningSource source;
    private volatile FakePlayer.Client client;

    Screen(String name, Duration idle, Lookout by) throws IOException {
      this.name = name;
      player =
          new FakePlayer(
              connected -> {
                client = connected;
                story.tell("dialled " + name);
                connected.introduce().listen();
                story.tell("ended " + name);
              });
      InfoBeamerConfig config =
          new InfoBeamerConfig(
              "127.0.0.1", player.port(), null, null, null, null, idle, null, null);
      SourceContext context = new SourceContext(name, TimeSource.system());
      source =
          new RunningSource(
              by == Lookout.PROCESS
                  ? new InfoBeamerSource(config, context)
                  : new InfoBeamerSource(
                      config,
                      context,
                      new SocketDialer(config, InetAddress::getAllByName, by, context.time()),
                      new Reconnects(() -> 0),
                      by),
              story.intake(name));
    }

    void say(String text) throws IOException {
      client.say(text);
    }

    void play(String uuid) throws IOException {
      say(event(uuid));
    }
  }

  private static String event(String uuid) {
    return "{\"uuid\":\"" + uuid + "\",\"ts\":1}\n";
  }

  /** What the intakes of all sources were told, and by which threads. */
  private static final class Story {

    private final List<String> told = new ArrayList<>();
    private final Map<String, Thread> threads = new LinkedHashMap<>();
    private final Map<String, String> held = new LinkedHashMap<>();

    Intake intake(String source) {
      return new Told(this, source);
    }

    synchronized void tell(String what) {
      told.add(what);
      threads.put(what, Thread.currentThread());
      notifyAll();
    }

    /** Waits while a call of a source is held. */
    synchronized void pass(String call) {
      while (held.containsKey(call)) {
        try {
          wait();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }

    synchronized void hold(String call) {
      held.put(call, call);
    }

    synchronized void release(String call) {
      held.remove(call);
      notifyAll();
    }

    synchronized List<String> told() {
      return List.copyOf(told);
    }

    synchronized Thread threadOf(String what) {
      return threads.get(what);
    }

    synchronized long count(String what) {
      return told.stream().filter(what::equals).count();
    }

    synchronized void await(Predicate<List<String>> wanted) throws InterruptedException {
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!wanted.test(told)) {
        long left = until - System.nanoTime();
        assertThat(left).as("waited in vain; so far: %s", told).isPositive();
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }

    void await(String what) throws InterruptedException {
      await(all -> all.contains(what));
    }
  }

  /** Tells what becomes of each event, by its uuid: "begin a1", "settle a1", "offer a1". */
  private record Told(Story story, String source) implements Intake {

    @Override
    public Answer offer(List<PopEvent> events) {
      events.forEach(event -> story.tell("offer " + event.uuid()));
      story.pass("offer " + source);
      return Answer.ACCEPTED;
    }

    @Override
    public BegunOffer begin(List<PopEvent> events) {
      for (PopEvent event : events) {
        if (event.uuid().contains("fault")) {
          throw new IllegalStateException(event.uuid());
        }
        story.tell("begin " + event.uuid());
      }
      return new BegunOffer() {
        @Override
        public boolean settle() {
          story.pass("settle " + source);
          if (events.get(0).uuid().contains("full")) {
            return false;
          }
          events.forEach(event -> story.tell("settle " + event.uuid()));
          return true;
        }

        @Override
        public Answer finish() {
          return offer(events);
        }
      };
    }

    @Override
    public Answer giveUp(List<PopEvent> events) {
      return Answer.ACCEPTED;
    }

    @Override
    public void refuse(RefusedLine line) {
      story.tell("refuse " + source);
    }

    @Override
    public void connected(String sender) {
      story.tell("connected " + source);
    }

    @Override
    public void disconnected(String reason) {
      story.tell("disconnected " + source + " " + reason.replaceAll("^[^ ]* ", ""));
    }
  }

  private Screen screen(String name) throws Exception {
    return screen(name, Duration.ofMinutes(10));
  }

  private Screen screen(String name, Duration idle) throws Exception {
    return screen(name, idle, lookout);
  }

  private Screen screen(String name, Duration idle, Lookout by) throws Exception {
    Screen screen = new Screen(name, idle, by);
    screens.put(name, screen);
    story.await("connected " + name);
    return screen;
  }

  /** The one whose thread looks out. */
  private Screen leader() throws Exception {
    Screen any = screens.values().iterator().next();
    any.play("who");
    story.await("settle who");
    Thread looking = story.threadOf("settle who");
    return screens.values().stream()
        .filter(screen -> screen.source.isRunBy(looking))
        .findFirst()
        .orElseThrow();
  }

  private Screen other(Screen leader) {
    return screens.values().stream().filter(screen -> screen != leader).findFirst().orElseThrow();
  }

  @AfterEach
  void all() throws IOException {
    for (Screen screen : screens.values()) {
      screen.source.source().close();
    }
    for (Screen screen : screens.values()) {
      // Else the next test finds a crowd that is none of its own.
      screen.source.join();
    }
    for (Screen screen : screens.values()) {
      screen.player.close();
    }
  }

  @Test
  void oneThreadTakesWhatAllPlayersSay() throws Exception {
    for (int i = 0; i < 20; i++) {
      screen("s" + i);
    }
    for (int round = 0; round < 5; round++) {
      for (Screen screen : screens.values()) {
        screen.play(screen.name + "-" + round);
      }
      String last = "-" + round;
      story.await(
          told ->
              told.stream().filter(t -> t.startsWith("settle ") && t.endsWith(last)).count() == 20);
    }

    assertThat(story.told()).noneMatch(told -> told.startsWith("offer "));
    assertThat(
            screens.keySet().stream()
                .map(name -> story.threadOf("settle " + name + "-4"))
                .distinct())
        .hasSize(1);
    for (String name : screens.keySet()) {
      assertThat(story.told().stream().filter(told -> told.startsWith("settle " + name + "-")))
          .containsExactly(
              "settle " + name + "-0",
              "settle " + name + "-1",
              "settle " + name + "-2",
              "settle " + name + "-3",
              "settle " + name + "-4");
    }
  }

  @Test
  void whatSeveralSayMeanwhileIsBegunBeforeTheFirstOfItIsSettled() throws Exception {
    Screen a = screen("a");
    Screen b = screen("b");
    Screen c = screen("c");
    story.hold("settle a");
    a.play("a1");
    story.await("begin a1");
    b.play("b1");
    c.play("c1");
    story.release("settle a");
    story.await(told -> told.contains("settle b1") && told.contains("settle c1"));

    List<String> rest =
        story.told().subList(story.told().indexOf("settle a1"), story.told().size());
    assertThat(rest.subList(1, 3)).containsExactlyInAnyOrder("begin b1", "begin c1");
  }

  @Test
  void anOfferForWhichThereIsNoRoomHoldsUpItsOwnSourceAlone() throws Exception {
    Screen a = screen("a");
    Screen b = screen("b");
    story.hold("offer a");
    a.play("a-full");
    story.await("offer a-full");
    b.play("b1");
    story.await("settle b1");
    a.play("a2");
    b.play("b2");
    story.await("settle b2");
    assertThat(story.told()).doesNotContain("begin a2");
    story.release("offer a");
    story.await(told -> told.contains("offer a2") || told.contains("settle a2"));
    a.play("a3");
    story.await("settle a3");

    assertThat(story.count("offer a-full")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFaultEndsItsOwnSourceAlone(boolean isLookingOut) throws Exception {
    screen("a");
    screen("b");
    Screen leader = leader();
    Screen faulty = isLookingOut ? leader : other(leader);
    Screen healthy = isLookingOut ? other(leader) : leader;
    faulty.play("a-fault");
    faulty.source.awaitFault("a-fault");
    healthy.play("healthy");
    story.await("settle healthy");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anInterruptEndsItsOwnSourceAlone(boolean isLookingOut) throws Exception {
    screen("a");
    screen("b");
    Screen leader = leader();
    Screen interrupted = isLookingOut ? leader : other(leader);
    Screen healthy = isLookingOut ? other(leader) : leader;
    interrupted.source.interrupt();
    story.await("ended " + interrupted.name);
    healthy.play("healthy");
    story.await("settle healthy");
  }

  @Test
  void aPlayerSeesTheEndOfItsConnectionThoughNobodySpeaks() throws Exception {
    screen("a");
    screen("b");
    Screen other = other(leader());
    other.source.close();
    story.await("ended " + other.name);
  }

  @Test
  void afterAllHaveGoneItBeginsAnew() throws Exception {
    screen("a").source.close();
    Screen b = screen("b");
    b.play("b1");
    story.await("settle b1");
    b.source.close();
    Screen c = screen("c");
    c.play("c1");
    story.await("settle c1");
  }

  @Test
  void aProcessLooksOutOnceItHasManySources() throws Exception {
    for (int i = 1; i < Lookout.MANY; i++) {
      screen("s" + i, Duration.ofMinutes(10), Lookout.PROCESS);
    }
    Screen first = screens.get("s1");
    first.play("few");
    story.await("offer few");
    screen("last", Duration.ofMinutes(10), Lookout.PROCESS).play("last");
    story.await("settle last");
    first.player.drop();
    story.await(told -> told.stream().filter("connected s1"::equals).count() == 2);
    first.play("many");
    story.await("settle many");

    assertThat(story.threadOf("offer few")).isNotEqualTo(story.threadOf("settle last"));
    assertThat(story.threadOf("settle many")).isEqualTo(story.threadOf("settle last"));
  }

  @Test
  void whoeverLooksOutMayEnd() throws Exception {
    for (int i = 0; i < 6; i++) {
      screen("s" + i);
    }
    List<Screen> left = new ArrayList<>(screens.values());
    while (left.size() > 1) {
      Screen gone = left.remove(0);
      gone.source.close();
      for (Screen screen : left) {
        String uuid = screen.name + "-" + left.size();
        screen.play(uuid);
        story.await("settle " + uuid);
      }
    }
  }

  @Test
  void aLongLineIsTakenByItsOwnThread() throws Exception {
    Screen a = screen("a");
    Screen b = screen("b");
    String beginning = "{\"uuid\":\"a-long\",\"x\":\"" + "x".repeat(300_000);
    a.say(beginning);
    b.play("b1");
    story.await("settle b1");
    a.say("\"}\n" + event("a2"));
    story.await(told -> told.contains("offer a-long"));
    story.await(told -> told.contains("offer a2") || told.contains("settle a2"));
    a.play("a3");
    story.await(told -> told.contains("offer a3") || told.contains("settle a3"));
    a.play("a4");
    story.await("settle a4");
  }

  @Test
  void aPlayerThatSaysMuchIsHeardByItsOwnThread() throws Exception {
    Screen a = screen("a");
    Screen b = screen("b");
    StringBuilder much = new StringBuilder();
    int count = 40_000;
    for (int i = 0; i < count; i++) {
      much.append(event("a" + i));
    }
    a.say(much.toString());
    b.play("b1");
    story.await("settle b1");
    String last = "a" + (count - 1);
    story.await(told -> told.contains("offer " + last) || told.contains("settle " + last));

    List<String> kept =
        story.told().stream()
            .filter(told -> told.startsWith("settle a") || told.startsWith("offer a"))
            .map(told -> told.substring(told.indexOf(' ') + 1))
            .toList();
    assertThat(kept)
        .containsExactlyElementsOf(IntStream.range(0, count).mapToObj(n -> "a" + n).toList());
    assertThat(story.told()).anyMatch(told -> told.startsWith("offer a"));
  }

  /** What is written down of it may take a disk's time. */
  @Test
  void aLineThatIsNoEventIsRefusedByItsOwnThread() throws Exception {
    screen("a");
    screen("b");
    Screen other = other(leader());
    other.say(event("first") + "nonsense\n" + event("second") + "[]\n");
    story.await(
        told ->
            told.stream().filter(("refuse " + other.name)::equals).count() == 2
                && told.contains("offer second"));

    assertThat(other.source.isRunBy(story.threadOf("refuse " + other.name))).isTrue();
    assertThat(story.told()).containsSubsequence("offer first", "offer second");
    other.play("third");
    story.await(told -> told.contains("offer third") || told.contains("settle third"));
    other.play("fourth");
    story.await("settle fourth");
  }

  @Test
  void whatSeveralSayWithinTheTimeBetweenTwoLooksIsMadeSafeTogether() throws Exception {
    Lookout slow = new Lookout(new Crowd(), 0, TimeUnit.SECONDS.toNanos(2));
    Screen a = screen("a", Duration.ofMinutes(10), slow);
    Screen b = screen("b", Duration.ofMinutes(10), slow);
    Screen c = screen("c", Duration.ofMinutes(10), slow);
    a.play("a1");
    story.await("settle a1");
    b.play("b1");
    c.play("c1");
    story.await(told -> told.contains("settle b1") && told.contains("settle c1"));

    List<String> told = story.told();
    assertThat(Math.max(told.indexOf("begin b1"), told.indexOf("begin c1")))
        .isLessThan(Math.min(told.indexOf("settle b1"), told.indexOf("settle c1")));
  }

  @Test
  void aConnectionThatBreaksIsToldAsSuchAndMadeAnew() throws Exception {
    Screen a = screen("a");
    a.play("a1");
    story.await("settle a1");
    a.client.reset();
    story.await(told -> told.stream().filter("connected a"::equals).count() == 2);
    a.play("a2");
    story.await("settle a2");

    assertThat(story.told()).anyMatch(told -> told.contains("the connection broke"));
  }

  @Test
  void aPlayerThatEndsInTheMiddleOfALineLosesThatAlone() throws Exception {
    Screen a = screen("a");
    a.say(event("a1") + "{\"uuid\":\"a2");
    story.await("settle a1");
    a.player.drop();
    story.await("refuse a");
    story.await(told -> told.stream().anyMatch(t -> t.contains("it stopped or was restarted")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPlayerThatIsQuietForTooLongIsConnectedAgain(boolean isLookingOut) throws Exception {
    Duration often = Duration.ofMillis(300);
    Duration seldom = Duration.ofMinutes(10);
    screen("a", isLookingOut ? often : seldom);
    screen("b", isLookingOut ? seldom : often);
    String quiet = isLookingOut ? "a" : "b";
    story.await(told -> told.stream().filter(("dialled " + quiet)::equals).count() == 3);
    assertThat(story.count("dialled " + (isLookingOut ? "b" : "a"))).isEqualTo(1);
    assertThat(story.count("connected " + quiet)).isEqualTo(1);
  }

  @Test
  void aPlayerThatSpeaksWhileNobodyLooksIsNotQuiet() throws Exception {
    screen("a", Duration.ofSeconds(5));
    screen("b", Duration.ofSeconds(5));
    screen("c", Duration.ofSeconds(5));
    Screen leader = leader();
    // One that has said nothing yet, so that its time is over when it is no more looked after.
    Screen other = screens.get(leader.name.equals("c") ? "b" : "c");
    story.hold("settle " + leader.name);
    leader.play("held");
    story.await("begin held");
    other.play("late");
    // By its own thread, which has waited for so long, and not by a fresh connection.
    story.await("offer late");
    story.release("settle " + leader.name);

    assertThat(story.count("dialled " + other.name)).isEqualTo(1);
  }

  /** Save the one whose thread looks out: that one ends when the disk lets its thread go on. */
  @Test
  void aSourceThatIsClosedTakesWhatHasArrivedWhileOthersWaitForTheDisk() throws Exception {
    screen("a");
    screen("b");
    Screen leader = leader();
    Screen other = other(leader);
    story.hold("settle " + leader.name);
    leader.play("held");
    story.await("begin held");
    // Nobody reads now.
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      other.play("other" + i);
      all.add("offer other" + i);
    }
    other.source.close();

    assertThat(story.told().stream().filter(told -> told.startsWith("offer ")))
        .containsExactlyElementsOf(all);
    assertThat(story.told()).doesNotContain("settle held");
    story.release("settle " + leader.name);
    story.await("settle held");
  }
}
