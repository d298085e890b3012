/** One notice that must exist, and what everybody must be able to read of it. Times are milliseconds. */
export interface TrueNotice {
  readonly rule: string
  /** The truth's own name for what it is about; the hub's ids are digests. */
  readonly episode: string
  readonly thread: string
  readonly person: string
  /** A practitioner, or a duty role such as `duty:testshire-recovery`. */
  readonly recipient: string
  readonly role: string
  /** The lead's own copy: it goes to whoever is the lead. */
  readonly followsLead: boolean
  readonly urgency: 'safety' | 'prompt' | 'routine'
  readonly learnedAt: number
  readonly dueAt: number
  readonly toldAt: number
  /** What the event asks the person to have agreed to; empty where it rests on no agency. */
  readonly categories: readonly string[]
  readonly closesWhenAcknowledged: boolean
  /** A reported death pauses everything but what is about it. */
  readonly aboutDeath: boolean
  occurredAt: number
  confirmed: boolean
  state: 'open' | 'acknowledged' | 'closed' | 'paused' | 'retracted'
  because: string | null
  /** What it was before a death was reported. */
  before: 'open' | 'acknowledged' | null
}

/** Everything one episode has told people, and whether anybody has taken it up. */
export interface Episode {
  readonly rule: string
  readonly name: string
  readonly copies: TrueNotice[]
  taken: boolean
}

export const isLive = ({ state }: TrueNotice): boolean =>
  state === 'open' || state === 'acknowledged'

/** A notice that is closed or taken back stays so. */
export function end(notice: TrueNotice, state: 'closed' | 'retracted', because: string) {
  if (!isLive(notice) && notice.state !== 'paused') return
  notice.state = state
  notice.because = because
}

/** Taken back from whoever holds it, even where it was closed: it was wrong. */
export function takeBack(notice: TrueNotice, because: string) {
  notice.state = 'retracted'
  notice.because = because
}

export function pause(notice: TrueNotice) {
  notice.before = notice.state === 'acknowledged' ? 'acknowledged' : 'open'
  notice.state = 'paused'
}
