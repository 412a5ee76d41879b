package io.proofofplay.spool.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk that is only used while the directory is the one that this process has locked. A directory
 * that was removed, moved or covered by another mount would else take events through files that are
 * still open, and nobody would find them; and another one in its place would have its files deleted
 * and overwritten.
 */
final class OwnedDisk implements Disk {

  private final Disk disk;
  private final DirectoryLock lock;

  OwnedDisk(Disk disk, DirectoryLock lock) {
    this.disk = disk;
    this.lock = lock;
  }

  private void check() throws IOException {
    if (!lock.isInPlace()) {
      throw new IOException(lock.lost());
    }
  }

  @Override
  public OpenFile create(Path file) throws IOException {
    check();
    return new OwnedFile(disk.create(file));
  }

  @Override
  public void force(List<OpenFile> files) throws IOException {
    List<OpenFile> real = new ArrayList<>(files.size());
    for (OpenFile file : files) {
      real.add(file instanceof OwnedFile own ? own.file : file);
    }
    disk.force(real);
    check();
  }

  @Override
  public OpenFile append(Path file) throws IOException {
    check();
    return new OwnedFile(disk.append(file));
  }

  @Override
  public byte[] read(Path file, long offset, int most) throws IOException {
    check();
    return disk.read(file, offset, most);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    check();
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    check();
    disk.delete(file);
  }

  @Override
  public List<Entry> list(Path directory) throws IOException {
    check();
    return disk.list(directory);
  }

  @Override
  public boolean isDirectory(Path path) {
    return disk.isDirectory(path);
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    check();
    disk.createDirectory(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    disk.forceDirectory(directory);
    check();
  }

  /** What is forced counts only if it can be found afterwards. */
  private final class OwnedFile implements OpenFile {

    private final OpenFile file;

    OwnedFile(OpenFile file) {
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      file.write(bytes, offset, length);
    }

    @Override
    public void force() throws IOException {
      file.force();
      check();
    }

    @Override
    public void truncate(long length) throws IOException {
      file.truncate(length);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
