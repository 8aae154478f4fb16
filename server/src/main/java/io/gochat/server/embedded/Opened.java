package io.gochat.server.embedded;

/** What was found on disk when the store was opened. */
record Opened(StoreDirectory directory, CommitMark mark, StoreState state) {}
