import type { CanonicalEvent, ClassificationTier, EventType } from '../events.generated.ts'
import { type Ids, noticeIdOf, personEventIdOf } from '../ids.ts'
import type { Notice, PractitionerAction } from '../notice.ts'
import { type NotifyOptions, type NotifyState, nothingNotified, notifyStep } from '../notify.ts'
import { packNotify, unpackNotify } from '../notify-pack.ts'
import type { Input, Known } from '../processor.ts'
import type { Agreement, Assignment, ConsentVersion, Grant } from '../register.ts'

/** Readable ids: a test that fails shows what they were made of. */
export const plainIds: Ids = {
  hmac: (label, ...parts) => `${label}(${parts.join(' ')})`,
  hash: (label, ...parts) => `${label}(${parts.join(' ')})`,
}

export const at = (text: string): number => Date.parse(text)
export const minutes = (n: number): number => n * 60_000
export const hours = (n: number): number => n * 3_600_000
export const days = (n: number): number => n * 24 * 3_600_000

/** A Tuesday in winter: London and UTC are the same. */
export const tuesday = at('2025-11-18T10:00:00Z')

export const wholeGrant: Grant = {
  purpose: 'care-coordination',
  sources: ['custody', 'probation', 'hospital', 'housing', 'treatment', 'other'],
  recipients: [{ organisation: 'testshire-recovery', role: 'lead-practitioner' }],
  categories: ['whereabouts', 'justice', 'health', 'substance-use', 'housing', 'safety'],
  tier: 'detail',
  from: at('2025-01-01T00:00:00Z'),
  until: at('2027-01-05T00:00:00Z'),
  lookBackDays: 0,
}

export const allAgreements: readonly Agreement[] = wholeGrant.sources.flatMap((source) =>
  ['testshire-recovery', 'elsewhere', 'north-force'].map((recipientOrganisation) => ({
    agreementId: `${source} ${recipientOrganisation}`,
    source,
    purpose: 'care-coordination' as const,
    recipientOrganisation,
    from: 0,
    until: at('2030-01-01T00:00:00Z'),
  })),
)

export function assignment(
  practitionerId: string,
  relation: Assignment['relation'] = 'lead',
  more: Partial<Assignment> = {},
): Assignment {
  return {
    practitionerId,
    organisation: 'testshire-recovery',
    role: relation === 'team' ? 'peer-supporter' : 'key-worker',
    relation,
    tier: 'detail',
    from: at('2025-01-01T00:00:00Z'),
    until: null,
    ...more,
  }
}

/** What the test says of an event; the rest is made up. `received` is when the hub got it. */
export type EventSketch<T extends EventType> = Partial<Extract<CanonicalEvent, { type: T }>> & {
  readonly received: number
  readonly id?: string
  readonly heldUntil?: number
}

const aVisit = { provider: 'RZZ', visitRef: 'V1', classifications: [] }

const bodies: Readonly<Partial<Record<EventType, object>>> = {
  ArrestedIntoCustody: {
    force: 'north-force',
    custodyReference: 'C1',
    custodySuite: null,
    arrestReason: null,
    openPrescription: 'UNKNOWN',
  },
  ReceivedIntoPrison: { prison: 'MDI', legalBasis: 'OTHER', reasonCode: null, confirmed: true },
  ReturnedToPrison: { prison: 'MDI', from: 'COURT', reasonCode: null, confirmed: true },
  LeftForCourt: { prison: 'MDI', reasonCode: null, confirmed: true },
  TransferredBetweenPrisons: { prison: 'LEI', direction: 'IN', reasonCode: null, confirmed: true },
  ReleasedFromPrison: {
    prison: 'MDI',
    kind: 'TO_COMMUNITY',
    reasonCode: null,
    confirmed: true,
    homeArea: null,
  },
  DrugTestedOnArrest: {
    force: 'north-force',
    custodyReference: 'C1',
    grounds: 'TRIGGER_OFFENCE',
    outcome: 'POSITIVE',
    substances: ['OPIATES'],
    assessmentRequired: null,
    assessmentAt: null,
  },
  ReleaseDateSet: { releaseDate: '2026-01-13', previousReleaseDate: null, prison: 'MDI' },
  TreatmentRequirementMade: {
    requirement: 'DRR',
    requirementRef: 'R1',
    lengthMonths: null,
    court: null,
  },
  RequirementEnded: { requirement: 'DRR', requirementRef: 'R1', reason: null },
  BreachRaised: { outcomeCode: null },
  RecallRaised: { recallRef: null, outcomeCode: null, releasedToLead: false },
  EmergencyAttendanceStarted: { ...aVisit, arrivalMode: null },
  EmergencyAttendanceEnded: { ...aVisit, disposal: null },
  Admitted: { ...aVisit, attendanceRef: null, method: '21', from: null },
  Discharged: { ...aVisit, destination: null, nowhereToLive: null },
  EncounterReclassified: { ...aVisit, removed: [] },
  AlcoholScoreRecorded: { provider: 'RZZ', visitRef: 'V1', instrument: 'AUDIT_C', score: 5 },
  DutyToReferDecided: {
    authority: 'X',
    referralRef: 'D1',
    decision: 'ACCEPTED',
    activeUntil: null,
  },
  HomelessnessDutyOwed: { authority: 'X', caseRef: 'H1', duty: 'RELIEF', supportNeeds: [] },
  HomelessnessDutyEnded: {
    authority: 'X',
    caseRef: 'H1',
    duty: 'RELIEF',
    reason: null,
    housed: true,
  },
  ArrearsThresholdCrossed: { landlord: 'L', weeksOwed: 8 },
  PossessionNoticeServed: { landlord: 'L', section: null, expiresOn: null },
  TenancyStarted: { landlord: 'L', kind: null },
  RoughSleepingContact: { service: 'S' },
  TreatmentStarted: {
    provider: 'X',
    episodeRef: '1',
    setting: 'COMMUNITY',
    substances: [],
    referralSource: null,
  },
  TreatmentContact: { provider: 'X', episodeRef: '1', attendance: 'ATTENDED' },
  DosesMissed: { provider: 'X', episodeRef: '1', days: 3, pharmacy: true },
  TreatmentEnded: {
    provider: 'X',
    episodeRef: '1',
    reason: 'COMPLETED',
    setting: 'COMMUNITY',
    destination: null,
  },
  ReferralMade: {
    referralRef: 'F1',
    toService: 'testshire-recovery',
    reason: null,
    condition: null,
    agreed: true,
    toAttendBy: null,
  },
  ReferralAnswered: { referralRef: 'F1', answer: 'ACCEPTED' },
  SafeguardingConcernRaised: { concernRef: 'S1', kind: null },
  ExploitationConcernRaised: { concernRef: 'S1', kind: null },
  DeathReported: { basis: 'HOSPITAL' },
  EventWithdrawn: { withdrawnEventId: null, reason: null },
}

/** A hospital’s codes of a visit, of one tier each. */
export const coded = (...tiers: readonly ClassificationTier[]) => ({
  classifications: tiers.map((tier) => ({
    tier,
    code: 'X00',
    coding: 'ICD-10',
    primary: true,
    table: 'made-up 1',
  })),
})

/** Who tells of it, where it is not custody. */
const tellers: Readonly<Record<string, RegExp>> = {
  treatment: /^Treatment(?!Requirement)|^DosesMissed/,
  hospital:
    /^(Emergency|Admitted|Discharged|Encounter|AlcoholScore|DeathReported|Referral|Safeguarding)/,
  housing: /^(Tenancy|DutyToRefer|Homelessness|Arrears|Possession|RoughSleeping|Exploitation)/,
  probation: /^(TreatmentRequirement|Requirement|Breach|Recall)/,
}

const agencyOf = (type: EventType): string =>
  Object.entries(tellers).find(([, theirs]) => theirs.test(type))?.[0] ?? 'custody'

export function anEvent<T extends EventType>(
  type: T,
  { received, id, heldUntil, ...more }: EventSketch<T>,
): Extract<CanonicalEvent, { type: T }> {
  return {
    type,
    eventId: id ?? `${type}-1`,
    version: 1,
    source: { partnership: 'testshire', agency: agencyOf(type), system: 'made-up' },
    occurredAt: received,
    occurredAtPrecision: 'INSTANT',
    occurredAtText: null,
    recordedAt: null,
    receivedAt: received,
    identifiers: [],
    objectRef: null,
    handling: { holdUntil: heldUntil ?? null, restricted: false },
    ...bodies[type],
    ...more,
  } as unknown as Extract<CanonicalEvent, { type: T }>
}

/** What one person's story was fed, and what came of it. Timers fire as the runtime fires them. */
export interface APerson {
  readonly now: () => number
  /** Gives (or changes) consent at the present moment; other parts of the grant as in `wholeGrant`. */
  agree(...grants: Partial<Grant>[]): void
  withdraw(): void
  assign(...assignments: Assignment[]): void
  agreements(agreements: readonly Agreement[]): void
  /** The rows change, and the trigger is late. */
  quietly(change: () => void): void
  noticesConsent(): void
  happens(...events: CanonicalEvent[]): void
  acts(action: Partial<PractitionerAction> & Pick<PractitionerAction, 'kind' | 'noticeId'>): void
  /** Fires the timers that fall due (not `complete`: a source was behind), then stands at `time`. */
  passTo(time: number, complete?: boolean): void
  /** Only moves the clock: timers wait, as when a source is behind. */
  standAt(time: number): void
  /** The latest version of every notice. */
  notices(): readonly Notice[]
  live(): readonly Notice[]
  one(rule: Notice['rule'], to?: string): Notice
  of(rule: Notice['rule']): readonly Notice[]
  emitted(): readonly Notice[]
  counts(): Readonly<Record<string, number>>
  index(): readonly string[]
  state(): NotifyState
}

export function aPerson(
  setup: {
    readonly now?: number
    readonly agreed?: boolean
    readonly lead?: string | null
    readonly options?: NotifyOptions
  } = {},
): APerson {
  let now = setup.now ?? tuesday
  let state = nothingNotified
  let silent = false
  let versions: readonly ConsentVersion[] = []
  let assignments: readonly Assignment[] =
    setup.lead === null ? [] : [assignment(setup.lead ?? 'lp-1')]
  let agreements = allAgreements
  const timers = new Map<string, number>()
  const emitted: Notice[] = []
  const latest = new Map<string, Notice>()
  const counts: Record<string, number> = {}
  const entries: string[] = []

  const known = (): Known => ({
    now,
    agreements,
    claim: () => undefined,
    person: () => ({ personId: 'ann', status: 'active', versions, assignments }),
    index: () => [],
    past: () => [],
  })
  const feed = (input: Input): void => {
    const stepped = notifyStep(state, known(), input, 'ann', plainIds, setup.options)
    state = unpackNotify(JSON.parse(JSON.stringify(packNotify(stepped.state))))
    for (const { name, at: when } of stepped.timers ?? []) {
      if (when === null) timers.delete(name)
      else timers.set(name, when)
    }
    for (const { value } of stepped.emit ?? []) {
      const notice = value as Notice
      emitted.push(notice)
      if ((latest.get(notice.noticeId)?.version ?? 0) < notice.version) {
        latest.set(notice.noticeId, notice)
      }
    }
    for (const name of stepped.counts ?? []) counts[name] = (counts[name] ?? 0) + 1
    for (const { name, key, value } of stepped.index ?? []) entries.push(`${name} ${key} ${value}`)
  }
  const changed = (): void => {
    if (silent) return
    const version = versions.at(-1)?.version ?? 0
    feed({ kind: 'consent-changed', personId: 'ann', version, changedAt: now })
  }
  const said = (version: Pick<ConsentVersion, 'state' | 'grants'>): void => {
    versions = [
      ...versions.map((one) => (one.endedAt === null ? { ...one, endedAt: now } : one)),
      { version: versions.length + 1, acceptedAt: now, endedAt: null, identifiers: [], ...version },
    ]
    changed()
  }
  const notices = (): readonly Notice[] => [...latest.values()]

  const person: APerson = {
    now: () => now,
    agree: (...grants) =>
      said({
        state: 'given',
        grants: (grants.length === 0 ? [{}] : grants).map((one) => ({ ...wholeGrant, ...one })),
      }),
    withdraw: () => said({ state: 'withdrawn', grants: [] }),
    assign(...next) {
      const gone = assignments.filter((one) => !next.includes(one))
      assignments = [...gone.map((one) => ({ ...one, until: one.until ?? now })), ...next]
      changed()
    },
    agreements(next) {
      agreements = next
    },
    quietly(change) {
      silent = true
      change()
      silent = false
    },
    noticesConsent: changed,
    happens(...events) {
      for (const event of events) {
        now = Math.max(now, event.receivedAt)
        const personEventId = personEventIdOf(plainIds, event.eventId, 'ann')
        feed({ kind: 'person-event', personEventId, personId: 'ann', event })
      }
    },
    acts(action) {
      const thread = latest.get(action.noticeId)?.thread ?? ''
      const contact = action.kind === 'contact-recorded' ? 'seen' : null
      const common = { actionId: `a${now}`, personId: 'ann', by: 'lp-1', at: now, receivedAt: now }
      feed({ kind: 'action', action: { thread, contact, ...common, ...action } })
    },
    passTo(time, complete = true) {
      for (;;) {
        const [next] = [...timers].toSorted((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
        if (next === undefined || next[1] > time) break
        const [name, dueAt] = next
        timers.delete(name)
        now = Math.max(now, dueAt)
        feed({ kind: 'timer', name, dueAt, firedAt: now, complete })
      }
      now = Math.max(now, time)
    },
    standAt(time) {
      now = time
    },
    notices,
    live: () =>
      notices().filter(({ state: one }) => ['open', 'acknowledged', 'paused'].includes(one)),
    of: (rule) => notices().filter((notice) => notice.rule === rule),
    one(rule, to = 'lp-1') {
      const [found, ...others] = notices().filter(
        (notice) => notice.rule === rule && notice.recipient.practitionerId === to,
      )
      if (found === undefined || others.length > 0) {
        throw new Error(
          `${others.length + (found === undefined ? 0 : 1)} ${rule} notices for ${to}`,
        )
      }
      return found
    },
    emitted: () => emitted,
    counts: () => counts,
    index: () => entries,
    state: () => state,
  }
  if (setup.agreed !== false) {
    now -= days(10)
    person.quietly(() => person.agree())
    now = setup.now ?? tuesday
  }
  return person
}

/** The notice id a rule gives, for an action that comes before its notice. */
export const noticeId = (rule: string, episode: string, to = 'lp-1'): string =>
  noticeIdOf(plainIds, rule, 'ann', episode, to)

export const personEvent = (eventId: string): string => personEventIdOf(plainIds, eventId, 'ann')
