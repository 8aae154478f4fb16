/** Files that operators change while the server runs. */
@NullMarked
package io.gochat.server.files;

import org.jspecify.annotations.NullMarked;
