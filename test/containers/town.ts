import { callerOn } from '../agencies/caller.ts'
import { type Practitioner, practitionerAt } from '../agencies/practitioner.ts'
import { movementEvent } from '../agencies/prison.ts'
import { clerkAt } from '../agencies/register-clerk.ts'
import type { Credentials } from '../demo/hub-process.ts'
import type { Grant } from '../demo/plan.ts'
import type { Person } from '../people/people.ts'

/** Where a hub on its own clock is reached. */
export interface Place {
  /** The hub's pages and routes. */
  readonly hub: string
  /** The edge that takes what prisons publish. */
  readonly custody: string
  readonly credentials: Credentials
}

/** A clerk, a prison and a practitioner: what it takes for one event to become a notice. */
export interface Town {
  /** They agree that their lead hears of them from now on. */
  agree(person: Person): Promise<void>
  /** The prison reports that they have just left it; asked again until it is taken. */
  release(person: Person): Promise<void>
  /** Resolves once their lead can read that they were released. */
  told(person: Person): Promise<void>
}

const lead = 'lp-1'
const hourMs = 3_600_000
const waitMs = 250
// For something that has stopped for good: what was killed is back long before.
const triesMax = 480
const wait = () => new Promise((resolve) => setTimeout(resolve, waitMs))

export function townAt({ hub, custody, credentials }: Place): Town {
  const callerAt = (base: string, token = '') => callerOn({ base: () => base, lost }, token)
  const clerk = clerkAt(callerAt(hub, credentials.register.token))
  const prison = callerAt(custody, credentials.agencies['custody']?.token)
  const practitioner: Practitioner = practitionerAt(
    lead,
    callerAt(hub, credentials.practitioners.find(({ id }) => id === lead)?.token),
  )
  return {
    async agree(person) {
      const now = Date.now()
      const agreement = {
        displayName: person.displayName,
        takenAt: now - hourMs,
        identifiers: [{ type: 'NOMS', value: person.noms }],
        lead,
        deputies: [],
        team: [],
        grants: [grantedAt(now)],
      }
      await clerk.record(agreement, `town-${person.ref}`)
    },
    async release({ noms }) {
      const movement = { family: 'coded', movement: 'released', prison: 'QXI', code: 'CR' } as const
      const event = movementEvent({ ...movement, noms, movedAt: Date.now() - 2 * hourMs })
      const { status } = await prison.post('/intake/custody/domain-events', event)
      if (status !== 202) throw new Error(`custody answered ${status}`)
    },
    async told({ displayName }) {
      for (let tries = 1; ; tries += 1) {
        const notices = await practitioner.notices('open')
        if (notices.some((one) => one.rule === 'release' && one.displayName === displayName)) return
        await lost(tries, new Error('nobody is told of a release'))
      }
    },
  }
}

async function lost(tries: number, cause: unknown): Promise<void> {
  if (tries > triesMax) throw cause
  await wait()
}

const grantedAt = (now: number): Grant => ({
  purpose: 'care-coordination',
  sources: ['custody'],
  recipients: [{ organisation: 'testshire-recovery', role: 'lead-practitioner' }],
  categories: ['whereabouts', 'justice', 'safety'],
  tier: 'detail',
  from: now - hourMs,
  until: now + 24 * hourMs,
  lookBackDays: 0,
})
