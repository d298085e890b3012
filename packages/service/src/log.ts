import { trace } from '@opentelemetry/api'

/** The closed list of what a log line may say. Nothing an agency or a person wrote is on it. */
export interface LogFields {
  readonly agency?: string
  readonly system?: string
  readonly route?: string
  readonly method?: string
  readonly status?: number
  readonly durationMs?: number
  readonly caller?: string
  readonly correlationId?: string
  readonly outcome?: string
  readonly reason?: string
  readonly rule?: string
  readonly code?: string
  readonly errorName?: string
  readonly count?: number
  readonly eventType?: string
  readonly eventId?: string
  readonly noticeId?: string
  readonly topic?: string
  readonly partition?: number
  readonly offset?: string
  readonly processor?: string
  readonly generation?: number
  readonly version?: number
  readonly point?: string
  readonly host?: string
  readonly port?: number
}

/** `event` is a constant of ours, such as `intake answered`. */
export interface Logger {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

const word = /^[\w.:/ *{}()@-]{1,120}$/
const id = /^[\w-]{1,64}$/
const shapes: Readonly<Record<keyof LogFields, RegExp | 'number'>> = {
  agency: /^[a-z-]{1,40}$/,
  system: word,
  route: word,
  method: /^[A-Z]{3,7}$/,
  status: 'number',
  durationMs: 'number',
  caller: /^[a-z]{1,20}(?::[\w:-]{1,60})?$/,
  correlationId: id,
  outcome: /^[a-z-]{1,40}$/,
  reason: /^[a-z0-9/-]{1,60}$/,
  rule: /^[a-z0-9-]{1,60}$/,
  code: /^[\w-]{1,60}$/,
  errorName: /^[A-Za-z]{1,60}$/,
  count: 'number',
  eventType: /^[A-Za-z]{1,60}$/,
  eventId: id,
  noticeId: id,
  topic: /^[a-z0-9.-]{1,80}$/,
  partition: 'number',
  offset: /^-?\d{1,20}$/,
  processor: /^[a-z-]{1,40}$/,
  generation: 'number',
  version: 'number',
  point: word,
  host: /^[\w.:-]{1,80}$/,
  port: 'number',
}
const keyed: ReadonlySet<string> = new Set(['correlationId', 'eventId', 'noticeId', 'offset'])

// What people's numbers look like. Nothing should ever get this far; this is the last net.
const personal = [
  /\b\d{3}[ -]?\d{3}[ -]?\d{4}\b/g, // NHS number
  /\b[A-Z]\d{4}[A-Z]{2}\b/gi, // prison number
  /\b[A-Z]\d{6}\b/gi, // probation number
  /\b(?:\d{2}|\d{4})\/\d{1,7}[A-Z]\b/gi, // police numbers
  /\b\d{1,6}\/\d{2}[A-Z]\b/gi,
  /[\w.+-]+@[\w-]+\.[\w.-]+/g,
  /(?:\+44|\b0)(?:[ ()-]?\d){9,10}\b/g,
  /\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b/gi, // postcode
]

export const scrub = (text: string): string =>
  personal.reduce((scrubbed, pattern) => scrubbed.replace(pattern, '[removed]'), text)

/**
 * JSON lines, UTC, numbered without gaps. A field that is not on the list is left out, a value that
 * does not have its field's shape is replaced (assurance.md, section 10, items 54 to 56).
 */
export function createLogger(options: {
  readonly clock: { now(): number }
  readonly sink: (line: string) => void
}): Logger {
  let seq = 0
  const write = (level: string, event: string, fields: LogFields): void => {
    const line: Record<string, unknown> = {
      time: new Date(options.clock.now()).toISOString(),
      seq: ++seq,
      level,
      event: word.test(event) ? scrub(event) : '[removed]',
      ...traceIds(),
    }
    for (const [name, value] of Object.entries(fields)) {
      if (!Object.hasOwn(shapes, name) || value === undefined) continue
      line[name] = safeValue(name, shapes[name as keyof LogFields], value)
    }
    options.sink(JSON.stringify(line))
  }
  return {
    info: (event, fields = {}) => write('info', event, fields),
    warn: (event, fields = {}) => write('warn', event, fields),
    error: (event, fields = {}) => write('error', event, fields),
  }
}

/** The trace that the line belongs to, where there is one: made here, or checked on the way in. */
function traceIds(): { readonly traceId?: string; readonly spanId?: string } {
  const { traceId, spanId } = trace.getActiveSpan()?.spanContext() ?? {}
  return traceId === undefined || spanId === undefined ? {} : { traceId, spanId }
}

function safeValue(name: string, shape: RegExp | 'number', value: unknown): unknown {
  if (shape === 'number') return typeof value === 'number' ? value : '[removed]'
  if (typeof value !== 'string' || !shape.test(value)) return '[removed]'
  return keyed.has(name) ? value : scrub(value)
}
