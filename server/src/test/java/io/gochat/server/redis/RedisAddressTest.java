package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {
  @ParameterizedTest
  @CsvSource({
    "redis://:s3cr/et@host:1234/2,             '',   s3cr/et",
    "redis://user:se@cret@host:1234/2,         user, se@cret",
    "redis://user:a:b?c#d@host:1234/2,         user, a:b?c#d",
    "redis://user:100%@host:1234/2,            user, 100%",
    "redis://user:p%40ss@host:1234/2,          user, p@ss",
    "redis://user:a+b c@host:1234/2,           user, a+b c",
    "rediss://user:redis://x@host:1234/2,      user, redis://x",
  })
  void a_password_may_hold_any_sign_and_is_never_shown(String uri, String user, String password) {
    RedisAddress address = RedisAddress.parse(uri);

    RedisURI parsed = RedisURI.create(address.uris().get(0));
    assertThat(parsed.getHost()).isEqualTo("host");
    assertThat(parsed.getPort()).isEqualTo(1_234);
    assertThat(parsed.getDatabase()).isEqualTo(2);
    RedisCredentials credentials =
        parsed.getCredentialsProvider().resolveCredentials().block();
    assertThat(credentials.getPassword()).isEqualTo(password.toCharArray());
    assertThat(credentials.getUsername()).isEqualTo(user.isEmpty() ? null : user);
    assertThat(address.toString())
        .isEqualTo(uri.substring(0, uri.indexOf("://")) + "://host:1234/2")
        .doesNotContain(password);
  }

  @Test
  void several_addresses_of_a_cluster_share_user_and_password() {
    RedisAddress address = RedisAddress.parse("redis-cluster://u:p@a:1,b:2, c:3");

    assertThat(address.uris())
        .containsExactly("redis://u:p@a:1", "redis://u:p@b:2", "redis://u:p@c:3");
  }

  @Test
  void sentinels_stay_together() {
    RedisAddress address = RedisAddress.parse("redis-sentinel://:p@a:1,b:2/3#master");

    assertThat(address.uris()).containsExactly("redis-sentinel://:p@a:1,b:2/3#master");
    assertThat(RedisURI.create(address.uris().get(0)).getSentinels()).hasSize(2);
    assertThat(address).hasToString("redis-sentinel://a:1,b:2/3#master");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "redis",
        "redis://",
        "redis:///1",
        "redis://:secret@",
        "http://:secret@host",
        "host:6379"
      })
  void what_is_no_address_is_refused_without_a_word_of_it(String text) {
    assertThatThrownBy(() -> RedisAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("redis-sentinel://")
        .hasMessageNotContaining("secret");
  }
}
