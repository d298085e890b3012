import type { Ledger } from '@throughline/hub'
import { type Analyst, analystAt } from '../agencies/analyst.ts'
import { type Caller, callerOn } from '../agencies/caller.ts'
import { mllpClient } from '../agencies/mllp-client.ts'
import { type Practitioner, practitionerAt } from '../agencies/practitioner.ts'
import { type Clerk, clerkAt } from '../agencies/register-clerk.ts'
import type { Person } from '../people/people.ts'
import type { HubProcess } from './hub-process.ts'
import type { Entry } from './plan.ts'
import { sendingOver } from './sending.ts'

/** Everybody outside the hub: those who send, the clerk, the practitioners, and the keeper of the clock. */
export interface County {
  readonly practitioners: readonly Practitioner[]
  readonly analyst: Analyst
  /** Moves the hub's clock; resolves when the hub is quiet at that time. */
  moveTo(at: number): Promise<void>
  /** Does what the entry says. Everything is asked again until the hub has answered. */
  carryOut(entry: Entry): Promise<void>
  ledger(): Promise<Ledger>
  /** The hub's id of a person, once they have agreed to something. */
  personIdOf(ref: string): string | undefined
  readonly refOf: (personId: string) => string | undefined
  /** What became of what each agency sent, by `agency outcome`, such as `housing ignored/restricted`. */
  readonly answers: ReadonlyMap<string, number>
  /** How often something was asked again because no answer came. */
  readonly askedAgain: () => number
  /** Where the ledger says otherwise than the answers did. */
  unaccounted(): Promise<readonly string[]>
  /** Hangs up. */
  close(): void
}

interface Known {
  personId: string
  version: number
}

export function countyAtWork(
  hub: HubProcess,
  people: readonly Person[],
  start: number,
  seed: number,
): County {
  const credentials = hub.credentials()
  const names = new Map(people.map((person) => [person.ref, person]))
  const known = new Map<string, Known>()
  const refs = new Map<string, string>()
  let now = start
  let notifications = 0
  let askedAgain = 0

  const again = () => void askedAgain++
  const line = {
    base: hub.base,
    port: hub.mllpPort,
    async lost(tries: number, cause: unknown) {
      if (tries > 200) throw cause
      if (!hub.running()) await hub.restart(now)
      else await new Promise((resolve) => setTimeout(resolve, Math.min(200, 10 * tries)))
    },
  }
  const callerFor = (token: string): Caller => callerOn(line, token, again)
  const agency = (name: string): Caller =>
    callerFor((credentials.agencies[name] as { token: string }).token)
  const operator = callerFor((credentials.operators[0] as { token: string }).token)
  const clerk: Clerk = clerkAt(callerFor(credentials.register.token))
  const practitioners = credentials.practitioners.map(({ id, token }) =>
    practitionerAt(id, callerFor(token)),
  )
  const [feed] = credentials.analysts
  if (feed === undefined) throw new Error('the hub has no feed')
  const mllp = mllpClient(line, again)
  const sending = sendingOver({
    callers: {
      custody: agency('custody'),
      probation: agency('probation'),
      hospital: agency('hospital'),
      housing: agency('housing'),
      treatment: agency('treatment'),
    },
    mllp,
    now: () => now,
    nextNumber: () => `${seed}-${notifications++}`,
  })

  async function consent(entry: Extract<Entry, { kind: 'consent' }>) {
    const { displayName } = names.get(entry.person) as Person
    const agreement = { ...entry.terms, displayName, takenAt: entry.at }
    const before = known.get(entry.person)
    const recorded =
      before === undefined
        ? await clerk.record(agreement, `demo-${seed}-${entry.person}`)
        : await clerk.change(before.personId, agreement, before.version)
    known.set(entry.person, { personId: recorded.personId, version: recorded.version })
    refs.set(recorded.personId, entry.person)
  }

  async function act({ person, by, act: what }: Extract<Entry, { kind: 'act' }>) {
    const practitioner = practitioners.find(({ id }) => id === by)
    const personId = known.get(person)?.personId
    if (practitioner === undefined || personId === undefined) return
    for (const notice of await practitioner.notices('open')) {
      if (notice.personId !== personId || notice.state !== 'open') continue
      if (what === 'acknowledge') await practitioner.acknowledge(notice.noticeId)
      else await practitioner.contact(notice.noticeId, what)
    }
  }

  const ledger = async () => (await operator.get('/ledger')).body as Ledger

  return {
    practitioners,
    analyst: analystAt(feed.feed, operator, callerFor(feed.token)),
    answers: sending.outcomes,
    askedAgain: () => askedAgain,
    ledger,
    personIdOf: (ref) => known.get(ref)?.personId,
    refOf: (personId) => refs.get(personId),
    unaccounted: async () => sending.unaccounted(await ledger()),
    close: () => mllp.close(),
    async moveTo(at) {
      now = at
      const { status } = await operator.post('/dev/clock', { to: new Date(at).toISOString() })
      if (status !== 200) throw new Error(`/dev/clock answered ${status}`)
    },
    async carryOut(entry) {
      switch (entry.kind) {
        case 'consent':
          return consent(entry)
        case 'withdrawal': {
          const one = known.get(entry.person)
          if (one === undefined) return
          const { version } = await clerk.withdraw(one.personId, ['care-coordination', 'outcomes'])
          one.version = version
          return
        }
        case 'assignment': {
          const personId = known.get(entry.person)?.personId
          if (personId !== undefined)
            await clerk.assign(personId, entry.practitionerId, entry.relation)
          return
        }
        case 'act':
          return act(entry)
        default:
          return sending.send(entry)
      }
    },
  }
}
