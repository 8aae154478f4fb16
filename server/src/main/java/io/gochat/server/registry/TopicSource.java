package io.gochat.server.registry;

import io.gochat.server.messaging.MessageLog;
import java.util.function.LongToIntFunction;

/**
 * Where the loops have what they tell from. Immutable; what it consists of is thread-safe.
 *
 * @param log the messages
 * @param interests which loops hear of new ones
 * @param roomCount how many are in a room
 */
record TopicSource(MessageLog log, Interests interests, LongToIntFunction roomCount) {}
