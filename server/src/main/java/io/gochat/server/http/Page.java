package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The chat page and the JavaScript client, as they lie in the jar. Thread-safe; the files are read and compressed once,
 * beside the start.
 *
 * <p>{@code /} is asked for each time and answered from the browser's cache when nothing changed. All that it needs has
 * a path with the hash of everything, {@code /assets/HASH/}, and is kept for ever. A hash of another build (two nodes,
 * one of them newer) is answered with the present file, which then is not kept. {@code /client/gochat.js} is for pages
 * of other people.
 */
public final class Page {
  /** There is no page. */
  public static final Page OFF = new Page(null);

  private static final String FOREVER = "Cache-Control: public, max-age=31536000, immutable\r\n";
  private static final String ASK = "Cache-Control: no-cache\r\n";
  private static final String ANYBODY = "Access-Control-Allow-Origin: *\r\n";

  /** What there is below {@code page/} in the jar. */
  static final List<String> FILES = List.of(
      "chat-view.js",
      "chat.js",
      "client/accounts.js",
      "client/acks.js",
      "client/backoff.js",
      "client/client.js",
      "client/connector.js",
      "client/conversation.js",
      "client/cursor.js",
      "client/deliveries.js",
      "client/failure.js",
      "client/gochat.js",
      "client/link.js",
      "client/pending-publishes.js",
      "client/positions.js",
      "client/requests.js",
      "client/subscriptions.js",
      "client/tab.js",
      "client/wire.js",
      "conversation.js",
      "dom.js",
      "icon.svg",
      "index.html",
      "manifest.webmanifest",
      "page.css",
      "page.js",
      "sidebar.js",
      "sign-in.js",
      "storage.js",
      "texts.js",
      "timeline.js");

  private final @Nullable CompletableFuture<Map<String, PageFile>> files;

  private Page(@Nullable CompletableFuture<Map<String, PageFile>> files) {
    this.files = files;
  }

  /** Begins to read the files. */
  public static Page load() {
    CompletableFuture<Map<String, PageFile>> files = new CompletableFuture<>();
    Thread reader = new Thread(() -> files.completeAsync(Page::read, Runnable::run), "gochat-page");
    reader.setDaemon(true);
    reader.start();
    return new Page(files);
  }

  boolean isOff() {
    return files == null;
  }

  /** The file that is asked for, or that there is none. */
  CompletableFuture<Reply> answer(@Nullable PageRequest request) {
    if (files == null || request == null) {
      return CompletableFuture.completedFuture(notFound());
    }
    return files.thenApply(all -> {
      PageFile file = all.get(request.path());
      if (file == null && request.path().startsWith(PagePaths.ASSETS)) {
        int name = request.path().indexOf('/', PagePaths.ASSETS.length());
        file = name < 0 ? null : all.get(PagePaths.ASSETS + request.path().substring(name));
      }
      return file == null ? notFound() : file.answer(request);
    });
  }

  private static Reply notFound() {
    return HttpErrors.reply(ErrorKind.NOT_FOUND, "");
  }

  /** By path; below {@code /assets//} what a foreign hash is answered with. */
  private static Map<String, PageFile> read() {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    FILES.forEach(name -> contents.put(name, content(name)));
    String hash = hash(contents.values().toArray(byte[][]::new));
    Map<String, PageFile> files = new HashMap<>();
    contents.forEach((name, bytes) -> {
      String own = hash(bytes);
      files.put(PagePaths.ASSETS + hash + "/" + name, new PageFile(name, bytes, own, FOREVER));
      files.put(PagePaths.ASSETS + "/" + name, new PageFile(name, bytes, own, ASK));
      if (name.startsWith(PagePaths.CLIENT)) {
        files.put("/" + name, new PageFile(name, bytes, own, ASK + ANYBODY));
      }
    });
    byte[] index = index(
        contents.getOrDefault("index.html", new byte[0]), PagePaths.ASSETS.substring(1) + hash);
    files.put("/", new PageFile("index.html", index, hash(index), ASK));
    return files;
  }

  /** Relative paths, so that a proxy may put one in front of ours. */
  private static byte[] index(byte[] template, String assets) {
    String preload = FILES.stream()
        .filter(name -> name.endsWith(".js"))
        .map(name -> "<link rel=\"modulepreload\" href=\"" + assets + "/" + name + "\" />")
        .collect(Collectors.joining("\n    "));
    return new String(template, StandardCharsets.UTF_8)
        .replace("{{assets}}", assets)
        .replace("{{preload}}", preload)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] content(String name) {
    try (InputStream in = Page.class.getResourceAsStream("/page/" + name)) {
      if (in == null) {
        throw new IllegalStateException("not in the jar: page/" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 10);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
