import type { Header } from './header.ts'

/** HL7 table 0008: application level, and accept level where the sender asks for it (enhanced mode). */
export type AckCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR'

/** What became of a message: kept; not kept, but will be when sent again; never to be kept. */
export type Taken = 'accepted' | 'failed' | 'refused'

export interface AckFault {
  /** Of HL7 table 0357. */
  readonly code: string
  readonly text: string
  /** The field of MSH it is about; 0 for the segment, none for a fault of ours. */
  readonly field?: number
}

/** `original`: one answer, AA, AE or AR, whatever is asked. `as-asked`: by MSH-15 and 16 (HL7 2.x, section 2.9). */
export type AckMode = 'original' | 'as-asked'

const letters = { accepted: 'A', failed: 'E', refused: 'R' } as const

/**
 * The answers to send, in order; none where the sender wants none. Without MSH-15 and 16 it is original mode.
 * What was not accepted gets no application answer beside the accept-level one.
 */
export function ackCodes(header: Header | undefined, taken: Taken, mode: AckMode): AckCode[] {
  const letter = letters[taken]
  const accept = header?.msh.text(15).trim() ?? ''
  const application = header?.msh.text(16).trim() ?? ''
  if (accept === '' && application === '') return [`A${letter}`]
  const acceptWanted = isWanted(accept, taken)
  const applicationWanted = isWanted(application, taken)
  if (mode === 'original') return acceptWanted || applicationWanted ? [`A${letter}`] : []
  const codes: AckCode[] = acceptWanted ? [`C${letter}`] : []
  if (applicationWanted && (taken === 'accepted' || !acceptWanted)) codes.push(`A${letter}`)
  return codes
}

/** HL7 table 0155. A sender that asks in a way nobody knows waits for something. */
function isWanted(condition: string, taken: Taken): boolean {
  switch (condition) {
    case '':
    case 'NE':
      return false
    case 'ER':
      return taken !== 'accepted'
    case 'SU':
      return taken === 'accepted'
    default:
      return true
  }
}

export interface AckGiven {
  readonly code: AckCode
  readonly fault?: AckFault
  /** Our own message id: letters and digits, up to 20. */
  readonly id: string
  /** Unix ms. */
  readonly now: number
}

/**
 * One acknowledgement, as bytes: the sender's own delimiters and character set, its MSH-10 in MSA-2 byte for
 * byte, its MSH-11 and 12, sender and receiver swapped. Nothing else of the message is repeated.
 */
export function acknowledge(header: Header | undefined, given: AckGiven): Buffer {
  const { field, component, escape, repetition, subcomponent } = header?.delimiters ?? usual
  const encoding = header?.msh.field(2) ?? component + repetition + escape + subcomponent
  const own = (text: string): string => (clashes(text, field + encoding) ? '' : text)
  const copied = (n: number): string => copyOf(header?.msh.field(n) ?? '')
  const trigger = header?.msh.repetitions(9)[0]?.component(2) ?? ''
  const kind = /^[A-Z]\d\d$/.test(trigger) ? ['ACK', trigger, 'ACK'].join(component) : 'ACK'
  const { code, fault, id, now } = given
  const time = timeText(now)
  const msh = [
    `MSH${field}${encoding}`,
    copied(5),
    copied(6),
    copied(3),
    copied(4),
    own(`${time}+0000`) || time,
    '',
    kind,
    id,
    copied(11) || 'P',
    copied(12) || own('2.4'),
    ...(copied(18) === '' ? [] : ['', '', '', '', '', copied(18)]),
  ]
  const msa = ['MSA', code, copied(10)]
  const segments = [msh, msa]
  if (fault !== undefined) {
    const text = own(fault.text)
    const table = 'HL70357'
    msa.push(text, '', '', [fault.code, text, table].join(component))
    const about = fault.field === undefined ? ['', '', ''] : ['MSH', '1', `${fault.field || ''}`]
    const named = subcomponent === '' ? fault.code : [fault.code, text, table].join(subcomponent)
    segments.push(['ERR', [...about, named].join(component)])
  }
  return Buffer.from(segments.map((one) => `${one.join(field)}\r`).join(''), 'latin1')
}

const usual = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
} as const

/** HL7 lets an id have 199 characters and a name 227; whoever sends more hears it empty. */
const copiedBytesMax = 250

/** A field as it was sent, unless it could not stand in an answer: below a space are the ends of segments and frames. */
const copyOf = (raw: string): string =>
  raw.length > copiedBytesMax || raw.split('').some((one) => one < ' ') ? '' : raw

const clashes = (text: string, delimiters: string): boolean =>
  delimiters.split('').some((one) => text.includes(one))

const timeText = (at: number): string => new Date(at).toISOString().replace(/\D/g, '').slice(0, 14)
