import { assignedAt } from '@throughline/domain'
import { type Clock, noSchedule, type Schedule, type Wakes } from '@throughline/stream'
import { isInForce, proposalKeyOf, reachOf } from './decisions/change.ts'
import { silentMsMax } from './decisions/gate.ts'
import { referralAt, sealedKeyOf, subjectOf } from './decisions/referrals.ts'
import type {
  Arrival,
  PersonRecord,
  Referral,
  ReferralQuery,
  Register,
  RegisterAnswer,
  RegisterCommand,
} from './port.ts'
import {
  accepting,
  changing,
  type Decided,
  endingReferrals,
  endingSilent,
  type Found,
  gating,
  type Needs,
  restating,
  telling,
  type Work,
} from './register-work.ts'
import type { AttemptRow, PersonRow } from './rows.ts'

export interface RegisterOptions {
  readonly clock: Clock
  /** Called after each commit that left something in the outbox. The relay is woken through the database anyway. */
  readonly onOutbox?: () => void
}

/** What runs the register's work: over synchronous tables, or over a database that others share. */
export interface Engine {
  /** The register's time: never goes back. */
  now(): number
  /** Does the work in one transaction, with all that it decides. It may be begun anew. */
  commit<T>(work: () => Work<T>): Decided<T> | Promise<Decided<T>>
  /** Reads for pages; nothing is decided on it. */
  read(needs: Needs): Found | Promise<Found>
  /** Rings after each commit, by what it wrote. */
  readonly wakes: Pick<Wakes, 'on'>
}

/** What an engine's wakes ring. */
export const auditWake = 'audit'
export const attemptsWake = 'attempts'

/** The port over an engine: the work of each call, and the waiting for permits after it. */
export function registerOver(
  engine: Engine,
  clock: Clock,
  schedule: Schedule = noSchedule,
): Register {
  const commit = async <T>(work: () => Work<T>): Promise<T> => (await engine.commit(work)).answer

  /** Resolves once nothing about the person can still leave under a permit given before. */
  const permitsEnded = async (
    attemptsOf: string,
    concerns: (attempt: AttemptRow) => boolean,
  ): Promise<void> => {
    for (;;) {
      const heard = new AbortController()
      const stop = engine.wakes.on(attemptsWake, () => heard.abort())
      try {
        const { attempts, now } = await engine.read({ attemptsOf })
        const open = attempts.filter(
          (attempt) => attempt.outcome === null && attempt.until > now && concerns(attempt),
        )
        if (open.length === 0) return
        await clock.until(Math.max(...open.map(({ until }) => until)), heard.signal)
      } finally {
        stop()
      }
    }
  }

  /** As `permitsEnded`, for referrals that are taken back. */
  const withdrawalsEnded = async (arrivals: readonly Arrival[]): Promise<void> => {
    for (const { referral } of arrivals)
      if (referral?.kind === 'withdrawn')
        await permitsEnded(subjectOf(referral.referralId), ({ kind }) => kind === 'referral')
  }

  /** What turned out to have been seen while the answer waited for the permits. */
  const withLateSightings = async (
    { personId, purposes }: Extract<RegisterCommand, { kind: 'withdraw' }>,
    { answer, writes }: Decided<RegisterAnswer>,
  ): Promise<RegisterAnswer> => {
    const { attempts } = await engine.read({ attemptsOf: personId })
    const { alreadySeen } = reachOf({ notices: [], attempts }, new Set(purposes))
    const seen = new Set(alreadySeen.map(({ noticeId }) => noticeId))
    const cancelled = writes.cancelNotices.filter((noticeId) => !seen.has(noticeId)).length
    return { ...answer, cancelled, alreadySeen } as RegisterAnswer
  }

  const referralsFor = async (query: ReferralQuery): Promise<readonly Referral[]> => {
    const found = await engine.read(
      'referralId' in query ? { referrals: [query.referralId] } : { everyReferral: true },
    )
    const { now } = found
    const asked =
      'referralId' in query
        ? [...found.rows('referrals').values()]
        : found.referrals.filter((row) =>
            'service' in query ? row.service === query.service : row.sender === query.sender,
          )
    const living = asked
      .filter(({ forgetAt }) => forgetAt > now)
      .toSorted((a, b) => b.receivedAt - a.receivedAt || (a.referralId < b.referralId ? -1 : 1))
    const contents = await engine.read({
      sealed: living.map(({ referralId }) => sealedKeyOf(referralId)),
    })
    const sealed = contents.rows('sealed')
    return living.map((row) =>
      referralAt(row, sealed.get(sealedKeyOf(row.referralId))?.bytes ?? null, now),
    )
  }

  const scheduled = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
    await schedule.at(`register.${name}.before`)
    const result = await work()
    await schedule.at(`register.${name}.after`)
    return result
  }

  return {
    now: () => engine.now(),

    accept: (arrivals) =>
      scheduled('accept', async () => {
        const accepted = await commit(() => accepting(arrivals))
        await withdrawalsEnded(arrivals)
        return accepted
      }),

    restate: (restatements, counted = []) =>
      scheduled('restate', () => commit(() => restating(restatements, counted))),

    change: (command) =>
      scheduled('change', async () => {
        const decided = await engine.commit(() => changing(command))
        const { answer } = decided
        if (!answer.ok) return answer
        if (command.kind === 'erase') await permitsEnded(command.personId, () => true)
        if (command.kind !== 'withdraw') return answer
        await permitsEnded(command.personId, ({ purpose }) => command.purposes.includes(purpose))
        return withLateSightings(command, decided)
      }),

    gate: (disclosures) => scheduled('gate', () => commit(() => gating(disclosures))),

    outcome: (outcomes) => scheduled('outcome', () => commit(() => telling(outcomes))),

    person: (personId) =>
      scheduled('person', async () => {
        const found = await engine.read({
          people: [personId],
          sealed: [personId, proposalKeyOf(personId)],
        })
        const row = found.rows('people').get(personId)
        return row && personRecord(row, found.rows('sealed'))
      }),
    claimants: (identifiers) =>
      scheduled('claimants', async () => {
        const claims = (await engine.read({ claims: identifiers })).rows('claims')
        return [...new Set(identifiers.flatMap((one) => claims.get(one)?.personId ?? []))]
      }),
    people: (limit) =>
      scheduled('people', async () =>
        (await engine.read({ latestPeople: limit })).people.map(
          ({ personId, status, state, version, review }) => ({
            personId,
            status,
            state,
            version,
            review,
          }),
        ),
      ),
    caseload: (practitionerId) =>
      scheduled('caseload', async () => {
        const { people, now } = await engine.read({ caseloadOf: practitionerId })
        return people
          .filter((person) =>
            assignedAt(person, now).some((one) => one.practitionerId === practitionerId),
          )
          .map(({ personId }) => personId)
      }),
    disclosures: (personId) =>
      scheduled('disclosures', async () =>
        (await engine.read({ attemptsOf: personId })).attempts
          .map((attempt) => ({
            at: attempt.at,
            recipient: attempt.recipient,
            organisation: attempt.organisation,
            what: attempt.kind,
            id: attempt.id,
            outcome: attempt.outcome ?? ('intending' as const),
            sources: attempt.sources,
          }))
          .toReversed(),
      ),
    agreements: () =>
      scheduled('agreements', async () => (await engine.read({ everyAgreement: true })).agreements),
    referrals: (query) => scheduled('referrals', () => referralsFor(query)),
    endReferrals: (destroyed) =>
      scheduled('endReferrals', () => commit(() => endingReferrals(destroyed))),
    ledger: () => scheduled('ledger', async () => (await engine.read({ ledger: true })).ledger),
  }
}

/** Attempts that are silent for too long; of a process that is gone, all of them. */
export const silentBefore = (now: number) => () => endingSilent({ before: now - silentMsMax })
export const abandoned = () => endingSilent({ before: Number.MAX_SAFE_INTEGER, abandoned: true })

function personRecord(
  row: PersonRow,
  sealedOf: ReadonlyMap<string, { readonly bytes: Uint8Array }>,
): PersonRecord {
  const { personId, status, version, state, assignments, review, proposedLeads, breakGlass } = row
  const latest = row.versions.at(-1)
  const inForce = row.versions.findLast(isInForce)
  const waiting = sealedOf.get(proposalKeyOf(personId))
  return {
    personId,
    status,
    version,
    state,
    grants: (inForce ?? latest)?.grants ?? [],
    assignments,
    sealed: sealedOf.get(personId)?.bytes ?? new Uint8Array(0),
    review,
    ...(proposedLeads.length > 0 && { proposedLeads }),
    ...(breakGlass && { breakGlass }),
    ...(waiting &&
      latest && {
        proposal: { version: latest.version, grants: latest.grants, sealed: waiting.bytes },
      }),
  }
}
