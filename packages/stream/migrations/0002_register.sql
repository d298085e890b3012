-- Up Migration

-- Every row of the register, as text under its kind and key, with the few columns that are searched
-- beside it. `owner` finds a person's or an identifier's rows, and of a claim it is the person;
-- `sort` prunes, finds open permits or lists people; `rev` differs after every write.
CREATE TABLE register_row (
  kind text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, owner text COLLATE "C",
  sort bigint, row text, bytes bytea, instance integer,
  rev bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  PRIMARY KEY (kind, key)
) WITH (fillfactor = 80);
CREATE INDEX register_owner ON register_row (kind, owner) WHERE owner IS NOT NULL;
CREATE INDEX register_sort ON register_row (kind, sort) WHERE sort IS NOT NULL;

CREATE TABLE register_assignee (
  practitioner text COLLATE "C" NOT NULL, person text COLLATE "C" NOT NULL,
  PRIMARY KEY (practitioner, person)
);
CREATE INDEX register_assignee_person ON register_assignee (person);

-- Each connection counts in rows of its own, so that nobody waits for anybody; they are added up when read.
CREATE TABLE register_ledger (
  agency text COLLATE "C" NOT NULL, hour bigint NOT NULL, outcome text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL, slot integer NOT NULL, count bigint NOT NULL,
  PRIMARY KEY (agency, hour, outcome, reason, slot)
) WITH (fillfactor = 50);

-- `seq` may have holes, and a lower one may be committed later: see how it is sealed.
CREATE TABLE register_audit (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL, text text NOT NULL
);
CREATE TABLE register_seal (
  place bigint PRIMARY KEY, seq bigint NOT NULL UNIQUE, leaf text NOT NULL, chain text NOT NULL
);
CREATE TABLE register_checkpoint (size bigint PRIMARY KEY, row text NOT NULL);

-- The greatest time given out so far. A sequence stands outside transactions: nobody waits for
-- another's commit to know the time, and what was written stays written when one is rolled back.
CREATE SEQUENCE register_time MINVALUE 0 START 0;

CREATE FUNCTION keep_time(at bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF at <= (SELECT last_value FROM register_time) THEN RETURN; END IF;
  PERFORM pg_advisory_lock(2, 0);
  IF at > (SELECT last_value FROM register_time) THEN PERFORM setval('register_time', at); END IF;
  PERFORM pg_advisory_unlock(2, 0);
END $$;

-- Raises when what a step had looked up has changed since. Called under the locks that changes take.
CREATE FUNCTION still_so(
  claims text[], claimants text[], people text[], revs bigint[], agreements bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM unnest(claims, claimants) AS seen (key, owner)
    LEFT JOIN register_row AS now ON now.kind = 'claims' AND now.key = seen.key
    WHERE now.owner IS DISTINCT FROM seen.owner
  ) OR EXISTS (
    SELECT FROM unnest(people, revs) AS seen (key, rev)
    LEFT JOIN register_row AS now ON now.kind = 'people' AND now.key = seen.key
    WHERE now.rev IS DISTINCT FROM seen.rev
  ) OR agreements <> (
    SELECT coalesce(sum(rev), 0) FROM register_row WHERE kind = 'agreements'
  ) THEN
    RAISE 'what was looked up has changed' USING ERRCODE = 'TL002';
  END IF;
END $$;

-- As `still_so`, of entries of an index. `given` is what the lookup gave, joined.
CREATE FUNCTION still_found(
  hashes integer[], names text[], keys text[], given text[], at bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM unnest(hashes, names, keys, given) AS seen (hash, name, key, given)
    WHERE seen.given <> coalesce((
      SELECT string_agg(DISTINCT entry.value, E'\x1f' ORDER BY entry.value)
      FROM index_entry AS entry
      WHERE entry.hash = seen.hash AND entry.name = seen.name AND entry.key = seen.key
        AND entry.expires_at > at
    ), '')
  ) THEN
    RAISE 'what was looked up has changed' USING ERRCODE = 'TL002';
  END IF;
END $$;

-- Down Migration
DROP FUNCTION still_found, still_so, keep_time;
DROP SEQUENCE register_time;
DROP TABLE register_row, register_assignee, register_ledger, register_audit, register_seal, register_checkpoint;
