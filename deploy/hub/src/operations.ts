import type { Register } from '@throughline/consent'
import { pagesFrom, requireAny } from '@throughline/service'
import type { Views } from '@throughline/stream'
import { Router } from 'express'

export interface OperationsDeps {
  readonly register: Register
  readonly views: Views
}

/** `GET /ledger` as JSON. */
export interface Ledger {
  /** What every agency sent, by hour (UTC): `received` is the sum of the outcomes beside it. */
  readonly agencies: readonly {
    readonly agency: string
    readonly hour: string
    readonly received: number
    readonly outcomes: Readonly<Record<string, number>>
  }[]
  /** What became of each event for each person it reached: noticed, no-rule, suppressed(why), pending. */
  readonly people: Readonly<Record<string, number>>
}

const page = pagesFrom(new URL('views', import.meta.url))

/** `GET /ledger` as page and JSON (design, decision 12): nothing that came in has gone missing. */
export function operationsRoutes(deps: OperationsDeps): Router {
  const routes = Router()
  routes.get('/ledger', requireAny('operator', 'register'), async (req, res) => {
    const answer = await ledger(deps)
    if (req.accepts(['json', 'html']) === 'html') page(res, 'ledger.njk', shown(answer))
    else res.json(answer)
  })
  return routes
}

async function ledger({ register, views }: OperationsDeps): Promise<Ledger> {
  const rows = await register.ledger()
  const hours = new Map<string, { agency: string; hour: number; outcomes: Map<string, number> }>()
  const received = new Map<string, number>()
  for (const { agency, hour, outcome, reason, count } of rows) {
    if (outcome === 'received') {
      received.set(`${agency} ${hour}`, count)
      continue
    }
    const place = `${agency} ${hour}`
    const known = hours.get(place) ?? { agency, hour, outcomes: new Map<string, number>() }
    hours.set(place, known)
    const name = reason === '' ? outcome : `${outcome}/${reason}`
    known.outcomes.set(name, (known.outcomes.get(name) ?? 0) + count)
  }
  return {
    agencies: [...hours.values()].map(({ agency, hour, outcomes }) => ({
      agency,
      hour: new Date(hour).toISOString(),
      received: received.get(`${agency} ${hour}`) ?? 0,
      outcomes: Object.fromEntries(outcomes),
    })),
    people: Object.fromEntries(await views.counts('')),
  }
}

/** The same for people: totals by agency first, for that is what somebody looks at. */
function shown({ agencies, people }: Ledger) {
  const totals = new Map<string, { received: number; outcomes: Map<string, number> }>()
  for (const { agency, received, outcomes } of agencies) {
    const known = totals.get(agency) ?? { received: 0, outcomes: new Map<string, number>() }
    totals.set(agency, known)
    known.received += received
    for (const [name, count] of Object.entries(outcomes)) {
      known.outcomes.set(name, (known.outcomes.get(name) ?? 0) + count)
    }
  }
  return {
    title: 'Ledger',
    agencies: [...totals].map(([agency, { received, outcomes }]) => ({
      agency,
      received,
      outcomes: [...outcomes].map(([name, count]) => ({ name: words(name), count })),
    })),
    people: Object.entries(people).map(([name, count]) => ({ name: words(name), count })),
  }
}

const words = (name: string): string => name.replaceAll('-', ' ').replaceAll('/', ': ')
