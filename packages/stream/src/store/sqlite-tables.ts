/**
 * The store's part of the hub's database. State is keyed by processor, generation and key, never by
 * partition. The large rows have row ids and separate indexes, so that a lookup among a million
 * people touches a few small pages. Index entries are only appended, beside a small index of hashes:
 * link writes two for every record, and a wide key in random order cost four times as much. So an entry
 * may lie there twice; it is read once.
 */
export const storeTables = `
  CREATE TABLE IF NOT EXISTS task (
    id INTEGER PRIMARY KEY, processor TEXT NOT NULL, generation INTEGER NOT NULL,
    partition INTEGER NOT NULL, epoch INTEGER NOT NULL, done_to INTEGER NOT NULL DEFAULT 0,
    UNIQUE (processor, generation, partition)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS position (
    task INTEGER NOT NULL REFERENCES task, topic TEXT NOT NULL, "offset" INTEGER NOT NULL,
    anchor TEXT, PRIMARY KEY (task, topic)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS scope (
    id INTEGER PRIMARY KEY, processor TEXT NOT NULL, generation INTEGER NOT NULL,
    UNIQUE (processor, generation)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS state (
    id INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope, key TEXT NOT NULL,
    version INTEGER NOT NULL, value BLOB NOT NULL, UNIQUE (scope, key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS timer (
    scope INTEGER NOT NULL REFERENCES scope, key TEXT NOT NULL, name TEXT NOT NULL,
    task INTEGER NOT NULL REFERENCES task, at INTEGER NOT NULL, PRIMARY KEY (scope, key, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS timer_due ON timer (task, at, key, name);
  CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, task INTEGER NOT NULL REFERENCES task,
    at INTEGER NOT NULL, records BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS outbox_task ON outbox (task, seq);
  CREATE TABLE IF NOT EXISTS index_entry (
    id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
    value TEXT NOT NULL, expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS index_entry_hash ON index_entry (hash);
  CREATE TABLE IF NOT EXISTS view_row (
    row INTEGER PRIMARY KEY, view TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    person_id TEXT NOT NULL, reader TEXT, state TEXT NOT NULL, sort REAL NOT NULL,
    facts TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (view, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS view_reader ON view_row (view, reader, state, sort);
  CREATE INDEX IF NOT EXISTS view_person ON view_row (view, person_id, sort);
  CREATE TABLE IF NOT EXISTS parked (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, task INTEGER NOT NULL REFERENCES task,
    key TEXT NOT NULL, topic TEXT NOT NULL, "offset" INTEGER NOT NULL, id TEXT NOT NULL,
    reason TEXT NOT NULL, record BLOB NOT NULL, UNIQUE (task, topic, "offset", id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS parked_key ON parked (task, key);
  CREATE TABLE IF NOT EXISTS counter (
    name TEXT PRIMARY KEY, value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS position_reset (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, task INTEGER NOT NULL REFERENCES task,
    at INTEGER NOT NULL, positions TEXT NOT NULL, reason TEXT NOT NULL
  ) STRICT;
`
