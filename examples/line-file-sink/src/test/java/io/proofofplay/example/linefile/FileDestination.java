package io.proofofplay.example.linefile;

import io.proofofplay.core.spi.Submitter;
import io.proofofplay.testkit.SubmitterContract.Destination;
import io.proofofplay.testkit.SubmitterContract.Trouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A directory that can be away, and a disk that can fail. */
class FileDestination implements Destination {

  private final Path directory;
  private final Path away;
  private final Path file;
  private Trouble trouble;

  FileDestination(Path home) throws IOException {
    directory = Files.createDirectory(home.resolve("plays"));
    away = home.resolve("away");
    file = directory.resolve("plays.ndjson");
  }

  @Override
  public Submitter submitter() {
    return submitter(file, this::append);
  }

  /** Another submitter to the same file can be put here. */
  Submitter submitter(Path target, LineFileSubmitter.Disk disk) {
    return new LineFileSubmitter(target, disk);
  }

  @Override
  public List<byte[]> received() throws IOException {
    Path present = trouble == Trouble.ABSENT ? away.resolve("plays.ndjson") : file;
    List<byte[]> lines = new ArrayList<>();
    if (Files.exists(present)) {
      String all = new String(Files.readAllBytes(present), StandardCharsets.ISO_8859_1);
      for (String line : all.split("(?<=\n)", -1)) {
        if (!line.isEmpty()) {
          String content = line.endsWith("\n") ? line.substring(0, line.length() - 1) : line;
          lines.add(content.getBytes(StandardCharsets.ISO_8859_1));
        }
      }
    }
    return lines;
  }

  @Override
  public void suffer(Trouble wrong) throws Exception {
    switch (wrong) {
      case ABSENT -> Files.move(directory, away);
      case REFUSING, BREAKING_OFF -> {}
      default -> Destination.super.suffer(wrong);
    }
    trouble = wrong;
  }

  @Override
  public void recover() throws IOException {
    if (trouble == Trouble.ABSENT) {
      Files.move(away, directory);
    }
    trouble = null;
  }

  private void append(FileChannel channel, ByteBuffer bytes) throws IOException {
    if (trouble == Trouble.REFUSING) {
      throw new IOException("No space left on device");
    }
    if (trouble == Trouble.BREAKING_OFF) {
      bytes.limit(bytes.limit() * 3 / 5);
    }
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    if (trouble == Trouble.BREAKING_OFF) {
      throw new IOException("Input/output error");
    }
  }

  @Override
  public void close() {}
}
