package throughline.peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;

/** What the lead of one person is told: each event once, by its id; timers wait in a store of their own. */
final class Watch implements Processor<String, byte[], String, byte[]> {
  static final String OUTPUT = "practitioner.notices.v1";
  private static final long DAY_MS = 24 * 3_600_000L;
  private static final int[] AFTER_RELEASE = {1, 3, 7, 14, 21};
  private static final Duration LOOKS_EVERY = Duration.ofSeconds(1);

  private final Settings settings;
  private final People people;
  private final LongAdder notices;
  private final LongAdder duplicates;
  private final Wire wire;
  private final Sealing sealing = new Sealing();
  private ProcessorContext<String, byte[]> context;
  private TimestampedKeyValueStore<String, byte[]> rows;
  private KeyValueStore<String, byte[]> states;
  private KeyValueStore<String, byte[]> timers;

  Watch(Settings settings, People people, LongAdder notices, LongAdder duplicates) {
    this.settings = settings;
    this.people = people;
    this.notices = notices;
    this.duplicates = duplicates;
    this.wire = settings.wire();
  }

  @Override
  public void init(ProcessorContext<String, byte[]> given) {
    context = given;
    rows = given.getStateStore(Peer.PEOPLE);
    states = given.getStateStore(Peer.STATES);
    timers = given.getStateStore(Peer.TIMERS);
    given.schedule(LOOKS_EVERY, PunctuationType.WALL_CLOCK_TIME, at -> fire());
  }

  @Override
  public void process(Record<String, byte[]> record) {
    var personId = record.key();
    var person = people.of(rows, personId);
    if (person == null) return;
    var outer = wire.decode(record.value());
    var event = settings.bare() ? outer : wire.decode(open(personId, outer));
    var eventId = Wire.text(event, "eventId");
    var state = load(personId);
    if (state.seen.contains(eventId)) {
      duplicates.increment();
      return;
    }
    state.saw(eventId);
    var at = (long) event.get("occurredAt");
    switch (event.getSchema().getName()) {
      case "ReceivedIntoPrison" -> {
        clear(personId, state);
        tell(record, state, person, event, "into-prison");
      }
      case "LeftForCourt" -> set(personId, state, "court-no-return", at + DAY_MS);
      case "ReturnedToPrison" -> clear(personId, state);
      case "ReleasedFromPrison" -> {
        clear(personId, state);
        for (var days : AFTER_RELEASE) set(personId, state, "release day " + days, at + days * DAY_MS);
        tell(record, state, person, event, "release");
      }
      default -> {}
    }
    keep(personId, state);
  }

  private void fire() {
    var due = new ArrayList<String>();
    try (var range = timers.range("", "%016d".formatted(settings.now()))) {
      range.forEachRemaining(one -> due.add(one.key));
    }
    for (var name : due) {
      var personId = name.split("\\|", 3)[1];
      var state = load(personId);
      timers.delete(name);
      state.timers.removeIf(timer -> nameOf(personId, timer).equals(name));
      keep(personId, state);
    }
  }

  private byte[] open(String personId, GenericRecord sealed) {
    return sealing.open(Forward.OUTPUT, sealed, keyOf(personId));
  }

  private javax.crypto.spec.SecretKeySpec keyOf(String personId) {
    return people.key(rows, "person:" + personId, sealing);
  }

  private State load(String personId) {
    var stored = states.get(personId);
    if (stored == null) return new State();
    var framed = settings.bare() ? stored : sealing.openState(personId, stored, keyOf(personId));
    return State.of(wire.decode(framed));
  }

  private void keep(String personId, State state) {
    var framed = wire.encode("PeerState", state.toRecord());
    states.put(
        personId, settings.bare() ? framed : sealing.sealState(personId, framed, keyOf(personId)));
  }

  private static String nameOf(String personId, State.Timer timer) {
    return "%016d|%s|%s".formatted(timer.at(), personId, timer.name());
  }

  /** A name that is set already moves. */
  private void set(String personId, State state, String name, long at) {
    for (var before : List.copyOf(state.timers)) {
      if (before.name().equals(name)) takeAway(personId, state, before);
    }
    var timer = new State.Timer(name, at);
    state.timers.add(timer);
    timers.put(nameOf(personId, timer), new byte[0]);
  }

  private void takeAway(String personId, State state, State.Timer timer) {
    timers.delete(nameOf(personId, timer));
    state.timers.remove(timer);
  }

  private void clear(String personId, State state) {
    for (var timer : List.copyOf(state.timers)) takeAway(personId, state, timer);
  }

  private void tell(
      Record<String, byte[]> record,
      State state,
      People.Person person,
      GenericRecord event,
      String rule) {
    var personId = record.key();
    var eventId = Wire.text(event, "eventId");
    var notice = noticeOf(personId, person, event, eventId, rule);
    var noticeId = notice.get("noticeId").toString();
    var at = (long) event.get("receivedAt");
    state.notices.add(new State.Told(noticeId, rule, 1, person.lead(), at));
    if (state.notices.size() > 32) state.notices.remove(0);
    var framed = wire.encode("PractitionerNotice", notice);
    notices.increment();
    context.forward(
        record.withValue(settings.bare() ? framed : seal(personId, noticeId, at, framed)));
  }

  private byte[] seal(String personId, String noticeId, long at, byte[] framed) {
    var sealed = wire.fresh("Sealed");
    sealed.put("recordId", noticeId);
    sealed.put("agency", "hub");
    sealed.put("receivedAt", at);
    sealed.put("keyRef", "person:" + personId);
    sealed.put("keyVersion", 1);
    sealed.put("identifierHashes", List.of());
    sealed.put("purposes", null);
    sealing.seal(OUTPUT, sealed, framed, keyOf(personId));
    return wire.encode("Sealed", sealed);
  }

  /** As large as the hub's, and as full. */
  private GenericRecord noticeOf(
      String personId, People.Person person, GenericRecord event, String eventId, String rule) {
    var notice = wire.fresh("PractitionerNotice");
    var recipient = new GenericData.Record(notice.getSchema().getField("recipient").schema());
    recipient.put("practitionerId", person.lead());
    recipient.put("organisation", "testshire-recovery");
    recipient.put("role", "lead-practitioner");
    var because = new GenericData.Record(notice.getSchema().getField("because").schema());
    because.put("eventIds", List.of(eventId));
    because.put("timer", null);
    notice.put("noticeId", eventId + "-" + rule);
    notice.put("version", 1);
    notice.put("personId", personId);
    notice.put("thread", eventId);
    notice.put("episode", eventId + "/" + rule);
    notice.put("rule", rule);
    notice.put("ruleVersion", 1);
    notice.put("class", "action");
    notice.put("urgency", "prompt");
    notice.put("state", "open");
    notice.put("recipient", recipient);
    notice.put("headline", "Custody told us something that you should act on");
    notice.put("lines", List.of("It happened this morning at the prison.", "Please ring them today."));
    notice.put("occurredAt", event.get("occurredAt"));
    notice.put("learnedAt", event.get("receivedAt"));
    notice.put("dueAt", (long) event.get("receivedAt") + DAY_MS);
    notice.put("sources", List.of("custody"));
    notice.put("categories", List.of("whereabouts", "justice"));
    notice.put("corrects", null);
    notice.put("closedBecause", null);
    notice.put("incomplete", false);
    notice.put("because", because);
    notice.put("push", true);
    return notice;
  }
}
