import { HubError } from '@throughline/domain'
import {
  canonicalText,
  faultsInIds,
  repositorySubjects,
  type SchemaIds,
  type SubjectVersion,
} from '@throughline/schemas'

/** A Confluent-compatible registry, as deployment speaks to it. */
export interface RegistryAddress {
  /** Base address: `http://registry:8081`, or that of a hub with `/registry`. */
  readonly url: string
  readonly login: { readonly user: string; readonly password: string } | null
}

export interface Registered {
  /** One line for each subject and version, in words. */
  readonly lines: readonly string[]
  /** The registry's ids, once everything is there; else null. */
  readonly ids: SchemaIds | null
}

const level = 'FULL_TRANSITIVE'
const mediaType = 'application/vnd.schemaregistry.v1+json'
const answerWithinMs = 30_000

/**
 * Puts every released schema under each of its subjects into a registry, the level before the schema, and
 * reads back what the ids stand for. Changes nothing that is there already, so it may be run again at any
 * time; what the registry refuses is named, and the rest is registered all the same.
 *
 * Spoken plainly, not through a client library: the one we test against sets the level only after the first
 * version, cannot read back what an id stands for, and would bring twenty packages into production.
 */
export async function registerSchemas(
  address: RegistryAddress,
  feeds: readonly string[],
): Promise<Registered> {
  const ask = asking(address)
  const found: { readonly one: SubjectVersion; readonly id: number | null; says: string }[] = []
  const levels = new Map<string, Promise<string | null>>()
  for (const one of repositorySubjects(feeds)) {
    const refused = levels.get(one.subject) ?? requireLevel(ask, one.subject)
    levels.set(one.subject, refused)
    const says = await refused
    found.push(says === null ? { one, ...(await put(ask, one)) } : { one, id: null, says })
  }
  const lines = found.map(({ one, id, says }) =>
    [`${one.subject} version ${one.version}: ${says}`, ...(id === null ? [] : [`id ${id}`])].join(
      ', ',
    ),
  )
  const faults = [...(await strangers(ask, found)), ...severalIds(found)]
  const ids = idsOf(found)
  const isWhole = faults.length === 0 && faultsInIds(ids).length === 0
  return { lines: [...lines, ...faults], ids: isWhole ? ids : null }
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}
type Ask = (method: string, path: string, body?: object) => Promise<Answer>
type Found = readonly { readonly one: SubjectVersion; readonly id: number | null }[]

function asking({ url, login }: RegistryAddress): Ask {
  const base = url.replace(/\/+$/, '')
  const basic =
    login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`
  return async (method, path, body) => {
    let response: Response
    try {
      response = await fetch(`${base}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(answerWithinMs),
        headers: {
          accept: mediaType,
          ...(basic && { authorization: basic }),
          ...(body && { 'content-type': mediaType }),
        },
        ...(body && { body: JSON.stringify(body) }),
      })
    } catch {
      throw new HubError('HUB_CONFIG_INVALID', 'the registry does not answer at --registry')
    }
    const answer = await response.json().catch(() => ({}))
    if (response.status === 401) {
      throw new HubError('HUB_CONFIG_INVALID', 'the registry does not know this user and password')
    }
    return { status: response.status, body: answer as Answer['body'] }
  }
}

const under = (subject: string) => encodeURIComponent(subject)

/** Null once the subject is held to the level; else why it cannot be. */
async function requireLevel(ask: Ask, subject: string): Promise<string | null> {
  const path = `/config/${under(subject)}`
  const { body } = await ask('GET', `${path}?defaultToGlobal=true`)
  if (body['compatibilityLevel'] === level) return null
  const set = await ask('PUT', path, { compatibility: level })
  return set.status === 200 ? null : `its level cannot be ${level} ${refusalIn(set)}`
}

async function put(
  ask: Ask,
  { subject, text }: SubjectVersion,
): Promise<{ readonly id: number | null; readonly says: string }> {
  const schema = { schema: text }
  const known = await ask('POST', `/subjects/${under(subject)}`, schema)
  if (known.status === 200) return { id: idIn(known), says: 'known' }
  const added = await ask('POST', `/subjects/${under(subject)}/versions`, schema)
  if (added.status === 200) return { id: idIn(added), says: 'registered' }
  const says = added.status === 409 ? 'INCOMPATIBLE' : 'REFUSED'
  return { id: null, says: `${says} ${refusalIn(added)}` }
}

/** Some registries number what they store, not what it says: an id must give our schema back. */
async function strangers(ask: Ask, found: Found): Promise<readonly string[]> {
  const faults: string[] = []
  const byId = new Map(found.map(({ one, id }) => [id, one]))
  for (const [id, one] of byId) {
    if (id === null) continue
    const { body } = await ask('GET', `/schemas/ids/${id}`)
    if (!isSame(body['schema'], one.text)) {
      faults.push(`id ${id}: is not ${one.schema} version ${one.version}`)
    }
  }
  return faults
}

/** A record bears one id, whatever subject its reader knows it by. */
function severalIds(found: Found): readonly string[] {
  const bySchema = Map.groupBy(found, ({ one }) => `${one.schema} version ${one.version}`)
  return [...bySchema]
    .filter(([, entries]) => new Set(entries.map(({ id }) => id)).size > 1)
    .map(([name]) => `${name}: has more than one id`)
}

function idsOf(found: Found): SchemaIds {
  const ids: Record<string, Record<string, number>> = {}
  for (const { one, id } of found) {
    if (id !== null) ids[one.schema] = { ...ids[one.schema], [one.version]: id }
  }
  return ids
}

function isSame(given: unknown, text: string): boolean {
  try {
    return canonicalText(JSON.parse(String(given))) === canonicalText(JSON.parse(text))
  } catch {
    return false
  }
}

const idIn = ({ body }: Answer): number | null =>
  typeof body['id'] === 'number' ? body['id'] : null

/** Status and code; the registry's own sentence is its own. */
const refusalIn = ({ status, body }: Answer): string =>
  `(${[status, body['error_code']].filter((it) => typeof it === 'number').join(', ')})`
