import { type Grant, momentInWords } from '@throughline/domain'
import {
  categoryWords,
  dateWords,
  endWords,
  inWords,
  listWords,
  purposeWords,
  sourceWords,
  tierWords,
} from './words.ts'

export interface ReceiptFacts {
  readonly personId: string
  readonly version: number
  readonly state: string
  readonly grants: readonly Grant[]
  /** The agreement as it was taken; null when it cannot be read any more. */
  readonly taken: { readonly at: number; readonly noticeVersion: string } | null
  readonly organisations: (code: string) => string
}

export interface Receipt {
  readonly personId: string
  readonly version: number
  readonly state: string
  /** Each grant in the ledger's own terms, so that the receipt can be checked against it. */
  readonly grants: readonly ReceiptGrant[]
  readonly text: readonly string[]
}

export interface ReceiptGrant extends Grant {
  readonly words: readonly { readonly term: string; readonly text: string }[]
}

/** What the person keeps: who may be told what, by whom, until when, and how to stop it. Plain words. */
export function receiptOf(facts: ReceiptFacts): Receipt {
  const { personId, version, state, grants, organisations } = facts
  return {
    personId,
    version,
    state,
    grants: grants.map((grant) => ({ ...grant, words: grantWords(grant, organisations) })),
    text: [...opening(facts), ...closing],
  }
}

/** One grant as pairs of a question and its answer, for the receipt and the page alike. */
export const grantWords = (
  grant: Grant,
  organisation: (code: string) => string,
): readonly { readonly term: string; readonly text: string }[] => [
  { term: 'Why', text: `${purposeWords[grant.purpose]}.` },
  {
    term: 'Who may be told',
    text: sentence(
      listWords(
        grant.recipients.map(
          (one) => `the ${inWords(one.role)} at ${organisation(one.organisation)}`,
        ),
      ),
    ),
  },
  { term: 'Who may tell them', text: sentence(listWords(grant.sources.map(sourceWords))) },
  {
    term: 'About what',
    text: sentence(listWords(grant.categories.map((one) => categoryWords[one]))),
  },
  { term: 'How much', text: sentence(tierWords[grant.tier]) },
  { term: 'From', text: momentInWords(grant.from) },
  { term: 'Until', text: sentence(endWords(grant.until)) },
  {
    term: 'Things from before you agreed',
    text:
      grant.lookBackDays === 0
        ? 'None.'
        : `Up to ${grant.lookBackDays} ${grant.lookBackDays === 1 ? 'day' : 'days'} before.`,
  },
]

const opening = ({ state, version, taken, grants }: ReceiptFacts): readonly string[] => {
  const when = taken === null ? '' : ` on ${dateWords(taken.at)}`
  const notice = taken === null ? '' : ` You were shown notice ${taken.noticeVersion}.`
  if (state === 'given')
    return [
      `You agreed${when} that services may share what is listed here. This is version ${version}.${notice}`,
    ]
  if (state === 'withdrawn')
    return [
      grants.length === 0
        ? 'You stopped all sharing. Nothing more is shared.'
        : 'You stopped sharing. What is listed here is what had been agreed; nothing more is shared.',
    ]
  if (state === 'proposed')
    return ['This is waiting for somebody to look at it. Nothing is shared under it until then.']
  return ['Nothing is shared under this agreement now.']
}

const closing = [
  'You can change your mind at any time, about all of it or a part. Ask your lead practitioner, or anybody at the service.',
  'Stopping costs you no help: your treatment, your home and your appointments go on.',
  'You can ask who was told what about you, and when.',
  'What somebody has already been told cannot be taken back. We will tell you who that was.',
] as const

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
