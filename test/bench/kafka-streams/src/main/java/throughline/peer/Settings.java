package throughline.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** What the benchmark says: a properties file, named by the one argument. */
record Settings(
    String bootstrap,
    String prefix,
    boolean bare,
    Path folder,
    Path schemas,
    Map<String, Integer> schemaIds,
    byte[] keyEncryptionKey,
    long now,
    int threads,
    int partitions,
    int commitMs) {

  static Settings read(Path path) throws IOException {
    var given = new Properties();
    try (var reader = Files.newBufferedReader(path)) {
      given.load(reader);
    }
    var ids = new HashMap<String, Integer>();
    for (var pair : given.getProperty("schema.ids").split(",")) {
      var parts = pair.split("=");
      ids.put(parts[0], Integer.parseInt(parts[1]));
    }
    return new Settings(
        given.getProperty("bootstrap"),
        given.getProperty("prefix"),
        Boolean.parseBoolean(given.getProperty("bare")),
        Path.of(given.getProperty("folder")),
        Path.of(given.getProperty("schemas")),
        ids,
        java.util.HexFormat.of().parseHex(given.getProperty("key")),
        Long.parseLong(given.getProperty("now")),
        Integer.parseInt(given.getProperty("threads")),
        Integer.parseInt(given.getProperty("partitions")),
        Integer.parseInt(given.getProperty("commit.ms")));
  }

  Wire wire() {
    return new Wire(schemas, schemaIds);
  }
}
