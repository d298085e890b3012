import { contextOf, notFound } from '@throughline/service'
import type { Request } from 'express'
import type { Keeper } from './consents.ts'

/** The caller, behind the guard that let only these two kinds through. */
export function keeperOf(req: Request): Keeper {
  const { principal } = contextOf(req)
  if (principal?.kind !== 'register' && principal?.kind !== 'practitioner') throw notFound()
  return principal
}

/** Who signs: a practitioner by their id, the register's clerks as one. */
export const signatureOf = (keeper: Keeper): string =>
  keeper.kind === 'practitioner' ? keeper.id : 'register'

/** An id as it may stand in an address; anything else is nobody's. */
export function idOf(text: unknown): string {
  if (typeof text !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$/.test(text)) throw notFound()
  return text
}
