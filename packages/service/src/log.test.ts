import { describe, expect, it } from 'vitest'
import { createLogger, type LogFields, scrub } from './log.ts'

const logged = (event: string, fields: object): Record<string, unknown> => {
  const lines: string[] = []
  const log = createLogger({ clock: { now: () => 0 }, sink: (line) => lines.push(line) })
  log.info(event, fields as LogFields)
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>
}

describe('the log', () => {
  it('says when in UTC, and numbers its lines', () => {
    const lines: string[] = []
    const log = createLogger({ clock: { now: () => 1_000 }, sink: (line) => lines.push(line) })
    log.info('started', { port: 8080 })
    log.warn('slow', { durationMs: 12 })
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: '1970-01-01T00:00:01.000Z', seq: 1, level: 'info', event: 'started', port: 8080 },
      { time: '1970-01-01T00:00:01.000Z', seq: 2, level: 'warn', event: 'slow', durationMs: 12 },
    ])
  })

  it('leaves out what is not on the list, and replaces what has not the shape of its field', () => {
    const line = logged('answered', {
      agency: 'custody',
      displayName: 'Corwin F.',
      reason: 'Corwin Fenwright',
      status: '200',
      eventId: 'Z9134QX said so',
      outcome: { toString: () => 'published' },
    })
    expect(line).toMatchObject({ agency: 'custody', reason: '[removed]', eventId: '[removed]' })
    expect(line).toMatchObject({ status: '[removed]', outcome: '[removed]' })
    expect(line).not.toHaveProperty('displayName')
  })

  it.each([
    'Z9134QX',
    '999 000 0115',
    '9990000115',
    'Q904417',
    '1931/9999412X',
    '999412/31U',
    'a.person@letters.example',
    '07700 900123',
    '+44 7700 900123',
    'SW1A 1AA',
  ])('takes out what looks like a number or address of somebody: %s', (value) => {
    expect(scrub(`before ${value} after`)).toBe('before [removed] after')
    expect(JSON.stringify(logged(`read ${value}`, { route: `/people/${value}` }))).not.toContain(
      value,
    )
  })

  it('cannot be made to write a second line', () => {
    expect(logged('a\n{"forged":true}', { route: '/x\n{"forged":true}' })).toMatchObject({
      event: '[removed]',
      route: '[removed]',
    })
  })
})
