package throughline.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.apache.avro.generic.GenericRecord;

/** The hub's envelope, byte for byte: AES-256-GCM, every clear field and the topic as additional data. */
final class Sealing {
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;

  private final Cipher cipher;
  private final SecureRandom random = new SecureRandom();
  private final byte[] pool = new byte[NONCE * 256];
  private int drawn = pool.length;

  Sealing() {
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }

  /** The framed record inside a `Sealed` one. */
  byte[] open(String topic, GenericRecord sealed, SecretKeySpec key) {
    return run(
        Cipher.DECRYPT_MODE,
        key,
        Wire.bytes(sealed, "nonce"),
        aad(topic, sealed),
        Wire.bytes(sealed, "ciphertext"));
  }

  /** Fills the cipher's fields of a `Sealed` record whose clear fields are there. */
  void seal(String topic, GenericRecord sealed, byte[] framed, SecretKeySpec key) {
    var nonce = nonce();
    sealed.put("nonce", ByteBuffer.wrap(nonce));
    var ciphertext = run(Cipher.ENCRYPT_MODE, key, nonce, aad(topic, sealed), framed);
    sealed.put("ciphertext", ByteBuffer.wrap(ciphertext));
  }

  /** Nonce, ciphertext, tag. */
  byte[] sealState(String person, byte[] plain, SecretKeySpec key) {
    var nonce = nonce();
    var body = run(Cipher.ENCRYPT_MODE, key, nonce, stateAad(person), plain);
    var bytes = Arrays.copyOf(nonce, NONCE + body.length);
    System.arraycopy(body, 0, bytes, NONCE, body.length);
    return bytes;
  }

  byte[] openState(String person, byte[] sealed, SecretKeySpec key) {
    var nonce = Arrays.copyOf(sealed, NONCE);
    var body = Arrays.copyOfRange(sealed, NONCE, sealed.length);
    return run(Cipher.DECRYPT_MODE, key, nonce, stateAad(person), body);
  }

  /** A data key out of what wraps it: nonce, ciphertext, tag. */
  SecretKeySpec unwrap(String ref, byte[] wrapped, SecretKeySpec keyEncryptionKey) {
    var nonce = Arrays.copyOf(wrapped, NONCE);
    var body = Arrays.copyOfRange(wrapped, NONCE, wrapped.length);
    var aad = ref.getBytes(StandardCharsets.UTF_8);
    return new SecretKeySpec(run(Cipher.DECRYPT_MODE, keyEncryptionKey, nonce, aad, body), "AES");
  }

  private byte[] run(int mode, SecretKeySpec key, byte[] nonce, byte[] aad, byte[] bytes) {
    try {
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(aad);
      return cipher.doFinal(bytes);
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException("it does not open", error);
    }
  }

  // Drawn many at once: one by one costs more than the cipher.
  private byte[] nonce() {
    if (drawn == pool.length) {
      random.nextBytes(pool);
      drawn = 0;
    }
    drawn += NONCE;
    return Arrays.copyOfRange(pool, drawn - NONCE, drawn);
  }

  private static byte[] stateAad(String person) {
    return ("[\"watch\",\"" + person + "\",1,1]").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] aad(String topic, GenericRecord sealed) {
    var hashes =
        ((List<?>) sealed.get("identifierHashes"))
            .stream().map(hash -> "\"" + hash + "\"").collect(Collectors.joining(","));
    var purposes = (List<?>) sealed.get("purposes");
    var limited =
        purposes == null
            ? ""
            : purposes.stream()
                .map(one -> "\"" + one + "\"")
                .collect(Collectors.joining(",", ",[", "]"));
    var text =
        "[\"" + topic + "\",\"" + sealed.get("recordId") + "\",\"" + sealed.get("agency") + "\","
            + sealed.get("receivedAt") + ",\"" + sealed.get("keyRef") + "\","
            + sealed.get("keyVersion") + ",[" + hashes + "]" + limited + "]";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
