/**
 * What every tool needs: JSON as trees, the spread of repeated measurements, whether there is a terminal. Knows none of the
 * tools.
 */
@NullMarked
package io.gochat.bench.common;

import org.jspecify.annotations.NullMarked;
