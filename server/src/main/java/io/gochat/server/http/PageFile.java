package io.gochat.server.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** A file of the page, in all the answers that it can be. Immutable. */
final class PageFile {
  /**
   * Nothing but our own files runs, is shown or is connected to; no script makes markup from text; nobody frames it.
   */
  private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
      + " img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none';"
      + " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

  private static final String SAFETY = "Referrer-Policy: no-referrer\r\n"
      + "Cross-Origin-Opener-Policy: same-origin\r\n"
      + "Content-Security-Policy: " + POLICY + "\r\n";

  private static final Map<String, String> TYPES = Map.of(
      "html", "text/html; charset=utf-8",
      "css", "text/css; charset=utf-8",
      "js", "text/javascript; charset=utf-8",
      "svg", "image/svg+xml",
      "webmanifest", "application/manifest+json");

  private final Variant plain;
  private final Variant compressed;

  /** @param caching header lines about caching and who may read it, each with its CRLF */
  PageFile(String name, byte[] bytes, String hash, String caching) {
    String ending = name.substring(name.lastIndexOf('.') + 1);
    String headers = "Content-Type: " + TYPES.getOrDefault(ending, "application/octet-stream")
        + "\r\nVary: Accept-Encoding\r\n" + SAFETY + caching;
    plain = Variant.of(bytes, "\"" + hash + "\"", headers);
    compressed =
        Variant.of(gzip(bytes), "\"" + hash + "-gzip\"", headers + "Content-Encoding: gzip\r\n");
  }

  /** The file, or that the browser has it already. */
  Reply answer(PageRequest request) {
    Variant variant = request.takesGzip() ? compressed : plain;
    return request.knows(variant.tag) ? variant.notModified : variant.whole;
  }

  private static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory: never
    }
    return out.toByteArray();
  }

  private record Variant(String tag, Reply whole, Reply notModified) {
    static Variant of(byte[] bytes, String tag, String headers) {
      String lines = headers + "ETag: " + tag + "\r\n";
      return new Variant(
          tag, reply(Status.OK, lines, bytes), reply(Status.NOT_MODIFIED, lines, bytes));
    }

    private static Reply reply(Status status, String lines, byte[] bytes) {
      byte[] head = (status.line() + lines).getBytes(StandardCharsets.US_ASCII);
      return new Reply(status, head, 0, bytes, null);
    }
  }
}
