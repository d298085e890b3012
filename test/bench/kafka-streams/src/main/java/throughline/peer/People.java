package throughline.peer;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;

/** Who agreed to what, until when, and their key: a row of the global table `people`. */
final class People {
  /** `lead|from|until|wrapped key`; of a day's key the first three are empty. */
  record Person(String lead, long from, long until) {}

  private final ConcurrentHashMap<String, SecretKeySpec> opened = new ConcurrentHashMap<>();
  private final SecretKeySpec keyEncryptionKey;

  People(SecretKeySpec keyEncryptionKey) {
    this.keyEncryptionKey = keyEncryptionKey;
  }

  /** Read from the table each time: what they agree to now is what counts. */
  Person of(TimestampedKeyValueStore<String, byte[]> rows, String personId) {
    var row = rows.get("person:" + personId);
    if (row == null) return null;
    var parts = new String(row.value(), StandardCharsets.UTF_8).split("\\|", 4);
    return new Person(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]));
  }

  /** Unwrapped once. */
  SecretKeySpec key(
      TimestampedKeyValueStore<String, byte[]> rows, String ref, Sealing sealing) {
    var known = opened.get(ref);
    if (known != null) return known;
    var row = new String(rows.get(ref).value(), StandardCharsets.UTF_8).split("\\|", 4);
    var key = sealing.unwrap(ref, Base64.getDecoder().decode(row[3]), keyEncryptionKey);
    opened.put(ref, key);
    return key;
  }
}
