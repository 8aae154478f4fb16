package io.gochat.server.http;

/** Where the files of the page are found. Stateless. */
final class PagePaths {
  static final String ASSETS = "/assets/";
  static final String CLIENT = "client/";

  private PagePaths() {}

  /** Whether {@code path} may be the page's. */
  static boolean isPath(String path) {
    return path.equals("/") || path.startsWith(ASSETS) || path.startsWith("/" + CLIENT);
  }
}
