import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newcomers } from '../journeys/events.ts'
import { newlyPublishedBy } from '../journeys/published.ts'
import type { Person } from '../people/people.ts'
import { adt, type Fields, local, nhs } from './adt.ts'
import { type Door, openDoor } from './door.ts'
import { type Engine, framed, heardIn } from './engine.ts'

const newcomer = newcomers(920)
const from = '2026-03-02T09:00:00Z'
const kibibyte = 1024
const mebibyte = 1024 * kibibyte

let door: Door
let engine: Engine
let told: ReturnType<typeof newlyPublishedBy>
beforeAll(async () => {
  door = await openDoor({ from })
  told = newlyPublishedBy(door.hub, 'hospital')
  engine = await door.engine()
})
afterAll(async () => {
  engine?.[Symbol.dispose]()
  await door?.[Symbol.asyncDispose]()
})

/** A newcomer who agreed, and what their lead may read of them. */
async function agreed() {
  const person = newcomer()
  const identifiers = [nhs(person), local(person)]
  const { personId } = await door.hub.consent({ identifiers, lead: 'lp-1' })
  const lines = async () => {
    await door.hub.idle()
    const story = await door.hub.story('lp-1', personId)
    return story?.lines.map(({ text, occurredAt }) => `${occurredAt} ${text}`) ?? []
  }
  return { person, lines }
}
const admission = '2026-03-02T08:05:00Z Admitted to hospital. It was recorded as a drug poisoning.'

/** What one message is answered, and what the ledger counts more of. */
async function outcome(message: string | Uint8Array, by: Engine = engine) {
  const before = await door.counted()
  const heard = await by.hears(message)
  const after = await door.counted()
  const more = Object.keys(after).filter(
    (name) => name !== 'received' && after[name] !== before[name],
  )
  return [heard, ...more].join(', ')
}

describe('frames', () => {
  it('HL7-1: what stands before a message is noise, and the message is read', async () => {
    const { person, lines } = await agreed()
    await engine.write('GET / HTTP/1.1\r\n\r\n', '\x1c\r', adt(person, 'NOISE'))
    expect(await outcome(adt(person, 'ONE'))).toBe('AA ONE, published')
    expect(await lines()).toEqual([admission])
  })

  it('HL7-1: past 64 KiB of noise the connection ends, and no other one', async () => {
    using noisy = await door.engine()
    await noisy.write(Buffer.alloc(64 * kibibyte + 1, 'x'))
    await noisy.closed
    expect(await noisy.answers(1)).toEqual([])
    expect(await engine.hears(adt(newcomer(), 'QUIET'))).toBe('AA QUIET')
  })

  it('HL7-3: two messages in one packet, and one cut over 1,000 packets, are each answered once, in order', async () => {
    const { person, lines } = await agreed()
    const filler = 'X'.repeat(1_000)
    const long = framed(adt(person, 'CUT', { 'PID-11': filler }))
    engine.send(adt(newcomer(), 'FIRST'), adt(newcomer(), 'SECOND'))
    const size = Math.ceil(long.length / 1_000)
    const pieces = Array.from({ length: 1_000 }, (_, n) => long.subarray(n * size, (n + 1) * size))
    await engine.write(...pieces)
    engine.send(adt(newcomer(), 'AFTER'))
    expect((await engine.answers(4)).map(heardIn)).toEqual([
      'AA FIRST',
      'AA SECOND',
      'AA CUT',
      'AA AFTER',
    ])
    expect(await lines()).toEqual([admission])
  })

  it('HL7-4: a message begun again drops what was begun; an end mark in the text is AR; the next one is well', async () => {
    const before = await door.counted()
    await engine.write(framed(adt(newcomer(), 'HALF')).subarray(0, 120))
    engine.send(
      adt(newcomer(), 'WHOLE'),
      adt(newcomer(), 'ODD', { 'PID-5': 'A\x1cB' }),
      adt(newcomer(), 'NEXT'),
    )
    expect((await engine.answers(3)).map(heardIn)).toEqual(['AA WHOLE', 'AR ODD', 'AA NEXT'])
    const after = await door.counted()
    expect((after['received'] ?? 0) - (before['received'] ?? 0)).toBe(3)
    expect(door.hub.logs.some((line) => line.includes('"reason":"restarted"'))).toBe(true)
  })

  it('HL7-5: 50 MB in one message are cut off at the limit, and memory stays flat', async () => {
    using endless = await door.engine()
    const before = process.memoryUsage().rss
    await endless.write('\x0bMSH|^~\\&|')
    const part = Buffer.alloc(mebibyte, 'x')
    for (let n = 0; n < 50 && !endless.socket.destroyed; n += 1) {
      await Promise.race([endless.write(part), endless.closed])
    }
    await endless.closed
    expect(await endless.answers(1)).toEqual([])
    expect(process.memoryUsage().rss - before).toBeLessThan(120 * mebibyte)
    expect(await engine.hears(adt(newcomer(), 'SMALL'))).toBe('AA SMALL')
  })
})

describe('how a message is written', () => {
  const written = (change: (message: string) => string | Uint8Array, id: string) => async () => {
    const { person, lines } = await agreed()
    expect(await outcome(change(adt(person, id)))).toBe(`AA ${id}, published`)
    expect(await lines()).toEqual([admission])
  }
  it(
    'HL7-6: with line feeds',
    written((text) => text.replaceAll('\r', '\n'), 'LF'),
  )
  it(
    'HL7-6: with both',
    written((text) => text.replaceAll('\r', '\r\n'), 'CRLF'),
  )
  it(
    'HL7-6: without the last one',
    written((text) => text.slice(0, -1), 'NONE'),
  )
  it(
    'HL7-7: with $%~\\& as its delimiters',
    written((text) => text.replaceAll('|', '$').replaceAll('^', '%'), 'DOLLARS'),
  )
  it('HL7-9: in Latin-1, said so', async () => {
    const { person, lines } = await agreed()
    const text = adt(person, 'LATIN', { 'MSH-18': '8859/1', 'PID-5': 'FRANÇOISE' })
    expect(await outcome(Buffer.from(text, 'latin1'))).toBe('AA LATIN, published')
    expect(await lines()).toEqual([admission])
  })

  it.each(['MSH|^^\\&|', 'MSHA^~\\&A', 'MSH|^~\\|', 'MSH|'])(
    'HL7-7: %s are no delimiters: AR, and nothing is kept',
    async (start) => {
      const heard = await outcome(`${start}PAS|RZZ\rPID|1\r`)
      expect(heard).toMatch(/^AR [^,]*, rejected/)
    },
  )

  it.each([
    ['a segment end', '\\X0D\\PV1|1|E'],
    ['an end mark', '\\X1C\\\\X0D\\'],
    ['an escape that does not end', '\\F'],
    ['one in another', '\\X5C46\\'],
    ['unknown ones', '\\Zfoo\\ \\Q\\'],
  ])('HL7-8: %s in a name is data, and never structure', async (_what, name) => {
    const { person, lines } = await agreed()
    const id = `ESC${person.mrn}`
    expect(await outcome(adt(person, id, { 'PID-5': name }))).toBe(`AA ${id}, published`)
    expect(await lines()).toEqual([admission])
  })

  it.each([
    ['UTF-8 and is Latin-1', 'UNICODE UTF-8', 'latin1'],
    ['Latin-1 and is UTF-8', '8859/1', 'utf8'],
  ] as const)('HL7-9: what says %s waits for people, and tells nobody', async (...story) => {
    const [, declared, encoding] = story
    const { person, lines } = await agreed()
    const text = adt(person, `CS${encoding}`, { 'MSH-18': declared, 'PID-5': 'FRANÇOISE' })
    expect(await outcome(Buffer.from(text, encoding))).toBe(
      `AA CS${encoding}, quarantined/charset-mismatch`,
    )
    expect(await lines()).toEqual([])
  })

  it('HL7-12: versions from 2.3 to 2.8 are read, others are AR 203', async () => {
    const versions = ['2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.7.1', '2.8']
    for (const version of versions)
      expect(await engine.hears(adt(newcomer(), version, { 'MSH-12': version }))).toBe(
        `AA ${version}`,
      )
    for (const version of ['2.2', '2.9', '3.0', '']) {
      engine.send(adt(newcomer(), 'V', { 'MSH-12': version }))
      expect((await engine.answers(1))[0]).toContain('|203^')
    }
  })

  it('HL7-12: another type is AR 200, a trigger HL7 does not know AR 201; one that nobody needs is AA', async () => {
    engine.send(
      adt(newcomer(), 'ORU', { 'MSH-9': 'ORU^R01^ORU_R01' }),
      adt(newcomer(), 'A99', { 'MSH-9': 'ADT^A99' }),
    )
    const [type, trigger] = await engine.answers(2)
    expect([heardIn(type), heardIn(trigger)]).toEqual(['AR ORU', 'AR A99'])
    expect([type, trigger].map((answer) => /\|(20\d)\^/.exec(answer ?? '')?.[1])).toEqual([
      '200',
      '201',
    ])
    const moved = adt(newcomer(), 'A02', { 'MSH-9': 'ADT^A02' })
    expect(await outcome(moved)).toBe('AA A02, ignored/not-needed')
  })

  it('HL7-24: the id comes back exactly, and nothing else of the message does', async () => {
    const secret = { 'PID-5': door.plant('CANARY^Quenby'), 'PID-13': door.plant('07700900955') }
    for (const id of ['X'.repeat(199), 'A\\T\\B', '\\X0D\\', 'A$B%C', ' 1 '])
      expect(await engine.hears(adt(newcomer(), id, secret))).toBe(`AA ${id}`)
    const odd = adt(newcomer(), 'A\\F\\B', { 'MSH-12': '9', ...secret })
    engine.send(odd.replaceAll('|', '#').replaceAll('^', '*'))
    expect(heardIn((await engine.answers(1))[0])).toBe('AR A\\F\\B')
  })
})

describe('the same message', () => {
  it('HL7-10: without an id is AA, and one effect', async () => {
    const { person, lines } = await agreed()
    expect(await outcome(adt(person, '', { 'PV1-19': 'S1' }))).toBe('AA , published')
    expect(await outcome(adt(person, '', { 'PV1-19': 'S1' }))).toBe('AA , duplicate')
    expect(await lines()).toEqual([admission])
  })

  it('HL7-10: with other content under its id is AA, and waits for people', async () => {
    const { person, lines } = await agreed()
    expect(await outcome(adt(person, 'TWICE'))).toBe('AA TWICE, published')
    const other = adt(person, 'TWICE', { 'PV1-44': '202603020700' })
    expect(await outcome(other)).toBe('AA TWICE, quarantined/conflict')
    expect(await lines()).toEqual([admission])
  })

  it('HL7-20: sent again on a new connection, because the answer was lost, has one effect', async () => {
    const { person, lines } = await agreed()
    {
      using lost = await door.engine()
      lost.send(adt(person, 'LOST'))
      await expect.poll(lines).toEqual([admission])
    }
    using again = await door.engine()
    expect(await outcome(adt(person, 'LOST'), again)).toBe('AA LOST, duplicate')
    expect(await lines()).toEqual([admission])
  })

  it('HL7-11: a rehearsal counts here, where everybody is made up', async () => {
    const { person, lines } = await agreed()
    expect(await outcome(adt(person, 'TEST', { 'MSH-11': 'T' }))).toBe('AA TEST, published')
    expect(await lines()).toEqual([admission])
  })
})

describe('order', () => {
  const discharge: Fields = {
    'MSH-7': '20260302084500',
    'MSH-9': 'ADT^A03^ADT_A03',
    'PV1-19': 'S77^^^RZZSPELL',
    'PV1-36': '',
    'PV1-37': '19',
    'PV1-45': '202603020840',
  }

  it('HL7-13: an update before its admission, and a discharge twice, come to the same as in order', async () => {
    const stories: string[][] = []
    for (const order of [
      ['A01', 'A08', 'A03'],
      ['A08', 'A03', 'A03', 'A01'],
    ]) {
      const { person, lines } = await agreed()
      for (const [n, trigger] of order.entries()) {
        const id = `${person.mrn}${trigger}${n}`
        const fields: Fields =
          trigger === 'A03'
            ? discharge
            : trigger === 'A08'
              ? { 'MSH-7': '20260302082500', 'MSH-9': 'ADT^A08', 'PV1-19': 'S77^^^RZZSPELL' }
              : { 'PV1-19': 'S77^^^RZZSPELL' }
        expect(await engine.hears(adt(person, id, fields))).toBe(`AA ${id}`)
      }
      stories.push((await lines()).toSorted())
    }
    expect(stories[1]).toEqual(stories[0])
    expect(stories[0]?.filter((line) => line.includes('Discharged from hospital'))).toHaveLength(1)
  })

  it.each(['A11', 'A13'])(
    'HL7-13: %s of a visit nobody knows is published, and waits',
    async (trigger) => {
      const { person, lines } = await agreed()
      await told()
      const id = `${trigger}${person.mrn}`
      expect(await outcome(adt(person, id, { 'MSH-9': `ADT^${trigger}` }))).toBe(
        `AA ${id}, published`,
      )
      expect(await told()).toMatchObject([{ type: 'EventWithdrawn' }])
      expect(await lines()).toEqual([])
    },
  )

  it('HL7-13: merges both ways are proposals: no number is claimed by them', async () => {
    const { person, lines } = await agreed()
    const merge = (id: string, kept: string, gone: string) =>
      adt(person, id, {
        'MSH-9': 'ADT^A40^ADT_A39',
        'PID-3': `${kept}^^^RZZ`,
        'MRG-1': `${gone}^^^RZZ`,
      })
    for (const id of ['M1', 'M2']) {
      expect(await outcome(merge(`${id}A`, person.mrn, 'U1'))).toBe(`AA ${id}A, published`)
      expect(await outcome(merge(`${id}B`, 'U1', person.mrn))).toBe(`AA ${id}B, published`)
    }
    const stranger = adt(person, 'U1', { 'PID-3': 'U1^^^RZZ' })
    expect(await outcome(stranger)).toBe('AA U1, dropped-unclaimed')
    expect(await lines()).toEqual([])
  })
})

describe('who it is', () => {
  const another = () => newcomer().nhs
  it.each<[string, (person: Person) => Fields, string]>([
    [
      'several numbers, told apart by authority and type',
      (p) => ({ 'PID-3': `${p.mrn}^^^RXX~12345^^^DVLA^DL~${p.nhs}^^^NHS^NH` }),
      'published',
    ],
    ["another trust's number", (p) => ({ 'PID-3': `${p.mrn}^^^RXX` }), 'identifier-invalid'],
    [
      'a number that is not traced',
      (p) => ({ 'PID-3': `${p.nhs}^^^NHS`, 'PID-32': 'NSTS02' }),
      'identifier-invalid',
    ],
    [
      'a number that conflicts',
      (p) => ({ 'PID-3': `${p.nhs}^^^NHS`, 'PID-32': 'NSTS08' }),
      'identifier-invalid',
    ],
    ['a check digit that fails', () => ({ 'PID-3': '9990000116^^^NHS' }), 'identifier-invalid'],
    ['ten zeros', () => ({ 'PID-3': '0000000000^^^NHS' }), 'identifier-invalid'],
    ['two NHS numbers', (p) => ({ 'PID-3': `${p.nhs}^^^NHS~${another()}^^^NHS` }), 'identifier'],
    ['no number', () => ({ 'PID-3': '' }), 'identifier-missing'],
  ])('HL7-14: %s is AA, with an outcome of its own', async (_what, fields, expected) => {
    const { person, lines } = await agreed()
    const id = `ID${person.mrn}`
    expect(await outcome(adt(person, id, fields(person)))).toMatch(
      new RegExp(`^AA ${id}, .*${expected}`),
    )
    expect(await lines()).toEqual(expected === 'published' ? [admission] : [])
  })

  it.each(['19000101', '20250230', '1987', '19881314', '20991231'])(
    'HL7-15: born %s: nobody is ever found, or lost, by a birth date',
    async (born) => {
      const { person, lines } = await agreed()
      const id = `DOB${person.mrn}`
      expect(await outcome(adt(person, id, { 'PID-7': born }))).toBe(`AA ${id}, published`)
      expect(await lines()).toEqual([admission])
      const twin = adt(person, `${id}T`, { 'PID-3': '', 'PID-7': born })
      expect(await outcome(twin)).toBe(`AA ${id}T, quarantined/identifier-missing`)
    },
  )

  it('HL7-17: a death deleted with "" is taken back, one left empty stands', async () => {
    const { person, lines } = await agreed()
    const update = (id: string, minute: string, died: string) =>
      adt(person, id, {
        'MSH-7': `2026030208${minute}00`,
        'MSH-9': 'ADT^A31^ADT_A05',
        'PID-30': died,
        'PV1-2': 'N',
        'DG1-3': '',
      })
    const reported = expect.stringContaining('A death has been reported.')
    await engine.hears(update('DIED', '16', 'Y'))
    expect(await lines()).toContainEqual(reported)
    await engine.hears(update('EMPTY', '17', ''))
    expect(await lines()).toContainEqual(reported)
    await engine.hears(update('DELETED', '18', '""'))
    expect(await lines()).not.toContainEqual(reported)
  })
})

describe('what cannot be used', () => {
  it('HL7-16: half past one on the night the clocks go back is the first one, and marked', async () => {
    await using later = await openDoor({ from: '2026-10-25T03:00:00Z' })
    using trust = await later.engine()
    const person = newcomer()
    await later.hub.consent({ identifiers: [nhs(person)], lead: 'lp-1' })
    const seen = newlyPublishedBy(later.hub, 'hospital')
    await trust.hears(adt(person, 'NIGHT', { 'PV1-44': '202610250130' }))
    expect(await seen()).toMatchObject([
      { occurredAt: Date.parse('2026-10-25T00:30:00Z'), occurredAtPrecision: 'AMBIGUOUS_HOUR' },
    ])
    await trust.hears(adt(person, 'ZONE', { 'PV1-44': '202610250130+0000' }))
    expect(await seen()).toMatchObject([
      { occurredAt: Date.parse('2026-10-25T01:30:00Z'), occurredAtPrecision: 'MINUTE' },
    ])
  })

  it('HL7-18: ten thousand numbers or observations are over the limit: AA, and they wait', async () => {
    const many = adt(newcomer(), 'MANY', { 'PID-3': '1~'.repeat(10_000) })
    expect(await outcome(many)).toBe('AA MANY, quarantined/too-many-repetitions')
    const long = adt(newcomer(), 'LONG') + 'OBX|1|ST|||x\r'.repeat(10_000)
    expect(await outcome(long)).toBe('AA LONG, quarantined/too-many-segments')
  })

  it.each([
    ['HL7-18', 'free text in a segment of their own', 'ZZZ|1|CANARY-free-text'],
    ['HL7-19', 'a document', `OBX|1|ED|PDF||^AP^^Base64^${btoa('CANARY-%PDF')}||||||F`],
    ['HL7-19', 'a page with a script', 'OBX|1|TX|NOTE||<script>CANARY()</script>||||||F'],
    ['HL7-19', 'rich text', 'OBX|1|FT|NOTE||{\\E\\rtf1 CANARY}||||||F'],
  ])('%s: %s goes no further', async (_id, _what, segment) => {
    const { person, lines } = await agreed()
    await told()
    const id = `OBX${person.mrn}`
    expect(await outcome(`${adt(person, id)}${segment}\r`)).toBe(`AA ${id}, published`)
    const published = JSON.stringify(await told())
    expect(published).toContain('Admitted')
    for (const secret of ['CANARY', btoa('CANARY-%PDF')]) expect(published).not.toContain(secret)
    expect(await lines()).toEqual([admission])
  })

  it.each<[string, Fields, string]>([
    ['a number that fails its check', { 'PID-3': '9990000116^^^NHS' }, 'quarantined'],
    ['an admission in month 13', { 'PV1-44': '202613020805' }, 'quarantined'],
    ['an admission on 30 February', { 'PV1-44': '202602300805' }, 'quarantined'],
    ['a ward nobody knows', { 'PV1-3': 'XXX^^^ZZZ' }, 'published'],
    ['a code nobody knows', { 'DG1-3': 'Q99.99^?^I10' }, 'published'],
    ['a class nobody knows', { 'PV1-2': 'QUUX' }, 'published'],
  ])('HL7-25: %s is AA, for it would fail again', async (_what, fields, expected) => {
    const person = newcomer()
    await door.hub.consent({ identifiers: [nhs(person)], lead: 'lp-2' })
    const id = `BAD${person.mrn}`
    expect(await outcome(adt(person, id, fields))).toMatch(new RegExp(`^AA ${id}, ${expected}`))
  })

  it('HL7-25, HL7-23: while nothing can be stored it is AE, and AA when it is sent again', async () => {
    const { person, lines } = await agreed()
    const before = await door.counted()
    {
      using other = new DatabaseSync(join(door.hub.data, 'hub.db'))
      other.exec('ALTER TABLE register_receipts RENAME TO register_receipts_away')
      try {
        engine.send(adt(person, 'LATER'), adt(newcomer(), 'LATER2'))
        expect((await engine.answers(2)).map(heardIn)).toEqual(['AE LATER', 'AE LATER2'])
      } finally {
        other.exec('ALTER TABLE register_receipts_away RENAME TO register_receipts')
      }
    }
    expect(await door.counted()).toEqual(before)
    expect(await lines()).toEqual([])
    expect(await outcome(adt(person, 'LATER'))).toBe('AA LATER, published')
    expect(await lines()).toEqual([admission])
  })

  it('and the hub is well after all that', async () => {
    await door.stillWell()
  })
})
