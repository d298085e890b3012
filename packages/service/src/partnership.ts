import { agencies } from '@throughline/domain'
import { z } from 'zod'
import type { Credential } from './auth.ts'
import type { Directory } from './directory.ts'

const tokenHash = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 of the token, 64 hex digits')
const code = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower case letters, digits and hyphens')
const telephone = z.string().regex(/^[0-9+][0-9 ()-]{2,29}$/, 'a telephone number')

const practitioner = z.strictObject({
  id: code,
  name: z.string().min(1).max(200),
  organisation: code,
  role: code,
  /** Of their desk: given to agencies that a person named, and to colleagues. */
  telephone: telephone.optional(),
  tokenHash,
})

/** Whom an agency rings where nobody else may be named; the same for everybody. */
const dutyOffice = z.strictObject({
  name: z.string().min(1).max(200),
  telephone,
  hours: z.string().min(1).max(200),
})

/** The members of a hub's configuration that say whose it is, who may call and who is who. */
export const partnershipMembers = {
  partnership: code,
  allowTestNhsNumbers: z.boolean().default(false),
  agencies: z.partialRecord(z.enum(agencies), z.strictObject({ tokenHash })),
  register: z.strictObject({ tokenHash }),
  practitioners: z.array(practitioner),
  dutyOffice: dutyOffice.optional(),
  analysts: z.array(z.strictObject({ feed: code, tokenHash })).default([]),
  operators: z.array(z.strictObject({ tokenHash })),
}

/** As a service reads it that needs nothing else of the file. */
export const partnershipConfig = z.object(partnershipMembers)
export type Partnership = z.output<typeof partnershipConfig>

/** The feeds that somebody may read: each has its topics. */
export const feedsOf = ({ analysts }: Pick<Partnership, 'analysts'>): readonly string[] => [
  ...new Set(analysts.map(({ feed }) => feed)),
]

export const directoryOf = ({ practitioners, dutyOffice: office }: Partnership): Directory => ({
  practitioners,
  dutyOffice: office,
  organisationName: (organisation) => organisation.replaceAll('-', ' '),
})

/** Everybody who may call, and the hash of their token. */
export function credentialsOf(config: Partnership): readonly Credential[] {
  return [
    ...Object.entries(config.agencies).map(([agency, { tokenHash: hash }]) => ({
      tokenHash: hash,
      principal: { kind: 'agency', agency } as const,
    })),
    { tokenHash: config.register.tokenHash, principal: { kind: 'register' } },
    ...config.practitioners.map(({ tokenHash: hash, ...who }) => ({
      tokenHash: hash,
      principal: { kind: 'practitioner', ...who } as const,
    })),
    ...config.analysts.map(({ tokenHash: hash, feed }) => ({
      tokenHash: hash,
      principal: { kind: 'analyst', feed } as const,
    })),
    ...config.operators.map(({ tokenHash: hash }) => ({
      tokenHash: hash,
      principal: { kind: 'operator' } as const,
    })),
  ]
}
