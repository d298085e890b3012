import { fault, type RecordFault } from '@throughline/intake'
import { contextOf, formOf, type JsonValue, notFound, pagesFrom } from '@throughline/service'
import type { Request, Response } from 'express'
import type { ReferralDeskDeps } from './deps.ts'
import type { Shown } from './desk.ts'
import { listReferrals, workerSender, worksAtDesk } from './desk.ts'
import { deskLine, deskPage, sentLine } from './desk-view.ts'
import type { Practitioner } from './disclose.ts'
import {
  emptyForm,
  freshReference,
  isFormReference,
  type ReferralForm,
  readReferralForm,
  recordFrom,
} from './form.ts'
import { type FieldFault, fieldFaults, formView } from './form-view.ts'
import type { Submit } from './submit.ts'
import type { Told } from './told.ts'
import { translateOther } from './translate.ts'
import { type DeskAnswer, declines, deskAnswers } from './words.ts'

const page = pagesFrom(new URL('views', import.meta.url))

const doneWords: Readonly<Record<string, string>> = {
  accepted: 'Recorded: you will see them.',
  attended: 'Recorded: they came. What the referral said is no longer kept here.',
  'not-attended': 'Recorded: they did not come. What the referral said is no longer kept here.',
  declined: 'Recorded: you cannot take it. What the referral said is no longer kept here.',
  'taken-back': 'Taken back. What the referral said is no longer kept here.',
  closed: 'Somebody has answered this referral already.',
}

/** What waits at the desk, and what the reader sent. */
export async function showList(
  deps: ReferralDeskDeps,
  worker: Practitioner,
  req: Request,
  res: Response,
): Promise<void> {
  const { done } = req.query
  const name = (code: string): string => deps.directory.organisationName(code)
  await listReferrals(deps, worker, (desk, sent) => {
    const lines = desk.map((shown) => deskLine(shown, deps.register.now()))
    page(res, 'referrals.njk', {
      atDesk: worksAtDesk(worker),
      service: name(worker.organisation),
      waiting: lines.filter(({ accepted }) => !accepted),
      accepted: lines.filter(({ accepted }) => accepted),
      sent: sent.map((told) => sentLine(told, name)),
      done: typeof done === 'string' ? (doneWords[done] ?? '') : '',
      hasDesks: deps.options.desks.length > 0,
    })
  })
}

export const showReferral = (
  deps: ReferralDeskDeps,
  res: Response,
  shown: Shown,
  faults: readonly FieldFault[] = [],
): void => {
  const view = deskPage(shown, (code) => deps.directory.organisationName(code))
  const answers = (Object.keys(deskAnswers) as DeskAnswer[]).filter(
    (answer) => !(view.accepted && answer === 'accepted'),
  )
  page(
    res,
    'referral.njk',
    {
      ...view,
      faults,
      messages: Object.fromEntries(faults.map(({ href, text }) => [href.slice(1), { text }])),
      // Only the choice of a reason can be wrong beside a choice that was made.
      answers: answers.map((value) => ({
        value,
        text: deskAnswers[value],
        checked: value === 'declined' && faults.some(({ href }) => href === '#because'),
      })),
      declines: [
        { value: '', text: 'Choose' },
        ...Object.entries(declines).map(([value, text]) => ({ value, text })),
      ],
    },
    faults.length > 0 ? 422 : 200,
  )
}

export const showSent = (deps: ReferralDeskDeps, req: Request, res: Response, told: Told): void =>
  page(res, 'sent.njk', {
    ...sentLine(told, (code) => deps.directory.organisationName(code)),
    justSent: req.query['sent'] === '1',
  })

export function showForm(deps: ReferralDeskDeps, res: Response): void {
  if (deps.options.desks.length === 0) throw notFound()
  const hidden = {
    key: freshReference(deps.random),
    openedAt: deps.register.now(),
  }
  render(deps, res, { form: emptyForm(deps.options.desks), hidden })
}

/** The posted form goes the way of every referral; what is wrong comes back beside its field. */
export async function takeForm(
  deps: ReferralDeskDeps,
  submit: Submit,
  worker: Practitioner,
  req: Request,
  res: Response,
): Promise<void> {
  const posted = formOf(req)
  const form = readReferralForm(posted)
  const hidden = hiddenOf(deps, posted)
  const { organisation, role } = worker
  const { record, types } = recordFrom(form, {
    organisation,
    role,
    reference: hidden.key,
    openedAt: hidden.openedAt,
  })
  const text = JSON.stringify(record)
  const written = JSON.parse(text) as JsonValue
  const wrong = [...beforehand(form, deps), ...faultsIn(written, deps)]
  if (wrong.length > 0) {
    return render(deps, res, { form, hidden, faults: fieldFaults(wrong, types) })
  }
  const { correlationId } = contextOf(req)
  const [result] = await submit([written], workerSender(worker), () => text, correlationId)
  if (result?.referralId !== undefined) {
    return res.redirect(303, `/referrals/${result.referralId}?sent=1`)
  }
  render(deps, res, { form, hidden, faults: [alreadySent] })
}

/** What the house format finds wrong, all at once. */
function faultsIn(
  written: JsonValue,
  { ids, options, partnership, register }: ReferralDeskDeps,
): readonly RecordFault[] {
  const rules = { ...options, partnership, agency: 'other', now: register.now() } as const
  const { translation } = translateOther(written, ids, rules)
  return translation.outcome === 'rejected' ? translation.errors : []
}

/** What the format allows and the page does not: a service without a desk, and no agreement; and nobody at all. */
const beforehand = (form: ReferralForm, { options }: ReferralDeskDeps): readonly RecordFault[] => [
  ...(isNobody(form) ? [fault('person', 'person-not-named')] : []),
  ...(options.desks.includes(form.toService) ? [] : [fault('referral.toService', 'no-desk')]),
  ...(form.toReferral ? [] : [fault('agreement.toReferral', 'not-agreed')]),
]

const isNobody = ({ given, family, numbers }: ReferralForm): boolean =>
  given === '' && family === '' && Object.values(numbers).every((number) => number === '')

const alreadySent: FieldFault = {
  href: '#toService',
  text: 'This form was sent before with something else in it. Open a new one.',
}

interface Hidden {
  readonly key: string
  readonly openedAt: number
}

const formLifeMs = 8 * 3_600_000

function hiddenOf({ register, random }: ReferralDeskDeps, posted: URLSearchParams): Hidden {
  const now = register.now()
  const key = posted.get('key') ?? ''
  const openedAt = Number(posted.get('openedAt') ?? '')
  const isRecent = Number.isInteger(openedAt) && openedAt <= now && now - openedAt < formLifeMs
  return {
    key: isFormReference(key) ? key : freshReference(random),
    openedAt: isRecent ? openedAt : now,
  }
}

function render(
  { options, directory }: ReferralDeskDeps,
  res: Response,
  {
    form,
    hidden,
    faults = [],
  }: {
    readonly form: ReferralForm
    readonly hidden: Hidden
    readonly faults?: readonly FieldFault[]
  },
): void {
  const view = formView(form, options.desks, (code) => directory.organisationName(code), faults)
  page(res, 'new.njk', { ...view, hidden }, faults.length > 0 ? 422 : 200)
}
