-- Up Migration

-- Data keys of people, days and referrals, wrapped under a key that is never in the database. One that
-- was destroyed keeps its row, so that it is never made again.
CREATE TABLE data_key (
  ref text COLLATE "C" PRIMARY KEY, version integer NOT NULL, wrapped bytea,
  made_at bigint NOT NULL, destroyed_at bigint
);

-- Down Migration
DROP TABLE data_key;
