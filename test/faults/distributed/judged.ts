import { createPostgresKeys, readKeyFile } from '@throughline/consent'
import { type Log, nodeIds, openPostgres, systemClock, systemRandom } from '@throughline/stream'
import { judgeRealHistory, type Told } from '../../simulation/real.ts'
import type { Rig } from './rig.ts'
import { noticed, type Sent } from './traffic.ts'

/** What the checker of the simulation says of it: the promises that are broken, in words. */
export async function judged(
  rig: Rig,
  log: Pick<Log, 'read' | 'bounds'>,
  sent: readonly Sent[],
  spoilt: readonly string[],
): Promise<readonly string[]> {
  const file = readKeyFile(rig.county.keys)
  const clock = systemClock()
  await using db = await openPostgres({ url: rig.url, connectionsMax: 2 })
  const keys = createPostgresKeys({ db, file, clock, random: systemRandom() })
  try {
    const violations = await judgeRealHistory({
      log,
      keys,
      ids: nodeIds(file.hmacKey('testshire')),
      databaseUrl: rig.url,
      truth: sent.map(toldBy),
      poisons: spoilt.map((id) => ({ id, readers: 1 })),
    })
    return violations.map(({ invariant, what }) => `${invariant}: ${what}`)
  } finally {
    keys[Symbol.dispose]()
  }
}

const toldBy = ({ noms, version, movedAt, triedAt, answeredAt, eventId }: Sent): Told => ({
  agency: 'custody',
  type: 'ReleasedFromPrison',
  kind: 'TO_COMMUNITY',
  identifiers: [`NOMS:${noms}`],
  occurredAt: movedAt,
  sentAt: triedAt,
  confirms: version !== noticed,
  answers:
    answeredAt === null || eventId === null
      ? []
      : [{ sentAt: triedAt, at: answeredAt, outcome: 'published', eventIds: [eventId] }],
})
