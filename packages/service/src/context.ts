import type { Request } from 'express'
import type { Principal } from './principal.ts'
import type { Session } from './session.ts'

/** What the hub knows of one request. Held beside it, so that no handler can mistake input for it. */
export interface RequestContext {
  /** Correlates log lines; never a person's id. */
  readonly correlationId: string
  /** For the script and style elements of this one response. */
  readonly cspNonce: string
  principal?: Principal
  /** Set when the caller signed in with a browser; absent with a bearer token. */
  session?: Session
  /** The parsed body of a form, once it has been read. */
  form?: URLSearchParams
  /** The parsed or raw body, once it has been read. */
  body?: unknown
  /** The text that a JSON body was read from. */
  text?: string
}

const contexts = new WeakMap<Request, RequestContext>()

export function contextOf(req: Request): RequestContext {
  const context = contexts.get(req)
  if (context === undefined) throw new Error('This request did not come through createApp.')
  return context
}

export const startContext = (req: Request, context: RequestContext): void => {
  contexts.set(req, context)
}

/** Who is calling; undefined before signing in. */
export const principalOf = (req: Request): Principal | undefined => contextOf(req).principal
