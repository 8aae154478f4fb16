package io.gochat.bench.load;

import java.util.Map;
import org.jspecify.annotations.Nullable;

final class HtmlReport {
  private HtmlReport() {}

  static String of(
      Map<String, @Nullable Object> result, @Nullable Map<String, @Nullable Object> baseline) {
    return "";
  }
}
