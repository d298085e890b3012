import { Agent, request } from 'node:http'

/** One party's way to the hub: plain HTTP with its own bearer token. */
export interface Caller {
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  put(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  get(path: string): Promise<Answer>
  /** Posts text as it is, such as a CSV file; the answer is text too where it is not JSON. */
  postText(path: string, contentType: string, text: string): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Where the hub is now, and what to do when it gives no answer: wait until it is back, and ask again. */
export interface Line {
  base(): string
  /** Resolves when asking again makes sense; throws when it never will. `tries` counts from 1. */
  lost(tries: number, cause: unknown): Promise<void>
}

/**
 * Asks until there is an answer, as an agency does: no answer, 429 and 503 are asked again with the same
 * content. `again` counts the repeats, because a repeat may find its first try already done.
 */
export function callerOn(line: Line, token: string, again: () => void = () => {}): Caller {
  async function ask(method: string, path: string, body?: string, headers = {}): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      try {
        const answer = await exchange(`${line.base()}${path}`, method, body, {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        })
        if (answer.status !== 429 && answer.status !== 503) return answer
        await line.lost(tries, new Error(`${method} ${path}: ${answer.status}`))
      } catch (cause) {
        await line.lost(tries, cause)
      }
      again()
    }
  }
  return {
    post: (path, body, headers) => ask('POST', path, JSON.stringify(body), headers),
    put: (path, body, headers) => ask('PUT', path, JSON.stringify(body), headers),
    get: (path) => ask('GET', path),
    postText: (path, contentType, text) => ask('POST', path, text, { 'content-type': contentType }),
  }
}

/** Connections stay open between two requests, as an agency's own client keeps them. */
const agent = new Agent({ keepAlive: true })

/** One request and its answer. Rejects when the connection breaks before the answer is whole. */
const exchange = (
  url: string,
  method: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const type = response.headers['content-type'] ?? ''
        const text = Buffer.concat(parts).toString()
        resolve({ status: response.statusCode ?? 0, body: bodyOf(type, text) })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })

const bodyOf = (type: string, text: string): unknown =>
  text === '' ? null : type.includes('json') ? JSON.parse(text) : text
