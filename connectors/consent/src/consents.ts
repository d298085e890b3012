import {
  openPerson,
  type PersonRecord,
  type RegisterAnswer,
  type SealedPerson,
  sealPerson,
} from '@throughline/consent'
import { leadsOrDeputises } from '@throughline/domain'
import { nameOfPrincipal, notFound, type Principal } from '@throughline/service'
import { assignmentSchema, type WithdrawalBody, withdrawalSchema } from './body.ts'
import { assignmentOf, type CheckedConsent, type CheckOptions, checkConsent } from './check.ts'
import type { ConsentDeps } from './deps.ts'
import { type Fault, fault, faultsOf } from './faults.ts'
import { type PersonContent, personContentOf } from './person-content.ts'

export type Answered =
  | { readonly ok: true; readonly answer: Extract<RegisterAnswer, { ok: true }> }
  | { readonly ok: false; readonly faults: readonly Fault[] }
  | { readonly ok: false; readonly refused: Refused }

/** What the register itself refuses; a person who is not there is a 404. */
export type Refused = Exclude<
  Extract<RegisterAnswer, { ok: false }>['reason'],
  'not-found' | 'erased'
>

/** Who keeps a person's consent: the register's own staff, and the person's lead and deputies. */
export type Keeper = Extract<Principal, { readonly kind: 'register' | 'practitioner' }>

/**
 * Records a new person's consent. The person's key is made first, and durably: nothing is ever stored
 * that could not be shredded. The same Idempotency-Key with the same body answers as it did before.
 */
export async function recordConsent(
  deps: ConsentDeps,
  keeper: Keeper,
  raw: unknown,
  idempotencyKey: string | undefined,
): Promise<Answered> {
  const checked = checkConsent(raw, checkOptions(deps))
  if (!checked.ok) return checked
  const consent = checked.value
  if (keeper.kind === 'practitioner' && consent.body.lead !== keeper.id)
    return { ok: false, faults: [notYours] }
  const personId = `p-${Buffer.from(deps.random(16)).toString('base64url')}`
  const key = await deps.keys.create(`person:${personId}`)
  const answer = await deps.register.change({
    kind: 'record-consent',
    personId,
    isNew: true,
    ...(idempotencyKey !== undefined && {
      idempotency: {
        key: deps.ids.hmac('idempotency-key', nameOfPrincipal(keeper), idempotencyKey),
        body: deps.ids.hmac('idempotency-body', JSON.stringify(consent.body)),
      },
    }),
    expectedVersion: null,
    state: 'given',
    identifiers: consent.hashes,
    grants: consent.body.grants,
    assignments: consent.assignments,
    sealed: sealPerson(personId, contentOf(consent), key, deps.random),
    by: nameOfPrincipal(keeper),
  })
  // A repeat answers with the person it made the first time: the key just made seals nothing.
  if (!answer.ok || answer.personId !== personId)
    await deps.keys.destroy(`person:${personId}`, deps.register.now())
  return answeredAs(answer)
}

/**
 * Records the next complete version. Lead, deputies and team of the body must be known people; they
 * open nothing here, because assignments have their own command.
 */
export async function changeConsent(
  deps: ConsentDeps,
  keeper: Keeper,
  personId: string,
  raw: unknown,
  expectedVersion: number | null,
): Promise<Answered> {
  await keptBy(deps, keeper, personId)
  const checked = checkConsent(raw, checkOptions(deps))
  if (!checked.ok) return checked
  const consent = checked.value
  const key = await deps.keys.create(`person:${personId}`)
  return answeredAs(
    await deps.register.change({
      kind: 'record-consent',
      personId,
      isNew: false,
      expectedVersion,
      state: 'given',
      identifiers: consent.hashes,
      grants: consent.body.grants,
      sealed: sealPerson(personId, contentOf(consent), key, deps.random),
      by: nameOfPrincipal(keeper),
    }),
  )
}

/** Ends sharing for these purposes. Answers once nothing more is told under them. */
export async function withdraw(
  deps: ConsentDeps,
  keeper: Keeper,
  personId: string,
  raw: unknown,
): Promise<Answered> {
  await keptBy(deps, keeper, personId)
  const read = withdrawalSchema.safeParse(raw)
  if (!read.success) return { ok: false, faults: faultsOf(read.error) }
  const { purposes, by, reason }: WithdrawalBody = read.data
  return answeredAs(
    await deps.register.change({ kind: 'withdraw', personId, purposes, by, reason }),
  )
}

/** Gives somebody a part in a person's care, or another part; a new lead takes over from the old one. */
export async function assign(
  deps: ConsentDeps,
  keeper: Keeper,
  personId: string,
  raw: unknown,
): Promise<Answered> {
  await keptBy(deps, keeper, personId)
  const read = assignmentSchema.safeParse(raw)
  if (!read.success) return { ok: false, faults: faultsOf(read.error) }
  const assignment = assignmentOf(read.data, deps.directory)
  if (assignment === undefined)
    return {
      ok: false,
      faults: [fault(['practitionerId'], 'practitioner-unknown', 'Nobody here has this id.')],
    }
  const by = nameOfPrincipal(keeper)
  return answeredAs(await deps.register.change({ kind: 'assign', personId, assignment, by }))
}

/** Ends somebody's part. Without a lead, what comes next goes to the team's duty queue. */
export async function endAssignment(
  deps: ConsentDeps,
  keeper: Keeper,
  personId: string,
  practitionerId: string,
): Promise<Answered> {
  await keptBy(deps, keeper, personId)
  const by = nameOfPrincipal(keeper)
  return answeredAs(
    await deps.register.change({ kind: 'end-assignment', personId, practitionerId, by }),
  )
}

/**
 * The person's record, for whoever keeps it. For anybody else it is not there at all, whether the
 * person exists or not (assurance, UI-1).
 */
export async function keptBy(
  { register }: ConsentDeps,
  keeper: Keeper,
  personId: string,
): Promise<PersonRecord> {
  const record = await register.person(personId)
  if (record === undefined || record.status === 'erased') throw notFound()
  if (!mayKeep(keeper, record, register.now())) throw notFound()
  return record
}

export const mayKeep = (keeper: Keeper, record: PersonRecord, now: number): boolean =>
  keeper.kind === 'register' || leadsOrDeputises(record, keeper.id, now)

/** What the person told us about themselves; undefined once their key is gone. */
export async function contentOfPerson(
  deps: ConsentDeps,
  record: Pick<PersonRecord, 'personId' | 'sealed'>,
): Promise<PersonContent | undefined> {
  const opened = await openedPerson(deps, record)
  return opened && personContentOf(opened)
}

/** The same as it was sealed, with whatever else was kept beside it. */
export async function openedPerson(
  { keys }: ConsentDeps,
  { personId, sealed }: Pick<PersonRecord, 'personId' | 'sealed'>,
): Promise<SealedPerson | undefined> {
  const opened = (await keys.open([`person:${personId}`])).get(`person:${personId}`)
  if (opened === undefined || opened === 'erased') return undefined
  return openPerson(personId, sealed, opened)
}

const contentOf = ({ body, identifiers }: CheckedConsent): SealedPerson => ({
  displayName: body.displayName.trim(),
  identifiers,
  ownWords: body.ownWords,
  safeContact: body.safeContact,
  taken: body.taken,
})

export const checkOptions = (deps: ConsentDeps): CheckOptions => ({
  ids: deps.ids,
  directory: deps.directory,
  allowTestNhsNumbers: deps.allowTestNhsNumbers,
  referenceYear: new Date(deps.register.now()).getUTCFullYear(),
})

export function answeredAs(answer: RegisterAnswer): Answered {
  if (answer.ok) return { ok: true, answer }
  if (answer.reason === 'not-found' || answer.reason === 'erased') throw notFound()
  return { ok: false, refused: answer.reason }
}

// A person could otherwise be put on somebody's caseload by a third.
const notYours = fault(['lead'], 'lead-is-yourself', 'A consent that you take makes you the lead.')
