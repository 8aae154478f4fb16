package io.gochat.bench.load;

import io.gochat.bench.process.AtExit;
import io.gochat.bench.process.ScratchDirectory;
import io.gochat.bench.redis.DelayProxy;
import io.gochat.bench.redis.OneRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** A Redis of the run's own, with its log synced every second, as far away as is asked for. Not thread-safe; ends it on {@link #close()}. */
final class DistantRedis implements AutoCloseable {
  private final ScratchDirectory directory;
  private final OneRedis redis;
  private final DelayProxy way;
  private final AtExit end;

  private DistantRedis(ScratchDirectory directory, OneRedis redis, DelayProxy way) {
    this.directory = directory;
    this.redis = redis;
    this.way = way;
    this.end = AtExit.run(redis::close);
  }

  static DistantRedis start(Duration roundTrip) throws IOException {
    ScratchDirectory directory = ScratchDirectory.make();
    try {
      OneRedis redis =
          OneRedis.start(OneRedis.executable(), directory.path(), "--appendfsync", "everysec");
      InetSocketAddress there =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port());
      return new DistantRedis(directory, redis, new DelayProxy(there, roundTrip));
    } catch (IOException e) {
      directory.close();
      throw e;
    }
  }

  /** What a server needs to use it. */
  List<String> flags() {
    return List.of("--redis=redis://127.0.0.1:" + way.port(), "--node-id=load");
  }

  @Override
  public void close() {
    way.close();
    redis.close();
    end.forget();
    directory.close();
  }
}
