package io.gochat.server.account;

import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.mindrot.jbcrypt.BCrypt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and checks hashes. Thread-safe; blocks for as long as a hash takes.
 *
 * <p>A "no" costs the same work for everybody: for a name that nobody has, for an account without a password, and for
 * one whose hash was made while the cost was lower. bcrypt at cost {@code c} does {@code 2^c} rounds, so a hash of cost
 * {@code c} and then one each of {@code c, c+1, … n-1} are exactly the {@code 2^n} of cost {@code n}. {@code n} is the
 * cost in force, or the highest that was met since the start, where it has been lowered.
 */
final class Bcrypt {
  private static final Logger log = LoggerFactory.getLogger(Bcrypt.class);
  private static final int LEAST_COST = 4;
  private static final int MOST_COST = 20;
  /** Not a hash of anything: only its salt and cost matter for the work. */
  private static final String SALT = "$2a$%02d$......................";

  private final int cost;
  private volatile int highestCost;

  Bcrypt(int cost) {
    this.cost = cost;
    this.highestCost = cost;
  }

  String hash(String password) {
    return BCrypt.hashpw(password, BCrypt.gensalt(cost));
  }

  boolean isOutdated(String hash) {
    return costOf(hash) != cost;
  }

  /** Whether the hash is of this password; null or malformed, it is of none. */
  boolean matches(String password, @Nullable String hash) {
    int done = hash == null ? 0 : costOf(hash);
    if (done > highestCost) {
      highestCost = done;
    }
    boolean matches = done > 0 && check(password, String.valueOf(hash));
    if (!matches) {
      remainingWork(done, highestCost).forEach(c -> BCrypt.hashpw(password, SALT.formatted(c)));
    }
    return matches;
  }

  /** The costs of the hashes that make the work of one of cost {@code done} (0: none) that of one of {@code most}. */
  static IntStream remainingWork(int done, int most) {
    return done == 0 ? IntStream.of(most) : IntStream.range(done, most);
  }

  // jBCrypt throws where it cannot parse; to a login that is the same as a wrong password.
  private static boolean check(String password, String hash) {
    try {
      return BCrypt.checkpw(password, hash);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      log.error("A stored password hash is malformed; its owner cannot log in");
      return false;
    }
  }

  /** From {@code $2a$10$…}; 0: it is no hash that we make. */
  private static int costOf(String hash) {
    if (!hash.matches("\\$2a\\$[0-3][0-9]\\$[./A-Za-z0-9]{53}")) {
      return 0;
    }
    int cost = Integer.parseInt(hash.substring(4, 6));
    return cost >= LEAST_COST && cost <= MOST_COST ? cost : 0;
  }
}
