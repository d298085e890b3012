import {
  type CustodyDeps,
  custodyAcceptance,
  custodyDefaults,
  translatePolice,
  translate as translatePrison,
} from '@throughline/custody'
import { hospitalDefaults, intakeOf } from '@throughline/hospital'
import { housingDefaults, translateDutyToRefer, translateTenancies } from '@throughline/housing'
import {
  type Accept,
  acceptance,
  type CsvHeader,
  type IntakeDeps,
  type RecordResult,
  type Translation,
} from '@throughline/intake'
import {
  probationDefaults,
  translateHearings,
  translate as translateProbation,
} from '@throughline/probation'
import { type JsonValue, parseJson } from '@throughline/service'
import { ndtmsTake, translateContact, treatmentDefaults } from '@throughline/treatment'
import type { DoorName } from './county.ts'

export interface PostAnswer {
  readonly outcome: string
  readonly eventIds: readonly string[]
}

interface Door {
  readonly agency: string
  readonly unclaimed: 'drop' | 'hold'
  /** The product's own way from a body to its answer, without a socket. */
  readonly open: (deps: IntakeDeps) => (body: unknown) => Promise<PostAnswer>
}

const numbers = { allowTestNhsNumbers: true, nhsNumbersTraced: true }
const options = {
  custody: custodyDefaults({ unclaimed: { prison: 'hold', police: 'drop' }, ...numbers }),
  probation: probationDefaults(),
  hospital: hospitalDefaults(numbers),
  housing: housingDefaults(numbers),
  treatment: treatmentDefaults(numbers),
}

/** Every way in that the county uses. */
export const doors: Readonly<Record<DoorName, Door>> = {
  prison: json('custody', options.custody.unclaimed.prison, ({ ids, partnership }, body) =>
    translatePrison([body], ids, { ...options.custody, partnership }),
  ),
  police: json(
    'custody',
    options.custody.unclaimed.police,
    ({ ids, partnership, register }, body) =>
      translatePolice([body], ids, { ...options.custody, partnership, now: register.now() }),
  ),
  probation: json('probation', options.probation.unclaimed, ({ ids, partnership }, body) =>
    translateProbation([body], ids, { ...options.probation, partnership }),
  ),
  court: json('probation', options.probation.unclaimed, ({ ids, partnership, register }, body) =>
    translateHearings([body], ids, { ...options.probation, partnership, now: register.now() }),
  ),
  'duty-to-refer': json(
    'housing',
    options.housing.unclaimed,
    ({ ids, partnership, register }, body) =>
      translateDutyToRefer([body], ids, { ...options.housing, partnership, now: register.now() }),
  ),
  tenancies: json('housing', options.housing.unclaimed, ({ ids, partnership, register }, body) =>
    translateTenancies([body], ids, { ...options.housing, partnership, now: register.now() }),
  ),
  contacts: json(
    'treatment',
    options.treatment.unclaimed,
    ({ ids, partnership, register }, body) => [
      translateContact(body, ids, { ...options.treatment, partnership, now: register.now() }),
    ],
  ),
  hospital: { agency: 'hospital', unclaimed: options.hospital.unclaimed, open: hl7 },
  ndtms: { agency: 'treatment', unclaimed: options.treatment.unclaimed, open: ndtms },
}

type Translate = (deps: IntakeDeps, body: JsonValue) => readonly Translation[]

function json(agency: string, unclaimed: Door['unclaimed'], translate: Translate): Door {
  const open = (deps: IntakeDeps) => {
    const accept = acceptanceOf(agency, deps)
    return async (body: unknown) => {
      const text = JSON.stringify(body)
      const inbound = translate(deps, parseJson(text)).map((translation) => ({
        translation,
        message: () => text,
        unclaimed,
      }))
      const [result] = await accept(inbound, 'simulated')
      return answerOf(result)
    }
  }
  return { agency, unclaimed, open }
}

const acceptanceOf = (agency: string, deps: IntakeDeps): Accept =>
  agency === 'custody'
    ? custodyAcceptance({ ...deps, options: options.custody } satisfies CustodyDeps)
    : acceptance(deps, { agency })

function hl7(deps: IntakeDeps) {
  const intake = intakeOf({ ...deps, options: options.hospital })
  return async (body: unknown): Promise<PostAnswer> => {
    const { result, answers } = await intake.take(Buffer.from(String(body)))
    // Whoever hears anything but "accepted" sends again.
    if (!/\rMSA\|[AC]A\|/.test(answers[0]?.toString() ?? '')) throw new Error('not accepted')
    return answerOf(result)
  }
}

function ndtms(deps: IntakeDeps) {
  return async (body: unknown): Promise<PostAnswer> => {
    const [first = [], ...rest] = String(body).trimEnd().split('\r\n').map(cellsOf)
    const take = ndtmsTake(headerOf(first), 'P', { ...deps, options: options.treatment })
    const rows = await take(
      rest.map((cells, i) => ({ line: i + 2, cells })),
      'simulated',
    )
    if (rows.some(({ outcome }) => outcome === 'rejected'))
      return { outcome: 'rejected', eventIds: [] }
    const news = rows.some(({ outcome }) => outcome === 'accepted')
    return { outcome: news ? 'published' : 'duplicate', eventIds: [] }
  }
}

/** No cell of the county's files holds a comma or a quotation mark. */
const cellsOf = (line: string): readonly string[] => line.slice(1, -1).split('","')

function headerOf(columns: readonly string[]): CsvHeader {
  const at = (column: string) => columns.indexOf(column)
  return { columns, at, cell: ({ cells }, column) => cells[at(column)]?.trim() }
}

function answerOf(result: RecordResult | undefined): PostAnswer {
  if (result === undefined) throw new Error('a record without a result')
  return { outcome: result.outcome, eventIds: 'eventIds' in result ? result.eventIds : [] }
}
