package io.gochat.server.websocket;

import com.google.protobuf.CodedInputStream;
import io.gochat.protocol.ClientFrame;
import io.gochat.server.command.AnswerFormat;
import io.gochat.server.command.UnreadableException;
import io.gochat.server.websocket.MessageDecoder.Found;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;

/** One of the two ways in which commands and answers travel as messages. Immutable; thread-safe. */
sealed interface Subprotocol {
  String JSON = "gochat.v1.json";
  String PROTOBUF = "gochat.v1.protobuf";

  /** The longest message from a client, in bytes. */
  int maxMessageBytes();

  /** How the server's side looks. */
  AnswerFormat format();

  /** What kind of message carries commands. */
  Found kind();

  /** The command in a message, whose buffer stays the caller's. */
  ClientFrame read(ByteBuf payload) throws UnreadableException;

  /** JSON in text messages. */
  record Json(int maxMessageBytes, JsonReader reader) implements Subprotocol {
    Json(int maxMessageBytes) {
      this(maxMessageBytes, new JsonReader(maxMessageBytes));
    }

    @Override
    public AnswerFormat format() {
      return JsonFormat.INSTANCE;
    }

    @Override
    public Found kind() {
      return Found.TEXT;
    }

    @Override
    public ClientFrame read(ByteBuf payload) throws UnreadableException {
      return reader.read(ByteBufUtil.getBytes(payload));
    }
  }

  /** Protobuf in binary messages. */
  record Protobuf(int maxMessageBytes) implements Subprotocol {
    @Override
    public AnswerFormat format() {
      return ProtobufFormat.INSTANCE;
    }

    @Override
    public Found kind() {
      return Found.BINARY;
    }

    @Override
    public ClientFrame read(ByteBuf payload) throws UnreadableException {
      try {
        CodedInputStream coded = CodedInputStream.newInstance(payload.nioBuffer());
        ClientFrame frame = ClientFrame.parseFrom(coded);
        coded.checkLastTagWas(0);
        return frame;
      } catch (IOException e) {
        throw new UnreadableException("bad_protobuf", "undecodable protobuf");
      }
    }
  }
}
