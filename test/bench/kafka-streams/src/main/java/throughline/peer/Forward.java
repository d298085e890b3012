package throughline.peer;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;

/** An agency's event that somebody's claim was found for: to them, if they agree, under their key. */
final class Forward implements Processor<String, Forward.Claimed, String, byte[]> {
  record Claimed(String personId, byte[] value) {}

  static final String INPUT = "agency.custody.v1";
  static final String OUTPUT = "person.events.v1";

  private final Settings settings;
  private final People people;
  private final LongAdder forwarded;
  private final Wire wire;
  private final Sealing sealing = new Sealing();
  private ProcessorContext<String, byte[]> context;
  private TimestampedKeyValueStore<String, byte[]> rows;

  Forward(Settings settings, People people, LongAdder forwarded) {
    this.settings = settings;
    this.people = people;
    this.forwarded = forwarded;
    this.wire = settings.wire();
  }

  @Override
  public void init(ProcessorContext<String, byte[]> given) {
    context = given;
    rows = given.getStateStore(Peer.PEOPLE);
  }

  @Override
  public void process(Record<String, Claimed> record) {
    var personId = record.value().personId();
    var outer = wire.decode(record.value().value());
    var framed = settings.bare() ? record.value().value() : open(outer);
    var event = settings.bare() ? outer : wire.decode(framed);
    var person = people.of(rows, personId);
    var receivedAt = (long) event.get("receivedAt");
    if (person == null || receivedAt < person.from() || receivedAt >= person.until()) return;
    forwarded.increment();
    var value =
        settings.bare() ? wire.encode(event.getSchema().getName(), event) : seal(outer, framed, personId);
    context.forward(record.withKey(personId).withValue(value));
  }

  private byte[] open(GenericRecord sealed) {
    var key = people.key(rows, Wire.text(sealed, "keyRef"), sealing);
    return sealing.open(INPUT, sealed, key);
  }

  private byte[] seal(GenericRecord from, byte[] framed, String personId) {
    var ref = "person:" + personId;
    var sealed = wire.fresh("Sealed");
    sealed.put("recordId", from.get("recordId"));
    sealed.put("agency", from.get("agency"));
    sealed.put("receivedAt", from.get("receivedAt"));
    sealed.put("keyRef", ref);
    sealed.put("keyVersion", 1);
    sealed.put("identifierHashes", List.of());
    sealed.put("purposes", List.of("care-coordination"));
    sealing.seal(OUTPUT, sealed, framed, people.key(rows, ref, sealing));
    return wire.encode("Sealed", sealed);
  }
}
