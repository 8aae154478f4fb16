package io.gochat.server.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The golden texts of PROTOCOL.md say in JSON what its golden bytes say in protobuf. */
class GoldenJsonTest {
  private static final Path PROTOCOL = Path.of("..", "PROTOCOL.md");
  private static final Pattern BLOCK =
      Pattern.compile("```(hex|json) (\\w+)\\n(.*?)\\n```", Pattern.DOTALL);
  private static final Pattern FRAME_HEADER = Pattern.compile("^01 .. .. ..");

  private static Map<String, String> blocks(String kind) throws IOException {
    Map<String, String> blocks = new LinkedHashMap<>();
    Matcher matcher = BLOCK.matcher(Files.readString(PROTOCOL));
    while (matcher.find()) {
      if (matcher.group(1).equals(kind)) {
        blocks.put(matcher.group(2), matcher.group(3));
      }
    }
    return blocks;
  }

  /** What stands in the bytes, without the four of the frame. */
  private static byte[] payload(String block) {
    StringBuilder hex = new StringBuilder();
    for (String line : block.split("\n", -1)) {
      String bytes = line.length() > 41 ? line.substring(0, 41) : line;
      hex.append(FRAME_HEADER.matcher(bytes).replaceFirst("").replace(" ", ""));
    }
    return ByteBufUtil.decodeHexDump(hex);
  }

  static Stream<String> names() throws IOException {
    return blocks("hex").keySet().stream();
  }

  @Test
  void every_golden_frame_has_its_text() throws IOException {
    assertThat(blocks("json").keySet()).containsExactlyElementsOf(blocks("hex").keySet());
  }

  @ParameterizedTest
  @MethodSource("names")
  void the_text_says_what_the_bytes_say(String name) throws Exception {
    byte[] bytes = payload(blocks("hex").getOrDefault(name, ""));
    String json = blocks("json").getOrDefault(name, "");

    if (isCommand(name)) {
      assertThat(new JsonReader(10_000).read(json.getBytes(UTF_8)))
          .isEqualTo(ClientFrame.parseFrom(bytes));
    } else {
      assertThat(written(bytes)).isEqualTo(json);
    }
  }

  private static boolean isCommand(String name) {
    return ClientFrame.getDescriptor().getFields().stream()
        .anyMatch(field -> field.getJsonName().equalsIgnoreCase(name));
  }

  private static String written(byte[] bytes) throws InvalidProtocolBufferException {
    ByteBuf out = Unpooled.buffer();
    JsonFormat.INSTANCE.write(ServerFrame.parseFrom(bytes), out);
    int header = MessageHeader.size(out.readableBytes() - 2);
    return out.toString(header, out.readableBytes() - header, UTF_8);
  }
}
