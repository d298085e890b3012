import {
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

/** Headers of a record that carry its trace on; undefined where nobody traces. */
export type Carried = Readonly<Record<string, string>> | undefined

/** Something that was asked for in a trace of its own; in that of the running request unless said otherwise. */
export interface Asked {
  readonly under?: Context
}

export interface AcceptSpans {
  carriedBy(one: Asked): Carried
  /** The trace of the first of them, for what is said of all. */
  within<T>(work: () => Promise<T>): Promise<T>
}

/** The trace of the running request, for whoever hands it on to be accepted later, with others. */
export const runningRequest = (): Context => context.active()

/** A request over something else than HTTP, which says nothing of its sender's trace: it begins one. */
export async function requestSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  const options = { kind: SpanKind.SERVER, root: true }
  const span = trace.getTracer('@throughline/intake').startSpan(name, options)
  try {
    return await context.with(trace.setSpan(context.active(), span), work)
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}

/**
 * The spans of records that become durable together: one for each request that brought some of them.
 * They end when the work does.
 */
export function acceptSpans(agency: string, asked: readonly Asked[]): AcceptSpans {
  const tracer = trace.getTracer('@throughline/intake')
  const begun = new Map<Context, { readonly span: Span; readonly carried: Carried }>()
  const running = context.active()
  for (const { under = running } of asked) {
    if (begun.has(under)) continue
    const attributes = { 'throughline.agency': agency }
    const span = tracer.startSpan('accept', { kind: SpanKind.INTERNAL, attributes }, under)
    begun.set(under, { span, carried: carriedIn(trace.setSpan(under, span)) })
  }
  const spans = [...begun.values()].map(({ span }) => span)
  const [first] = begun
  return {
    carriedBy: ({ under = running }) => begun.get(under)?.carried,
    async within(work) {
      try {
        return first === undefined
          ? await work()
          : await context.with(trace.setSpan(first[0], first[1].span), work)
      } catch (error) {
        for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        for (const span of spans) span.end()
      }
    },
  }
}

function carriedIn(traced: Context): Carried {
  const headers: Record<string, string> = {}
  propagation.inject(traced, headers)
  return Object.keys(headers).length === 0 ? undefined : headers
}
