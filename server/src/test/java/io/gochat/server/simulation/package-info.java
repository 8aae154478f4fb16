/**
 * A whole node on simulated loops, sockets, stores and time: one thread, one seed, every order of events that the seed
 * says. Knows the command side, the fan-out and what lies between them and the interfaces of the stores.
 */
@NullMarked
package io.gochat.server.simulation;

import org.jspecify.annotations.NullMarked;
