/** The HTTP JSON API as a stranger calls it, for the tools. Knows the document, and none of the server's classes. */
@NullMarked
package io.gochat.bench.api;

import org.jspecify.annotations.NullMarked;
