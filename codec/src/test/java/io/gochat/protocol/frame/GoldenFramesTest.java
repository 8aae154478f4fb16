package io.gochat.protocol.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ServerFrame;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The hex blocks of PROTOCOL.md are what this code writes and reads. */
class GoldenFramesTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```hex (\\w+)\n(.*?)^```$");
  private static final Pattern BYTES = Pattern.compile("^((?:[0-9a-f]{2} ?)+)(?: .*)?$");

  private final Map<String, byte[]> golden = goldenBytes();

  @Test
  void the_document_has_a_block_for_each_command_and_event() {
    assertThat(golden.keySet())
        .containsAll(SampleFrames.commands().keySet())
        .containsAll(SampleFrames.events().keySet())
        .hasSize(SampleFrames.commands().size() + SampleFrames.events().size());
    assertThat(SampleFrames.commands())
        .hasSize(ClientFrame.CommandCase.values().length - 1); // without the unset one
    assertThat(SampleFrames.events()).hasSize(ServerFrame.EventCase.values().length - 1);
  }

  @Test
  void every_block_is_what_the_encoder_writes() {
    Map<String, MessageLite> frames = new LinkedHashMap<>(SampleFrames.commands());
    frames.putAll(SampleFrames.events());

    frames.forEach((name, frame) -> assertThat(HexFormat.of().formatHex(golden.get(name)))
        .as(name)
        .isEqualTo(HexFormat.of().formatHex(FrameStreams.toBytes(frame))));
  }

  @Test
  void every_block_is_read_as_its_frame() throws Exception {
    for (Map.Entry<String, ClientFrame> command : SampleFrames.commands().entrySet()) {
      assertThat(FrameStreams.read(bytes(command.getKey()), ClientFrame.parser(), 65_536))
          .isEqualTo(command.getValue());
    }
    for (Map.Entry<String, ServerFrame> event : SampleFrames.events().entrySet()) {
      assertThat(FrameStreams.read(bytes(event.getKey()), ServerFrame.parser(), 65_536))
          .isEqualTo(event.getValue());
    }
  }

  private ByteArrayInputStream bytes(String name) {
    return new ByteArrayInputStream(golden.get(name));
  }

  private static Map<String, byte[]> goldenBytes() {
    Map<String, byte[]> blocks = new LinkedHashMap<>();
    Matcher block = BLOCK.matcher(protocolDocument());
    while (block.find()) {
      StringBuilder hex = new StringBuilder();
      for (String line : block.group(2).lines().toList()) {
        Matcher bytes = BYTES.matcher(line);
        assertThat(bytes.matches()).as("a line of hex: %s", line).isTrue();
        hex.append(bytes.group(1).replace(" ", ""));
      }
      blocks.put(block.group(1), HexFormat.of().parseHex(hex));
    }
    return blocks;
  }

  private static String protocolDocument() {
    try {
      // The working directory of the tests is the module's.
      return Files.readString(Path.of("..", "PROTOCOL.md"));
    } catch (IOException e) {
      throw new AssertionError("PROTOCOL.md lies beside the modules", e);
    }
  }
}
