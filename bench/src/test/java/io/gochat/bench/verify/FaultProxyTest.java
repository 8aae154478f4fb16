package io.gochat.bench.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Message;
import io.gochat.protocol.Position;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
  private final FaultProxy proxy = new FaultProxy();
  private final ServerSocket server;
  private Socket client = new Socket();
  private Socket accepted = new Socket();

  FaultProxyTest() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @BeforeEach
  void connect() throws IOException {
    proxy.upstream(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()));
    client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    client.setSoTimeout(30_000);
    server.setSoTimeout(30_000);
    accepted = server.accept();
    accepted.setSoTimeout(30_000);
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    accepted.close();
    server.close();
    proxy.close();
  }

  @Test
  void without_a_fault_bytes_pass_in_both_directions() throws IOException {
    say(client, "question");
    assertThat(hear(accepted, 8)).isEqualTo("question");

    say(accepted, "answer");
    assertThat(hear(client, 6)).isEqualTo("answer");
  }

  @Test
  void the_end_of_a_connection_passes_too() throws IOException {
    say(accepted, "bye");
    accepted.close();

    assertThat(hear(client, 3)).isEqualTo("bye");
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void a_cut_before_the_request_keeps_it_from_the_server() throws IOException {
    arm(FaultKind.CUT_BEFORE);

    say(client, "question");

    assertThatThrownBy(() -> hear(accepted, 1)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> hear(client, 1)).isInstanceOf(SocketException.class);
    assertThat(proxy.fired(FaultKind.CUT_BEFORE)).isEqualTo(1);
    assertThat(proxy.links()).isEmpty();
  }

  @Test
  void a_cut_before_the_answer_lets_the_request_through_and_keeps_the_answer() throws IOException {
    arm(FaultKind.CUT_ANSWER);

    say(client, "question");
    assertThat(hear(accepted, 8)).isEqualTo("question");
    say(accepted, "answer");

    assertThatThrownBy(() -> hear(client, 1)).isInstanceOf(SocketException.class);
    assertThat(proxy.fired(FaultKind.CUT_ANSWER)).isEqualTo(1);
  }

  @Test
  void a_cut_in_the_middle_lets_half_of_the_answer_through() throws IOException {
    arm(FaultKind.CUT_MIDDLE);

    say(accepted, "answer");

    assertThat(hear(client, 3)).isEqualTo("ans");
    assertThatThrownBy(() -> hear(client, 1)).isInstanceOf(IOException.class);
    assertThat(proxy.fired(FaultKind.CUT_MIDDLE)).isEqualTo(1);
  }

  @Test
  void a_cut_after_the_answer_lets_all_of_it_through() throws IOException {
    arm(FaultKind.CUT_AFTER);

    say(accepted, "answer");

    assertThat(hear(client, 6)).isEqualTo("answer");
    assertThatThrownBy(() -> hear(client, 1)).isInstanceOf(IOException.class);
    assertThat(proxy.fired(FaultKind.CUT_AFTER)).isEqualTo(1);
  }

  @Test
  void a_stalled_client_holds_the_server_up_and_then_gets_everything() throws Exception {
    int total = 16 << 20;
    Thread writer = new Thread(() -> sendZeros(total));

    proxy.stall(proxy.links().get(0), 700);
    writer.start();

    writer.join(300);
    assertThat(writer.isAlive()).as("the server is held up").isTrue();
    assertThat(client.getInputStream().readNBytes(total)).hasSize(total);
    assertThat(proxy.fired(FaultKind.STALL)).isEqualTo(1);
    writer.join();
  }

  @Test
  void nothing_is_behind_it_while_the_server_is_down() throws IOException {
    proxy.upstream(null);

    try (Socket late = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      late.setSoTimeout(30_000);
      assertThatThrownBy(() -> hear(late, 1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void it_knows_the_device_and_counts_what_the_server_sends_again() throws IOException {
    ClientFrame hello = ClientFrame.newBuilder()
        .setHello(Hello.newBuilder()
            .setDeviceId("recv-3")
            .addResume(Position.newBuilder().setSeq(4)))
        .build();
    ServerFrame first = delivery(71);
    ServerFrame second = delivery(72);

    client.getOutputStream().write(framed(hello.toByteArray()));
    accepted.getInputStream().readNBytes(framed(hello.toByteArray()).length);
    for (ServerFrame frame : new ServerFrame[] {first, second, first}) {
      byte[] bytes = framed(frame.toByteArray());
      accepted.getOutputStream().write(bytes, 0, 5);
      accepted.getOutputStream().write(bytes, 5, bytes.length - 5);
    }

    await().atMost(Duration.ofSeconds(30)).until(() -> proxy.tap().deliveries() == 3);
    assertThat(proxy.tap().redeliveries()).isEqualTo(1);
    assertThat(proxy.tap().resumes()).isEqualTo(1);
    assertThat(proxy.links().get(0).device()).isEqualTo("recv-3");
    assertThat(proxy.links().get(0).carriesFrames()).isTrue();
  }

  private static ServerFrame delivery(long messageId) {
    return ServerFrame.newBuilder()
        .setDelivery(Message.newBuilder()
            .setMessageId(messageId)
            .setTopic(Topic.newBuilder().setRoomId(7)))
        .build();
  }

  private static byte[] framed(byte[] payload) {
    ByteBuf frame = Unpooled.buffer().writeByte(1).writeMedium(payload.length).writeBytes(payload);
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes).release();
    return bytes;
  }

  private void arm(FaultKind kind) {
    await().atMost(Duration.ofSeconds(30)).until(() -> proxy.links().size() == 1);
    proxy.links().get(0).arm(kind);
  }

  private void sendZeros(int bytes) {
    try {
      accepted.getOutputStream().write(new byte[bytes]);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
  }

  /** Reads exactly so many bytes; the end of the connection is an error. */
  private static String hear(Socket socket, int bytes) throws IOException {
    byte[] heard = socket.getInputStream().readNBytes(bytes);
    if (heard.length < bytes) {
      throw new IOException("the connection ended");
    }
    return new String(heard, UTF_8);
  }
}
