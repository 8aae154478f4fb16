package io.gochat.bench.crowd;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameException;
import io.gochat.protocol.frame.FrameStreams;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** Publishes what a crowd is to read, on one blocking connection. Not thread-safe. */
final class Stock implements AutoCloseable {
  private static final int WINDOW = 48;
  private static final int MAX_PAYLOAD = 1_048_576;
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket = new Socket();
  private final OutputStream out;
  private final InputStream in;
  private final AnswerCounts answers;

  /** Signs in; {@code answers} hears what became of each message. */
  Stock(InetSocketAddress server, String token, AnswerCounts answers) throws IOException {
    this.answers = answers;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(server, TIMEOUT_MS);
    out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    in = socket.getInputStream();
    write(ClientFrame.newBuilder()
        .setRequestId(1)
        .setHello(Hello.newBuilder().setToken(token).setClient("gochat-crowd/1")));
    out.flush();
  }

  /** Publishes the same text again and again, as fast as it is answered. */
  void publish(Topic topic, String text, int count) throws IOException {
    int sent = 0;
    int answered = 0;
    while (answered < count) {
      for (; sent < count && sent - answered < WINDOW; sent++) {
        write(ClientFrame.newBuilder()
            .setRequestId(2 + sent)
            .setPublish(Publish.newBuilder().setTopic(topic).setText(text)));
      }
      out.flush();
      answered += readAnswer();
    }
  }

  private void write(ClientFrame.Builder frame) throws IOException {
    out.write(FrameStreams.toBytes(frame.build()));
  }

  private int readAnswer() throws IOException {
    try {
      ServerFrame frame = FrameStreams.read(in, ServerFrame.parser(), MAX_PAYLOAD);
      if (frame == null) {
        throw new IOException("the server closed the connection of a publisher");
      }
      switch (frame.getEventCase()) {
        case PUBLISHED -> answers.add("Published");
        case ERROR -> answers.add("Error " + frame.getError().getCode());
        case GO_AWAY -> throw new IOException("GoAway " + frame.getGoAway().getReason());
        default -> {
          return 0;
        }
      }
      return 1;
    } catch (FrameException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
