import {
  bodyOf,
  callerOf,
  type Dialect,
  HttpFault,
  JsonFault,
  parseJson,
  requireAny,
  requireOperator,
  textBody,
} from '@throughline/service'
import { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import {
  type Entry,
  entriesOf,
  levelOf,
  modeOf,
  referringTo,
  requireId,
  requireSubject,
  requireVersion,
  type Scope,
  subjectsOf,
  versionNumber,
} from './book.ts'
import {
  clearLevel,
  clearMode,
  deleteSubject,
  deleteVersion,
  faultsAfter,
  register,
  registered,
  setLevel,
  setMode,
} from './change.ts'
import { bodyOfFault, refusal } from './faults.ts'
import { keepRegistry, type Registry, type RegistryDeps } from './keep.ts'
import { type Posted, readSchema } from './schema.ts'

/** What clients are configured with, behind the hub's own address. */
export const registryBase = '/registry'

const mediaType = 'application/vnd.schemaregistry.v1+json'
const mediaTypes = [
  mediaType,
  'application/vnd.schemaregistry+json',
  'application/json',
  'application/octet-stream',
]

/** Refusals as registry clients read them, also of what is refused before any route is reached. */
export const registryDialect: Dialect = {
  under: registryBase,
  contentType: mediaType,
  body: bodyOfFault,
}

const readers = requireAny('agency', 'analyst', 'operator')
const json = textBody(mediaTypes)

/**
 * The registry API that Confluent's clients speak (design, decision 10), so that ordinary deserialisers work
 * against one machine. It shows the repository's schemas; operators may register others beside them.
 */
export function registryRoutes(deps: RegistryDeps): Router {
  const registry = keepRegistry(deps)
  const routes = Router()
  routes.get([registryBase, `${registryBase}/`], readers, (_req, res) => answer(res, {}))
  schemaRoutes(routes, registry)
  subjectRoutes(routes, registry)
  compatibilityRoutes(routes, registry)
  settingRoutes(routes, registry)
  return routes
}

const path = (rest: string): string => `${registryBase}${rest}`

function schemaRoutes(routes: Router, registry: Registry): void {
  const offered = (entries: readonly Entry[], req: Request) =>
    entries.filter(({ isDeleted }) => !isDeleted || flag(req, 'deleted'))

  routes.get(path('/schemas/types'), readers, (_req, res) => answer(res, ['AVRO']))
  routes.get(path('/schemas'), readers, async (req, res) => {
    const book = await registry.book()
    const latestOnly = flag(req, 'latestOnly')
    const all = subjectsOf(book, scopeOf(req))
      .filter((subject) => subject.startsWith(text(req, 'subjectPrefix')))
      .flatMap((subject) => entriesOf(book, subject, scopeOf(req)).slice(latestOnly ? -1 : 0))
    answer(res, all.map(shown))
  })
  routes.get(path('/schemas/ids/:id'), readers, async (req, res) => {
    const [entry] = requireId(await registry.book(), param(req, 'id'))
    if (entry !== undefined) answer(res, schemaOf(entry))
  })
  routes.get(path('/schemas/ids/:id/schema'), readers, async (req, res) => {
    const [entry] = requireId(await registry.book(), param(req, 'id'))
    res.type(mediaType).send(entry?.text)
  })
  routes.get(path('/schemas/ids/:id/subjects'), readers, async (req, res) => {
    const entries = offered(requireId(await registry.book(), param(req, 'id')), req)
    answer(res, [...new Set(entries.map(({ subject }) => subject))])
  })
  routes.get(path('/schemas/ids/:id/versions'), readers, async (req, res) => {
    const entries = offered(requireId(await registry.book(), param(req, 'id')), req)
    answer(
      res,
      entries.map(({ subject, version }) => ({ subject, version })),
    )
  })
}

function subjectRoutes(routes: Router, registry: Registry): void {
  routes.get(path('/subjects'), readers, async (req, res) => {
    const subjects = subjectsOf(await registry.book(), scopeOf(req))
    answer(
      res,
      subjects.filter((subject) => subject.startsWith(text(req, 'subjectPrefix'))),
    )
  })
  routes.post(path('/subjects/:subject'), readers, json, async (req, res) => {
    const book = await registry.book()
    const subject = param(req, 'subject')
    requireSubject(book, subject)
    const found = registered(book, subject, postedIn(req))
    if (found === undefined) throw refusal(40403)
    answer(res, shown(found))
  })
  routes.delete(path('/subjects/:subject'), requireOperator(), async (req, res) => {
    const permanent = flag(req, 'permanent')
    answer(
      res,
      await registry.change((book) => deleteSubject(book, param(req, 'subject'), permanent)),
    )
  })

  const versions = path('/subjects/:subject/versions')
  routes.get(versions, readers, async (req, res) => {
    const entries = requireSubject(await registry.book(), param(req, 'subject'), scopeOf(req))
    answer(
      res,
      entries.map(({ version }) => version),
    )
  })
  routes.post(versions, readers, json, async (req, res) => {
    const subject = param(req, 'subject')
    const posted = postedIn(req)
    // To ask again for what is registered is to read.
    const known = registered(await registry.book(), subject, posted)
    if (known !== undefined) return answer(res, { id: known.id })
    callerOf(req, 'operator')
    const { id } = await registry.change((book) => register(book, subject, posted))
    return answer(res, { id })
  })
  const oneOf = async (req: Request, scope = scopeOf(req)) =>
    requireVersion(await registry.book(), param(req, 'subject'), param(req, 'version'), scope)
  routes.get(`${versions}/:version`, readers, async (req, res) => {
    answer(res, shown(await oneOf(req)))
  })
  routes.get(`${versions}/:version/schema`, readers, async (req, res) => {
    res.type(mediaType).send((await oneOf(req)).text)
  })
  routes.get(`${versions}/:version/referencedby`, readers, async (req, res) => {
    const entry = await oneOf(req, { deleted: true })
    const ids = referringTo(await registry.book(), entry).map(({ id }) => id)
    answer(res, [...new Set(ids)])
  })
  routes.delete(`${versions}/:version`, requireOperator(), async (req, res) => {
    const [subject, version] = [param(req, 'subject'), param(req, 'version')]
    const permanent = flag(req, 'permanent')
    answer(res, await registry.change((book) => deleteVersion(book, subject, version, permanent)))
  })
}

function compatibilityRoutes(routes: Router, registry: Registry): void {
  const against = (res: Response, req: Request, faults: readonly string[]): void =>
    answer(res, {
      is_compatible: faults.length === 0,
      ...(flag(req, 'verbose') && { messages: faults }),
    })
  const versions = path('/compatibility/subjects/:subject/versions')
  routes.post(versions, readers, json, async (req, res) => {
    const book = await registry.book()
    const subject = param(req, 'subject')
    const schema = readSchema(book, postedIn(req))
    const level = levelOf(book, subject)
    against(res, req, faultsAfter(book, level, schema, entriesOf(book, subject)))
  })
  routes.post(`${versions}/:version`, readers, json, async (req, res) => {
    const book = await registry.book()
    const [subject, version] = [param(req, 'subject'), param(req, 'version')]
    const schema = readSchema(book, postedIn(req))
    // Nothing stands in the way of a first version.
    const isFirst = versionNumber(version) === 'latest' && entriesOf(book, subject).length === 0
    const earlier = isFirst ? [] : [requireVersion(book, subject, version)]
    against(res, req, faultsAfter(book, levelOf(book, subject), schema, earlier))
  })
}

function settingRoutes(routes: Router, registry: Registry): void {
  const operator = requireOperator()
  const configs = [path('/config'), path('/config/:subject')]
  routes.get(configs, readers, async (req, res) => {
    const book = await registry.book()
    const subject = param(req, 'subject')
    const isKnown = isEverybodys(req, subject) || book.levels.has(subject)
    if (!isKnown) throw refusal(40408)
    answer(res, { compatibilityLevel: levelOf(book, subject) })
  })
  routes.put(configs, operator, json, async (req, res) => {
    const { compatibility } = objectIn(req)
    const set = await registry.change((book) =>
      setLevel(book, param(req, 'subject'), compatibility),
    )
    answer(res, { compatibility: set })
  })
  routes.delete(configs, operator, async (req, res) => {
    const was = await registry.change((book) => clearLevel(book, param(req, 'subject')))
    answer(res, { compatibilityLevel: was })
  })

  const modes = [path('/mode'), path('/mode/:subject')]
  routes.get(modes, readers, async (req, res) => {
    const book = await registry.book()
    const subject = param(req, 'subject')
    const isKnown = isEverybodys(req, subject) || book.modes.has(subject)
    if (!isKnown) throw refusal(40409)
    answer(res, { mode: modeOf(book, subject) })
  })
  routes.put(modes, operator, json, async (req, res) => {
    const { mode } = objectIn(req)
    const set = await registry.change((book) => setMode(book, param(req, 'subject'), mode))
    answer(res, { mode: set })
  })
  routes.delete(modes, operator, async (req, res) => {
    const was = await registry.change((book) => clearMode(book, param(req, 'subject')))
    answer(res, { mode: was })
  })
}

/** Whether what is everybody's answers: where no subject is named, or the caller says that it may. */
const isEverybodys = (req: Request, subject: string): boolean =>
  subject === '' || flag(req, 'defaultToGlobal')

const answer = (res: Response, body: unknown): void => {
  res.type(mediaType).send(JSON.stringify(body))
}

const schemaOf = ({ text: schema, references }: Entry) => ({
  schema,
  ...(references.length > 0 && { references }),
})

const shown = (entry: Entry) => ({
  subject: entry.subject,
  version: entry.version,
  id: entry.id,
  ...schemaOf(entry),
})

const param = (req: Request, name: string): string => String(req.params[name] ?? '')
function text(req: Request, name: string): string {
  const given = req.query[name]
  return typeof given === 'string' ? given : ''
}
const flag = (req: Request, name: string): boolean => text(req, name).toLowerCase() === 'true'
const scopeOf = (req: Request): Scope => ({ deleted: flag(req, 'deleted') })

const reference = z.object({
  name: z.string(),
  subject: z.string(),
  version: z.int().min(1),
})
const posted = z.object({
  schema: z.string().min(1),
  schemaType: z.literal('AVRO').nullish(),
  references: z.array(reference).max(100).nullish(),
})

function postedIn(req: Request): Posted {
  const parsed = posted.safeParse(objectIn(req))
  if (!parsed.success) {
    throw refusal(
      42201,
      parsed.error.issues.map(({ path: at, code }) => `${at.join('.')}: ${code}`),
    )
  }
  return { text: parsed.data.schema, references: parsed.data.references ?? [] }
}

function objectIn(req: Request): Readonly<Record<string, unknown>> {
  try {
    const body = parseJson(bodyOf<string>(req))
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
      return body as Readonly<Record<string, unknown>>
    }
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
  }
  throw new HttpFault(400, 'json', 'The body is not a JSON object.')
}
