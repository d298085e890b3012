/**
 * An answer that refuses: a status, a code from a closed vocabulary, and where. The message names a
 * place and a rule and never a value: whoever reads the answer or the log learns nothing about anybody.
 */
export class HttpFault extends Error {
  readonly status: number
  readonly code: string
  readonly at: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly at?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.name = 'HttpFault'
    this.status = status
    this.code = code
    this.at = more.at
    this.headers = more.headers ?? {}
  }
}

/** For a thing that is not there, and for a person the caller may not see: the two look alike. */
export const notFound = (): HttpFault =>
  new HttpFault(404, 'not-found', 'There is nothing here for you.')
