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
        const response = await fetch(`${line.base()}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body }),
        })
        const text = await response.text()
        if (response.status !== 429 && response.status !== 503)
          return { status: response.status, body: bodyOf(response, text) }
        await line.lost(tries, new Error(`${method} ${path}: ${response.status}`))
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

const bodyOf = (response: Response, text: string): unknown =>
  text === ''
    ? null
    : response.headers.get('content-type')?.includes('json')
      ? JSON.parse(text)
      : text
