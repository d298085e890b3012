package throughline.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.Utf8;

/** Framed Avro with the hub's own schemas: byte 0, schema id, body. One of these a thread. */
final class Wire {
  private static final int HEADER = 5;

  private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
  private final Map<String, GenericDatumWriter<GenericRecord>> writers = new HashMap<>();
  private final Map<String, Schema> schemas = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
  private BinaryDecoder decoder;
  private BinaryEncoder encoder;

  /** Reads the named schemas: `name=id`, in a folder of `.avsc` files. */
  Wire(Path folder, Map<String, Integer> known) {
    known.forEach((name, id) -> learn(name, id, readSchema(folder.resolve(name + ".avsc"))));
    learn("PeerState", 1_000_000, State.SCHEMA);
  }

  private void learn(String name, int id, Schema schema) {
    schemas.put(name, schema);
    ids.put(name, id);
    readers.put(id, new GenericDatumReader<>(schema));
    writers.put(name, new GenericDatumWriter<>(schema));
  }

  private static Schema readSchema(Path path) {
    try {
      return new Schema.Parser().parse(Files.readString(path));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  Schema schema(String name) {
    return schemas.get(name);
  }

  GenericRecord decode(byte[] framed) {
    try {
      var reader = readers.get(ByteBuffer.wrap(framed).getInt(1));
      decoder = DecoderFactory.get().binaryDecoder(framed, HEADER, framed.length - HEADER, decoder);
      return reader.read(null, decoder);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  byte[] encode(String name, GenericRecord value) {
    try {
      out.reset();
      var id = ids.get(name);
      out.write(0);
      out.write(id >>> 24);
      out.write(id >>> 16);
      out.write(id >>> 8);
      out.write(id);
      encoder = EncoderFactory.get().binaryEncoder(out, encoder);
      writers.get(name).write(value, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  static String text(GenericRecord record, String field) {
    var value = record.get(field);
    return value instanceof Utf8 || value instanceof String ? value.toString() : null;
  }

  static byte[] bytes(GenericRecord record, String field) {
    var buffer = ((ByteBuffer) record.get(field)).duplicate();
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  GenericRecord fresh(String name) {
    return new GenericData.Record(schemas.get(name));
  }
}
