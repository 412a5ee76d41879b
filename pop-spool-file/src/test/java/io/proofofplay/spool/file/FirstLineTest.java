package io.proofofplay.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirstLineTest {

  /** What a first line is, said in another way than it is read. */
  private static final Pattern FORM =
      Pattern.compile(
          "#pop-spool (\\d{1,9}) ([A-Za-z0-9_]{1,40}) (\\d{1,18}) (\\S{1,64}) ([0-9a-fA-F]{8})");

  @Test
  void whatIsWrittenIsRead() {
    Random random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      Instant created =
          Instant.ofEpochSecond(
              random.nextLong(-62_167_219_200L, 253_402_300_800L),
              random.nextInt(3) == 0 ? 0 : random.nextInt(1_000_000_000));
      long number = random.nextLong(1_000_000_000_000_000_000L);
      Bytes line = new Bytes(64);
      new SpoolFileFormat().putHeader(line, "a_Z9", number, created);
      int length = line.length() - 1;

      assertThat(FirstLine.of(line.array(), line.length()))
          .contains(
              new SpoolFileScan.Header(SpoolFileFormat.VERSION, "a_Z9", number, created, length));
      assertThat(FirstLine.of(line.array(), random.nextInt(length))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-27T03:14:41Z",
        "2026-11-27T03:14:41.1Z",
        "2026-11-27T03:14:41.648114968Z",
        "2026-11-27T03:14:41.6481149680Z",
        "2026-11-27T03:14:41.Z",
        "2026-11-27T03:14:41,5Z",
        "2026-11-27T03:14:41.-5Z",
        "2026-11-27T03:14:4-Z",
        "2026-11-27t03:14:41z",
        "2026-11-27T03:14:41",
        "2026-11-27T03:14Z",
        "2026-11-27T03:14:41+01:00",
        "2026-02-28T23:59:59Z",
        "2026-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "-001-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z",
        "9999-12-31T23:59:59.999999999Z",
        "2026/11/27T03:14:41Z",
        "2026-11-27 03:14:41Z",
        "2026-11-27T03-14-41Z",
        "Z",
        "20261127T031441ZZZZZZZZZ"
      })
  void aTimeIsReadAsJavaReadsIt(String time) {
    assertReadAsItsForm(summedUp("#pop-spool 1 abc 7 " + time));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#pop-spool 1 abc 7 2026-11-27T03:14:41Z",
        "#pop-spool 123456789 abc 7 2026-11-27T03:14:41Z",
        "#pop-spool 1234567890 abc 7 2026-11-27T03:14:41Z",
        "#pop-spool +1 abc 7 2026-11-27T03:14:41Z",
        "#pop-spool -1 abc 7 2026-11-27T03:14:41Z",
        "#pop-spool  abc 7 2026-11-27T03:14:41Z",
        "#pop-spool 1  7 2026-11-27T03:14:41Z",
        "#pop-spool 1 abc  2026-11-27T03:14:41Z",
        "#pop-spool 1 abc 7 ",
        "#pop-spool 1 a-c 7 2026-11-27T03:14:41Z",
        "#pop-spool 1 _____________________AaZz09_____________ 7 2026-11-27T03:14:41Z",
        "#pop-spool 1 _____________________AaZz09______________ 7 2026-11-27T03:14:41Z",
        "#pop-spool 1 abc 123456789012345678 2026-11-27T03:14:41Z",
        "#pop-spool 1 abc 1234567890123456789 2026-11-27T03:14:41Z",
        "#pop-spool 1 abc 7x 2026-11-27T03:14:41Z",
        "#pop-spool 1 abc 7 2026-11-27T03:14:41Z 8",
        "#pop-spool 1 abc 7",
        "#pop-spool 1",
        "#pop-spool",
        "#pop-spoon 1 abc 7 2026-11-27T03:14:41Z",
        ""
      })
  void aLineIsReadIfItHasTheForm(String line) {
    assertReadAsItsForm(summedUp(line));
  }

  @Test
  void whateverIsBrokenOrMadeUpIsReadAsItsForm() {
    Random random = new Random(11);
    String letters = "019azAZ_-:.TZ #\n\t\u00e4\u00b2";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder line =
          new StringBuilder(
              "#pop-spool 1 a_Z9 "
                  + random.nextInt(1_000)
                  + " "
                  + Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)));
      for (int change = random.nextInt(4); change > 0; change--) {
        int at = random.nextInt(line.length());
        String other = letters.substring(random.nextInt(letters.length())).substring(0, 1);
        switch (random.nextInt(3)) {
          case 0 -> line.replace(at, at + 1, other);
          case 1 -> line.insert(at, other);
          default -> line.deleteCharAt(at);
        }
      }
      byte[] bytes = summedUp(line.toString());
      if (random.nextInt(8) == 0) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }

      assertReadAsItsForm(bytes);
    }
  }

  @Test
  void theSumMayBeInCapitalsAndWhatIsBehindItIsOfNoConcern() {
    byte[] line = summedUp("#pop-spool 1 abc 7 2026-11-27T03:14:41Z");
    String text = new String(line, StandardCharsets.ISO_8859_1);
    int blank = text.lastIndexOf(' ');
    String capitals = text.substring(0, blank) + text.substring(blank).toUpperCase(Locale.ROOT);

    assertReadAsItsForm(capitals.getBytes(StandardCharsets.ISO_8859_1));
    assertReadAsItsForm((text + "0 and more\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void assertReadAsItsForm(byte[] line) {
    assertThat(FirstLine.of(line, line.length))
        .as(new String(line, StandardCharsets.ISO_8859_1))
        .isEqualTo(byForm(line));
  }

  private static byte[] summedUp(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return (line + " " + HexFormat.of().toHexDigits((int) crc.getValue()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Optional<SpoolFileScan.Header> byForm(byte[] line) {
    int most = Math.min(line.length, FirstLine.LONGEST);
    Matcher form = FORM.matcher(new String(line, 0, most, StandardCharsets.ISO_8859_1));
    if (!form.lookingAt()) {
      return Optional.empty();
    }
    CRC32C crc = new CRC32C();
    crc.update(line, 0, form.start(5) - 1);
    if ((int) crc.getValue() != Integer.parseUnsignedInt(form.group(5), 16)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new SpoolFileScan.Header(
              Integer.parseInt(form.group(1)),
              form.group(2),
              Long.parseLong(form.group(3)),
              Instant.parse(form.group(4)),
              form.end()));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
