import type { Step } from '../ports.ts'
import type { PostgresSend } from './postgres-database.ts'
import { indexHash } from './postgres-lookups.ts'
import { packRecords } from './record-blob.ts'

/** Whose step it is, by the numbers of its rows. */
export interface StepPlace {
  readonly task: number
  readonly scope: number
}

/**
 * Writes a step in a few statements, each over arrays: sent one behind the other, and not waited for.
 * `now` is when it is written, in ms on the database's clock. `onOutbox` hears the number of its row.
 */
export function writeStep(
  send: PostgresSend,
  place: StepPlace,
  step: Step,
  now: number,
  onOutbox: (seq: bigint) => void,
): void {
  const { task, scope } = place
  writePositions(send, task, step.positions)
  if (step.doneTo !== undefined) {
    void send('UPDATE task SET done_to = greatest(done_to, $2) WHERE id = $1', [task, step.doneTo])
  }
  writeStates(send, scope, step.states)
  writeTimers(send, place, step.timers)
  if (step.outbox.length > 0) {
    const records = packRecords(step.outbox)
    send('INSERT INTO outbox (task, at, records) VALUES ($1, $2, $3) RETURNING seq', [
      task,
      now,
      records,
    ]).then(
      ([row]) => onOutbox(BigInt(Number(row?.['seq']))),
      // The transaction says why.
      () => {},
    )
  }
  writeIndex(send, step.index)
  writeViews(send, step.views)
  if (step.unpark !== undefined && step.unpark.length > 0) {
    void send('DELETE FROM parked WHERE task = $1 AND key = ANY($2)', [task, step.unpark])
  }
  writeParked(send, task, step.parked)
  const counts = [...step.counts]
  if (counts.length > 0) {
    void send(
      `INSERT INTO counter (task, name, value) SELECT $1, * FROM unnest($2::text[], $3::bigint[])
       ON CONFLICT (task, name) DO UPDATE SET value = counter.value + excluded.value`,
      [task, counts.map(([name]) => name), counts.map(([, by]) => by)],
    )
  }
}

export function writePositions(
  send: PostgresSend,
  task: number,
  positions: Step['positions'],
): void {
  if (positions.size === 0) return
  const rows = [...positions.values()]
  void send(
    `INSERT INTO position (task, topic, "offset", anchor)
       SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[])
     ON CONFLICT (task, topic) DO UPDATE SET "offset" = excluded."offset", anchor = excluded.anchor`,
    [
      task,
      [...positions.keys()],
      rows.map(({ offset }) => String(offset)),
      rows.map(({ anchor }) => anchor),
    ],
  )
}

function writeStates(send: PostgresSend, scope: number, states: Step['states']): void {
  const last = new Map(states.map((state) => [state.key, state]))
  const put = [...last.values()].filter((state) => state.value !== null)
  const drop = [...last.values()].filter((state) => state.value === null)
  if (put.length > 0) {
    const { bytes, starts, lengths } = joined(put.map(({ value }) => value as Uint8Array))
    void send(
      `INSERT INTO state (scope, key, version, value)
         SELECT $1, key, version, substring($5::bytea FROM start FOR length)
         FROM unnest($2::text[], $3::integer[], $4::integer[], $6::integer[])
           AS put (key, version, start, length)
       ON CONFLICT (scope, key) DO UPDATE SET version = excluded.version, value = excluded.value`,
      [
        scope,
        put.map(({ key }) => key),
        put.map((state) => ('stateVersion' in state ? state.stateVersion : 0)),
        starts,
        bytes,
        lengths,
      ],
    )
  }
  if (drop.length > 0) {
    void send('DELETE FROM state WHERE scope = $1 AND key = ANY($2)', [
      scope,
      drop.map(({ key }) => key),
    ])
  }
}

/**
 * Takes away those that change, and puts those that have a time: the lease keeps others out meanwhile.
 * Each is looked for by itself, however few there were when the statement was planned.
 */
const timersStatement = `
  WITH changed AS MATERIALIZED (
    SELECT * FROM unnest($3::text[], $4::text[], $5::bigint[]) AS changed (key, name, at)
  ), gone AS (
    DELETE FROM timer WHERE ctid = ANY(ARRAY(
      SELECT one.ctid FROM changed, LATERAL (SELECT ctid FROM timer
        WHERE hashtext(timer.key) = hashtext(changed.key)
          AND hashtext(timer.name) = hashtext(changed.name)
          AND scope = $1 AND timer.key = changed.key AND timer.name = changed.name OFFSET 0) AS one))
  )
  INSERT INTO timer (scope, key, name, task, at)
    SELECT $1, key, name, $2, at FROM changed WHERE at IS NOT NULL`

function writeTimers(send: PostgresSend, { task, scope }: StepPlace, timers: Step['timers']): void {
  if (timers.length === 0) return
  const last = [...new Map(timers.map((one) => [`${one.key}\n${one.name}`, one])).values()]
  void send(timersStatement, [
    scope,
    task,
    last.map(({ key }) => key),
    last.map(({ name }) => name),
    last.map(({ at }) => at),
  ])
}

function writeIndex(send: PostgresSend, index: Step['index']): void {
  if (index.length === 0) return
  void send(
    `INSERT INTO index_entry (hash, name, key, value, expires_at)
     SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::bigint[])`,
    [
      index.map(({ name, key }) => indexHash(name, key)),
      index.map(({ name }) => name),
      index.map(({ key }) => key),
      index.map(({ value }) => value),
      index.map(({ expiresAt }) => expiresAt),
    ],
  )
}

function writeViews(send: PostgresSend, views: Step['views']): void {
  if (views.length === 0) return
  const highest = new Map<string, Step['views'][number]>()
  for (const row of views) {
    const place = `${row.view}\n${row.id}`
    if ((highest.get(place)?.version ?? Number.NEGATIVE_INFINITY) < row.version) {
      highest.set(place, row)
    }
  }
  const rows = [...highest.values()]
  const { bytes, starts, lengths } = joined(rows.map(({ body }) => body))
  void send(
    `INSERT INTO view_row (view, id, version, person_id, reader, state, sort, facts, body)
       SELECT view, id, version, person_id, reader, state, sort, facts,
         substring($9::bytea FROM start FOR length)
       FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[],
           $7::float8[], $8::text[], $10::integer[], $11::integer[])
         AS put (view, id, version, person_id, reader, state, sort, facts, start, length)
     ON CONFLICT (view, id) DO UPDATE SET version = excluded.version,
       person_id = excluded.person_id, reader = excluded.reader, state = excluded.state,
       sort = excluded.sort, facts = excluded.facts, body = excluded.body
     WHERE excluded.version > view_row.version`,
    [
      rows.map(({ view }) => view),
      rows.map(({ id }) => id),
      rows.map(({ version }) => version),
      rows.map(({ personId }) => personId),
      rows.map(({ reader }) => reader),
      rows.map(({ state }) => state),
      rows.map(({ sort }) => sort),
      rows.map(({ facts }) => JSON.stringify(facts)),
      bytes,
      starts,
      lengths,
    ],
  )
}

function writeParked(send: PostgresSend, task: number, parked: Step['parked']): void {
  for (const { key, topic, offset, id, reason, record } of parked) {
    void send(
      `INSERT INTO parked (task, key, topic, "offset", id, reason, record)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [task, key, topic, String(offset), id, reason, packRecords([record])],
    )
  }
}

/** Many values in one: sent as bytes, where an array of them would be sent as text. Counted from 1. */
function joined(values: readonly Uint8Array[]) {
  const starts: number[] = []
  let at = 1
  for (const { length } of values) {
    starts.push(at)
    at += length
  }
  return { bytes: Buffer.concat(values), starts, lengths: values.map(({ length }) => length) }
}
