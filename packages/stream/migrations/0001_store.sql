-- Up Migration

-- Keys are compared byte by byte, as every other adapter does.
CREATE TABLE task (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  processor text COLLATE "C" NOT NULL, generation integer NOT NULL, partition integer NOT NULL,
  epoch bigint NOT NULL, done_to bigint NOT NULL DEFAULT 0,
  UNIQUE (processor, generation, partition)
) WITH (fillfactor = 50);
-- The register's own: its outbox carries what was accepted and changed.
INSERT INTO task (processor, generation, partition, epoch) VALUES ('register', 1, 0, 0);

CREATE TABLE position (
  task integer NOT NULL, topic text COLLATE "C" NOT NULL, "offset" bigint NOT NULL, anchor text,
  PRIMARY KEY (task, topic)
) WITH (fillfactor = 50);

CREATE TABLE scope (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  processor text COLLATE "C" NOT NULL, generation integer NOT NULL,
  UNIQUE (processor, generation)
);

CREATE TABLE state (
  scope integer NOT NULL, key text COLLATE "C" NOT NULL, version integer NOT NULL,
  value bytea NOT NULL, PRIMARY KEY (scope, key)
) WITH (fillfactor = 70);
-- Sealed content does not compress.
ALTER TABLE state ALTER COLUMN value SET STORAGE EXTERNAL;

CREATE TABLE timer (
  scope integer NOT NULL, key text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
  task integer NOT NULL, at bigint NOT NULL, PRIMARY KEY (scope, key, name)
);
CREATE INDEX timer_due ON timer (task, at, key, name);

CREATE SEQUENCE outbox_seq;
CREATE TABLE outbox (
  task integer NOT NULL, seq bigint NOT NULL DEFAULT nextval('outbox_seq'), at bigint NOT NULL,
  records bytea NOT NULL, PRIMARY KEY (task, seq)
);
ALTER TABLE outbox ALTER COLUMN records SET STORAGE EXTERNAL;

-- Entries are only appended, beside a small index of hashes; one may lie there twice, and is read once.
CREATE TABLE index_entry (
  hash integer NOT NULL, name text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL, expires_at bigint NOT NULL
);
CREATE INDEX index_entry_hash ON index_entry (hash);
CREATE INDEX index_entry_expires ON index_entry USING brin (expires_at);

CREATE TABLE view_row (
  view text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL,
  person_id text COLLATE "C" NOT NULL, reader text COLLATE "C", state text COLLATE "C" NOT NULL,
  sort double precision NOT NULL, facts text NOT NULL, body bytea NOT NULL,
  PRIMARY KEY (view, id)
);
CREATE INDEX view_reader ON view_row (view, reader, state, sort);
CREATE INDEX view_person ON view_row (person_id, view, sort);

CREATE TABLE parked (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task integer NOT NULL,
  key text COLLATE "C" NOT NULL, topic text COLLATE "C" NOT NULL, "offset" bigint NOT NULL,
  id text COLLATE "C" NOT NULL, reason text NOT NULL, record bytea NOT NULL,
  UNIQUE (task, topic, "offset", id)
);
CREATE INDEX parked_key ON parked (task, key);

-- One row for each task: a counter that all of them raised would put their commits in a queue.
CREATE TABLE counter (
  task integer NOT NULL, name text COLLATE "C" NOT NULL, value bigint NOT NULL,
  PRIMARY KEY (task, name)
) WITH (fillfactor = 50);

CREATE TABLE position_reset (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task integer NOT NULL, at bigint NOT NULL,
  positions text NOT NULL, reason text NOT NULL
);

-- Numbers for processes: one that lives holds an advisory lock on its own.
CREATE SEQUENCE instance CYCLE MAXVALUE 2147483647;

-- Empty tables that stand for groups of index names. Who writes entries locks as a writer does, who
-- rests on what was looked up as a reader: writers do not wait for writers, nor readers for readers.
DO $$
BEGIN
  FOR door IN 0..15 LOOP
    EXECUTE format('CREATE TABLE index_door_%s ()', door);
  END LOOP;
END $$;

CREATE FUNCTION lock_doors(written text[], looked_up text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN
    SELECT door, bool_or(writes) AS writes, bool_or(NOT writes) AS reads
    FROM (
      SELECT hashtext(name) & 15 AS door, true AS writes FROM unnest(written) AS name
      UNION ALL SELECT hashtext(name) & 15, false FROM unnest(looked_up) AS name
    ) AS names GROUP BY door ORDER BY door
  LOOP
    EXECUTE format('LOCK TABLE index_door_%s IN %s MODE', one.door, CASE
      WHEN one.writes AND one.reads THEN 'SHARE ROW EXCLUSIVE'
      WHEN one.writes THEN 'ROW EXCLUSIVE' ELSE 'SHARE' END);
  END LOOP;
END $$;

-- Locks until the end of the transaction, always in the same order: nobody waits in a circle.
CREATE FUNCTION take_locks(shared integer[], exclusive integer[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN
    SELECT place, bool_or(alone) AS alone
    FROM (
      SELECT unnest(shared) AS place, false AS alone UNION ALL SELECT unnest(exclusive), true
    ) AS places GROUP BY place ORDER BY place
  LOOP
    IF one.alone THEN PERFORM pg_advisory_xact_lock(1, one.place);
    ELSE PERFORM pg_advisory_xact_lock_shared(1, one.place);
    END IF;
  END LOOP;
END $$;

-- The first statement of every commit: holds the task's lease until the end, and raises for a former owner.
CREATE FUNCTION hold_lease(the_task integer, the_epoch bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held bigint;
BEGIN
  SELECT epoch INTO held FROM task WHERE id = the_task FOR UPDATE;
  IF held IS DISTINCT FROM the_epoch THEN
    RAISE 'the task has another owner' USING ERRCODE = 'TL001';
  END IF;
END $$;

-- Down Migration
DROP FUNCTION hold_lease, take_locks, lock_doors;
DO $$
BEGIN
  FOR door IN 0..15 LOOP
    EXECUTE format('DROP TABLE index_door_%s', door);
  END LOOP;
END $$;
DROP SEQUENCE instance;
DROP TABLE task, position, scope, state, timer, outbox, index_entry, view_row, parked, counter, position_reset;
DROP SEQUENCE outbox_seq;
