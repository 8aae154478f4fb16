/**
 * What operators and programs do to a node by key: users, sessions, connections, rooms, publishing to many. Knows no
 * HTTP; every change leaves a line in the audit log.
 */
@NullMarked
package io.gochat.server.admin;

import org.jspecify.annotations.NullMarked;
