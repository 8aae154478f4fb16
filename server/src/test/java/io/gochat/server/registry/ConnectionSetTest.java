package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionSetTest {
  private final ConnectionSet set = new ConnectionSet();

  @Test
  void one_comes_and_goes() {
    Connection one = device("a");
    set.add(one);
    set.add(one);

    assertThat(set.all()).containsExactly(one);
    assertThat(set.ofDevice("a")).isSameAs(one);
    assertThat(set.ofDevice("b")).isNull();
    assertThat(set.remove(device("a"))).isFalse();
    assertThat(set.remove(one)).isTrue();
    assertThat(set.remove(one)).isFalse();
    assertThat(set.isEmpty()).isTrue();
    assertThat(set.all()).isEmpty();
  }

  @Test
  void several_come_and_go() {
    List<Connection> all = List.of(device("a"), device("b"), device("c"));
    all.forEach(set::add);
    all.forEach(set::add);

    assertThat(set.size()).isEqualTo(3);
    assertThat(set.all()).containsExactlyInAnyOrderElementsOf(all);
    assertThat(set.ofDevice("c")).isSameAs(all.get(2));

    all.forEach(each -> assertThat(set.remove(each)).isTrue());
    assertThat(set.isEmpty()).isTrue();
    assertThat(set.ofDevice("a")).isNull();

    set.add(all.get(0));
    assertThat(set.all()).containsExactly(all.get(0));
  }

  private static Connection device(String id) {
    return new NamedConnection(id, "s");
  }
}
