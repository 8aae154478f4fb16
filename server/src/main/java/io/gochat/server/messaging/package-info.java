/**
 * Topics, sequences, publishing and reading: the promises of delivery, declared here and implemented by the stores. Knows no transport and no store by name.
 */
@NullMarked
package io.gochat.server.messaging;

import org.jspecify.annotations.NullMarked;
