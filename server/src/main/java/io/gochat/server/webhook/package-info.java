/**
 * Telling other people's servers what was said, out of the outbox: endpoints, signatures, tries, dead letters. Knows no
 * store by name, and no protocol of ours.
 */
@NullMarked
package io.gochat.server.webhook;

import org.jspecify.annotations.NullMarked;
