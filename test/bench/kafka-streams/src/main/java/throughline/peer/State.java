package throughline.peer;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** What is remembered of one person: what has been seen, what they were told of, what is waited for. */
final class State {
  static final Schema SCHEMA =
      new Schema.Parser()
          .parse(
              """
              {"type":"record","name":"PeerState","fields":[
                {"name":"seen","type":{"type":"array","items":"string"}},
                {"name":"notices","type":{"type":"array","items":{"type":"record","name":"Told","fields":[
                  {"name":"noticeId","type":"string"},{"name":"rule","type":"string"},
                  {"name":"version","type":"int"},{"name":"recipient","type":"string"},
                  {"name":"at","type":"long"}]}}},
                {"name":"timers","type":{"type":"array","items":{"type":"record","name":"Waiting","fields":[
                  {"name":"name","type":"string"},{"name":"at","type":"long"}]}}}]}
              """);

  private static final Schema TOLD = SCHEMA.getField("notices").schema().getElementType();
  private static final Schema WAITING = SCHEMA.getField("timers").schema().getElementType();
  private static final int SEEN_MAX = 64;

  record Told(String noticeId, String rule, int version, String recipient, long at) {}

  record Timer(String name, long at) {}

  final List<String> seen = new ArrayList<>();
  final List<Told> notices = new ArrayList<>();
  final List<Timer> timers = new ArrayList<>();

  void saw(String eventId) {
    seen.add(eventId);
    if (seen.size() > SEEN_MAX) seen.remove(0);
  }

  static State of(GenericRecord record) {
    var state = new State();
    for (var one : (List<?>) record.get("seen")) state.seen.add(one.toString());
    for (var one : (List<?>) record.get("notices")) {
      var told = (GenericRecord) one;
      state.notices.add(
          new Told(
              told.get("noticeId").toString(),
              told.get("rule").toString(),
              (int) told.get("version"),
              told.get("recipient").toString(),
              (long) told.get("at")));
    }
    for (var one : (List<?>) record.get("timers")) {
      var timer = (GenericRecord) one;
      state.timers.add(new Timer(timer.get("name").toString(), (long) timer.get("at")));
    }
    return state;
  }

  GenericRecord toRecord() {
    var record = new GenericData.Record(SCHEMA);
    record.put("seen", seen);
    record.put(
        "notices",
        notices.stream()
            .map(
                told -> {
                  var one = new GenericData.Record(TOLD);
                  one.put("noticeId", told.noticeId());
                  one.put("rule", told.rule());
                  one.put("version", told.version());
                  one.put("recipient", told.recipient());
                  one.put("at", told.at());
                  return one;
                })
            .toList());
    record.put(
        "timers",
        timers.stream()
            .map(
                timer -> {
                  var one = new GenericData.Record(WAITING);
                  one.put("name", timer.name());
                  one.put("at", timer.at());
                  return one;
                })
            .toList());
    return record;
  }
}
