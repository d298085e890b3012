import { assignedAt, leadsOrDeputises } from '@throughline/domain'
import type { InboxDeps } from './deps.ts'
import { bothTimes, threadCard, threadsOf, wayToReach } from './page-view.ts'
import { liveStates, type ShownLine, type ShownPerson } from './person.ts'
import { agencyName } from './shown.ts'
import { count, whenWords } from './times.ts'

type Disclosures = Awaited<ReturnType<InboxDeps['register']['disclosures']>>

/** What each part of the story is called, in the order of the page. */
const headings: Readonly<Record<string, string>> = {
  death: 'A death has been reported',
  home: 'Where they live',
  custody: 'Custody and supervision',
  treatment: 'Treatment and prescription',
  hospital: 'Hospital',
  ahead: 'What is coming',
  people: 'Services that work with them',
  services: 'In touch with them',
}

interface LineView {
  readonly text: string
  readonly when: string
}

interface SectionView {
  readonly heading: string
  readonly lines: readonly LineView[]
  /** What nobody has said, where that matters. */
  readonly gap: string
}

/** How many past lines stand open; the rest are one press away. */
const earlierOpenMax = 8

/** A person as their page shows them (design, section 6): how to reach them first, then their own words. */
export function personView(
  { register, directory }: InboxDeps,
  me: string,
  { person, lines, notices, updatedAt }: ShownPerson,
  disclosed: Disclosures,
) {
  const now = register.now()
  const nameOf = (id: string): string =>
    directory.practitioners.find((one) => one.id === id)?.name ?? otherName(id)
  const team = assignedAt(person.record, now)
  const earlier = lines.filter(({ current }) => !current).map((line) => lineView(line, now))
  return {
    personId: person.record.personId,
    name: person.displayName,
    ownWords: person.ownWords,
    safe: {
      ok: person.safeContact.ok.map(wayToReach),
      never: person.safeContact.never.map(wayToReach),
      due: person.safeContact.reviewBy !== null && Date.parse(person.safeContact.reviewBy) < now,
    },
    sharing: person.record.state === 'given',
    threads: threadsOf(notices, liveStates).map((thread) => threadCard(thread, now, directory)),
    sections: sectionsOf(lines, now),
    earlier: earlier.slice(0, earlierOpenMax),
    longAgo: earlier.slice(earlierOpenMax),
    updated: updatedAt === null ? '' : whenWords(Date.parse(updatedAt), now),
    team: team.map((one) => ({
      name: nameOf(one.practitionerId),
      isMe: one.practitionerId === me,
      part:
        one.relation === 'lead'
          ? 'lead practitioner'
          : one.relation === 'deputy'
            ? 'deputy'
            : one.role.replaceAll('-', ' '),
      organisation: directory.organisationName(one.organisation),
      telephone:
        directory.practitioners.find(({ id }) => id === one.practitionerId)?.telephone ?? '',
    })),
    keeps: leadsOrDeputises(person.record, me, now),
    disclosed: readingsOf(disclosed, nameOf, now),
  }
}

const readingsMax = 30

/** Who was told what, newest first. What one person read in one minute is one line. */
function readingsOf(disclosed: Disclosures, nameOf: (id: string) => string, now: number) {
  const readings = new Map<string, { when: string; who: string; whats: string[]; from: string[] }>()
  for (const { at, recipient, what, sources, outcome } of disclosed) {
    if (outcome !== 'delivered' && outcome !== 'unknown') continue
    const when = whenWords(at, now)
    const key = `${when} ${recipient}`
    if (!readings.has(key) && readings.size === readingsMax) break
    const reading = readings.get(key) ?? { when, who: nameOf(recipient), whats: [], from: [] }
    readings.set(key, reading)
    reading.whats.push(what)
    reading.from.push(...sources)
  }
  return [...readings.values()].map(({ when, who, whats, from }) => ({
    when,
    who,
    what: sentence(['person', 'story', 'notice', 'lead'].flatMap((what) => whatWords(what, whats))),
    from: [...new Set(from)].map((source) => agencyName(source).toLowerCase()).join(', '),
  }))
}

function whatWords(what: string, whats: readonly string[]): readonly string[] {
  const many = whats.filter((one) => one === what).length
  if (many === 0) return []
  return what === 'notice' ? [count(many, 'notice')] : [told[what] ?? what]
}

const told: Readonly<Record<string, string>> = {
  person: 'name, own words, safe contact',
  story: 'the story so far',
  lead: 'who leads, and how to ring them',
}

const sentence = (parts: readonly string[]): string => {
  const text = parts.join('; ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** `agency:hospital` and `duty:…` in words. */
const otherName = (id: string): string =>
  id.startsWith('agency:') ? agencyName(id.slice('agency:'.length)) : id.replace(/:.*/, '')

/** The situation now by section. Where nobody has said where somebody lives, that is part of it. */
function sectionsOf(lines: readonly ShownLine[], now: number): readonly SectionView[] {
  const current = lines.filter((line) => line.current)
  return Object.entries(headings).flatMap(([section, heading]) => {
    const mine = current.filter((line) => line.section === section)
    const gap = section === 'home' && mine.length === 0 ? homeGap(current) : ''
    if (mine.length === 0 && gap === '') return []
    const shown = section === 'ahead' ? mine.toSorted(soonestFirst) : mine
    return [{ heading, gap, lines: shown.map((line) => lineView(line, now)) }]
  })
}

function homeGap(current: readonly ShownLine[]): string {
  const known = current.filter(({ section }) => section !== 'services' && section !== 'death')
  if (known.length === 0) return ''
  const isReleased = known.some(
    ({ section, text }) => section === 'custody' && text.startsWith('Released from prison'),
  )
  return `Nobody has said where they live${isReleased ? ' since the release' : ''}.`
}

const soonestFirst = (a: ShownLine, b: ShownLine): number => endOf(a) - endOf(b)
const endOf = ({ until }: ShownLine): number =>
  until === null ? Number.MAX_SAFE_INTEGER : Date.parse(until)

const lineView = (line: ShownLine, now: number): LineView => ({
  text: line.text,
  when: bothTimes(line, now),
})
