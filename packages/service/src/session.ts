import { createHash } from 'node:crypto'
import type { Principal } from './principal.ts'
import { type RandomBytes, randomText } from './random.ts'

/** Somebody signed in with a browser. Ends on the server, whatever the browser still holds. */
export interface Session {
  readonly principal: Principal
  /** Must come back with every form this session posts. */
  readonly csrfToken: string
  readonly startedAt: number
  usedAt: number
}

export interface Sessions {
  /** A new id for every sign-in, so that one fixed beforehand is worth nothing. */
  start(principal: Principal): string
  /** The live session of an id. `touch: false` asks without counting as use. */
  find(id: string, touch: boolean): Session | undefined
  isLive(session: Session): boolean
  end(id: string): void
}

/** assurance.md, section 10, item 14. */
export const idleMsMax = 15 * 60_000
export const absoluteMsMax = 8 * 3_600_000

export function createSessions(clock: { now(): number }, random: RandomBytes): Sessions {
  // Ids are kept as digests: whoever reads the memory cannot sign in with what is there.
  const sessions = new Map<string, Session>()
  const live = new Set<Session>()
  const expired = (session: Session): boolean => {
    const now = clock.now()
    return now - session.usedAt >= idleMsMax || now - session.startedAt >= absoluteMsMax
  }
  const forget = (key: string, session: Session): void => {
    sessions.delete(key)
    live.delete(session)
  }
  return {
    start(principal) {
      for (const [key, session] of sessions) if (expired(session)) forget(key, session)
      const id = randomText(random, 32)
      const now = clock.now()
      const session = { principal, csrfToken: randomText(random, 32), startedAt: now, usedAt: now }
      sessions.set(digest(id), session)
      live.add(session)
      return id
    },
    find(id, touch) {
      const session = sessions.get(digest(id))
      if (session === undefined) return undefined
      if (expired(session)) {
        forget(digest(id), session)
        return undefined
      }
      if (touch) session.usedAt = clock.now()
      return session
    },
    isLive: (session) => live.has(session) && !expired(session),
    end(id) {
      const session = sessions.get(digest(id))
      if (session !== undefined) forget(digest(id), session)
    },
  }
}

const digest = (id: string): string => createHash('sha256').update(id).digest('base64url')
