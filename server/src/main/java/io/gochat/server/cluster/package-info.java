/** What nodes that share a store tell each other of their connections; knows nobody. */
@NullMarked
package io.gochat.server.cluster;

import org.jspecify.annotations.NullMarked;
