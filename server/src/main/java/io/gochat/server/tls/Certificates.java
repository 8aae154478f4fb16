package io.gochat.server.tls;

import io.gochat.server.net.TlsHandlers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that new connections are shown, and its renewal: the files are looked at again now and then; a new
 * pair is checked before it is used, and a bad one changes nothing but is told once. Connections keep what they began
 * with. {@link #newHandler} is thread-safe, everything else for one thread at a time: the scheduler's.
 */
public final class Certificates implements TlsHandlers, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Certificates.class);
  private static final long LOOK_EVERY_S = 30;
  private static final Duration SOON = Duration.ofDays(14);
  private static final Duration REMIND_EVERY = Duration.ofDays(1);

  private final TlsOptions options;
  private final InstantSource clock;
  private final Counter renewed;
  private final Counter refused;

  private PemFiles files;
  private volatile Identity identity;
  private volatile SslContext context;
  private @Nullable String told;
  private @Nullable Instant reminded;

  private Certificates(
      TlsOptions options,
      InstantSource clock,
      MeterRegistry meters,
      PemFiles files,
      Identity identity,
      SslContext context) {
    this.options = options;
    this.clock = clock;
    this.files = files;
    this.identity = identity;
    this.context = context;
    this.renewed = renewals(meters, "taken");
    this.refused = renewals(meters, "refused");
    Gauge.builder("gochat.tls.certificate.expiry", this, Certificates::secondsLeft)
        .description(
            "Time until the certificate of the server, or one that it shows with it, expires")
        .baseUnit("seconds")
        .register(meters);
  }

  private static Counter renewals(MeterRegistry meters, String outcome) {
    return Counter.builder("gochat.tls.renewals")
        .description("Changed certificate files that were looked at")
        .tag("outcome", outcome)
        .register(meters);
  }

  /**
   * Reads and checks the files. An expired certificate is served with a warning: a restart must not turn a late renewal
   * into an outage of everything. Blocks.
   */
  public static Certificates load(TlsOptions options, InstantSource clock, MeterRegistry meters)
      throws UnusableCertificateException {
    PemFiles files = PemFiles.read(options);
    Identity identity = Identity.of(files, options);
    SslContext context = Contexts.of(identity, options.provider());
    Certificates loaded = new Certificates(options, clock, meters, files, identity, context);
    loaded.remind();
    return loaded;
  }

  /** Looks at the files every 30 s, on {@code scheduler}. */
  public void watch(ScheduledExecutorService scheduler) {
    scheduler.scheduleWithFixedDelay(this::look, LOOK_EVERY_S, LOOK_EVERY_S, TimeUnit.SECONDS);
  }

  /** Takes over what has changed, if it is any good. Blocks; never throws. */
  public void look() {
    try {
      renew(PemFiles.read(options));
    } catch (UnusableCertificateException e) {
      tell(String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      log.error("looking at the certificate failed; it is tried again", e);
    }
    remind();
  }

  private void renew(PemFiles now) throws UnusableCertificateException {
    if (now.hasSameBytes(files)) {
      told = null;
      return;
    }
    Identity next = Identity.of(now, options);
    next.checkValidAt(clock.instant(), options.certificate());
    SslContext before = context;
    context = Contexts.of(next, options.provider());
    identity = next;
    files = now;
    told = null;
    reminded = null;
    // Connections hold references of their own.
    ReferenceCountUtil.release(before);
    renewed.increment();
    log.info(
        "the TLS certificate was renewed: {}, valid until {}",
        next.own().getSubjectX500Principal(),
        next.expires());
  }

  private void tell(String sentence) {
    if (!sentence.equals(told)) {
      told = sentence;
      refused.increment();
      log.warn("the TLS certificate stays the one of before: {}", sentence);
    }
  }

  private void remind() {
    Instant now = clock.instant();
    Instant expires = identity.expires();
    if (now.plus(SOON).isBefore(expires)
        || (reminded != null && now.isBefore(reminded.plus(REMIND_EVERY)))) {
      return;
    }
    reminded = now;
    if (now.isAfter(expires)) {
      log.warn("the TLS certificate in {} expired at {}", options.certificate(), expires);
    } else {
      log.warn(
          "the TLS certificate in {} expires in {} days, at {}",
          options.certificate(),
          Duration.between(now, expires).toDays(),
          expires);
    }
  }

  private double secondsLeft() {
    return Duration.between(clock.instant(), identity.expires()).toSeconds();
  }

  @Override
  public SslHandler newHandler(ByteBufAllocator allocator) {
    SslHandler handler = inContext(allocator);
    // The port keeps the deadline, for all connections of a loop with one timer.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  private SslHandler inContext(ByteBufAllocator allocator) {
    while (true) {
      SslContext now = context;
      try {
        return now.newHandler(allocator);
      } catch (IllegalReferenceCountException e) {
        if (now == context) {
          throw e; // closed, and not just replaced
        }
      }
    }
  }

  /** Gives the native memory back; connections that are open keep theirs. */
  @Override
  public void close() {
    ReferenceCountUtil.release(context);
  }
}
