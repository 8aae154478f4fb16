package io.gochat.server.identity;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keys behind a URL: bounded in time and in size, redirected nowhere. Thread-safe. */
final class HttpKeySource implements KeySource {
  private static final int MAX_BYTES = 1 << 20;

  private final URI uri;
  private final Duration within;
  private final HttpClient client;

  HttpKeySource(URI uri, Duration within) {
    this.uri = uri;
    this.within = within;
    this.client = HttpClient.newBuilder()
        .connectTimeout(within)
        .followRedirects(HttpClient.Redirect.NEVER)
        .build();
  }

  @Override
  public String name() {
    return uri.toString();
  }

  @Override
  public CompletableFuture<Fetched> fetch() {
    HttpRequest request = HttpRequest.newBuilder(uri)
        .timeout(within)
        .header("Accept", "application/json, application/jwk-set+json")
        .build();
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(request, head -> new BoundedBody());
    // The timeout of the request ends with its head; a body that trickles needs one too.
    return exchange
        .copy()
        .orTimeout(within.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((response, failure) -> exchange.cancel(true))
        .thenCompose(response -> response.statusCode() == 200
            ? CompletableFuture.completedFuture(
                new Fetched(new String(response.body(), StandardCharsets.UTF_8)))
            : CompletableFuture.failedFuture(new IOException("status " + response.statusCode())));
  }

  /** Called by one thread at a time, as the specification of flows says. */
  private static final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private @Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      for (ByteBuffer part : parts) {
        byte[] copy = new byte[part.remaining()];
        part.get(copy);
        if (bytes.size() + copy.length > MAX_BYTES) {
          if (subscription != null) {
            subscription.cancel();
          }
          body.completeExceptionally(new IOException("over " + MAX_BYTES + " bytes"));
          return;
        }
        bytes.writeBytes(copy);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
