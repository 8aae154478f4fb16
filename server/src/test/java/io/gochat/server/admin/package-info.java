@NullMarked
package io.gochat.server.admin;

import org.jspecify.annotations.NullMarked;
