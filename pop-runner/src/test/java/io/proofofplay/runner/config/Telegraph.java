package io.proofofplay.runner.config;

import io.proofofplay.core.config.ByteSize;
import io.proofofplay.core.config.Checked;
import io.proofofplay.core.config.Problems;
import io.proofofplay.core.config.Renewable;
import io.proofofplay.core.config.Secret;
import io.proofofplay.core.config.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A sink's settings with a component of every type that there is. */
record Telegraph(
    @Setting(value = "where to", required = true, example = "https://example.org/pop") URI url,
    @Setting("who") String name,
    @Setting(value = "how many", min = "1", max = "65535") Integer wires,
    @Setting("spare ones") int spare,
    @Setting("longest") Long longest,
    @Setting("plain") long plain,
    @Setting(value = "how loud", min = "0", max = "1") Double volume,
    @Setting("plain") double pitch,
    @Setting("whether") Boolean morse,
    @Setting("plain") boolean loud,
    @Setting(value = "how often", min = "100ms", max = "1h", example = "15s") Duration every,
    @Setting(value = "how much", min = "1KiB", max = "16MiB") ByteSize size,
    @Setting("where") Path tape,
    @Setting("how") Current current,
    @Setting("whose") Secret authorization,
    @Setting("which") List<String> stations,
    @Setting(value = "when", min = "1s") List<Duration> hours,
    @Setting("further") Map<String, String> headers,
    @Setting("rotated") Map<String, Renewable<String>> keys,
    @Setting(value = "past whom", example = "http://proxy:3128") Renewable<URI> proxy,
    @Setting(value = "how many at once", min = "1", max = "9") Renewable<Integer> clerks,
    @Setting("the office") Office office)
    implements Checked {

  enum Current {
    DIRECT,
    TWO_PHASE,
    THREE_PHASE
  }

  record Office(
      @Setting("where") Path file,
      @Setting(value = "how high", min = "0", max = "9") Integer floor,
      @Setting("whose") Secret key)
      implements Checked {

    Office {
      floor = floor == null ? 3 : floor;
    }

    @Override
    public void check(Problems problems) {
      if (file != null && file.toString().contains("missing")) {
        problems.add("file", "\"" + file + "\" does not exist; name a file");
      }
      if (floor == 5) {
        problems.add("", "has no fifth floor for \"" + key.reveal() + "\"");
      }
    }
  }

  Telegraph {
    name = name == null ? "Morse" : name;
    wires = wires == null ? 4 : wires;
    longest = longest == null ? 9_000_000_000L : longest;
    volume = volume == null ? 0.5 : volume;
    morse = morse == null || morse;
    every = every == null ? Duration.ofSeconds(10) : every;
    size = size == null ? ByteSize.ofKiB(64) : size;
    current = current == null ? Current.TWO_PHASE : current;
    stations = stations == null ? List.of() : stations;
    hours = hours == null ? List.of() : hours;
    headers = headers == null ? Map.of() : headers;
    keys = keys == null ? Map.of() : keys;
    clerks = clerks == null ? Renewable.of(2) : clerks;
    if (name.equals("Bell")) {
      throw new IllegalArgumentException("name: Bell had a telephone");
    }
  }

  @Override
  public void check(Problems problems) {
    if (url.getScheme() == null) {
      problems.add("url", "\"" + url + "\" has no scheme; write https://example.org/pop");
    }
    if (name.contains("!")) {
      problems.add("office.floor", "does not suit " + name);
    }
  }
}
