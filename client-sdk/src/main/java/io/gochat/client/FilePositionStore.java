package io.gochat.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Positions in a small text file, replaced atomically: written beside it, fsynced, renamed over it, and the directory
 * fsynced. A crash at any moment leaves the old file or the new one. Confined to one thread at a time.
 */
public final class FilePositionStore implements PositionStore {
  private static final String HEADER = "gochat positions 1";

  private final Path file;

  /** Keeps the positions in {@code file}; its directory must exist. One file per user and device. */
  public FilePositionStore(Path file) {
    this.file = file.toAbsolutePath();
  }

  @Override
  public Map<Topic, Position> load() throws IOException {
    Path directory = file.getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new IOException("there is no directory " + directory);
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file, UTF_8);
    } catch (NoSuchFileException e) {
      return Map.of();
    }
    if (lines.size() < 2 || !lines.get(0).equals(HEADER)) {
      throw new IOException(file + " is not a position file of this version");
    }
    List<String> body = lines.subList(1, lines.size() - 1);
    if (!lines.get(lines.size() - 1).equals(checksum(body))) {
      throw new IOException(
          file + " is damaged: its checksum does not match; remove it to start over");
    }
    Map<Topic, Position> positions = new HashMap<>();
    for (String line : body) {
      parse(line, positions);
    }
    return positions;
  }

  @Override
  public void save(Map<Topic, Position> positions) throws IOException {
    List<String> body = positions.entrySet().stream()
        .map(e -> format(e.getKey(), e.getValue()))
        .sorted()
        .toList();
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    body.forEach(line -> text.append(line).append('\n'));
    text.append(checksum(body)).append('\n');
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    write(beside, text.toString().getBytes(UTF_8));
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory();
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(
        path,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  private void syncDirectory() throws IOException {
    Path directory = file.getParent();
    // Windows cannot open a directory; there the rename itself is as durable as it gets.
    if (directory == null || System.getProperty("os.name", "").startsWith("Windows")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String format(Topic topic, Position position) {
    String kind = topic instanceof Topic.Room ? "room" : "user";
    return String.join(
        " ",
        kind,
        Long.toString(topic.id()),
        Long.toString(position.epoch()),
        Long.toString(position.seq()),
        Long.toString(position.messageId()));
  }

  private static void parse(String line, Map<Topic, Position> into) throws IOException {
    String[] words = line.split(" ", -1);
    try {
      long id = Long.parseLong(words[1]);
      Topic topic = words[0].equals("room") ? Topic.room(id) : Topic.user(id);
      into.put(
          topic,
          new Position(
              Long.parseLong(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4])));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IOException("not a position: " + line, e);
    }
  }

  private static String checksum(List<String> body) {
    CRC32 crc = new CRC32();
    body.forEach(line -> crc.update((line + "\n").getBytes(UTF_8)));
    return String.format("crc32 %08x", crc.getValue());
  }
}
