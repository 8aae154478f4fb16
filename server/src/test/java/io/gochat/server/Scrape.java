package io.gochat.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code /metrics} said, taken apart. Immutable.
 *
 * @param text as it came
 * @param help of each metric
 * @param types of each metric
 * @param samples in the order of the text
 */
record Scrape(
    String text, Map<String, String> help, Map<String, String> types, List<Sample> samples) {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

  /** One line. */
  record Sample(String name, Map<String, String> labels, double value) {}

  /** Asks the server on this port. */
  static Scrape of(int port) throws IOException, InterruptedException {
    HttpResponse<String> answer = HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return parse(answer.body());
  }

  static Scrape parse(String text) {
    Map<String, String> help = new TreeMap<>();
    Map<String, String> types = new TreeMap<>();
    List<Sample> samples = new ArrayList<>();
    text.lines().forEach(line -> {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        help.put(words[2], words.length > 3 ? words[3].strip() : "");
      } else if (line.startsWith("# TYPE ")) {
        types.put(words[2], words[3]);
      } else {
        samples.add(sample(line));
      }
    });
    return new Scrape(text, help, types, samples);
  }

  private static Sample sample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no sample: " + line);
    }
    Map<String, String> labels = new TreeMap<>();
    String inBraces = matcher.group(2);
    LABEL
        .matcher(inBraces == null ? "" : inBraces)
        .results()
        .forEach(label -> labels.put(label.group(1), label.group(2)));
    return new Sample(matcher.group(1), labels, Double.parseDouble(matcher.group(3)));
  }

  /** The names of all metrics. */
  Set<String> metrics() {
    return types.keySet();
  }

  /** The names of all samples, as queries have them. */
  Set<String> sampled() {
    Set<String> names = new TreeSet<>();
    samples.forEach(sample -> names.add(sample.name));
    return names;
  }

  /** The sum of what has this name and these labels, {@code endpoint=push}. */
  double sum(String name, String... labels) {
    return samples.stream()
        .filter(sample -> sample.name.equals(name))
        .filter(sample -> List.of(labels).stream().allMatch(label -> {
          String[] parts = label.split("=", 2);
          return parts[1].equals(sample.labels.get(parts[0]));
        }))
        .mapToDouble(Sample::value)
        .sum();
  }
}
