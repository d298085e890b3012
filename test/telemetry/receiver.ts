import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as it was told, with what the tests look at. */
export interface ToldSpan {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** Span ids of what it is linked to. */
  readonly links: readonly string[]
}

/** A collector that keeps what it is told over OTLP, as JSON over HTTP. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly spans: readonly ToldSpan[]
  /** Names of the metrics that came, in any order. */
  readonly metricNames: ReadonlySet<string>
  /** Every body that came, as it came. */
  readonly bodies: readonly string[]
  /** Resolves with the spans of a trace once those that are asked for are among them. */
  trace(traceId: string, ...names: readonly string[]): Promise<readonly ToldSpan[]>
  /** Resolves once what was told says so. */
  until(isTold: () => boolean, what: string): Promise<void>
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface Told {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<
        ToldSpan,
        'service' | 'attributes' | 'links' | 'parentSpanId'
      > & {
        readonly parentSpanId?: string
        readonly attributes: readonly Attribute[]
        readonly links?: readonly { readonly spanId: string }[]
      })[]
    }[]
  }[]
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[]
  }[]
}

/** `toldWithinMs` is a fault limit with room, not a benchmark: the slowest machine tells within it. */
export async function startReceiver(toldWithinMs = 25_000): Promise<Receiver> {
  const spans: ToldSpan[] = []
  const metricNames = new Set<string>()
  const bodies: string[] = []
  const waiting = new Set<() => void>()
  const server = createServer((req, res) => {
    void bodyOf(req).then((body) => {
      bodies.push(body)
      const told = JSON.parse(body) as Told
      spans.push(...spansIn(told))
      for (const name of metricsIn(told)) metricNames.add(name)
      res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      for (const look of waiting) look()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const until = (isTold: () => boolean, what: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!isTold()) return
        done()
        resolve()
      }
      const late = setTimeout(() => {
        done()
        reject(new Error(`never told: ${what}; told: ${spans.map(({ name }) => name).join(', ')}`))
      }, toldWithinMs)
      const done = (): void => {
        clearTimeout(late)
        waiting.delete(look)
      }
      waiting.add(look)
      look()
    })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metricNames,
    bodies,
    async trace(traceId, ...names) {
      const found = () => spans.filter((span) => span.traceId === traceId)
      const all = () => names.every((name) => found().some((span) => span.name === name))
      await until(all, `${names.join(', ')} in one trace`)
      return found()
    },
    until,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const valuesOf = (attributes: readonly Attribute[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const spansIn = ({ resourceSpans = [] }: Told): readonly ToldSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map(({ attributes, links = [], parentSpanId = '', ...span }) => ({
        ...span,
        parentSpanId,
        service: String(valuesOf(resource.attributes)['service.name']),
        attributes: valuesOf(attributes),
        links: links.map(({ spanId }) => spanId),
      })),
    ),
  )

const metricsIn = ({ resourceMetrics = [] }: Told): readonly string[] =>
  resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name)),
  )
