package throughline.peer;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.Stores;

/**
 * Agency topic, joined with the table of claims, re-keyed by person, one stateful step, notices: exactly
 * once. Takes `pause` and `resume` on its input; when that closes, it stops and prints what it counted.
 */
public final class Peer {
  static final String PEOPLE = "people";
  static final String STATES = "states";
  static final String TIMERS = "timers";

  private final LongAdder forwarded = new LongAdder();
  private final LongAdder notices = new LongAdder();
  private final LongAdder duplicates = new LongAdder();

  public static void main(String[] args) throws Exception {
    new Peer().run(Settings.read(Path.of(args[0])));
  }

  private void run(Settings settings) throws Exception {
    var properties = propertiesOf(settings);
    try (var streams = new KafkaStreams(topologyOf(settings, properties), properties)) {
      streams.setStateListener(
          (now, before) -> {
            if (now == KafkaStreams.State.RUNNING) System.out.println("running");
            if (now == KafkaStreams.State.ERROR) Runtime.getRuntime().halt(1);
          });
      streams.start();
      var input = new BufferedReader(new InputStreamReader(System.in));
      for (var line = input.readLine(); line != null; line = input.readLine()) {
        if (line.equals("pause")) streams.pause();
        else if (line.equals("resume")) streams.resume();
        else break;
        System.out.println(line + "d");
      }
      // Whoever starts next need not wait for the broker to miss it.
      streams.close(
          CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
              .withTimeout(Duration.ofSeconds(20)));
    }
    System.out.println("counted " + forwarded + " " + notices + " " + duplicates);
  }

  private Topology topologyOf(Settings settings, Properties properties) {
    var people = new People(new SecretKeySpec(settings.keyEncryptionKey(), "AES"));
    var text = Serdes.String();
    var bytes = Serdes.ByteArray();
    var builder = new StreamsBuilder();
    builder.globalTable(
        settings.prefix() + PEOPLE,
        Consumed.with(text, bytes),
        Materialized.<String, byte[]>as(Stores.inMemoryKeyValueStore(PEOPLE))
            .withKeySerde(text)
            .withValueSerde(bytes));
    var claims = builder.table(settings.prefix() + "claims", Consumed.with(text, text));
    for (var store : new String[] {STATES, TIMERS}) {
      builder.addStateStore(
          Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(store), text, bytes)
              .withCachingEnabled());
    }
    builder.stream(settings.prefix() + Forward.INPUT, Consumed.with(text, bytes))
        .join(claims, (value, personId) -> new Forward.Claimed(personId, value))
        .process(() -> new Forward(settings, people, forwarded))
        .repartition(
            Repartitioned.with(text, bytes)
                .withName("person")
                .withNumberOfPartitions(settings.partitions()))
        .process(() -> new Watch(settings, people, notices, duplicates), STATES, TIMERS)
        .to(settings.prefix() + Watch.OUTPUT, Produced.with(text, bytes));
    return builder.build(properties);
  }

  private static Properties propertiesOf(Settings settings) {
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.prefix() + "peer");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrap());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.folder().toString());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitMs());
    properties.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 64L * 1024 * 1024);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 2_000);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 * 1024);
    return properties;
  }
}
