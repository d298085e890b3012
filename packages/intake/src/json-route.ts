import {
  bodyOf,
  bodyTextOf,
  contextOf,
  HttpFault,
  type JsonValue,
  jsonBody,
  requireAgency,
} from '@throughline/service'
import { type Request, Router } from 'express'
import type { Accept } from './acceptance.ts'
import type { Unclaimed } from './message.ts'
import type { Translation } from './translation.ts'

export interface JsonRoute {
  readonly path: string
  /** Whose token opens it. */
  readonly agency: string
  readonly accept: Accept
  readonly unclaimed: Unclaimed
  /** Largest request, in bytes. */
  readonly bodyLimit: number
  /** Most records in one request. */
  readonly recordsMax: number
  /** Our own formats refuse members such as `__proto__`; other people's are read past them. */
  readonly prototypeMembers?: 'refuse'
  /** The records of one request; a list's members unless the format says otherwise. */
  readonly recordsOf?: (body: JsonValue) => readonly JsonValue[]
  /** One translation for each record, in order. Pure and total. */
  readonly translate: (records: readonly JsonValue[]) => readonly Translation[]
}

/** A door for JSON: one record, or a list; `202 { results }`, or 422 when every record was rejected. */
export function jsonRoute(route: JsonRoute): Router {
  const { path, agency, accept, unclaimed, translate } = route
  const json = {
    limit: route.bodyLimit,
    ...(route.prototypeMembers && { prototypeMembers: route.prototypeMembers }),
  }
  const routes = Router()
  routes.post(path, requireAgency(agency), jsonBody(json), async (req, res) => {
    const records = recordsIn(bodyOf<JsonValue>(req), route)
    const messages = messagesOf(req, records)
    const inbound = translate(records).map((translation, at) => ({
      translation,
      message: () => messages(at),
      unclaimed,
    }))
    const results = await accept(inbound, contextOf(req).correlationId)
    const allRejected = results.every(({ outcome }) => outcome === 'rejected')
    res.status(allRejected ? 422 : 202).json({ results })
  })
  return routes
}

const listOrOne = (body: JsonValue): readonly JsonValue[] => (Array.isArray(body) ? body : [body])

/** The records of a body; 400 or 413 where it is none, or too many. */
export function recordsIn(
  body: JsonValue,
  { recordsOf = listOrOne, recordsMax }: Pick<JsonRoute, 'recordsOf' | 'recordsMax'>,
): readonly JsonValue[] {
  if (typeof body !== 'object' || body === null) {
    throw new HttpFault(400, 'not-a-record', 'Send one record as an object, or several as a list.')
  }
  const records = recordsOf(body)
  if (records.length === 0) throw new HttpFault(400, 'no-records', 'The list is empty.')
  if (records.length > recordsMax) {
    throw new HttpFault(413, 'too-many-records', `Send at most ${recordsMax} records at once.`)
  }
  return records
}

/** A single record is kept as it was written; one of a list as JSON. */
export function messagesOf(req: Request, records: readonly JsonValue[]): (at: number) => string {
  const body = bodyOf<JsonValue>(req)
  if (!Array.isArray(body) || records[0] === body) return () => bodyTextOf(req)
  return (at) => JSON.stringify(records[at])
}
