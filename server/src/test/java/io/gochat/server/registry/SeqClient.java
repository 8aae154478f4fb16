package io.gochat.server.registry;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A client of {@link FanOutServer} that checks every byte it gets. What it has heard may be looked at by any thread, the
 * rest is for one at a time.
 */
final class SeqClient implements AutoCloseable {
  private final Socket plain;
  private final Socket socket;
  private final SeqFormat format;
  private final boolean fromNow;
  private final DataInputStream in;

  /** The last sequence heard. */
  final AtomicLong heard = new AtomicLong();

  /** The answers that came, each before the message that was committed behind it. */
  final AtomicLong answers = new AtomicLong();

  /** The text that the message of a sequence has. */
  LongFunction<byte[]> texts = SeqClient::text;

  /** Connects with a small receive buffer, and joins: a format of {@link FanOutServer#FORMATS} and its flags. */
  SeqClient(InetSocketAddress server, @Nullable SSLContext tls, int wish) throws IOException {
    plain = new Socket();
    plain.setReceiveBufferSize(4 * 1024);
    plain.connect(server);
    plain.setSoTimeout(60_000);
    this.socket = tls == null
        ? plain
        : tls.getSocketFactory()
            .createSocket(plain, server.getHostString(), server.getPort(), true);
    this.format = FanOutServer.FORMATS.get(wish & 3);
    this.fromNow = (wish & FanOutServer.FROM_NOW) != 0;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    socket.getOutputStream().write(wish);
    socket.getOutputStream().flush();
  }

  void ask() throws IOException {
    socket.getOutputStream().write(FanOutServer.ASK);
    socket.getOutputStream().flush();
  }

  /** On TLS 1.3: sends with other keys from now on, and asks the server for the same. */
  void changeKeys() throws IOException {
    if (socket instanceof SSLSocket tls) {
      tls.startHandshake();
    }
  }

  /** Reads and judges until the message {@code last} was heard. */
  void readUntil(long last) throws IOException {
    plain.setReceiveBufferSize(256 * 1024); // from now on it reads as quickly as it can
    while (heard.get() < last) {
      check(in.readByte() == format.mark(), "a frame of another format");
      char type = (char) in.readByte();
      long seq = in.readLong();
      byte[] text = new byte[in.readInt()];
      in.readFully(text);
      switch (type) {
        case 'M' -> message(seq, text);
        case 'A' -> {
          check(heard.get() < seq, "the answer was overtaken by message " + seq);
          answers.incrementAndGet();
        }
        case 'P' -> {} // it fell out of the stream and came back: the count may have changed
        default -> check(false, "unexpected " + type);
      }
    }
  }

  private void message(long seq, byte[] text) {
    long expected = fromNow && heard.get() == 0 ? seq : heard.get() + 1;
    check(seq == expected, "message " + seq + " instead of " + expected);
    byte[] one = texts.apply(seq);
    if (text.length != format.copies()) { // what was committed behind an answer is one byte long
      check(text.length == one.length * format.copies(), "length of " + seq);
      for (int i = 0; i < format.copies(); i++) {
        check(
            Arrays.equals(one, 0, one.length, text, i * one.length, (i + 1) * one.length),
            "bytes of " + seq);
      }
    }
    heard.set(seq);
  }

  /** The text of the message {@code seq}: small ones, and now and then one over a TLS record. */
  static byte[] text(long seq) {
    byte[] text = new byte[seq % 97 == 0 ? 20_000 : 2 + (int) (seq * 31 % 300)];
    Arrays.fill(text, (byte) seq);
    return text;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
