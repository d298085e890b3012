import type { CanonicalEvent, EventType } from './events.generated.ts'
import type { Category } from './register.ts'
import { addDays, londonDate, londonTimeOn } from './times.ts'

/** The parts of the story, in the order to show them. */
export const storySections = [
  'death',
  'home',
  'custody',
  'treatment',
  'hospital',
  'ahead',
  'people',
] as const
export type StorySection = (typeof storySections)[number]

/** One line an event gives. The tables are in `processors/story/README.md`. */
export interface Telling {
  readonly section: StorySection
  /** What it is the latest word on; null for what happened and passed. The latest of each is the situation now. */
  readonly of: string | null
  /** What it settles: earlier words on exactly this, and on whatever begins with this and a blank. */
  readonly ends: readonly string[]
  /** In plain and kind words, at the tier `detail`. */
  readonly text: string
  /** The kind of event, at the tier `headline`. */
  readonly headline: string
  /** Whom to ring, as the source's code. Null: the source named nobody. */
  readonly place: string | null
  /** Part of the situation only before this instant. Null: until something newer is said. */
  readonly until: number | null
  /** Categories the line needs beside its event's own. */
  readonly needs: readonly Category[]
}

/** When the event happened, in ms, and the source's object it belongs to. */
export interface Happened {
  readonly occurredAt: number
  readonly object: string | null
}

type EventOf<T extends EventType> = Extract<CanonicalEvent, { type: T }>

/** What the story remembers of one type of event, and what it says of it. */
export interface Account {
  readonly type: EventType
  readonly keeps: (event: CanonicalEvent) => object
  readonly tells: (about: object, at: Happened) => readonly Telling[]
}

export const account = <T extends EventType, A extends object>(
  type: T,
  keeps: (event: EventOf<T>) => A,
  tells: (about: A, at: Happened) => readonly Telling[],
  // Only ever called with the type's own event and what was kept of it.
): Account => ({ type, keeps, tells }) as unknown as Account

/** Remembers nothing but that it happened. */
export const nothing = (): object => ({})

/** Remembers these fields. */
export const only =
  <K extends string>(...fields: readonly K[]) =>
  <E extends Readonly<Record<K, unknown>>>(event: E): Pick<E, K> =>
    Object.fromEntries(fields.map((field) => [field, event[field]])) as Pick<E, K>

type Said = Pick<Telling, 'of' | 'text' | 'headline'> &
  Partial<Pick<Telling, 'ends' | 'place' | 'until' | 'needs'>>

const line =
  (section: StorySection) =>
  ({ ends = [], place = null, until = null, needs = [], ...said }: Said): Telling => ({
    section,
    ends,
    place,
    until,
    needs,
    ...said,
  })

export const death = line('death')
export const home = line('home')
export const custody = line('custody')
export const treatment = line('treatment')
export const hospital = line('hospital')
export const ahead = line('ahead')
export const people = line('people')

/** Whatever is coming, and a death puts an end to. */
export const allAhead = [
  'release-date',
  'bail',
  'assessment',
  'referral',
  'appointment',
  'duty-to-refer',
  'notice-expiry',
] as const

/** How long a word counts that nothing ever takes back: 26 weeks, the exact day included. */
export const lastDayOf26Weeks = (occurredAt: number): string => addDays(londonDate(occurredAt), 182)

export const in26Weeks = ({ occurredAt }: Happened): number => endOf(lastDayOf26Weeks(occurredAt))

/** The instant at which a London day `yyyy-mm-dd` is over. */
export const endOf = (date: string): number => londonTimeOn(addDays(date, 1), 0, 0)

/** `1 week`, `3 weeks`. */
export const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`
