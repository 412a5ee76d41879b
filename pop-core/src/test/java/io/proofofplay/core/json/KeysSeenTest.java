package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeysSeenTest {

  private static final int MANY = 300_000;

  @Test
  void aKeyIsSeenOnceInEachObject() {
    KeysSeen seen = new KeysSeen();
    assertThat(seen.add(0, "a")).isTrue();
    assertThat(seen.add(1, "a")).isTrue();
    assertThat(seen.add(0, "")).isTrue();
    assertThat(seen.add(0, "\0")).isTrue();
    assertThat(seen.add(0, "\0\0")).isTrue();
    assertThat(seen.add(0, "A")).isTrue();
    assertThat(seen.add(0, "a")).isFalse();
    assertThat(seen.add(1, "a")).isFalse();
    assertThat(seen.add(0, "")).isFalse();
  }

  @Test
  void noneOfManyKeysIsTakenForAnother() {
    KeysSeen seen = new KeysSeen();
    for (int i = 0; i < MANY; i++) {
      assertThat(seen.add(i & 1, "k" + i)).isTrue();
    }
    for (int i = 0; i < MANY; i++) {
      assertThat(seen.add(i & 1, "k" + i)).isFalse();
    }
  }

  /** These two have one value under every polynomial that is not taken modulo a prime. */
  @Test
  void keysThatWereChosenToMeetDoNot() {
    StringBuilder one = new StringBuilder("a");
    StringBuilder other = new StringBuilder("b");
    for (int i = 0; i < 12; i++) {
      String before = one.toString();
      one.append(other);
      other.append(before);
    }
    KeysSeen seen = new KeysSeen();
    assertThat(seen.add(0, one.toString())).isTrue();
    assertThat(seen.add(0, other.toString())).isTrue();
  }

  @Test
  void ofSeveralPartsOneKnowsAKeyAndNoneTakesAllOfThem() {
    int parts = 3;
    List<KeysSeen> seen = IntStream.range(0, parts).mapToObj(i -> new KeysSeen(i, parts)).toList();
    int[] known = new int[parts];
    for (int i = 0; i < 3_000; i++) {
      String key = "k" + i;
      seen.forEach(each -> assertThat(each.add(0, key)).isTrue());
      int knowing = -1;
      for (int part = 0; part < parts; part++) {
        if (!seen.get(part).add(0, key)) {
          assertThat(knowing).as("two parts know it").isNegative();
          knowing = part;
        }
      }
      known[knowing]++;
    }

    for (int count : known) {
      assertThat(count).isBetween(800, 1_200);
    }
  }

  @Test
  void aMebibyteOfKeysIsScannedInAHeapOfSixteenByThreeAtATime() throws Exception {
    assertThat(scan(1, 3)).isEqualTo(3 + " as they should be");
  }

  @Test
  void fourMebibytesOfKeysAreScannedInAHeapOfSixteen() throws Exception {
    assertThat(scan(4, 1)).isEqualTo(1 + " as they should be");
  }

  @Test
  void aMemberBesideALongKeyIsReadInAHeapOfSixteenMebibytesByFourAtATime() throws Exception {
    assertThat(run(Numbers.class)).isEqualTo(Numbers.THREADS + " as they should be");
  }

  private static String scan(int mebibytes, int threads) throws Exception {
    return run(Keys.class, String.valueOf(mebibytes), String.valueOf(threads));
  }

  private static String run(Class<?> main, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx16m");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      return said.strip();
    } finally {
      process.destroyForcibly();
    }
  }

  /** The process that reads a number. */
  static final class Numbers {

    static final int THREADS = 4;

    private Numbers() {}

    public static void main(String[] args) throws InterruptedException {
      byte[] line = new byte[1 << 20];
      Arrays.fill(line, (byte) 'x');
      Keys.put(line, 0, "{\"\\u0041");
      String end = "\":0,\"uuid\":\"1\",\"ts\":77}";
      Keys.put(line, line.length - end.length(), end);
      AtomicInteger right = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        threads.add(
            new Thread(
                () -> {
                  boolean isRight = true;
                  for (int round = 0; round < 20; round++) {
                    isRight &=
                        JsonScanner.number(line, 0, line.length, "ts")
                            .equals(Optional.of(new JsonNumber("77")));
                  }
                  right.addAndGet(isRight ? 1 : 0);
                }));
      }
      threads.forEach(Thread::start);
      for (Thread each : threads) {
        each.join();
      }
      System.out.println(right + " as they should be");
    }
  }

  /** The process that scans. */
  static final class Keys {

    private Keys() {}

    public static void main(String[] args) throws InterruptedException {
      byte[] line = new byte[Integer.parseInt(args[0]) << 20];
      int end = put(line, 0, "{\"uuid\":\"1\"");
      for (int i = 0; end < line.length - 32; i++) {
        end = put(line, end, ",\"" + Integer.toString(i, Character.MAX_RADIX) + "\":1");
      }
      int twice = put(line, end, ",\"1a\":2}");
      int last = end;
      AtomicInteger right = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = Integer.parseInt(args[1]); i > 0; i--) {
        threads.add(
            new Thread(
                () -> {
                  Object bad = JsonScanner.faultOf(line, 0, twice, "uuid");
                  Object cut = JsonScanner.faultOf(line, 0, last, "uuid");
                  if ((bad + " " + cut).equals("Optional[DUPLICATE_KEY] Optional[NOT_JSON]")) {
                    right.incrementAndGet();
                  } else {
                    System.out.println(bad + " " + cut);
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread each : threads) {
        each.join();
      }
      System.out.println(right + " as they should be");
    }

    private static int put(byte[] line, int at, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, line, at, bytes.length);
      return at + bytes.length;
    }
  }
}
