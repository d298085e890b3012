import { type RecordFault, fault as sharedFault } from '@throughline/intake'

/** What to do about the rules that only housing has. */
const advice: Readonly<Record<string, string>> = {
  'agreement-to-referral':
    'The referral is not allowed: the person has not agreed to be referred (Housing Act 1996, section 213B).',
  'agreement-to-share-contact-details':
    'The referral is not allowed: the person has not agreed that their contact details are passed on.',
  'authority-chosen-by-the-person':
    'The referral is not allowed: the person has to choose the authority themselves.',
  'authority-in-england':
    'The referral is not allowed: the duty to refer is to housing authorities in England.',
  'agreement-before-referral': 'The agreement has to be there before the referral is made.',
  'agreement-withdrawn': 'The person took their agreement back: send the referral as WITHDRAWN.',
  'agreement-withdrawn-when':
    'Say when the person took their agreement back. The withdrawal was passed on as sent.',
  'not-a-statutory-body':
    'This kind of body has no duty to refer; its referrals are voluntary (statutoryBody: false).',
  'contact-needed': 'Give a way to reach the person.',
  'only-with-an-outcome': 'Leave this out until the authority has decided.',
  'only-when-withdrawn': 'Leave this out unless the referral was withdrawn.',
  'suits-the-outcome': 'This reason belongs to another outcome.',
  'twenty-six-weeks': 'A referral is active for exactly 26 weeks from its submission.',
  'before-submission': 'This is before the referral was submitted.',
  'another-authority': 'This is about people of an authority that you do not answer for.',
  'owed-is-negative': 'What is owed is a negative balance.',
  'before-it-began': 'The end is before the beginning.',
  'before-served': 'This is before the notice was served.',
  'day-not-readable': 'Write a day as yyyy-mm-dd, or in CORE as its numbers.',
  'need-unknown': 'A support need is not one of the published ones; it was left out.',
  'privacy-notice-not-seen': "The tenant has to have seen the ministry's privacy notice.",
  'another-collection-year': 'This letting began in another collection year than the first one.',
  'not-the-day-served': 'The event has another day than the notice.',
  'section-21-after-april-2026':
    'No section 21 notice can be served after 30 April 2026: check the type or the day. It was passed on as sent.',
}

/** A mistake by place and rule, with housing's own advice where the rule is housing's own. */
export function fault(path: string, rule: string): RecordFault {
  const own = advice[rule]
  return own === undefined ? sharedFault(path, rule) : { path, rule, message: own }
}

/** Faults that a schema found, in the same words. */
export const explained = (faults: readonly RecordFault[]): readonly RecordFault[] =>
  faults.map(({ path, rule, message }) => ({ path, rule, message: advice[rule] ?? message }))
