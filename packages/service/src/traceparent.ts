import { type Context, isSpanContextValid, type TextMapPropagator, trace } from '@opentelemetry/api'

const header = 'traceparent'
/** Version, trace, parent, flags; a later version may add more, ours may not (W3C trace context, section 3.2). */
const wellFormed =
  /^(?:00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})|(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?)$/

/**
 * W3C trace context without `tracestate`, and without baggage: both hold what their sender liked, and would
 * carry it through every topic. What is not well formed is as good as nothing.
 */
export const traceparent: TextMapPropagator = {
  fields: () => [header],
  inject(context, carrier, setter) {
    const span = trace.getSpanContext(context)
    if (span === undefined || !isSpanContextValid(span)) return
    const flags = (span.traceFlags & 1).toString(16).padStart(2, '0')
    setter.set(carrier, header, `00-${span.traceId}-${span.spanId}-${flags}`)
  },
  extract(context, carrier, getter): Context {
    const value = getter.get(carrier, header)
    const found = typeof value === 'string' && value.length <= 256 ? wellFormed.exec(value) : null
    if (found === null) return context
    const [traceId = '', spanId = '', flags = ''] = found.slice(1).filter(Boolean)
    const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
    return isSpanContextValid(parent) ? trace.setSpanContext(context, parent) : context
  },
}
