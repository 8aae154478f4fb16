/** The chat page in a real browser, against a real server process; skipped where there is no browser. */
@org.jspecify.annotations.NullMarked
package io.gochat.server.page;
