import type { KeyRef } from '@throughline/stream'
import type {
  Arrival,
  Disclosure,
  Referral,
  ReferralChange,
  ReferralDecision,
  ReferralState,
} from '../port.ts'
import type { AuditEntry, ReferralRow, Write } from '../rows.ts'

const dayMs = 86_400_000

/** How long a referral is held until somebody decides, and then until it is known whether the person came (design, section 6). */
export const referralHeldMs = 28 * dayMs
/** How long after its content is gone the sender can still read what became of it. */
const referralKnownMs = 28 * dayMs

/** Who works at a service's intake desk, by role. */
export const deskRoles: ReadonlySet<string> = new Set(['intake', 'duty'])

/** Whom the gate and the audit name in the place of a person. */
export const subjectOf = (referralId: string): string => `referral:${referralId}`

/** Where a referral's content lies among what is sealed. */
export const sealedKeyOf = (referralId: string): string => `referral ${referralId}`

/** As it stands at `now`: what nobody has swept yet has lapsed all the same. */
export function referralAt(row: ReferralRow, sealed: Uint8Array | null, now: number): Referral {
  const { identifiers: _identifiers, spentKeys: _spent, forgetAt: _forget, ...shown } = row
  return isHeld(row, now)
    ? { ...shown, sealed }
    : { ...shown, state: endOf(row.state), heldUntil: null, keyRef: null, sealed: null }
}

/** May this worker see it, or this sender hear of it? Until when, or why not. */
export function referralPermit(
  row: ReferralRow | undefined,
  { what, recipient }: Pick<Disclosure, 'what' | 'recipient'>,
  now: number,
): number | string {
  if (row === undefined || row.forgetAt <= now) return 'no-referral'
  if (what.kind === 'referral-state') {
    return row.sender === recipient.practitionerId ? row.forgetAt : 'not-the-sender'
  }
  if (!isDeskOf(row, recipient)) return 'not-the-desk'
  return isHeld(row, now) && row.heldUntil !== null ? row.heldUntil : 'referral-ended'
}

/** The desk's rows while a call's arrivals are decided one after the other. */
export function referralsOver(rows: ReadonlyMap<string, ReferralRow>, now: number) {
  const current = new Map(rows)
  const writes = new Map<string, Write>()
  const audit: AuditEntry[] = []

  const keep = (row: ReferralRow, sealed: Uint8Array | null | 'same'): void => {
    const { referralId } = row
    current.set(referralId, row)
    writes.set(referralId, { table: 'referrals', key: referralId, row })
    if (sealed === 'same') return
    const key = sealedKeyOf(referralId)
    const content = sealed && { personId: key, bytes: sealed }
    writes.set(key, { table: 'sealed', key, row: content })
  }
  const close = (row: ReferralRow, change: Partial<ReferralRow>): void =>
    keep(closed(row, change, now), null)

  const made = (arrival: Arrival, change: Made): void => {
    const { referralId, service, sender, hears, keyRef, sealed } = change
    const { agency, version } = arrival
    const before = current.get(referralId)
    if (before !== undefined && !mayReplace(before, version, now)) {
      keep({ ...before, spentKeys: [...before.spentKeys, keyRef] }, 'same')
      return
    }
    // A correction gives nobody more time: the days count from the first telling.
    const { state, receivedAt, heldUntil } =
      before !== undefined && isHeld(before, now)
        ? before
        : { state: 'received' as const, receivedAt: now, heldUntil: now + referralHeldMs }
    const row: ReferralRow = {
      referralId,
      agency,
      service,
      sender,
      hears,
      version,
      keyRef,
      receivedAt,
      heldUntil,
      state,
      withdrawnBy: null,
      because: null,
      changedAt: now,
      identifiers: identifiersOf(arrival),
      spentKeys: before === undefined ? [] : keysOf(before),
      forgetAt: (heldUntil ?? now) + referralKnownMs,
    }
    keep(row, sealed)
    audit.push(changed('referral-received', row, { sender, service }))
  }

  const answered = ({ referralId, answer, because, by }: Answered): void => {
    const row = current.get(referralId)
    if (row === undefined) return
    if (answer === 'accepted') {
      const heldUntil = now + referralHeldMs
      const forgetAt = heldUntil + referralKnownMs
      keep({ ...row, state: answer, changedAt: now, heldUntil, forgetAt }, 'same')
    } else close(row, { state: answer, because })
    const { practitionerId, organisation, role } = by
    audit.push(
      changed('referral-answered', row, { answer, by: practitionerId, organisation, role }),
    )
  }

  const withdrawn = (arrival: Arrival, change: Withdrawn): void => {
    const { referralId, sender, by } = change
    const row = current.get(referralId) ?? unknown(arrival, referralId, sender, now)
    const version = Math.max(row.version, arrival.version)
    close(row, { state: 'withdrawn', withdrawnBy: by, version })
    audit.push(changed('referral-withdrawn', row, { by }))
  }

  return {
    /** Why an answer no longer fits; null where it does, and for everything else. */
    refusal({ referral }: Arrival): 'referral-closed' | null {
      if (referral?.kind !== 'answered') return null
      const row = current.get(referral.referralId)
      if (row === undefined || !isDeskOf(row, referral.by)) return 'referral-closed'
      return isHeld(row, now) && mayFollow[row.state].includes(referral.answer)
        ? null
        : 'referral-closed'
    },
    take(arrival: Arrival): void {
      const { referral } = arrival
      if (referral?.kind === 'made') made(arrival, referral)
      else if (referral?.kind === 'answered') answered(referral)
      else if (referral?.kind === 'withdrawn') withdrawn(arrival, referral)
    },
    writes: (): { readonly rows: readonly Write[]; readonly audit: readonly AuditEntry[] } => ({
      rows: [...writes.values()],
      audit,
    }),
  }
}

type Made = Extract<ReferralChange, { kind: 'made' }>
type Answered = Extract<ReferralChange, { kind: 'answered' }>
type Withdrawn = Extract<ReferralChange, { kind: 'withdrawn' }>

/** What an answer may follow. Somebody may walk in before anybody has accepted. */
const mayFollow: Readonly<Record<ReferralState, readonly ReferralDecision[]>> = {
  received: ['accepted', 'declined', 'attended', 'not-attended'],
  accepted: ['declined', 'attended', 'not-attended'],
  declined: [],
  attended: [],
  'not-attended': [],
  withdrawn: [],
  lapsed: [],
}

/** What has ended of the holding, and the keys that are to be destroyed with it. */
export function endOfReferrals(
  rows: readonly ReferralRow[],
  destroyed: ReadonlySet<KeyRef>,
  now: number,
): {
  readonly keys: readonly KeyRef[]
  readonly rows: readonly Write[]
  readonly audit: readonly AuditEntry[]
} {
  const writes: Write[] = []
  const audit: AuditEntry[] = []
  const keys: KeyRef[] = []
  for (const row of rows) {
    const ends = row.keyRef !== null && !isHeld(row, now)
    const ended = ends ? closed(row, { state: endOf(row.state) }, now) : row
    const spentKeys = ended.spentKeys.filter((key) => !destroyed.has(key))
    keys.push(...spentKeys)
    if (ended === row && spentKeys.length === row.spentKeys.length) continue
    const { referralId } = row
    writes.push({ table: 'referrals', key: referralId, row: { ...ended, spentKeys } })
    if (!ends) continue
    writes.push({ table: 'sealed', key: sealedKeyOf(referralId), row: null })
    audit.push(changed('referral-ended', row, { state: ended.state }))
  }
  return { keys, rows: writes, audit }
}

/** A person is erased: nothing that anybody referred them with stays either. */
export function erasedReferrals(
  rows: readonly ReferralRow[],
  claims: readonly string[],
  now: number,
): readonly Write[] {
  const theirs = new Set(claims)
  return rows
    .filter(
      ({ keyRef, identifiers }) => keyRef !== null && identifiers.some((one) => theirs.has(one)),
    )
    .flatMap((row): Write[] => [
      {
        table: 'referrals',
        key: row.referralId,
        row: {
          ...closed(row, { state: 'withdrawn', withdrawnBy: 'person' }, now),
          identifiers: [],
        },
      },
      { table: 'sealed', key: sealedKeyOf(row.referralId), row: null },
    ])
}

const isHeld = ({ keyRef, heldUntil }: ReferralRow, now: number): boolean =>
  keyRef !== null && heldUntil !== null && now < heldUntil

const isDeskOf = (
  { service }: ReferralRow,
  { organisation, role }: Disclosure['recipient'],
): boolean => service === organisation && deskRoles.has(role)

/** What nobody decided lapses; what was accepted stays so, also when nobody says whether the person came. */
const endOf = (state: ReferralState): ReferralState => (state === 'received' ? 'lapsed' : state)

/** A higher version corrects what is held, or begins again what was taken back or lapsed. What was decided stays. */
const mayReplace = (row: ReferralRow, version: number, now: number): boolean =>
  version > row.version &&
  (isHeld(row, now) || row.state === 'withdrawn' || endOf(row.state) === 'lapsed')

const keysOf = ({ keyRef, spentKeys }: ReferralRow): readonly KeyRef[] =>
  keyRef === null ? spentKeys : [...spentKeys, keyRef]

const closed = (row: ReferralRow, change: Partial<ReferralRow>, now: number): ReferralRow => ({
  ...row,
  ...change,
  changedAt: now,
  heldUntil: null,
  keyRef: null,
  spentKeys: keysOf(row),
  forgetAt: now + referralKnownMs,
})

/** Taken back before it came. It is remembered, so that the late original finds its withdrawal. */
const unknown = (
  { agency }: Arrival,
  referralId: string,
  sender: string,
  now: number,
): ReferralRow => ({
  referralId,
  agency,
  sender,
  service: '',
  hears: [],
  version: 0,
  state: 'received',
  withdrawnBy: null,
  because: null,
  receivedAt: now,
  changedAt: now,
  heldUntil: null,
  keyRef: null,
  identifiers: [],
  spentKeys: [],
  forgetAt: now,
})

const identifiersOf = ({ verdict }: Arrival): readonly string[] =>
  verdict.outcome === 'published'
    ? [...new Set(verdict.events.flatMap(({ identifiers }) => identifiers))]
    : []

const changed = (
  what: string,
  { referralId }: ReferralRow,
  facts: Readonly<Record<string, unknown>>,
): AuditEntry => ({ kind: 'changed', facts: { what, referralId, ...facts } })
