package io.gochat.bench.verify;

import io.gochat.bench.api.HttpApi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads what the server's log holds in the end, page by page over HTTP. Stateless. */
final class LogReader {
  private static final int PAGE = 100;

  private LogReader() {}

  /** The whole log of a topic, as {@code reader} may see it. */
  static List<RunHistory.Entry> read(HttpApi api, Destination topic, HttpApi.User reader)
      throws IOException, InterruptedException {
    List<RunHistory.Entry> entries = new ArrayList<>();
    long after = 0;
    while (true) {
      HttpApi.Answer page = api.post("/push/history", request(topic, reader, after));
      if (page.status() != 200) {
        throw new IOException(
            "cannot read the log of " + topic + ": HTTP " + page.status() + " " + page.errorCode());
      }
      List<Map<String, Object>> messages = page.objects("messages");
      for (Map<String, Object> message : messages) {
        entries.add(entry(message));
        after = entries.get(entries.size() - 1).seq();
      }
      if (after >= page.number("last_seq") || messages.isEmpty()) {
        return entries;
      }
    }
  }

  private static Map<String, Object> request(Destination topic, HttpApi.User reader, long after) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("token", reader.token());
    request.put("after_seq", after);
    request.put("limit", PAGE);
    if (topic.isRoom()) {
      request.put("room_id", topic.id());
    } else {
      request.put("inbox", true);
    }
    return request;
  }

  private static RunHistory.Entry entry(Map<String, Object> message) {
    Object text = message.getOrDefault("text", message.get("msg"));
    return new RunHistory.Entry(
        message.get("seq") instanceof Long seq ? seq : 0,
        message.get("message_id") instanceof Long id ? id : 0,
        Destination.valueOf(String.valueOf(text)));
  }
}
