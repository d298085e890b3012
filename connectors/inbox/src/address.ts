import { notFound } from '@throughline/service'
import type { Request } from 'express'

/** Ids as they may stand in an address; anything else is nobody's. */
export const noticeIdOf = (req: Request): string => opaque(req.params['noticeId'])
export const personIdOf = (req: Request): string => opaque(req.params['personId'])

function opaque(text: unknown): string {
  if (typeof text !== 'string' || !/^[A-Za-z0-9_-][A-Za-z0-9:._-]{0,63}$/.test(text))
    throw notFound()
  return text
}
