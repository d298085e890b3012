import { arrested, moved, newcomers, noms, pnc } from '../journeys/events.ts'
import { startTestHub, type TestHub } from '../journeys/hub.ts'
import type { Person } from '../people/people.ts'

/** A hub with a few people in it, for whoever wants to look at its pages. */
export interface SmallCounty extends AsyncDisposable {
  readonly hub: TestHub
  /** Somebody with a story and open notices, whose lead is `lp-1`. */
  readonly personId: string
}

/** A Thursday morning in winter. */
const morning = '2026-01-15T09:00:00Z'
const at = (days: number, time: string): string =>
  `${new Date(Date.parse(morning) + days * 86_400_000).toISOString().slice(0, 10)}T${time}Z`

/** Made-up people, agreed and told about through the real doors. */
export async function startSmallCounty(): Promise<SmallCounty> {
  const hub = await startTestHub({ from: at(-60, '09:00:00') })
  const newcomer = newcomers(31)
  const agree = async (person: Person, terms: object = {}) =>
    (
      await hub.consent({
        identifiers: [noms(person), pnc(person)],
        lead: 'lp-1',
        recipients: ['lead-practitioner', 'peer-supporter', 'duty'],
        displayName: person.displayName,
        ...terms,
      })
    ).personId

  const ann = newcomer()
  const ben = newcomer()
  const cas = newcomer()
  const dee = newcomer()
  const personId = await agree(ann, {
    team: [{ practitionerId: 'peer-4', tier: 'involvement' }],
    deputies: ['lp-2'],
  })
  await agree(ben, { ownWords: 'Text me, then ring. I do not open letters.' })
  await agree(cas, { ownWords: '' })
  const gone = await agree(dee)

  await hub.passTo(at(-40, '10:00:00'))
  await hub.custody(moved(ann, 'admission', at(-40, '09:12:00')))
  await hub.custody(moved(ben, 'admission', at(-40, '09:20:00')))
  await hub.passTo(at(-9, '12:00:00'))
  await hub.custody(moved(ann, 'released', at(-9, '10:05:00')))
  // A week later nobody has reported treatment; then police custody in the night.
  await hub.passTo(at(0, '06:30:00'))
  await hub.police(arrested(ann, at(-1, '23:40:00'), { prescription: 'YES' }))
  await hub.custody(moved(ben, 'court-out', at(0, '06:20:00'), { code: 'CRT' }))
  await hub.passTo(at(0, '09:00:00'))
  // The search family says released; the coded one corrects it.
  await hub.custody(moved(cas, 'released', at(0, '08:10:00'), { family: 'search' }))
  await hub.custody(moved(cas, 'released', at(0, '08:10:00'), { code: 'HP' }))
  await hub.custody(moved(dee, 'released', at(0, '08:30:00')))
  await hub.withdraw(gone)
  await hub.passTo(at(0, '09:20:00'))
  return { hub, personId, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() }
}
