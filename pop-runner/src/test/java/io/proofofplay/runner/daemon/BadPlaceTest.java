package io.proofofplay.runner.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.proofofplay.core.spi.TimeSource;
import io.proofofplay.spool.file.FileStorage;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories that no spool can be in, by the words of the real file system where it has them. */
final class BadPlaceTest {

  @TempDir private Path home;

  private String wordsOf(Path directory) {
    IOException failure =
        catchThrowableOfType(
            IOException.class, () -> FileStorage.open(directory, TimeSource.system()).close());
    return words(failure, directory);
  }

  private String words(IOException failure, Path directory) {
    return BadPlace.words(failure, directory)
        .orElse("nothing")
        .replace(home + "/", "")
        .replaceAll("y{100,}…?", "Y");
  }

  @Test
  void aFileInThePlaceOfTheDirectory() throws Exception {
    Path file = Files.createFile(home.resolve("spool"));
    assertThat(wordsOf(file)).isEqualTo("spool is not a directory; remove it, or name another");
  }

  @Test
  void aFileInThePlaceOfADirectoryAboveIt() throws Exception {
    Files.createFile(home.resolve("file"));
    assertThat(wordsOf(home.resolve("file/spool")))
        .endsWith(" is not a directory; remove it, or name another");
  }

  @Test
  void aLinkThatLeadsNowhere() throws Exception {
    Path link = Files.createSymbolicLink(home.resolve("spool"), home.resolve("gone"));
    assertThat(wordsOf(link)).startsWith("spool ").contains("; ").doesNotContain("Exception");
  }

  @Test
  void aLinkThatLeadsToItself() throws Exception {
    Path link = Files.createSymbolicLink(home.resolve("spool"), home.resolve("spool"));
    assertThat(wordsOf(link)).startsWith("spool ").contains("; ").doesNotContain("Exception");
  }

  @Test
  void aLockThatIsADirectory() throws Exception {
    Files.createDirectories(home.resolve("spool/lock"));
    assertThat(wordsOf(home.resolve("spool")))
        .isEqualTo(
            "spool/lock is a directory where the spool keeps a file; remove it, or name another"
                + " directory");
  }

  @Test
  void aNameThatIsTooLong() {
    assertThat(wordsOf(home.resolve("y".repeat(300))))
        .isEqualTo("Y has a name that is too long; name a shorter one");
  }

  @Test
  void aDirectoryThatIsSomebodyElses() {
    assertThat(words(new AccessDeniedException(home + "/spool"), home))
        .isEqualTo(
            "spool may not be used by this user; change its owner, or name another directory");
  }

  @Test
  void aFileSystemThatIsReadOnly() {
    assertThat(words(new FileSystemException(home + "/s", null, "Read-only file system"), home))
        .isEqualTo("s is on a file system that is read-only; name a directory that can be written");
  }

  @Test
  void whatTheSystemSaysOtherwiseIsPassedOn() {
    assertThat(words(new FileSystemException(home + "/s", null, "Stale file handle"), home))
        .isEqualTo(
            "s cannot be used (Stale file handle); name a directory that this user can write");
    assertThat(words(new IOException("No locks available"), Path.of("s")))
        .isEqualTo(
            "s cannot be used (No locks available); name a directory that this user can write");
    assertThat(words(new IOException(), Path.of("s")))
        .isEqualTo("s cannot be used; name a directory that this user can write");
  }

  @Test
  void aFullDiskIsNoFaultOfTheDirectory() {
    assertThat(words(new FileSystemException("s", null, "No space left on device"), home))
        .isEqualTo("nothing");
  }
}
