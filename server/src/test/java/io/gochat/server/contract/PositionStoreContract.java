package io.gochat.server.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a {@link PositionStore} promises. Each test gets an empty store. */
@Timeout(60)
public abstract class PositionStoreContract {
  /** The store under test. */
  protected abstract PositionStore positions();

  /** The epoch of the log beside it. */
  protected abstract long epoch();

  /** Stops the store cleanly and opens it again on the same data; {@link #positions} answers with the new one. */
  protected abstract void reopen() throws Exception;

  private void acknowledge(String device, long seq) {
    positions().acknowledge(3, device, epoch(), seq).join();
  }

  private AcknowledgedPosition of(long userId, String device) {
    return positions().acknowledged(userId, device).join();
  }

  private AcknowledgedPosition at(long seq) {
    return new AcknowledgedPosition(epoch(), seq);
  }

  @Test
  void nobody_has_acknowledged_anything_at_first() {
    assertThat(of(3, "phone")).isEqualTo(AcknowledgedPosition.NONE);
    assertThat(of(3, "")).isEqualTo(AcknowledgedPosition.NONE);
  }

  @Test
  void a_device_finds_its_own_position() {
    acknowledge("phone", 5);
    acknowledge("laptop", 9);

    assertThat(of(3, "phone")).isEqualTo(at(5));
    assertThat(of(3, "laptop")).isEqualTo(at(9));
  }

  @Test
  void an_unknown_or_anonymous_device_finds_the_highest_of_the_user() {
    acknowledge("phone", 5);
    acknowledge("laptop", 9);
    acknowledge("", 2);

    assertThat(of(3, "tablet")).isEqualTo(at(9));
    assertThat(of(3, "")).isEqualTo(at(9));
  }

  @Test
  void the_anonymous_device_counts_too() {
    acknowledge("", 12);
    acknowledge("phone", 5);

    assertThat(of(3, "")).isEqualTo(at(12));
    assertThat(of(3, "phone")).isEqualTo(at(5));
  }

  @Test
  void acknowledgements_are_merged_by_maximum() {
    acknowledge("phone", 9);
    acknowledge("phone", 5);

    assertThat(of(3, "phone")).isEqualTo(at(9));
  }

  @Test
  void many_at_once_leave_the_maximum() {
    List<CompletableFuture<Void>> pending = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      pending.add(positions().acknowledge(3, "phone", epoch(), (i * 7919L) % 500 + 1));
    }
    pending.forEach(CompletableFuture::join);

    assertThat(of(3, "phone")).isEqualTo(at(500));
  }

  @Test
  void users_do_not_see_each_other() {
    acknowledge("phone", 9);

    assertThat(of(4, "phone")).isEqualTo(AcknowledgedPosition.NONE);
    assertThat(of(2, "")).isEqualTo(AcknowledgedPosition.NONE);
  }

  @Test
  void a_position_of_an_older_epoch_is_replaced_even_by_a_lower_one() {
    positions().acknowledge(3, "phone", epoch() - 1, 100).join();
    acknowledge("phone", 4);

    assertThat(of(3, "phone")).isEqualTo(at(4));
  }

  @Test
  void the_highest_of_the_epoch_in_force_goes_before_one_of_an_older_epoch() {
    positions().acknowledge(3, "old", epoch() - 1, 100).join();
    acknowledge("phone", 4);

    assertThat(of(3, "")).isEqualTo(at(4));
  }

  @Test
  void positions_survive_a_restart() throws Exception {
    acknowledge("phone", 5);
    acknowledge("büro 💻", 6);

    reopen();

    assertThat(of(3, "phone")).isEqualTo(at(5));
    assertThat(of(3, "büro 💻")).isEqualTo(at(6));
  }
}
