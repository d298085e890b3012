-- Up Migration

-- Which transactions have changed what steps look up. Whoever prunes leaves the latest: all that is
-- asked is whether any came since.
CREATE TABLE register_change (xid bigint PRIMARY KEY);
INSERT INTO register_change VALUES (0);

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO register_change VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER note_put AFTER INSERT OR UPDATE ON register_row FOR EACH ROW
  WHEN (NEW.kind IN ('claims', 'people', 'agreements')) EXECUTE FUNCTION note_change();
CREATE TRIGGER note_gone AFTER DELETE ON register_row FOR EACH ROW
  WHEN (OLD.kind IN ('claims', 'people', 'agreements')) EXECUTE FUNCTION note_change();

-- Raises when anything that steps look up may have changed since a snapshot whose oldest open
-- transaction was `seen`: then `still_so` says whether it did. Called under the locks that changes take.
CREATE FUNCTION unchanged_since(seen bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT max(xid) FROM register_change) >= seen THEN
    RAISE 'what was looked up may have changed' USING ERRCODE = 'TL003';
  END IF;
END $$;

-- Down Migration
DROP TRIGGER note_put ON register_row;
DROP TRIGGER note_gone ON register_row;
DROP FUNCTION unchanged_since, note_change;
DROP TABLE register_change;
