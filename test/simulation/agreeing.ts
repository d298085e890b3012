import { type RegisterAnswer, sealPerson } from '@throughline/consent'
import {
  type Category,
  canonicalText,
  type Grant,
  type Ids,
  identifier,
  identifierHash,
} from '@throughline/domain'
import { day, hour, type SimPerson } from './county.ts'
import { type Machine, organisation } from './machine.ts'
import type { Practitioner } from './process.ts'
import type { Random } from './random.ts'

export const leads: readonly Practitioner[] = ['lp-1', 'lp-2', 'lp-3'].map((id) => ({
  id,
  organisation,
  role: 'lead-practitioner',
}))
export const peer: Practitioner = { id: 'peer-4', organisation, role: 'peer-supporter' }

const all: readonly Category[] = [
  'whereabouts',
  'justice',
  'health',
  'substance-use',
  'housing',
  'safety',
]

/** What somebody agrees to: mostly all of it for long, now and then less, later, shorter or in two parts. */
export function grants(random: Random, now: number, lookBacks: boolean): readonly Grant[] {
  const whole = oneGrant(random, now, all, lookBacks)
  if (random.chance(0.75)) return [whole]
  const cut = 1 + random.below(all.length - 1)
  return [all.slice(0, cut), all.slice(cut)].map((part) => oneGrant(random, now, part, lookBacks))
}

function oneGrant(
  random: Random,
  now: number,
  categories: readonly Category[],
  lookBacks: boolean,
): Grant {
  const recipients = [{ organisation, role: 'lead-practitioner' }]
  return {
    purpose: 'care-coordination',
    sources: random.chance(0.9) ? ['custody'] : ['housing'],
    recipients: random.chance(0.3)
      ? [...recipients, { organisation, role: peer.role }]
      : recipients,
    categories: random.chance(0.85)
      ? categories
      : categories.filter((one) => one !== random.pick(categories)),
    tier: random.pick(['detail', 'detail', 'headline']),
    from: now - (random.chance(0.85) ? hour : -hour),
    until: now + random.pick([2 * hour, 3 * day, 400 * day, 400 * day]),
    lookBackDays: lookBacks && random.chance(0.4) ? 1 + random.below(7) : 0,
  }
}

/** Everything, for longer than any simulated life. */
export const everything = (now: number): readonly Grant[] => [
  {
    purpose: 'care-coordination',
    sources: ['custody'],
    recipients: [{ organisation, role: 'lead-practitioner' }],
    categories: all,
    tier: 'detail',
    from: now - hour,
    until: now + 400 * day,
    lookBackDays: 0,
  },
]

export function assignments(random: Random) {
  const [lead, deputy] = [random.pick(leads), random.pick(leads)]
  return [
    seat(lead, 'lead'),
    ...(lead === deputy ? [] : [seat(deputy, 'deputy')]),
    ...(random.chance(0.3) ? [seat(peer, 'team')] : []),
  ]
}

const seat = (who: Practitioner, relation: 'lead' | 'deputy' | 'team') => ({
  practitionerId: who.id,
  organisation,
  role: who.role,
  relation,
  tier: 'detail' as const,
})

/** Mostly one's own numbers; now and then, by somebody's mistake, a neighbour's as well. */
export function claimed(
  random: Random,
  person: SimPerson,
  neighbours: readonly SimPerson[],
): readonly string[] {
  const own = [`NOMS:${person.noms}`, ...(random.chance(0.6) ? [`NHS:${person.nhs}`] : [])]
  if (!random.chance(0.2)) return own
  const other = random.pick(neighbours)
  return [...new Set([...own, random.chance(0.5) ? `NOMS:${other.noms}` : `NHS:${other.nhs}`])]
}

export function hashOf(ids: Ids, name: string): string {
  const [type = '', value = ''] = name.split(':')
  const parsed = identifier({ type, value }, { allowTestNhsNumbers: true })
  if (!parsed.ok) throw new Error(`a made-up number is not valid: ${type}`)
  return identifierHash(ids, canonicalText(parsed.identifier))
}

/** What an identifier's HMAC stands for. */
export const identifierNames = (
  ids: Ids,
  people: readonly SimPerson[],
): ReadonlyMap<string, string> =>
  new Map(
    people
      .flatMap(({ noms, nhs }) => [`NOMS:${noms}`, `NHS:${nhs}`])
      .map((name) => [hashOf(ids, name), name]),
  )

export interface Agreed {
  readonly person: SimPerson
  readonly isNew: boolean
  readonly identifiers: readonly string[]
  readonly grants: readonly Grant[]
  readonly assignments: ReturnType<typeof assignments>
}

export const personIdOf = ({ name }: SimPerson): string => `p-${name.replace(' ', '-')}`

/** Records somebody's consent as the consent page does. */
export async function agree(
  { disks, hub }: Machine,
  random: Random,
  { person, isNew, identifiers, grants: given, assignments: seats }: Agreed,
): Promise<RegisterAnswer> {
  const personId = personIdOf(person)
  const key = await disks.keys.create(`person:${personId}`)
  const content = { displayName: person.name, identifiers: [], ownWords: null, safeContact: null }
  return hub.register.change({
    kind: 'record-consent',
    personId,
    isNew,
    expectedVersion: null,
    state: 'given',
    identifiers: identifiers.map((name) => hashOf(disks.ids, name)),
    grants: given,
    ...(isNew && {
      assignments: seats,
      idempotency: { key: personId, body: person.name },
    }),
    sealed: sealPerson(personId, content, key, (length) => random.bytes(length)),
    by: 'test',
  })
}
