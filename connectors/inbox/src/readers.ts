import type { RecipientRole } from '@throughline/domain'
import { dutyRoles } from '@throughline/domain'
import type { Principal } from '@throughline/service'

export type Practitioner = Extract<Principal, { readonly kind: 'practitioner' }>

/** In what capacity somebody reads: by name, or as whoever is on duty. `practitionerId` is the view's reader. */
export type Reader = RecipientRole & { readonly practitionerId: string }

/**
 * The capacities a practitioner reads in: their own, and their duty role's where they hold one, whose
 * notices are addressed to `role:organisation`.
 */
export function readersOf({ id, role, organisation }: Practitioner): readonly Reader[] {
  const own: Reader = { practitionerId: id, organisation, role }
  return dutyRoles.some((duty) => duty === role)
    ? [own, { practitionerId: `${role}:${organisation}`, organisation, role }]
    : [own]
}
