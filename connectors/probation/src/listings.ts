import {
  arrestSummonsNumber,
  type Identifier,
  readTimestamp,
  type TreatmentRequirement,
} from '@throughline/domain'
import { idText, type JsonObject, list, part, text } from '@throughline/intake'
import { z } from 'zod'
import { personOf } from './person.ts'
import { monthsOf, type RequirementRules, requirementOf } from './requirements.ts'

/**
 * Court lists and police disposal records. Nothing in the hub needs them, because the requirement itself comes with
 * the hearing and from probation; these readings say what one holds, for whoever checks a file before it is sent
 * (formats/justice.md, sections 9.4 and 10.2).
 */

/** A case of a Libra court list. A list has no results. */
export interface LibraCase {
  /** Unix ms of the sitting; London's clock, without a zone on the wire. Null: not readable. */
  readonly startsAt: number | null
  /** `yyyy-mm-dd`; the day comes first on the wire. Null: missing or no date. */
  readonly born: string | null
  readonly court: string | null
  /** PNC and CRO number, with whether their check letters hold. */
  readonly numbers: readonly Identifier[]
}

const libraCase = z.object({
  sessionStartTime: text,
  defendantDob: text,
  courtCode: text,
  pnc: idText,
  cro: idText,
})

export function readLibraCase(object: JsonObject): LibraCase {
  const { sessionStartTime, defendantDob, courtCode, pnc, cro } = libraCase.parse(object)
  const start =
    sessionStartTime === undefined
      ? undefined
      : readTimestamp(sessionStartTime, { zoneless: 'london' })
  const startsAt = start?.ok === true ? start.at : null
  const year = startsAt === null ? unknownYear : new Date(startsAt).getUTCFullYear()
  const person = personOf(
    [
      { type: 'PNC', value: pnc, path: 'pnc' },
      { type: 'CRO', value: cro, path: 'cro' },
    ],
    year,
  )
  return {
    startsAt,
    born: dayFirst(defendantDob),
    court: courtCode ?? null,
    numbers: person.ok ? person.identifiers : [],
  }
}

/** `dd/MM/yyyy` as `yyyy-mm-dd`, or null. */
function dayFirst(written: string | undefined): string | null {
  const [, d = '', mo = '', y = ''] =
    /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(written?.trim() ?? '') ?? []
  const date = `${y}-${mo}-${d}`
  return readTimestamp(date, { zoneless: 'london' }).ok ? date : null
}

/** What the police hold of one arrest: disposals with national codes. */
export interface LedsRecord {
  /** The arrest's number in its compact form; null where its letter does not hold. It names no person. */
  readonly arrest: string | null
  readonly numbers: readonly Identifier[]
  readonly disposals: readonly {
    /** Text: a number on this feed, a text on others. */
    readonly code: string
    readonly requirement: TreatmentRequirement | null
    readonly months: number | null
  }[]
}

const ledsRecord = z.object({
  asn: text,
  longPersonUrn: text,
  disposals: list({
    convictionDate: text,
    offences: list({
      disposalResults: list({
        disposalCode: idText,
        disposalDuration: part({ count: idText, units: text }),
      }),
    }),
  }),
})

export function readLedsRecord(object: JsonObject, rules: RequirementRules): LedsRecord {
  const { asn, longPersonUrn, disposals } = ledsRecord.parse(object)
  const arrest = asn === undefined ? undefined : arrestSummonsNumber(asn)
  const person = personOf(
    [{ type: 'PNC', value: longPersonUrn, path: 'longPersonUrn' }],
    unknownYear,
  )
  return {
    arrest: arrest?.ok === true ? arrest.value : null,
    numbers: person.ok ? person.identifiers : [],
    disposals: disposals
      .flatMap(({ offences }) => offences)
      .flatMap(({ disposalResults }) => disposalResults)
      .flatMap(({ disposalCode: code, disposalDuration: lasts }) =>
        code === undefined
          ? []
          : [
              {
                code,
                requirement: requirementOf({ cjsCode: code }, rules) ?? null,
                months: monthsOf(lasts && `${lasts.count ?? ''} ${lasts.units ?? ''}`),
              },
            ],
      ),
  }
}

const unknownYear = 2026
