import { createHash, timingSafeEqual } from 'node:crypto'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import { formBody, formOf, readForm } from './body.ts'
import { contextOf } from './context.ts'
import { HttpFault } from './fault.ts'
import { homeOf, page } from './pages.ts'
import type { Principal } from './principal.ts'
import type { RandomBytes } from './random.ts'
import { createSessions } from './session.ts'

/** A bearer token's SHA-256, in hex, and whom it stands for. The token itself is never configured. */
export interface Credential {
  readonly tokenHash: string
  readonly principal: Principal
}

export interface AuthOptions {
  readonly credentials: readonly Credential[]
  readonly clock: { now(): number }
  readonly random: RandomBytes
  /** Off only where the hub is reached over plain HTTP on this machine. */
  readonly secureCookies?: boolean
  /**
   * Paths whose clients know no bearer token: there the password of basic authentication is one, whatever
   * the user's name. Nowhere else: a browser would repeat it by itself.
   */
  readonly basicUnder?: readonly string[]
}

export interface Auth {
  /** Says who is calling, by bearer token or session. A wrong credential is 401, none is nobody. */
  readonly identify: RequestHandler
  /** `GET` and `POST /sign-in`, `POST /sign-out`. */
  readonly routes: Router
  /** False once the session of this request has ended; always true for a bearer token. */
  stillSignedIn(req: Request): boolean
}

const cookieName = 'throughline-session'
const bearerToken = /^Bearer ([\w.~+/-]{1,512}=*)$/i
const basicLogin = /^Basic ([A-Za-z0-9+/]{1,1024}={0,2})$/i
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export const tokenHashOf = (token: string): string =>
  createHash('sha256').update(token).digest('hex')

/** Who may come in, and how (assurance.md, section 10, items 1, 14 and 17). */
export function createAuth(options: AuthOptions): Auth {
  const sessions = createSessions(options.clock, options.random)
  const known = options.credentials.map(({ tokenHash, principal }) => ({
    digest: Buffer.from(tokenHash, 'hex'),
    principal,
  }))

  const principalFor = (token: string): Principal | undefined => {
    const digest = createHash('sha256').update(token).digest()
    let found: Principal | undefined
    // Every entry is compared, so the time says nothing about which one it was.
    for (const entry of known) {
      if (entry.digest.length === digest.length && timingSafeEqual(entry.digest, digest)) {
        found = entry.principal
      }
    }
    return found
  }

  const takesBasic = (path: string): boolean =>
    (options.basicUnder ?? []).some((base) => path === base || path.startsWith(`${base}/`))

  const identify: RequestHandler = (req, _res, next) => {
    const context = contextOf(req)
    const { authorization } = req.headers
    if (authorization !== undefined) {
      const token =
        bearerToken.exec(authorization)?.[1] ??
        (takesBasic(req.path) ? passwordOf(authorization) : undefined)
      const principal = token === undefined ? undefined : principalFor(token)
      if (principal === undefined) throw unauthorised()
      context.principal = principal
      return next()
    }
    const id = cookieOf(req)
    // A page left open must not keep its reader signed in by listening.
    const isUse = !(req.headers.accept ?? '').includes('text/event-stream')
    const session = id === undefined ? undefined : sessions.find(id, isUse)
    if (session !== undefined) {
      context.principal = session.principal
      context.session = session
    }
    next()
  }

  const setCookie = (res: Response, value: string, gone = false): void => {
    res.cookie(cookieName, value, {
      httpOnly: true,
      sameSite: 'strict',
      secure: options.secureCookies ?? false,
      path: '/',
      ...(gone && { expires: new Date(0) }),
    })
  }

  const routes = Router()
  routes.get('/sign-in', (req, res) => {
    page(res, 'sign-in.njk', { next: localPath(req.query['next']) })
  })
  routes.post('/sign-in', formBody(), (req, res) => {
    refuseOtherSites(req)
    const principal = principalFor(formOf(req).get('token')?.trim() ?? '')
    const next = localPath(formOf(req).get('next'))
    if (principal === undefined || principal.kind === 'agency') {
      page(res, 'sign-in.njk', { next, failed: true }, 401)
      return
    }
    const before = cookieOf(req)
    if (before !== undefined) sessions.end(before)
    setCookie(res, sessions.start(principal))
    res.redirect(303, next === '/' ? homeOf(principal) : next)
  })
  routes.post('/sign-out', async (req, res) => {
    if (contextOf(req).session !== undefined) await checkCsrf(req)
    const id = cookieOf(req)
    if (id !== undefined) sessions.end(id)
    setCookie(res, '', true)
    res.redirect(303, '/sign-in')
  })

  const stillSignedIn = (req: Request): boolean => {
    const { session } = contextOf(req)
    return session === undefined || sessions.isLive(session)
  }
  return { identify, routes, stillSignedIn }
}

type PrincipalOf<K extends Principal['kind']> = Extract<Principal, { kind: K }>

/** The caller, where a guard has made sure of the kind. */
export function callerOf<K extends Principal['kind']>(req: Request, kind: K): PrincipalOf<K> {
  const { principal } = contextOf(req)
  if (principal?.kind !== kind) throw forbidden()
  return principal as PrincipalOf<K>
}

/** This agency's own bearer token; any other credential is 403 (assurance.md, HTTP-19). */
export const requireAgency = (agency: string): RequestHandler =>
  guard((principal) => principal.kind === 'agency' && principal.agency === agency)

export const requireRegister = (): RequestHandler =>
  guard((principal) => principal.kind === 'register')

export const requirePractitioner = (): RequestHandler =>
  guard((principal) => principal.kind === 'practitioner')

export const requireOperator = (): RequestHandler =>
  guard((principal) => principal.kind === 'operator')

/** An analyst; with `feed`, only that feed's. */
export const requireAnalyst = (feed?: string): RequestHandler =>
  guard(
    (principal) => principal.kind === 'analyst' && (feed === undefined || principal.feed === feed),
  )

/** Any of these kinds, for a route that several kinds of caller share. */
export const requireAny = (...kinds: readonly Principal['kind'][]): RequestHandler =>
  guard((principal) => kinds.includes(principal.kind))

/**
 * Lets a caller through, by bearer token or session. What changes something needs, with a session, the
 * session's CSRF token: in the form field `_csrf`, which the guard reads, or the header `x-csrf-token`.
 */
function guard(allows: (principal: Principal) => boolean): RequestHandler {
  return async (req, res, next) => {
    const { principal, session } = contextOf(req)
    if (principal === undefined) {
      const isPage = safeMethods.has(req.method) && req.accepts(['json', 'html']) === 'html'
      if (!isPage) throw unauthorised()
      res.redirect(303, `/sign-in?next=${encodeURIComponent(req.originalUrl)}`)
      return
    }
    if (!allows(principal)) throw forbidden()
    if (session !== undefined && !safeMethods.has(req.method)) await checkCsrf(req)
    next()
  }
}

async function checkCsrf(req: Request): Promise<void> {
  refuseOtherSites(req)
  const { session } = contextOf(req)
  const isForm = req.is('application/x-www-form-urlencoded') !== false
  const header = req.get('x-csrf-token')
  const given = header ?? (isForm ? (await readForm(req)).get('_csrf') : undefined) ?? ''
  if (session === undefined || !sameText(given, session.csrfToken)) {
    throw new HttpFault(403, 'csrf', 'This page is out of date. Open it again and repeat.')
  }
}

/** Browsers say where a request comes from; a page of another site may not post to us. */
function refuseOtherSites(req: Request): void {
  const site = req.get('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new HttpFault(403, 'cross-site', 'This came from another site.')
  }
}

function passwordOf(authorization: string): string | undefined {
  const encoded = basicLogin.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  const login = Buffer.from(encoded, 'base64').toString()
  return login.includes(':') ? login.slice(login.indexOf(':') + 1) : undefined
}

const sameText = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}

/** A path on this site, or the start page: never where an address given to us points. */
function localPath(value: unknown): string {
  return typeof value === 'string' && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(value) ? value : '/'
}

function cookieOf(req: Request): string | undefined {
  const found = (req.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${cookieName}=`))
  return found.length === 1 ? found[0]?.slice(cookieName.length + 1) : undefined
}

const unauthorised = (): HttpFault =>
  new HttpFault(401, 'unauthorised', 'Sign in, or send a valid bearer token.', {
    headers: { 'www-authenticate': 'Bearer' },
  })

const forbidden = (): HttpFault =>
  new HttpFault(403, 'forbidden', 'This credential is not for this route.')
