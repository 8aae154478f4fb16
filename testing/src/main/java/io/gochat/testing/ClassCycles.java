package io.gochat.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.spi.ToolProvider;

/**
 * Classes that need each other, by what {@code jdeps} says. A nested class is a part of its outermost one. Confined to
 * one thread, and to one search.
 */
public final class ClassCycles {
  private final Map<String, Set<String>> needs;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, Integer> lowest = new HashMap<>();
  private final Deque<String> stack = new ArrayDeque<>();
  private final List<Set<String>> found = new ArrayList<>();

  private ClassCycles(Map<String, Set<String>> needs) {
    this.needs = needs;
  }

  /** The largest first: sets of classes below {@code classes} of which each needs each other, by whatever way. */
  public static List<Set<String>> below(Path classes) {
    return among(needs(classes));
  }

  /** The same in any such map, of packages for instance. */
  static List<Set<String>> among(Map<String, Set<String>> needs) {
    ClassCycles search = new ClassCycles(needs);
    for (String name : needs.keySet()) {
      if (!search.numbers.containsKey(name)) {
        search.visit(name);
      }
    }
    search.found.sort((a, b) -> b.size() - a.size());
    return search.found;
  }

  /** How many classes stand in a cycle. */
  public static int count(List<Set<String>> cycles) {
    return cycles.stream().mapToInt(Set::size).sum();
  }

  /** One line for each. */
  public static String describe(List<Set<String>> cycles) {
    StringBuilder text = new StringBuilder();
    for (Set<String> cycle : cycles) {
      text.append("  ").append(cycle.size()).append(": ");
      text.append(String.join(" ", cycle)).append('\n');
    }
    return text.toString();
  }

  /** Outermost class → those that it needs, of the same directory. */
  static Map<String, Set<String>> needs(Path classes) {
    Map<String, Set<String>> needs = new TreeMap<>();
    String from = "";
    for (String line : jdeps(classes).lines().toList()) {
      String[] words = line.strip().split("\\s+", -1);
      if (line.startsWith("   ") && !line.startsWith("    ") && words.length > 0) {
        from = outermost(words[0]);
        needs.computeIfAbsent(from, name -> new TreeSet<>());
      }
      int arrow = List.of(words).indexOf("->");
      if (arrow >= 0 && arrow + 1 < words.length && needs.containsKey(from)) {
        needs.computeIfAbsent(from, name -> new TreeSet<>()).add(outermost(words[arrow + 1]));
      }
    }
    needs.forEach((name, others) -> {
      others.retainAll(needs.keySet());
      others.remove(name);
    });
    return needs;
  }

  private static String jdeps(Path classes) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      ToolProvider.findFirst("jdeps")
          .orElseThrow(() -> new IllegalStateException("this JVM has no jdeps: a JDK is needed"))
          .run(out, out, "-verbose:class", "-filter:none", classes.toString());
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  private static String outermost(String name) {
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  /** Tarjan's: what can be reached from {@code name}, and whether it leads back. */
  private void visit(String name) {
    int number = numbers.size();
    numbers.put(name, number);
    int low = number;
    stack.push(name);
    for (String other : needs.getOrDefault(name, Set.of())) {
      if (!numbers.containsKey(other)) {
        visit(other);
        low = Math.min(low, lowest.getOrDefault(other, number));
      } else if (stack.contains(other)) {
        low = Math.min(low, numbers.getOrDefault(other, number));
      }
    }
    lowest.put(name, low);
    if (low == number) {
      close(name);
    }
  }

  private void close(String name) {
    Set<String> cycle = new TreeSet<>();
    String last;
    do {
      last = stack.pop();
      cycle.add(last);
    } while (!last.equals(name));
    if (cycle.size() > 1) {
      found.add(cycle);
    }
  }
}
