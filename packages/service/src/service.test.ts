import { Router } from 'express'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { requirePractitioner } from './auth.ts'
import { readConfig } from './config.ts'
import { healthRoutes } from './health.ts'
import { createMetrics, metricsText } from './metrics.ts'
import { page } from './pages.ts'
import { serve } from './testing.ts'

describe('health', () => {
  it('is ready only while everything it needs answers', async () => {
    let database: () => boolean = () => true
    const metrics = createMetrics()
    const checks = [{ name: 'database', check: () => database() }]
    await using hub = await serve(() => healthRoutes({ checks, metrics }))
    const ready = async () => {
      const answer = await fetch(`${hub.url}/readyz`)
      return [answer.status, await answer.json()]
    }
    expect(await ready()).toEqual([
      200,
      { status: 'ready', checks: [{ name: 'database', ok: true }] },
    ])
    database = () => {
      throw new Error('disk of Z9134QX')
    }
    expect(await ready()).toEqual([
      503,
      { status: 'not-ready', checks: [{ name: 'database', ok: false }] },
    ])
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200)
  })

  it('counts in the form that Prometheus reads', () => {
    const metrics = createMetrics()
    const arrivals = { name: 'hub.arrivals', unit: '{record}', description: 'Records.' }
    metrics.counter(arrivals).add({ 'of.what': 'published' })
    metrics.counter(arrivals).of({ 'of.what': 'published' }).add(2)
    const waiting = { name: 'wait', unit: 's', description: 'Waiting.', buckets: [0.1, 1] }
    metrics.histogram(waiting).observe(0.5)
    metrics.gauge({ name: 'open', unit: '{page}', description: 'Open pages.' }, () => 4)
    expect(metrics.text().split('\n')).toEqual([
      '# HELP hub_arrivals_total Records.',
      '# TYPE hub_arrivals_total counter',
      'hub_arrivals_total{of_what="published"} 3',
      '# HELP wait_seconds Waiting.',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{le="0.1"} 0',
      'wait_seconds_bucket{le="1"} 1',
      'wait_seconds_bucket{le="+Inf"} 1',
      'wait_seconds_sum 0.5',
      'wait_seconds_count 1',
      '# HELP open Open pages.',
      '# TYPE open gauge',
      'open 4',
      '',
    ])
  })
})

it('waits for what has to be looked up, and for nothing that never comes', async () => {
  const metrics = createMetrics()
  const depth = { name: 'depth', unit: '{record}', description: 'Waiting.' }
  metrics.gauge(depth, async () => [{ value: 3, attributes: { of: 'one' } }])
  metrics.gauge(depth, () => Promise.reject(new Error('away')))
  metrics.gauge(depth, () => new Promise(() => undefined))
  expect(metrics.text()).not.toContain('depth{')
  expect(metricsText(await metrics.settled())).toContain('depth{of="one"} 3\n')
})

describe('configuration', () => {
  it('names the member and the rule, never what was written', () => {
    const schema = z.strictObject({ port: z.number(), keys: z.strictObject({ file: z.string() }) })
    const read = () =>
      readConfig(schema, { port: 'secret-1', keys: { file: 7 }, extra: 'secret-2' })
    expect(read).toThrow(expect.objectContaining({ code: 'HUB_CONFIG_INVALID' }))
    expect(read).toThrow(/port: invalid_type; keys\.file: invalid_type/)
    expect(read).not.toThrow(/secret/)
  })
})

describe('pages', () => {
  const routes = () => {
    const router = Router()
    router.get('/inbox', requirePractitioner(), (_req, res) => {
      page(res, 'error.njk', { title: '<script>alert(1)</script>', message: '"O\'Brien" & Ng' })
    })
    return router
  }

  it('UI-7: shows what people wrote as text', async () => {
    await using hub = await serve(routes)
    const html = await (await fetch(`${hub.url}/inbox`, { headers: hub.as('practitioner') })).text()
    expect(html).not.toContain('<script>alert')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).toContain('&quot;O&#39;Brien&quot; &amp; Ng')
  })

  it('leads with a link past the navigation, and shows each caller only their own doors', async () => {
    await using hub = await serve(routes)
    const html = await (await fetch(`${hub.url}/inbox`, { headers: hub.as('practitioner') })).text()
    expect(html).toContain('Skip to main content')
    expect(html).toContain('Throughline')
    expect(html).toContain('href="/inbox"')
    expect(html).not.toContain('href="/ledger"')
  })

  it.each([
    ['/assets/govuk-frontend.min.css', 'text/css'],
    ['/assets/govuk-frontend.min.js', 'text/javascript'],
    ['/assets/throughline.css', 'text/css'],
    ['/assets/images/favicon.svg', 'image/svg+xml'],
  ])('serves %s itself', async (path, type) => {
    await using hub = await serve(routes)
    const answer = await fetch(`${hub.url}${path}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain(type)
    expect((await answer.text()).length).toBeGreaterThan(50)
  })

  it('serves nothing beside them', async () => {
    await using hub = await serve(routes)
    for (const path of [
      '/assets/',
      '/assets/..%2fpackage.json',
      '/assets/components',
      '/assets/%2e%2e/index.ts',
    ]) {
      expect((await fetch(`${hub.url}${path}`)).status).toBe(404)
    }
  })

  it('says kindly that a page is not there', async () => {
    await using hub = await serve(routes)
    const answer = await fetch(`${hub.url}/nowhere`, { headers: { accept: 'text/html' } })
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('Page not found')
  })
})
