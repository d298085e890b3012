-- Up Migration

-- A timer is found by a hash of whose it is and what it is called, as an entry of the index is, and due
-- ones by their time alone: two small indexes, of which new timers touch the second in one place. There
-- is one of each name because only the holder of the task's lease writes, and takes away what was there.
ALTER TABLE timer DROP CONSTRAINT timer_pkey;
DROP INDEX timer_due;
CREATE INDEX timer_hash ON timer (hashtextextended(name, hashtextextended(key, 0)));
CREATE INDEX timer_due ON timer (task, at);

-- Down Migration
DROP INDEX timer_hash, timer_due;
ALTER TABLE timer ADD PRIMARY KEY (scope, key, name);
CREATE INDEX timer_due ON timer (task, at, key, name);
