package io.proofofplay.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemberFinderTest {

  private static final Members MEMBERS = Members.of("uuid", "ts", "duration", "asset.id", "x");

  private final MemberFinder finder = new MemberFinder(MEMBERS);
  private final int[] found = new int[2 * MEMBERS.count()];
  private final int[] expected = new int[2 * MEMBERS.count()];

  private void expectAsAlone(byte[] bytes, int offset, int length) {
    boolean there = JsonScanner.spans(bytes, offset, length, MEMBERS, expected);

    String text = new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    assertThat(finder.find(bytes, offset, length, found)).as(text).isEqualTo(there);
    if (there) {
      assertThat(found).as(text).isEqualTo(expected);
    }
  }

  private void expectAsAlone(String json) {
    byte[] bytes = ("  " + json + "  ").getBytes(StandardCharsets.UTF_8);
    expectAsAlone(bytes, 2, bytes.length - 4);
  }

  @Test
  void whatLooksLikeTheLastOneHasItsMembersInTheSamePlaces() {
    expectAsAlone("{\"uuid\":\"a-1\",\"ts\":17.25,\"asset\":{\"id\":7},\"x\":\"\",\"duration\":1}");
    expectAsAlone("{\"uuid\":\"b-2\",\"ts\":18.26,\"asset\":{\"id\":9},\"x\":\"\",\"duration\":2}");
  }

  @Test
  void aValueThatIsCutShortOrOfAnotherKindIsSeen() {
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":1725,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abc\",\"y\":\"\",\"ts\":1725}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":1725,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":[25],\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":1725,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":1725,\"y\":1}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":1725,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcd\\u0066\",\"ts\":12,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcdefghij\",\"ts\":17,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcd\\u0066\",\"ts\":17,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":1725,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":12.5,\"x\":1}");
    expectAsAlone("{\"uuid\":\"abcdefgh\",\"ts\":1225,\"x\":1}");
  }

  @Test
  void aMemberThatTheLastOneDidNotHaveIsFound() {
    expectAsAlone("{\"uuid\":\"a\",\"z\":1}");
    expectAsAlone("{\"uuid\":\"a\",\"x\":1}");
    expectAsAlone("{\"uuid\":\"a\",\"x\":2}");
    expectAsAlone("{\"uuid\":\"a\",\"x\":{}}");
  }

  @Test
  void aLongOneIsNotComparedAndNotForgotten() {
    String filling = "y".repeat(2000);
    expectAsAlone("{\"uuid\":\"a\",\"x\":1}");
    expectAsAlone("{\"f\":\"" + filling + "\",\"uuid\":\"a\",\"x\":1}");
    expectAsAlone("{\"uuid\":\"b\",\"x\":2}");
    expectAsAlone("{\"f\":\"" + filling + "\",\"uuid\":\"b\",\"x\":12}");
  }

  /** Each from the one before by changes of single bytes, of which only sound JSON is looked at. */
  @Test
  void amongMillionsOfChangesItSaysWhatTheLookAtOneAloneSays() {
    Random random = new Random(20);
    byte[] some = "{}[],:\" \\0123456789.eE+-aztrufnlsx\u00e9".getBytes(StandardCharsets.UTF_8);
    byte[] first =
        "{\"uuid\":\"a-17\",\"ts\":17.25, \"asset\":{\"id\":\"70\"},\"y\":\"1\",\"duration\":15,\"x\":null}"
            .getBytes(StandardCharsets.US_ASCII);
    byte[] now = first.clone();
    int sound = 0;
    for (int i = 0; i < 400_000; i++) {
      byte[] next = now.clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        next[random.nextInt(next.length)] = some[random.nextInt(some.length)];
      }
      if (JsonScanner.faultOf(next, 0, next.length).isEmpty()) {
        sound++;
        now = i % 50 == 0 ? first.clone() : next;
        expectAsAlone(next, 0, next.length);
      }
    }
    assertThat(sound).isGreaterThan(20_000);
  }
}
