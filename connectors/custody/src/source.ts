import type { Accepted, Arrival } from '@throughline/consent'
import {
  bodyOf,
  bodyTextOf,
  contextOf,
  HttpFault,
  type JsonValue,
  jsonBody,
  parseJson,
  requireAgency,
} from '@throughline/service'
import { keyRefOf, openRecord } from '@throughline/stream'
import { type Request, type Response, Router } from 'express'
import type { CustodyDeps } from './deps.ts'
import type { RecordFault } from './police.ts'
import { dayKeys, type KeyOfDay, sealEvent, sealQuarantined } from './seal.ts'
import { recordsOf, translate } from './translate.ts'
import { policeRecordsOf, translatePolice } from './translate-police.ts'
import type { Resolved, Translation } from './translation.ts'

/** What one record's sender is told (design, section 10). Never a value of what was sent. */
export type RecordResult =
  | {
      readonly outcome: 'published' | 'duplicate'
      readonly eventIds: readonly string[]
      readonly events: readonly string[]
    }
  | { readonly outcome: 'ignored'; readonly reason: string }
  | { readonly outcome: 'quarantined'; readonly reason: string; readonly at: readonly string[] }
  | { readonly outcome: 'rejected'; readonly errors: readonly RecordFault[] }

/** The two doors of custody. Whoever is asked for must have passed `createApp`'s `identify`. */
export function custodyRoutes(deps: CustodyDeps): Router {
  const { options, ids, register } = deps
  const accept = acceptance(deps)
  const json = { limit: options.bodyLimit }
  const routes = Router()

  routes.post(
    '/intake/custody/domain-events',
    requireAgency('custody'),
    jsonBody(json),
    async (req, res) => {
      const records = recordsIn(req, recordsOf, options.recordsMax)
      const translations = translate(bodyOf<JsonValue>(req), ids, options)
      await answer(req, res, records, translations, options.unclaimed.prison)
    },
  )
  routes.post(
    '/intake/custody/police',
    requireAgency('custody'),
    jsonBody({ ...json, prototypeMembers: 'refuse' }),
    async (req, res) => {
      const records = recordsIn(req, policeRecordsOf, options.recordsMax)
      const given = { ...options, now: register.now() }
      const translations = translatePolice(bodyOf<JsonValue>(req), ids, given)
      await answer(req, res, records, translations, options.unclaimed.police)
    },
  )

  async function answer(
    req: Request,
    res: Response,
    records: readonly Message[],
    translations: readonly Translation[],
    unclaimed: 'drop' | 'hold',
  ): Promise<void> {
    const results = await accept(records, translations, unclaimed, contextOf(req).correlationId)
    const allRejected = results.every(({ outcome }) => outcome === 'rejected')
    res.status(allRejected ? 422 : 202).json({ results })
  }
  return routes
}

/** A record's text, for the one case that it has to be kept whole. */
type Message = () => string

function recordsIn(
  req: Request,
  split: (body: JsonValue) => readonly JsonValue[],
  recordsMax: number,
): readonly Message[] {
  const body = bodyOf<JsonValue>(req)
  if (typeof body !== 'object' || body === null) {
    throw new HttpFault(400, 'not-a-record', 'Send one record as an object, or several as a list.')
  }
  const records = split(body)
  if (records.length === 0) throw new HttpFault(400, 'no-records', 'The list is empty.')
  if (records.length > recordsMax) {
    throw new HttpFault(413, 'too-many-records', `Send at most ${recordsMax} records at once.`)
  }
  if (!Array.isArray(body) || records[0] === body) return [() => bodyTextOf(req)]
  return records.map((record) => () => JSON.stringify(record))
}

type Accept = (
  records: readonly Message[],
  translations: readonly Translation[],
  unclaimed: 'drop' | 'hold',
  correlationId: string,
) => Promise<readonly RecordResult[]>

/** Makes translated records durable, all or none, and only then says what became of each. */
export function acceptance(deps: CustodyDeps): Accept {
  const { register, keys, ids, random, log, metrics, options } = deps
  const keyFor = dayKeys(keys)
  const records_ = metrics.counter(
    'custody_records_total',
    'Records answered, by format and outcome.',
  )
  const unknown = metrics.counter(
    'custody_unknown_members_total',
    'Members of messages nobody knows.',
  )

  const arrivalsOf = (
    records: readonly Message[],
    translations: readonly Translation[],
    unclaimed: 'drop' | 'hold',
    keyOfDay: KeyOfDay,
  ): readonly Arrival[] =>
    translations.map((translation, at) => {
      const sealing = { ids, random, keyOfDay }
      const { partnership } = options
      const keep = (because: { reason: string; at: readonly string[] }) => (receivedAt: number) =>
        sealQuarantined(
          records[at]?.() ?? '',
          translation,
          because,
          partnership,
          receivedAt,
          sealing,
        )
      return {
        agency: 'custody',
        system: translation.system,
        naturalKey: translation.naturalKey,
        version: translation.version,
        contentHash: translation.contentHash,
        verdict: verdictOf(translation, unclaimed, keep, sealing),
        conflict: keep({ reason: 'conflict', at: [] }),
        resolves: translation.resolves.map(({ reference }) => reference),
      }
    })

  const acceptOnce = async (
    records: readonly Message[],
    translations: readonly Translation[],
    unclaimed: 'drop' | 'hold',
  ): Promise<readonly Accepted[]> => {
    const keyOfDay = await keyFor(register.now())
    return register.accept(arrivalsOf(records, translations, unclaimed, keyOfDay))
  }

  /** Records that waited for a booking's person are translated again, now that one is known. */
  const release = async (
    accepted: readonly Accepted[],
    resolved: readonly Resolved[],
    unclaimed: 'drop' | 'hold',
  ): Promise<void> => {
    const bookings = new Map(resolved.map(({ reference, nomsNumber }) => [reference, nomsNumber]))
    const waiting = accepted.flatMap((one) => ('released' in one ? (one.released ?? []) : []))
    const ready: { readonly message: Message; readonly translation: Translation }[] = []
    for (const { record } of waiting) {
      const ref = keyRefOf(record)
      const key = ref === null ? undefined : (await keys.open([ref])).get(ref)
      if (key === undefined || key === 'erased') continue
      const { payload } = openRecord(record, key).value as { readonly payload: Uint8Array }
      const text = Buffer.from(payload).toString()
      const [translation] = translate(parseJson(text), ids, { ...options, bookings })
      // What still says nothing by itself stays where it is until its time is over.
      if (translation?.outcome === 'published') ready.push({ message: () => text, translation })
    }
    if (ready.length === 0) return
    await acceptOnce(
      ready.map(({ message }) => message),
      ready.map(({ translation }) => translation),
      unclaimed,
    )
  }

  return async (records, translations, unclaimed, correlationId) => {
    let accepted: readonly Accepted[]
    try {
      accepted = await acceptOnce(records, translations, unclaimed)
    } catch (error) {
      log.error('acceptance failed', { ...codeOf(error), correlationId })
      throw new HttpFault(503, 'unavailable', 'Nothing was kept. Send it again in a moment.', {
        headers: { 'retry-after': '5' },
      })
    }
    const results = accepted.map((one, at) => resultOf(one, translations[at]))
    results.forEach((result, at) => {
      const translation = translations[at]
      const reason = 'reason' in result ? result.reason : ''
      records_.add({ format: translation?.format ?? '', outcome: result.outcome, reason })
      if (translation !== undefined && translation.unknownMembers > 0) {
        unknown.add({ format: translation.format }, translation.unknownMembers)
      }
      if (translation?.typesDiffer !== undefined) {
        const { attribute, body } = translation.typesDiffer
        log.warn('attribute and body differ', { route: attribute, point: body, correlationId })
      }
    })
    try {
      await release(
        accepted,
        translations.flatMap(({ resolves }) => resolves),
        unclaimed,
      )
    } catch (error) {
      // They keep waiting; what was accepted stands.
      log.warn('waiting records stay', { ...codeOf(error), correlationId })
    }
    return results
  }
}

function verdictOf(
  translation: Translation,
  unclaimed: 'drop' | 'hold',
  keep: (because: {
    reason: string
    at: readonly string[]
  }) => (receivedAt: number) => ReturnType<typeof sealQuarantined>,
  sealing: Parameters<typeof sealEvent>[2],
): Arrival['verdict'] {
  switch (translation.outcome) {
    case 'published':
      return {
        outcome: 'published',
        unclaimed,
        events: translation.events.map((one) => ({
          type: one.event.type,
          eventId: one.event.eventId,
          version: one.event.version,
          identifiers: one.identifierHashes,
          ...(one.twin && { twin: one.twin }),
          record: (final) => sealEvent(one, final, sealing),
        })),
      }
    case 'ignored':
      return { outcome: 'ignored', reason: translation.reason }
    case 'quarantined': {
      const { reason, at, waitsFor } = translation
      return {
        outcome: 'quarantined',
        reason,
        at,
        ...(waitsFor !== undefined && { waitsFor }),
        record: keep({ reason, at }),
      }
    }
    case 'rejected':
      return { outcome: 'rejected', reason: translation.errors[0]?.rule ?? 'rejected' }
  }
}

/** Exactly the members that senders rely on, whatever else acceptance knows. */
function resultOf(accepted: Accepted, translation: Translation | undefined): RecordResult {
  switch (accepted.outcome) {
    case 'published':
    case 'duplicate':
      return { outcome: accepted.outcome, eventIds: accepted.eventIds, events: accepted.events }
    case 'ignored':
      return { outcome: 'ignored', reason: accepted.reason }
    case 'quarantined':
      return { outcome: 'quarantined', reason: accepted.reason, at: accepted.at }
    case 'rejected':
      return {
        outcome: 'rejected',
        errors: translation?.outcome === 'rejected' ? translation.errors : [],
      }
  }
}

function codeOf(error: unknown): { readonly code?: string; readonly errorName?: string } {
  if (!(error instanceof Error)) return {}
  const { code } = error as { code?: unknown }
  return { errorName: error.name, ...(typeof code === 'string' && { code }) }
}
