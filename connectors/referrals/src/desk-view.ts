import { dateInWords, momentInWords } from '@throughline/domain'
import type { Shown } from './desk.ts'
import { isFormReference } from './form.ts'
import type { Told } from './told.ts'
import {
  agreedHow,
  conditions,
  contactWays,
  dateWords,
  declines,
  iso,
  news,
  reasons,
  sourceKinds,
  stateWords,
} from './words.ts'

/** A referral as the API shows it to its service's desk. */
export function deskJson({ referral, copy: { record, identifiers } }: Shown) {
  const { contact, person, agreement } = record
  const { toService: service, ...asked } = record.referral
  return {
    referralId: referral.referralId,
    service,
    state: referral.state,
    receivedAt: iso(referral.receivedAt),
    heldUntil: referral.heldUntil === null ? null : iso(referral.heldUntil),
    source: { ...record.source, ndtmsReferralSource: sourceKinds[record.source.kind].rfls },
    reference: record.recordReference,
    safeContact: {
      ok: contact?.ok ?? [],
      never: contact?.never ?? [],
      reviewBy: contact?.reviewBy ?? null,
    },
    person: {
      name: person.name ?? null,
      dateOfBirth: person.dateOfBirth ?? null,
      identifiers: identifiers.map(({ type, value, issuer }) => ({ type, value, issuer })),
      phone: contact?.phone ?? null,
      email: contact?.email ?? null,
    },
    referral: asked,
    agreement: { ...agreement, method: agreement.method ?? null },
  }
}

/** What became of a referral, as the API tells its sender. */
export const toldJson = ({ at, because, sentAt, ...told }: Told) => ({
  ...told,
  sentAt: iso(sentAt),
  at: at === null ? null : iso(at),
  ...(because !== null && { because }),
})

export const nameOf = ({ copy: { record } }: Shown): string => {
  const { name } = record.person
  return name === undefined ? 'Name not given' : `${name.given} ${name.family}`
}

/** A line of the desk's list. */
export function deskLine(shown: Shown, now: number) {
  const { referral, copy } = shown
  const { reason, condition, toAttendBy } = copy.record.referral
  const daysLeft = Math.ceil(((referral.heldUntil ?? now) - now) / dayMs)
  return {
    id: referral.referralId,
    name: nameOf(shown),
    from: sourceKinds[copy.record.source.kind].text,
    why: [reason && reasons[reason], condition && conditions[condition]]
      .filter((words) => words !== undefined)
      .join(' · '),
    received: dateWords(referral.receivedAt),
    expected: toAttendBy === undefined ? '' : dateWords(Date.parse(toAttendBy)),
    until: referral.heldUntil === null ? '' : dateWords(referral.heldUntil),
    soon: daysLeft <= 7,
    accepted: referral.state === 'accepted',
  }
}

/** The page of one referral. Safe contact comes before any number. */
export function deskPage(shown: Shown, organisationName: (code: string) => string) {
  const { referral, copy } = shown
  const { person, contact, source, recordReference, referral: asked, agreement } = copy.record
  const rfls = sourceKinds[source.kind].rfls
  return {
    id: referral.referralId,
    title: nameOf(shown),
    accepted: referral.state === 'accepted',
    received: momentInWords(referral.receivedAt),
    until: referral.heldUntil === null ? '' : dateWords(referral.heldUntil),
    never: (contact?.never ?? []).map((way) => contactWays[way]),
    ok: (contact?.ok ?? []).map((way) => contactWays[way]),
    person: rows([
      ['Date of birth', person.dateOfBirth && dateInWords(person.dateOfBirth)],
      ...copy.identifiers.map(
        ({ type, value, issuer }) =>
          [numberNames[type] ?? type, issuer === null ? value : `${value} (${issuer})`] as const,
      ),
      ['Telephone', contact?.phone],
      ['E-mail', contact?.email],
    ]),
    referral: rows([
      ['Why', asked.reason && reasons[asked.reason]],
      ['What for', asked.condition && conditions[asked.condition]],
      ['Expected by', asked.toAttendBy && dateWords(Date.parse(asked.toAttendBy))],
      ['Alcohol score', asked.alcoholScore && scoreWords(asked.alcoholScore)],
      ['Referred by', `${sourceKinds[source.kind].text}, ${organisationName(source.organisation)}`],
      ['Their number for it', isFormReference(recordReference) ? undefined : recordReference],
      ['NDTMS referral source', rfls ?? undefined],
    ]),
    note: asked.note ?? '',
    agreement: rows([
      ['Agreed', agreement.recordedAt && dateWords(Date.parse(agreement.recordedAt))],
      ['How', agreement.method && agreedHow[agreement.method]],
      [
        'The referrer may hear',
        agreement.referrerMayHear.map((one) => news[one]).join(', ') || 'nothing',
      ],
    ]),
  }
}

/** A line about a referral that the reader sent. */
export const sentLine = (
  { referralId, service, state, at, because, sentAt }: Told,
  organisationName: (code: string) => string,
) => ({
  id: referralId,
  service: organisationName(service),
  sent: momentInWords(sentAt),
  state: stateWords(state),
  at: at === null ? '' : dateWords(at),
  because: because === null ? '' : (declineWords[because] ?? ''),
  explained: explanations[state] ?? '',
})

const explanations: Readonly<Record<string, string>> = {
  received: 'The service has it. Nobody has decided yet.',
  accepted: 'The service will see them.',
  declined: 'The service cannot take them. Talk with them about what else could help.',
  attended: 'They came.',
  'not-attended': 'They did not come. They can be referred again at any time.',
  withdrawn: 'It was taken back, and the service no longer has it.',
  lapsed:
    'Nobody decided within 28 days, and what it said is gone. Ring the service, or refer them again.',
  'not-shared': 'The service has been sent it. They did not agree that you hear more.',
}

const declineWords: Readonly<Record<string, string>> = declines

const numberNames: Readonly<Record<string, string>> = {
  NHS: 'NHS number',
  NOMS: 'Prison number',
  CRN: 'Probation number',
  PNC: 'Police number',
  CRO: 'Criminal record number',
  MRN: 'Hospital number',
  NDTMS: 'Treatment client reference',
  HOUSING_APPLICATION: 'Housing reference',
  CJIT: 'Criminal justice team number',
}

const dayMs = 86_400_000

/** A calendar day as it was written, whatever the zone of whoever reads it. */

const scoreWords = ({ instrument, score }: { instrument: string; score: number }): string =>
  `${instrument === 'AUDIT_C' ? 'AUDIT-C' : 'AUDIT'} ${score}`

const rows = (pairs: readonly (readonly [string, string | undefined])[]) =>
  pairs.flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [{ key: { text: key }, value: { text: value } }],
  )
