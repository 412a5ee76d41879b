package io.proofofplay.core.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Names of members that are looked for in one object after another, made ready once.
 *
 * <p>Immutable and thread-safe.
 */
public final class Members {

  /** The names that are looked for in one object. */
  static final class Names {

    private final byte[][] names;
    private final int[] places;
    private final Names[] below;

    private Names(List<String> paths, String above) {
      List<String> found = new ArrayList<>();
      for (String path : paths) {
        if (path.startsWith(above)) {
          int dot = path.indexOf('.', above.length());
          String name = path.substring(above.length(), dot < 0 ? path.length() : dot);
          if (!found.contains(name)) {
            found.add(name);
          }
        }
      }
      names = new byte[found.size()][];
      places = new int[found.size()];
      below = new Names[found.size()];
      for (int i = 0; i < found.size(); i++) {
        String path = above + found.get(i);
        names[i] = found.get(i).getBytes(StandardCharsets.US_ASCII);
        places[i] = paths.indexOf(path);
        Names under = new Names(paths, path + ".");
        if (under.names.length > 0) {
          below[i] = under;
        }
      }
    }

    /** Which of the names a key is, by its bytes; -1 if none. */
    int indexOf(byte[] bytes, int from, int length) {
      for (int i = 0; i < names.length; i++) {
        if (names[i].length == length && isName(names[i], bytes, from)) {
          return i;
        }
      }
      return -1;
    }

    private static boolean isName(byte[] name, byte[] bytes, int from) {
      for (int i = 0; i < name.length; i++) {
        if (bytes[from + i] != name[i]) {
          return false;
        }
      }
      return true;
    }

    /** Which of the paths ends with a name; -1 if it is only above others. */
    int place(int index) {
      return places[index];
    }

    /** The names that are looked for in the object in that member; {@code null} for none. */
    Names below(int index) {
      return below[index];
    }
  }

  private final List<String> paths;
  private final Names outermost;

  private Members(List<String> paths) {
    this.paths = paths;
    outermost = new Names(paths, "");
  }

  /**
   * The members with these names.
   *
   * @param paths names of members, each once, in ASCII, not empty and without a dot; {@code a.b} is
   *     the member {@code b} of the object in {@code a}
   * @return the members, in this order
   * @throws IllegalArgumentException if one of them is no such path
   */
  public static Members of(String... paths) {
    for (String path : paths) {
      if (!isPath(path)) {
        throw new IllegalArgumentException(
            "\"" + path + "\" is no path; write a name, or two with a dot between, in ASCII");
      }
    }
    return new Members(List.of(paths));
  }

  private static boolean isPath(String path) {
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) >= 0x80) {
        return false;
      }
    }
    int dot = path.indexOf('.');
    return dot < 0
        ? !path.isEmpty()
        : dot > 0 && dot < path.length() - 1 && path.indexOf('.', dot + 1) < 0;
  }

  /**
   * How many members these are.
   *
   * @return the number of paths
   */
  public int count() {
    return paths.size();
  }

  List<String> paths() {
    return paths;
  }

  Names outermost() {
    return outermost;
  }
}
