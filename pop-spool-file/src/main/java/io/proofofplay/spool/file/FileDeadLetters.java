package io.proofofplay.spool.file;

import io.proofofplay.core.spi.DeadLetter;
import io.proofofplay.core.spi.DeadLetterRequest;
import io.proofofplay.core.spi.DeadLetters;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/** Dead letters in a file of JSON lines, each forced, and beside it those that were discarded. */
final class FileDeadLetters implements DeadLetters {

  static final String FOLDER = "dead";
  static final String NAME = "dead";
  static final String DISCARDED = "discarded";

  private final SideFile file;
  private final SideFile writtenOff;
  private final DeadLetterRequests requests;

  FileDeadLetters(SideFile file, SideFile writtenOff, DeadLetterRequests requests) {
    this.file = file;
    this.writtenOff = writtenOff;
    this.requests = requests;
    file.count();
  }

  @Override
  public void put(DeadLetter letter) throws IOException {
    file.append(DeadLetterLine.of(letter));
  }

  @Override
  public long takeOut(Taker taker) throws IOException {
    return file.sift(
        new SideFile.Sieve() {
          @Override
          public boolean takes(byte[] line) throws IOException {
            Optional<DeadLetter> letter = DeadLetterLine.read(line);
            return letter.isPresent() && taker.take(letter.get());
          }

          @Override
          public void keep() throws IOException {
            taker.keep();
          }
        });
  }

  @Override
  public long discard(Instant time, Predicate<DeadLetter> which) throws IOException {
    return takeOut(
        new Taker() {
          @Override
          public boolean take(DeadLetter letter) throws IOException {
            if (!which.test(letter)) {
              return false;
            }
            writtenOff.append(DeadLetterLine.of(letter, time));
            return true;
          }

          @Override
          public void keep() throws IOException {
            writtenOff.force();
          }
        });
  }

  @Override
  public Optional<DeadLetterRequest> request() throws IOException {
    return requests.take();
  }

  @Override
  public void answer(DeadLetterRequest request, long done, String problem) throws IOException {
    requests.answer(request.id(), done, problem);
  }

  @Override
  public long discarded() {
    return file.discarded();
  }

  @Override
  public long kept() {
    return file.lines();
  }

  @Override
  public void close() {
    file.close();
    writtenOff.close();
  }
}
