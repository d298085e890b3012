import type { Ids } from '@throughline/domain'
import {
  fault,
  type Inbound,
  type Read,
  type RecordResult,
  type Translation,
} from '@throughline/intake'
import type { HospitalOptions } from './config.ts'
import { type AckFault, type AckMode, ackCodes, acknowledge, type Taken } from './hl7/ack.ts'
import { decodeMessage } from './hl7/charset.ts'
import {
  type Header,
  isAcknowledgement,
  kindOf,
  type Refusal,
  readHeader,
  refusalOf,
  refusals,
} from './hl7/header.ts'
import { overLimit } from './hl7/limits.ts'
import { parseMessage } from './hl7/message.ts'
import { profileOf } from './profiles.ts'
import { translateAdt } from './translate-adt.ts'

export const hl7ContentType = 'application/hl7-v2+er7'

/** One message as it came in, read as far as needed, and how it is answered once it is known what became of it. */
export interface Received {
  readonly inbound: Inbound
  /** Nobody said which character set it is, and it is not UTF-8. */
  readonly guessed: boolean
  /** The acknowledgements, in order; none where the sender wants none. No result: nothing could be kept. */
  answers(result: RecordResult | undefined, stamp: Stamp): readonly Buffer[]
}

/** What makes an answer a message of its own. */
export interface Stamp {
  /** A new message id for each answer. */
  readonly nextId: () => string
  /** Unix ms. */
  readonly now: number
}

export interface Reading {
  readonly ids: Ids
  readonly options: HospitalOptions & { readonly partnership: string }
}

/** Total: whatever the bytes, there is an outcome and an answer (assurance.md, HL7-4 to HL7-12 and 25). */
export function receive(bytes: Buffer, reading: Reading): Received {
  const read = readHeader(bytes)
  const header = read.ok ? read.header : undefined
  const msh = header?.msh
  const profile = profileOf(reading.options, msh?.text(3) ?? '', msh?.text(4) ?? '')
  const refusal = read.ok ? refusalOf(bytes, read.header, reading.options) : read.reason
  const { translation, guessed = false } =
    header === undefined || refusal !== undefined
      ? { translation: refused(refusal ?? 'header-missing') }
      : translated(bytes, header, profile, reading)
  const identity = identityOf(bytes, header, profile.system, reading.ids)
  const mode = profile.acknowledge === 'original' ? 'original' : 'as-asked'
  const isSilent = msh !== undefined && isAcknowledgement(kindOf(msh).type)
  const because = refusal && refusals[refusal]
  return {
    inbound: {
      translation: { ...translation, ...identity },
      message: () => bytes,
      contentType: hl7ContentType,
      unclaimed: profile.unclaimed ?? reading.options.unclaimed,
    },
    guessed,
    answers: (result, stamp) => (isSilent ? [] : answersOf(header, result, because, mode, stamp)),
  }
}

type Profile = ReturnType<typeof profileOf>

/** Everything between the header and the outcome. What is wrong with the content is kept, and never stops a feed. */
function translated(
  bytes: Buffer,
  header: Header,
  profile: Profile,
  { ids, options }: Reading,
): { readonly translation: Translation; readonly guessed?: boolean } {
  const { msh } = header
  const { type } = kindOf(msh)
  if (isAcknowledgement(type)) return { translation: ignored('acknowledgement') }
  const processing = msh.text(11).trim().toUpperCase()
  const isTest = processing === 'T' || processing === 'D'
  if (isTest && !options.takeTestMessages) return { translation: ignored('not-production') }
  if (!isTest && processing !== 'P' && processing !== '') {
    return { translation: quarantined('processing-unknown', 'MSH-11') }
  }
  const { text, guessed, mismatch } = decodeMessage(bytes, msh.text(18), profile.charset)
  if (mismatch) return { translation: quarantined('charset-mismatch', 'MSH-18') }
  const over = overLimit(text, header.delimiters)
  if (over !== undefined) return { translation: quarantined(over), guessed }
  const parsed = parseMessage(text)
  if (!parsed.ok) return { translation: quarantined(parsed.reason, 'MSH'), guessed }
  try {
    return { translation: translateAdt(parsed.message, { ids, options, profile }), guessed }
  } catch {
    // Translation is total; should it prove not to be, one message waits for people and the feed goes on.
    return { translation: quarantined('translation-failed'), guessed }
  }
}

const format = 'hl7v2'

/** Filled in by `identityOf`, whatever became of the message. */
const unread: Read = {
  format,
  system: 'hospital-unknown',
  naturalKey: '',
  version: 1,
  contentHash: '',
  resolves: [],
  unknownMembers: 0,
}
const ignored = (reason: string): Translation => ({ ...unread, outcome: 'ignored', reason })
const quarantined = (reason: string, ...at: string[]): Translation => ({
  ...unread,
  outcome: 'quarantined',
  reason,
  at,
})

/** Not stored, so nothing is remembered of it but the count. */
function refused(refusal: Refusal): Translation {
  const { field } = refusals[refusal]
  const errors = [fault(field === 0 ? 'MSH' : `MSH-${field}`, refusal, refusals[refusal].text)]
  return { ...unread, outcome: 'rejected', errors }
}

/**
 * The same message again is the same sender's MSH-10 with the same content: engines send again when an answer
 * is lost, and number anew after a restart. The header is no part of the content, because they stamp it anew.
 */
function identityOf(bytes: Buffer, header: Header | undefined, system: string, ids: Ids) {
  const whole = bytes.toString('latin1')
  const field = (n: number): string => header?.msh.field(n) ?? ''
  const naturalKey =
    field(10) === ''
      ? ids.hmac('hl7v2-unnumbered', whole)
      : ids.hmac('hl7v2', field(3), field(4), field(10))
  const contentHash = ids.hmac('hl7v2-content', field(9), whole.slice(header?.bodyAt ?? 0))
  return { system, naturalKey, version: 1, contentHash } as const
}

const ours: AckFault = { code: '207', text: 'Application internal error' }

function answersOf(
  header: Header | undefined,
  result: RecordResult | undefined,
  refusal: AckFault | undefined,
  mode: AckMode,
  { nextId, now }: Stamp,
): readonly Buffer[] {
  const taken: Taken =
    result === undefined ? 'failed' : result.outcome === 'rejected' ? 'refused' : 'accepted'
  const because = taken === 'accepted' ? undefined : taken === 'failed' ? ours : (refusal ?? ours)
  return ackCodes(header, taken, mode).map((code) =>
    acknowledge(header, { code, id: nextId(), now, ...(because && { fault: because }) }),
  )
}
