import type { Version } from './agreed.ts'
import { type Happening, numberText, type Read } from './happening.ts'
import type { Entry, Terms } from './plan.ts'
import { day } from './slots.ts'
import { reading } from './truth-events.ts'
import type { Heard } from './truth-heard.ts'

/** Somebody who has agreed to something, and every event that came to be about them. */
export interface Recorded {
  readonly ref: string
  readonly versions: Version[]
  readonly heard: Heard[]
  lead: string
  readonly deputies: readonly string[]
  readonly team: readonly string[]
}

/** Whose events are whose, by the numbers that people gave, from what was sent in time order. */
export interface Records {
  apply(entry: Entry): void
  readonly people: ReadonlyMap<string, Recorded>
}

const keptMs = 7 * day

export function startRecords(): Records {
  const reports = reading()
  const people = new Map<string, Recorded>()
  const claims = new Map<string, string>()
  const timesClaimed = new Map<string, number>()
  const givenUp = new Map<string, { readonly at: number; readonly by: string }>()
  /** Who heard of a source's object: what names nothing else goes to them. */
  const objects = new Map<string, Set<string>>()
  const retained: Happening[] = []

  function arrive(happening: Happening, at: number) {
    const { identifiers, agency, objectRef } = happening
    const object = `${agency} ${objectRef}`
    const owners = new Set(identifiers.flatMap((text) => claims.get(text) ?? []))
    const named = identifiers.length === 0 ? (objects.get(object) ?? []) : owners
    if (identifiers.length > 0 && owners.size > 1) return
    for (const ref of named) {
      const heard = people.get(ref)?.heard
      if (objectRef !== null)
        for (const waiting of retained)
          if (isOfObjectAlone(waiting, agency, objectRef) && waiting.receivedAt > at - keptMs)
            heard?.push({ happening: waiting, at })
      heard?.push({ happening, at })
      if (objectRef !== null) objects.set(object, (objects.get(object) ?? new Set()).add(ref))
    }
  }

  function receive({ happenings }: Read, at: number) {
    for (const happening of happenings) {
      const { heldUnclaimed, identifiers } = happening
      if (heldUnclaimed || identifiers.some((text) => claims.has(text))) retained.push(happening)
      arrive(happening, at)
    }
  }

  function consent(ref: string, terms: Terms, at: number) {
    const { lead, deputies, team } = terms
    const person = people.get(ref) ?? { ref, versions: [], heard: [], lead, deputies, team }
    people.set(ref, person)
    const texts = terms.identifiers.map(({ type, value, issuer }) =>
      numberText(type, value, issuer),
    )
    // A number that is somebody else's: it stays a proposal, and whatever was given goes on.
    if (texts.some((text) => (claims.get(text) ?? ref) !== ref)) return
    const goesOn = agreedSince(person.versions)
    giveUp(ref, texts, at)
    for (const text of texts) {
      if (!claims.has(text)) timesClaimed.set(text, (timesClaimed.get(text) ?? 0) + 1)
      claims.set(text, ref)
    }
    person.versions.push({ at, state: 'given', terms })
    lookBack(ref, terms, texts, goesOn ?? at, at)
  }

  function giveUp(ref: string, kept: readonly string[], at: number) {
    for (const [text, owner] of claims) {
      if (owner !== ref || kept.includes(text)) continue
      claims.delete(text)
      givenUp.set(text, { at, by: ref })
    }
  }

  /** As far as the person asks, and for a consent that goes on, as far as it does; never into another's time. */
  function lookBack(
    ref: string,
    terms: Terms,
    texts: readonly string[],
    agreed: number,
    at: number,
  ) {
    const others = texts.map((text) => givenUp.get(text)).filter((one) => one?.by !== ref)
    const free = others.map((one) => Math.floor((at - (one?.at ?? 0)) / day))
    const asked = Math.max(...terms.grants.map((grant) => grant.lookBackDays))
    const days = Math.min(7, asked, ...free)
    if (days === 0) return
    const since = Math.min(at - days * day, Math.max(agreed, at - keptMs))
    for (const happening of retained) {
      if (happening.receivedAt < since || happening.receivedAt >= at) continue
      if (happening.identifiers.some((text) => texts.includes(text))) arrive(happening, at)
    }
  }

  return {
    people,
    apply(entry) {
      const { at, person: ref } = entry
      const person = people.get(ref)
      switch (entry.kind) {
        case 'consent':
          return consent(ref, entry.terms, at)
        case 'withdrawal': {
          const last = person?.versions.at(-1)
          if (last?.state !== 'given') return
          person?.versions.push({ ...last, at, state: 'withdrawn' })
          return giveUp(ref, [], at)
        }
        case 'assignment':
          if (person !== undefined) person.lead = entry.practitionerId
          return
        case 'file': {
          const times = (number: string) => timesClaimed.get(number) ?? 0
          for (const row of reports.file(entry.file, at, times)) receive(row, at)
          return
        }
        default:
          return receive(readOf(reports, entry), at)
      }
    },
  }
}

/** What takes back an object and names nobody may come before what it takes back. */
const isOfObjectAlone = (
  { identifiers, agency, objectRef }: Happening,
  ofAgency: string,
  ref: string,
): boolean => identifiers.length === 0 && agency === ofAgency && objectRef === ref

/** Since when they have agreed without a break; undefined where they do not. */
function agreedSince(versions: readonly Version[]): number | undefined {
  const last = versions.findLastIndex(({ state }) => state === 'withdrawn')
  return versions[last + 1]?.at
}

const nothing: Read = { outcome: '', happenings: [] }

function readOf(reports: ReturnType<typeof reading>, entry: Entry): Read {
  const one = (happening: Happening | null): Read => ({
    outcome: '',
    happenings: happening === null ? [] : [happening],
  })
  switch (entry.kind) {
    case 'movement':
      return one(reports.movement(entry.report, entry.at))
    case 'police':
      return one(reports.police(entry.record, entry.at))
    case 'probation':
      return reports.probation(entry.report, entry.at) ?? nothing
    case 'court':
      return reports.court(entry.report, entry.at) ?? nothing
    case 'hospital':
      return reports.hospital(entry.report, entry.at) ?? nothing
    case 'housing':
      return reports.housing(entry.report, entry.at) ?? nothing
    case 'treatment':
      return reports.treatment(entry.report, entry.at) ?? nothing
    default:
      return nothing
  }
}
