import { outcomeFactsView, type ReleaseQuestion } from '@throughline/domain'
import { topicOf } from '@throughline/schemas'
import { HttpFault } from '@throughline/service'
import { emptyStep, type KeyRef, StaleStep, type Task, type ViewRow } from '@throughline/stream'
import type { OutcomesDeps } from './deps.ts'
import { type Ledger, measuresTopic, type Release, recordsOf, releaseOf } from './release.ts'

/** Makes releases and gives them back as they were made. */
export interface ReleaseDesk {
  /** Reads everybody's facts once and publishes what may be shown. One at a time. */
  release(feed: string, question: ReleaseQuestion): Promise<Release>
  latest(feed: string): Promise<Release | undefined>
  numbered(feed: string, release: number): Promise<Release | undefined>
}

const releasesView = 'outcome-releases'
const releaseTask = { processor: 'outcomes-releases', generation: 1, partition: 0 } as const
const attemptsMax = 5
const peopleMax = 5_000_000

/**
 * A release is one step of a task of its own: the register's rows are read in its snapshot, and its commit
 * fails if any of them has changed since. Figures go through the task's outbox, so that a crash after the
 * commit loses none: what is left there is sent at the next start, or with the next release.
 */
export function createReleaseDesk(deps: OutcomesDeps): ReleaseDesk {
  const { store, views, ids } = deps
  let task: Promise<Task> | undefined
  let last: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  async function withTask<T>(work: (task: Task) => Promise<T>): Promise<T> {
    task ??= store.open(releaseTask)
    try {
      return await work(await task)
    } catch (error) {
      // Another process has taken it, or it could not be had: it is opened anew the next time.
      if (!(error instanceof HttpFault)) task = undefined
      throw error
    }
  }

  async function make(own: Task, feed: string, question: ReleaseQuestion): Promise<Release> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const receivedBefore = await caughtUp(deps)
      const rows = await views.list({ view: outcomeFactsView, limit: peopleMax })
      const keys = await deps.keys.open(rows.map((row): KeyRef => `person:${row.personId}`))
      const people = rows.map(({ personId }) => ({ kind: 'person' as const, personId }))
      const loaded = await own.load([feed], [...people, { kind: 'agreements' }])
      const stored = loaded.states.get(feed)
      const before = stored && (JSON.parse(textOf(stored.value)) as Ledger)
      const material = { feed, question, rows, keys, receivedBefore, before, known: loaded.known }
      const { release, ledger } = releaseOf(material, ids)
      try {
        await own.commit({
          ...emptyStep,
          seen: loaded.seen,
          states: [{ key: feed, value: bytesOf(ledger), stateVersion: 1 }],
          outbox: recordsOf(release, ids),
          views: [rowOf(release)],
        })
        return release
      } catch (error) {
        if (!(error instanceof StaleStep)) throw error
      }
    }
    throw new HttpFault(503, 'busy', 'People’s agreements keep changing. Try again in a moment.')
  }

  async function send(own: Task): Promise<void> {
    for (;;) {
      const rows = await own.outbox(1)
      const row = rows[0]
      if (row === undefined) return
      const names = new Set(row.records.map(({ topic }) => topic))
      await deps.events.ensureTopics([...names].map(topicOf))
      await deps.events.append(row.records)
      await own.relayed(row.seq)
    }
  }

  async function read(id: string): Promise<Release | undefined> {
    const row = await views.get(releasesView, id)
    return row && (JSON.parse(textOf(row.body)) as Release)
  }

  // Sent again with the next release, should it fail now.
  void inTurn(() => withTask(send)).catch(() => {})

  return {
    release: (feed, question) =>
      inTurn(() =>
        withTask(async (own) => {
          const release = await make(own, feed, question)
          await send(own)
          return release
        }),
      ),
    async latest(feed) {
      const [row] = await views.list({ view: releasesView, reader: feed, limit: 1 })
      return row && (JSON.parse(textOf(row.body)) as Release)
    },
    numbered: (feed, release) => read(releaseId(feed, release)),
  }
}

/** Names nobody, so it is not sealed. A later release adds a row; it never changes an earlier one. */
const rowOf = (release: Release): ViewRow => ({
  view: releasesView,
  id: releaseId(release.feed, release.release),
  version: 1,
  personId: '',
  reader: release.feed,
  state: 'released',
  sort: -release.release,
  facts: { topic: measuresTopic(release.feed) },
  body: bytesOf(release),
})

const releaseId = (feed: string, release: number): string => `${feed}/${release}`

/** Lets the processor catch up with what has been received, for a moment; gives up to when it has. */
async function caughtUp({ store, register }: OutcomesDeps): Promise<number> {
  const now = register.now()
  store.wakes.want('outcomes', now)
  let done = await store.doneTo('outcomes')
  for (let turn = 0; done < now && turn < turnsMax; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    done = await store.doneTo('outcomes')
  }
  return Math.min(done, now)
}

const turnsMax = 500

const bytesOf = (value: object): Uint8Array => Buffer.from(JSON.stringify(value))
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
