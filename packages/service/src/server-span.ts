import type { IncomingMessage } from 'node:http'
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'

/** One request, as the trace of it begins here or goes on from its sender's. */
export interface ServerSpan {
  /** What `work` does, and what comes of it, is part of the request. */
  within<T>(work: () => T): T
  /** Once, with what was answered; the route as it was declared, for an address can hold what its sender liked. */
  end(answered: { readonly route: string; readonly status: number; readonly caller: string }): void
}

/** Asked for by machines every few seconds: of them nobody wants a trace. */
const untraced = /^\/(?:healthz|readyz|metrics|assets)(?:[/?]|$)/

/** Begins the span of a request, in the trace of a well-formed `traceparent`. */
export function serverSpan(req: IncomingMessage): ServerSpan {
  const { method = '' } = req
  if (untraced.test(req.url ?? '')) return { within: (work) => work(), end: () => undefined }
  const under = propagation.extract(ROOT_CONTEXT, req.headers)
  const tracer = trace.getTracer('@throughline/service')
  const attributes = { 'http.request.method': method, 'url.scheme': 'http' }
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, under)
  const inside = trace.setSpan(under, span)
  return {
    within: (work) => context.with(inside, work),
    end({ route, status, caller }) {
      span.updateName(`${method} ${route}`)
      span.setAttributes({
        'http.route': route,
        'http.response.status_code': status,
        'throughline.caller': caller,
      })
      if (status >= 500) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        span.setAttribute('error.type', String(status))
      }
      span.end()
    },
  }
}
