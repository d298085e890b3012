import { topics as ours } from '@throughline/schemas'
import { hashOf } from './agreeing.ts'
import { check } from './checker.ts'
import { collect } from './collect.ts'
import type { DrainFact, History, Post, ReadFact, Violation, WithdrawalFact } from './history.ts'
import { type Place, postgresRows } from './place.ts'
import { valueOf } from './world.ts'

/** A record that was sent to a hub, and every answer it got; times are ms on the register's clock. */
export type Told = Pick<
  Post,
  'agency' | 'type' | 'identifiers' | 'occurredAt' | 'sentAt' | 'answers'
> &
  Partial<Post>

/** A hub on Kafka and PostgreSQL that has come to rest, and what whoever drove it knows of its life. */
export interface RealHub
  extends Pick<Place, 'log' | 'keys' | 'ids'>,
    Partial<Pick<History, 'poisons' | 'outages'>> {
  /** The address of its database's primary. */
  readonly databaseUrl: string
  /** Those of the repository unless said otherwise. */
  readonly topics?: Place['topics'] | undefined
  /** All that agencies sent it. */
  readonly truth: readonly Told[]
  /** What browsers saw; where nobody wrote it down, the audit's own entries are judged alone. */
  readonly reads?: readonly ReadFact[]
  readonly withdrawals?: readonly WithdrawalFact[]
  /** Names by which people are known, besides the numbers that were sent. */
  readonly direct?: readonly string[]
  /** Tasks that stopped, and how long the backlog took (ms; null when it never ended). */
  readonly faults?: DrainFact['faults']
  readonly tookMs?: number | null
}

/** Collects what a real hub has left, and judges it as a simulated one's: what it breaks of the promises. */
export async function judgeRealHistory(hub: RealHub): Promise<readonly Violation[]> {
  return check(await historyOf(hub))
}

/** The same history, for whoever wants to look at it. */
export async function historyOf(hub: RealHub): Promise<History> {
  const { log, keys, ids, topics = ours, truth, faults = [], tookMs = 0 } = hub
  const rows = await postgresRows(hub.databaseUrl)
  try {
    return await collect({
      place: { log, keys, ids, topics, rows },
      identifiers: new Map(
        truth.flatMap(({ identifiers }) => identifiers).map((name) => [hashOf(ids, name), name]),
      ),
      posts: truth.map(postOf),
      reads: hub.reads ?? null,
      direct: [
        ...(hub.direct ?? []),
        ...new Set(truth.flatMap((one) => one.identifiers.map(valueOf))),
      ],
      withdrawals: hub.withdrawals ?? [],
      drain: { tookMs, faults, readAgain: false },
      poisons: hub.poisons ?? [],
      outages: hub.outages ?? [],
      marks: new Map(),
      countedBefore: null,
    })
  } finally {
    await rows.close()
  }
}

const postOf = (told: Told, i: number): Post => ({
  name: `${told.type} #${i + 1}`,
  unclaimed: 'hold',
  kind: null,
  corrected: false,
  confirms: true,
  line: null,
  states: [],
  dissent: null,
  takesBack: null,
  ...told,
})
