import {
  type Attributes,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { HubError } from '@throughline/domain'
import type { OutgoingRecord } from '../ports.ts'
import type { PlacedRecord } from './inputs.ts'

/**
 * Where a record says which trace it belongs to (W3C trace context): in a header, never in its key or what
 * is sealed in it. `tracestate` and baggage are never carried: they hold whatever a sender liked.
 */
export const traceHeader = 'traceparent'

// Asked for each time: without an SDK it does nothing, and one may start, or end, later.
const tracer = () => trace.getTracer('@throughline/stream')
const sampled = 1

/** The trace that a record carries on, for what comes of it. */
export function onwardOf({ headers }: Pick<OutgoingRecord, 'headers'>) {
  const carried = headers?.[traceHeader]
  return carried === undefined ? undefined : { [traceHeader]: carried }
}

export interface Spans {
  end(error?: unknown): void
}

/** The spans of a step: its own, and one in the trace of each of its records. */
export interface StepSpans<R> extends Spans {
  /** The records, each of which carries its span's context from here on. */
  readonly records: readonly R[]
}

/**
 * A step folds records of many traces at once. Each record's trace goes on through a span of its own, and
 * the step's span is linked to all of those.
 */
export function recordSpans<R extends PlacedRecord>(
  processor: string,
  batch: readonly R[],
): StepSpans<R> {
  if (!batch.some(({ headers }) => headers?.[traceHeader] !== undefined)) return untraced(batch)
  const spans: Span[] = []
  const records = batch.map((record) => {
    const span = startFrom(record, SpanKind.CONSUMER, 'process', {
      'messaging.consumer.group.name': processor,
      'messaging.destination.partition.id': String(record.partition),
      'messaging.kafka.offset': Number(record.offset),
    })
    if (span === undefined) return record
    spans.push(span)
    return { ...record, headers: { ...record.headers, ...headersOf(span) } }
  })
  const links: readonly Link[] = spans.map((span) => ({ context: span.spanContext() }))
  const step = stepSpan(processor, batch.length, [...links])
  return { records, end: (error) => endAll([...spans, step], error) }
}

/** A step that time has set off begins a trace of its own. */
export function timerSpan(
  processor: string,
): Spans & { readonly headers: OutgoingRecord['headers'] } {
  const step = stepSpan(processor, 0, [])
  return { headers: headersOf(step), end: (error) => endAll([step], error) }
}

/** The sending of records, each in its own trace. */
export function sendSpans(records: readonly OutgoingRecord[]): Spans {
  const spans = records.flatMap((record) => startFrom(record, SpanKind.PRODUCER, 'send', {}) ?? [])
  return { end: (error) => endAll(spans, error) }
}

/** Ends the spans when the work has, well or not. */
export async function within(spans: Spans, work: Promise<void>): Promise<void> {
  try {
    await work
    spans.end()
  } catch (error) {
    spans.end(error)
    throw error
  }
}

const untraced = <R>(records: readonly R[]): StepSpans<R> => ({ records, end: () => undefined })

/** A span in the record's own trace; none where it has none, or one that nobody looks at. */
function startFrom(
  record: OutgoingRecord,
  kind: SpanKind,
  operation: 'process' | 'send',
  more: Attributes,
): Span | undefined {
  const { headers, topic } = record
  if (headers?.[traceHeader] === undefined) return undefined
  const context = propagation.extract(ROOT_CONTEXT, headers)
  const parent = trace.getSpanContext(context)
  if (parent === undefined || (parent.traceFlags & sampled) === 0) return undefined
  const attributes = {
    'messaging.system': 'throughline',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': topic,
    ...more,
  }
  return tracer().startSpan(`${operation} ${topic}`, { kind, attributes }, context)
}

function stepSpan(processor: string, count: number, links: Link[]): Span {
  const attributes: Attributes = {
    'messaging.consumer.group.name': processor,
    ...(count > 0 && { 'messaging.batch.message_count': count }),
  }
  const options = { kind: SpanKind.INTERNAL, root: true, attributes, links }
  return tracer().startSpan(`step ${processor}`, options)
}

function headersOf(span: Span): OutgoingRecord['headers'] {
  const headers: Record<string, string> = {}
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), headers)
  return Object.hasOwn(headers, traceHeader) ? headers : undefined
}

/** What failed is said by its code: a message could quote what it failed on. */
function endAll(spans: readonly Span[], error: unknown): void {
  for (const span of spans) {
    if (error !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('error.type', error instanceof HubError ? error.code : 'bug')
    }
    span.end()
  }
}
