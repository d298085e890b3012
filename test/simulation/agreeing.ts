import { type RegisterAnswer, sealPerson } from '@throughline/consent'
import {
  type Category,
  canonicalText,
  type Grant,
  type Ids,
  identifier,
  identifierHash,
} from '@throughline/domain'
import { day, hour, numbersOf, type SimPerson } from './county.ts'
import { analysts, organisation } from './machine.ts'
import type { Disks, HubProcess, Practitioner } from './process.ts'
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
  'mental-health',
]

/** What somebody agrees to: mostly all of it for long, now and then less, later, shorter or in two parts. */
export function grants(
  random: Random,
  now: number,
  lookBacks: boolean,
  agencies: readonly string[],
): readonly Grant[] {
  const whole = oneGrant(random, now, all, lookBacks, agencies)
  const counted = random.chance(0.5) ? [forFigures(random, whole, now)] : []
  if (random.chance(0.75)) return [whole, ...counted]
  const cut = 1 + random.below(all.length - 1)
  return [
    ...[all.slice(0, cut), all.slice(cut)].map((part) =>
      oneGrant(random, now, part, lookBacks, agencies),
    ),
    ...counted,
  ]
}

function oneGrant(
  random: Random,
  now: number,
  categories: readonly Category[],
  lookBacks: boolean,
  agencies: readonly string[],
): Grant {
  const recipients = [{ organisation, role: 'lead-practitioner' }]
  const left = agencies.filter(() => random.chance(0.7))
  return {
    purpose: 'care-coordination',
    sources: random.chance(0.75) ? agencies : left.length > 0 ? left : ['other'],
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

/** To be counted is a purpose of its own: for as long or shorter, and of fewer agencies. */
const forFigures = (random: Random, { sources, categories, from, until }: Grant, now: number) =>
  ({
    purpose: 'outcomes',
    sources: random.chance(0.7) ? sources : sources.slice(0, 1),
    recipients: [{ organisation: analysts, role: 'analyst' }],
    categories,
    tier: 'detail',
    from,
    until: random.chance(0.7) ? until : now + 6 * hour,
    lookBackDays: 0,
  }) as const

/** Everything, for longer than any simulated life. */
export const everything = (now: number, agencies: readonly string[]): readonly Grant[] => {
  const whole = {
    sources: agencies,
    categories: all,
    tier: 'detail',
    from: now - hour,
    until: now + 400 * day,
    lookBackDays: 0,
  } as const
  const [care, figures] = ['care-coordination', 'outcomes'] as const
  const lead = { organisation, role: 'lead-practitioner' }
  return [
    { purpose: care, recipients: [lead], ...whole },
    { purpose: figures, recipients: [{ organisation: analysts, role: 'analyst' }], ...whole },
  ]
}

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
  const [first = '', ...others] = numbersOf(person)
  const own = [first, ...others.filter(() => random.chance(0.65))]
  if (!random.chance(0.2)) return own
  return [...new Set([...own, random.pick(numbersOf(random.pick(neighbours)))])]
}

/** `TYPE:value`, or `TYPE:issuer:value`. */
export function hashOf(ids: Ids, name: string): string {
  const [type = '', ...rest] = name.split(':')
  const [issuer, value = ''] = rest.length > 1 ? rest : [null, rest[0]]
  const parsed = identifier({ type, value, issuer: issuer ?? null }, { allowTestNhsNumbers: true })
  if (!parsed.ok) throw new Error(`a made-up number is not valid: ${type}`)
  return identifierHash(ids, canonicalText(parsed.identifier))
}

/** What an identifier's HMAC stands for. */
export const identifierNames = (
  ids: Ids,
  people: readonly SimPerson[],
): ReadonlyMap<string, string> =>
  new Map(people.flatMap(numbersOf).map((name) => [hashOf(ids, name), name]))

export interface Agreed {
  readonly person: SimPerson
  readonly isNew: boolean
  readonly identifiers: readonly string[]
  readonly grants: readonly Grant[]
  readonly assignments: ReturnType<typeof assignments>
}

export const personIdOf = ({ name }: SimPerson): string => `p-${name.replace(' ', '-')}`

/** Where the register is, and what it needs. */
interface Desk {
  readonly disks: Pick<Disks, 'keys' | 'ids'>
  readonly hub: Pick<HubProcess, 'register'>
}

/** Records somebody's consent as the consent page does. */
export async function agree(
  { disks, hub }: Desk,
  random: Pick<Random, 'bytes'>,
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
