-- Up Migration

-- A timer is found by two hashes, so that those of one person lie side by side, and due ones by their
-- time alone, where new ones come in few places: both indexes are small. There is one of each name
-- because only the holder of the task's lease writes, and takes away what was there. Processors of before
-- stop at the first timer that they set, having written nothing: replace them together.
ALTER TABLE timer DROP CONSTRAINT timer_pkey;
DROP INDEX timer_due;
CREATE INDEX timer_hash ON timer (hashtext(key), hashtext(name));
CREATE INDEX timer_due ON timer (task, at);

-- Down Migration
DROP INDEX timer_hash, timer_due;
ALTER TABLE timer ADD PRIMARY KEY (scope, key, name);
CREATE INDEX timer_due ON timer (task, at, key, name);
