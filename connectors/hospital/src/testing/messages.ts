/** Messages of made-up people, in the ways in which trusts write them. */

export interface Written {
  readonly id?: string
  readonly event?: string
  readonly structure?: string
  readonly version?: string
  readonly processing?: string
  /** MSH-15 and 16. */
  readonly wants?: readonly [string, string]
  readonly charset?: string
  readonly nhsNumber?: string
  readonly family?: string
  readonly born?: string
  readonly admittedAt?: string
  readonly facility?: string
  readonly application?: string
  readonly lineEnd?: string
}

/** An admission as the ITK profile writes it, and whatever about it is different. */
export function itk(written: Written = {}): string {
  const {
    id = 'RZZ00000431',
    event = 'A01',
    structure = `^ADT_${event}`,
    version = '2.4',
    processing = 'P',
    wants = ['', ''],
    charset = '',
    nhsNumber = '9990000115',
    family = 'FERNDALE',
    born = '19880314',
    admittedAt = '202602140405',
    facility = 'RZZ',
    application = 'PAS',
    lineEnd = '\r',
  } = written
  return [
    `MSH|^~\\&|${application}|${facility}|ROUTE|ROUTE|202602140412||ADT^${event}${structure}|${id}|${processing}|${version}|||${wants[0]}|${wants[1]}|GBR|${charset}|EN`,
    `EVN||202602140411|||OP447^Whitcombe^Dara|${admittedAt}`,
    `PID|1||${nhsNumber}^^^NHS~T0417733^^^RZZ||${family}^Corwin^Ash||${born}|1|||12 EXAMPLE ROW^^TESTHAM^^ZZ99 3CZ`,
    `PV1|1|I|AMU^BAY2^6^RZZ01|21||||||300||||39|||||S260055107^^^RZZSPELL|||||||||||||||||||||||||${admittedAt}`,
    '',
  ].join(lineEnd)
}

/** The code in MSA-1 and the id in MSA-2 of an acknowledgement that uses the usual delimiters. */
export const msaOf = (answer: string | undefined): string =>
  /\rMSA\|([^\r]*)/.exec(answer ?? '')?.[1] ?? ''
