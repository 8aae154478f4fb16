package io.gochat.bench.jmh;

import io.gochat.bench.common.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of results. Immutable.
 *
 * @param name class and method
 * @param params {@code key=value,…}; empty: none
 * @param score the middle
 * @param low where it surely lies, from
 * @param high to
 * @param unit {@code ns/op}, {@code ops/s}
 * @param bytesPerOp allocated; NaN: not measured
 * @param extra what only this benchmark has
 */
record Figure(
    String name,
    String params,
    double score,
    double low,
    double high,
    String unit,
    double bytesPerOp,
    Map<String, @Nullable Object> extra) {

  /** What it is compared by. */
  String key() {
    return params.isEmpty() ? name : name + "(" + params + ")";
  }

  /** Whether more is better. */
  boolean isThroughput() {
    return unit.startsWith("ops/");
  }

  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = Json.object();
    json.put("name", name);
    json.put("params", params);
    json.put("score", score);
    json.put("low", low);
    json.put("high", high);
    json.put("unit", unit);
    json.put("bytes_per_op", bytesPerOp);
    json.putAll(extra);
    return json;
  }

  static Figure fromJson(Map<String, @Nullable Object> json) {
    return new Figure(
        String.valueOf(json.get("name")),
        String.valueOf(json.get("params")),
        Json.number(json, "score"),
        Json.number(json, "low"),
        Json.number(json, "high"),
        String.valueOf(json.get("unit")),
        Json.number(json, "bytes_per_op"),
        Map.of());
  }
}
