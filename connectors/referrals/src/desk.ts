import { deskRoles, endReferrals, type Referral } from '@throughline/consent'
import type { RecordResult } from '@throughline/intake'
import { notFound } from '@throughline/service'
import { answerOf, takenBackOf } from './answers.ts'
import type { ReferralDeskDeps, Sender } from './deps.ts'
import { openCopy } from './desk-copy.ts'
import { type Ask, disclosed, type Practitioner, readerOf } from './disclose.ts'
import { acceptances } from './submit.ts'
import { type Told, toldOf } from './told.ts'
import type { DeskCopy } from './translate.ts'
import type { DeskAnswer } from './words.ts'

/** A referral as its service's desk sees it. */
export interface Shown {
  readonly referral: Referral
  readonly copy: DeskCopy
}

const listedMax = 200

/** Whether this worker sits at the intake desk of their service. */
export const worksAtDesk = ({ role }: Practitioner): boolean => deskRoles.has(role)

/** The referrals that wait at this worker's desk, oldest first, and what became of those they sent themselves. */
export async function listReferrals(
  deps: ReferralDeskDeps,
  worker: Practitioner,
  write: (desk: readonly Shown[], sent: readonly Told[]) => void,
): Promise<void> {
  const { register } = deps
  const at = worksAtDesk(worker) ? await register.referrals({ service: worker.organisation }) : []
  const waiting = at.filter(({ keyRef }) => keyRef !== null).toReversed()
  const sent = await register.referrals({ sender: worker.id })
  const asks: readonly Ask[] = [
    ...waiting.slice(0, listedMax).map((referral) => ({ referral, kind: 'referral' }) as const),
    ...sent.slice(0, listedMax).map((referral) => ({ referral, kind: 'referral-state' }) as const),
  ]
  await disclosed(deps, readerOf(worker), asks, async (allowed) => {
    const mine = allowed.filter(({ kind }) => kind === 'referral-state')
    const desk = await opened(
      deps,
      allowed.filter(({ kind }) => kind === 'referral'),
    )
    return () =>
      write(
        desk,
        mine.map(({ referral }) => toldOf(referral)),
      )
  })
}

/** One referral, to the desk of its service; 404 for everybody else. */
export async function readAtDesk(
  deps: ReferralDeskDeps,
  worker: Practitioner,
  referral: Referral,
  write: (shown: Shown) => void,
): Promise<void> {
  await disclosed(deps, readerOf(worker), [{ referral, kind: 'referral' }], async (allowed) => {
    const [shown] = await opened(deps, allowed)
    if (shown === undefined) throw notFound()
    return () => write(shown)
  })
}

/** What became of a referral, to whoever sent it; 404 for everybody else. */
export async function readAsSender(
  deps: ReferralDeskDeps,
  reader: Parameters<typeof disclosed>[1],
  referral: Referral,
  write: (told: Told) => void,
): Promise<void> {
  const asks = [{ referral, kind: 'referral-state' }] as const
  await disclosed(deps, reader, asks, async ([allowed]) => {
    if (allowed === undefined) throw notFound()
    return () => write(toldOf(allowed.referral))
  })
}

/** A referral by id that this worker's desk holds; undefined where there is none. */
export async function atDeskOf(
  { register }: ReferralDeskDeps,
  worker: Practitioner,
  referralId: string,
): Promise<Referral | undefined> {
  const [referral] = await register.referrals({ referralId })
  const isTheirs = referral?.service === worker.organisation && worksAtDesk(worker)
  return isTheirs && referral.keyRef !== null ? referral : undefined
}

export type Answering = (
  worker: Practitioner,
  referralId: string,
  answer: DeskAnswer,
  because: string | null,
  correlationId: string,
) => Promise<RecordResult>

/** What a desk answers becomes an event of the referral's own source, and closes it or gives it more time. */
export function answering(deps: ReferralDeskDeps): Answering {
  const acceptFor = acceptances(deps)
  return async (worker, referralId, answer, because, correlationId) => {
    const { register, keys, ids, options, log } = deps
    const referral = await atDeskOf(deps, worker, referralId)
    const copy = referral && (await openCopy(deps, referral))
    if (referral === undefined || copy === undefined) throw notFound()
    const deed = { copy, referral, now: register.now() }
    const translation =
      answer === 'taken-back'
        ? takenBackOf(deed, ids)
        : answerOf(deed, { answer, because, by: readerOf(worker) }, ids)
    const { unclaimed } = options
    const inbound = { translation, message: () => JSON.stringify({ answer, because }), unclaimed }
    const [result] = await acceptFor(copy.agency)([inbound], correlationId)
    if (result === undefined) throw new Error('one record gives one result')
    await endReferrals(register, keys).catch(() => log.warn('keys stay for the sweep'))
    return result
  }
}

async function opened(deps: ReferralDeskDeps, asks: readonly Ask[]): Promise<readonly Shown[]> {
  const shown: Shown[] = []
  for (const { referral } of asks) {
    const copy = await openCopy(deps, referral)
    if (copy !== undefined) shown.push({ referral, copy })
  }
  return shown
}

/** A worker who refers somebody tells as one of the sources that have no system of their own. */
export const workerSender = ({ id }: Practitioner): Sender => ({ agency: 'other', name: id })
