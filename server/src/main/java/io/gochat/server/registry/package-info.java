/**
 * Who is connected here, which rooms they are in, and how committed messages reach them (fan-out). Knows the log only through its interface, and no protocol by name.
 */
@NullMarked
package io.gochat.server.registry;

import org.jspecify.annotations.NullMarked;
