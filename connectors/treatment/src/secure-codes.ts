import type { TreatmentEndReason } from '@throughline/domain'
import { codesOf, endReasons } from './ndtms-codes.ts'

/**
 * The secure-setting extract writes labels where NDTMS writes codes (formats/treatment-housing.md, sections 1.4 and
 * 1.5); its own codes are not published. Both are understood.
 */

const reasons: ReadonlyMap<string, TreatmentEndReason> = new Map([
  ['treatment completed drug free', 'COMPLETED'],
  ['treatment completed alcohol free', 'COMPLETED'],
  ['treatment completed occasional user', 'COMPLETED'],
  ['transferred not in custody', 'TRANSFERRED_NOT_IN_CUSTODY'],
  ['transferred in custody', 'TRANSFERRED_IN_CUSTODY'],
  ['incomplete dropped out', 'DROPPED_OUT'],
  ['incomplete treatment withdrawn by provider', 'OTHER'],
  ['incomplete withdrawn by provider', 'OTHER'],
  ['incomplete retained in custody', 'PRISON'],
  ['incomplete treatment commencement declined by client', 'DECLINED'],
  ['incomplete treatment declined', 'DECLINED'],
  ['incomplete client died', 'DIED'],
  ['client died', 'DIED'],
  ['died', 'DIED'],
])

const exits: ReadonlyMap<string, string> = new Map([
  ['released', 'RELEASED'],
  ['transferred to another prison', 'TRANSFERRED'],
  ['transferred to another secure setting', 'TRANSFERRED'],
  ['transferred to hospital', 'HOSPITAL'],
  ['deported', 'REMOVED'],
  ['removed from the country', 'REMOVED'],
  ['escaped', 'ABSCONDED'],
  ['absconded', 'ABSCONDED'],
  ['died', 'DIED'],
  ['other', 'OTHER'],
])

const drugs: ReadonlyMap<string, string> = new Map([
  ['heroin', '1011'],
  ['methadone', '1105'],
  ['other opiates', '1000'],
  ['barbiturates', '2100'],
  ['benzodiazepines', '2200'],
  ['amphetamines', '3100'],
  ['cocaine', '3200'],
  ['crack', '3201'],
  ['ecstasy', '3406'],
  ['nicotine', '3409'],
  ['hallucinogens', '4000'],
  ['cannabis', '5000'],
  ['solvents', '6000'],
  ['alcohol', '7000'],
  ['major tranquillisers', '8200'],
  ['antidepressants', '8300'],
])

const drugCodes = codesOf('DRUG1', 'S', {})

/** A label without regard to capitals, dashes and spaces. */
const plain = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .trim()

export const endReasonOf = (label: string): TreatmentEndReason | undefined =>
  reasons.get(plain(label)) ?? endReasons.get(label)

export const prisonExitOf = (label: string): string | undefined => exits.get(plain(label))

export const drugOf = (label: string): string | undefined =>
  drugs.get(plain(label)) ?? (drugCodes.has(label) ? label : undefined)
