import {
  addDays,
  isQuarter,
  policyByDefault,
  quarterOf,
  questionOf,
  type ReleaseQuestion,
} from '@throughline/domain'
import { HttpFault } from '@throughline/service'
import { z } from 'zod'

const day = z.string().refine(isDay, 'day')
const quarter = z.string().refine(isQuarter, 'quarter')

const body = z.strictObject({
  asOf: day.optional(),
  quarter: quarter.optional(),
  completeTo: quarter.optional(),
  earlierOpenEpisode: z.enum(['apart', 'counts']).default('apart'),
})

/**
 * What an operator asks of a release, with everything left out as it is by default. 422 names the member
 * and the rule: no day or quarter that is still to come, and nothing vouched for that is not over.
 */
export function readQuestion(given: unknown, now: number): ReleaseQuestion {
  const parsed = body.safeParse(given ?? {})
  if (!parsed.success) throw refused(parsed.error.issues[0]?.path.join('.') ?? '')
  const { earlierOpenEpisode, asOf, quarter: last, completeTo } = parsed.data
  const policy = { ...policyByDefault, earlierOpenEpisode }
  const today = questionOf(now, { policy })
  const question = questionOf(now, {
    policy,
    ...(asOf !== undefined && { asOf }),
    ...(last !== undefined && { quarter: last }),
    ...(completeTo !== undefined && { completeTo }),
  })
  if (question.asOf > today.asOf) throw refused('asOf', 'This day is still to come.')
  if (question.quarter > quarterOf(question.asOf)) {
    throw refused('quarter', 'This quarter begins after asOf.')
  }
  const over = questionOf(now, { policy, asOf: question.asOf }).completeTo
  if (question.completeTo > over) throw refused('completeTo', 'This quarter is not over by asOf.')
  return question
}

const refused = (at: string, message = 'This body is not of the documented form.') =>
  new HttpFault(422, 'rejected', message, { at })

/** A day that exists: it comes back as it was when nothing is added to it. */
function isDay(text: string): boolean {
  return /^(?:19|20)\d\d-\d\d-\d\d$/.test(text) && addDays(text, 0) === text
}
