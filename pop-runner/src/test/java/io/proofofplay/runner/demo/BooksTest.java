package io.proofofplay.runner.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BooksTest {

  @TempDir Path directory;

  private Books books(String sent, String received, long repeats) throws IOException {
    return Books.of(
        Files.writeString(directory.resolve("sent"), sent),
        Files.writeString(directory.resolve("received"), received),
        repeats);
  }

  @Test
  void theySayThatAllIsThereWhateverTheOrder() throws IOException {
    Books books = books("a\nb\nc\n", "a\nc\nb\n", 0);
    assertThat(books).hasToString("3 sent, 3 received, 0 lost, 0 duplicates");
    assertThat(books.balance()).isTrue();
  }

  @Test
  void anEventThatIsNotThereIsLost() throws IOException {
    Books books = books("a\nb\n", "b\n", 0);
    assertThat(books).hasToString("2 sent, 1 received, 1 lost, 0 duplicates");
    assertThat(books.balance()).isFalse();
  }

  @Test
  void oneOtherByteMakesAnotherEvent() throws IOException {
    Books books = books("{\"n\": 1}\n", "{\"n\":1}\n", 0);
    assertThat(books).isEqualTo(new Books(1, 0, 1, 0, 1));
    assertThat(books.balance()).isFalse();
  }

  @Test
  void whatCameTwiceIsADuplicateKeptOrNot() throws IOException {
    assertThat(books("a\nb\n", "a\nb\na\n", 0))
        .hasToString("2 sent, 2 received, 0 lost, 1 duplicate");
    assertThat(books("a\nb\n", "a\nb\n", 5).balance()).isFalse();
  }
}
