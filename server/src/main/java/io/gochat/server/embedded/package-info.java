/**
 * The default stores, on RocksDB in this process: the committer, accounts, sessions, positions. The only package that knows RocksDB.
 */
@NullMarked
package io.gochat.server.embedded;

import org.jspecify.annotations.NullMarked;
