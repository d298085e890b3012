import { generateKeyPairSync } from 'node:crypto'
import {
  createPostgresRegister,
  createSealer,
  type PostgresRegister,
  verifyAuditPages,
} from '@throughline/consent'
import {
  createPostgresStore,
  createPostgresViews,
  machinePause,
  openPostgres,
  type PostgresDatabase,
  steppedClock,
} from '@throughline/stream'
import { expect, it } from 'vitest'
import { describeOnPostgres } from '../backends/postgres-suite.ts'
import { registerFeatures } from './register.features.ts'
import {
  accept,
  agree,
  arrival,
  balance,
  type Desk,
  disclosure,
  gateOne,
  type KeptRow,
  recorded,
  sent,
  start,
  withdraw,
} from './register-desk.ts'

describeOnPostgres('postgres', (postgres) => {
  registerFeatures(async () => postgresDesk(await postgres.newDatabase()))

  it('lets two gates about the same two people pass, in whatever order they name them', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    await agree(desk, 'ann', ['NHS ann'])
    await agree(desk, 'bob', ['NHS bob'])
    const permits = await Promise.all(
      Array.from({ length: 40 }, (_, n) => {
        const asked = ['ann', 'bob'].map((personId) =>
          disclosure(personId, { attemptId: `${personId} ${n}` }),
        )
        return desk.register.gate(n % 2 === 0 ? asked : asked.toReversed())
      }),
    )
    expect(permits.flat().filter(({ allowed }) => allowed)).toHaveLength(80)
  })

  it('puts a gate before or after a withdrawal of the same moment', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    const people = Array.from({ length: 20 }, (_, n) => `person-${n}`)
    for (const personId of people) await agree(desk, personId, [`NHS ${personId}`])
    const outcomes = await Promise.all(
      people.map(async (personId) => {
        const attemptId = `attempt of ${personId}`
        const shown = desk.register
          .gate([disclosure(personId, { attemptId, what: { kind: 'notice', id: personId } })])
          .then(async ([permit]) => {
            if (permit?.allowed) {
              await desk.register.outcome([{ attemptId, outcome: 'delivered' }])
            }
            return permit?.allowed
          })
        const answer = await withdraw(desk, personId, ['care-coordination'])
        const seen = answer.ok ? (answer.alreadySeen ?? []).map(({ noticeId }) => noticeId) : []
        return { allowed: await shown, seen: seen.includes(personId) }
      }),
    )
    for (const { allowed, seen } of outcomes) expect(seen).toBe(allowed)
  })

  it('takes a record that two connectors bring at once from one of them', async () => {
    const url = await postgres.newDatabase()
    await using one = await postgresDesk(url)
    await using other = await postgresDesk(url)
    for (let n = 0; n < 20; n += 1) {
      const answers = await Promise.all([one, other].map((desk) => accept(desk, arrival(`r${n}`))))
      expect(answers.map(({ outcome }) => outcome).toSorted()).toEqual(['duplicate', 'published'])
    }
    expect(await sent(one)).toHaveLength(20)
    expect(balance(await one.register.ledger())).toEqual([])
  })

  it('gives a number that two people claim at once to one of them', async () => {
    const url = await postgres.newDatabase()
    await using one = await postgresDesk(url)
    await using other = await postgresDesk(url)
    for (let n = 0; n < 10; n += 1) {
      const answers = await Promise.all([
        recorded(one, `ann-${n}`, [`NHS ${n}`], true, {}),
        recorded(other, `bob-${n}`, [`NHS ${n}`], true, {}),
      ])
      const states = answers.map((answer) => (answer.ok ? answer.state : answer.reason))
      expect(states.toSorted()).toEqual(['given', 'proposed'])
    }
  })

  it('has every message once and whole, however often connections are cut', async () => {
    const url = await postgres.newDatabase()
    await using desk = await postgresDesk(url)
    await agree(desk, 'ann', ['NHS ann'])
    let left = messages
    let cuts = 0
    const cutting = (async () => {
      while (left > 0) {
        await machinePause(25)
        cuts += (await postgres.server().cutConnections(url)) > 0 ? 1 : 0
      }
    })()
    const bring = async (name: string): Promise<void> => {
      for (;;) {
        try {
          await accept(desk, arrival(name, { identifiers: ['NHS ann'] }))
          left -= 1
          return
        } catch (error) {
          // The agency is told to send it again, and does.
          expect(error).toMatchObject({ code: 'HUB_STORE_UNAVAILABLE' })
        }
      }
    }
    const lanes = Array.from({ length: 4 }, async (_, lane) => {
      for (let n = lane; n < messages; n += 4) await bring(`m${n}`)
    })
    await Promise.all(lanes)
    await cutting
    expect(cuts).toBeGreaterThan(0)
    await using next = await desk.restarted()
    const ids = (await sent(next)).map((line) => line.split(' ')[1])
    expect(ids).toHaveLength(messages)
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: messages }, (_, n) => `m${n}`)))
    expect(balance(await next.register.ledger())).toEqual([])
  })

  it('seals every entry in one chain, though lower numbers are committed later and some never', async () => {
    await using desk = await postgresDesk(await postgres.newDatabase())
    await agree(desk, 'ann', ['NHS ann'])
    const { publicKey, privateKey: key } = generateKeyPairSync('ed25519')
    const { register, clock } = desk
    using sealer = createSealer({ register, clock, partnership: 'testshire', key })
    using other = createSealer({ register, clock, partnership: 'testshire', key })
    let sealing: Promise<unknown> = Promise.resolve()
    await desk.db.transaction(async (send) => {
      await send('SELECT pg_current_xact_id()')
      await send("INSERT INTO register_audit (at, text) VALUES (1, 'late')")
      await gateOne(desk, disclosure('ann'))
      await expect(
        desk.db.query("INSERT INTO register_audit (at, text) VALUES (1, 'never'), (NULL, '')"),
      ).rejects.toThrow()
      sealing = Promise.all([sealer.seal(), other.seal()])
      await gateOne(desk, disclosure('ann', { attemptId: 'attempt-2' }))
    })
    await sealing
    await sealer.seal()
    const pages = register.auditPages
    const verdict = await verifyAuditPages({ pages, partnership: 'testshire', publicKey })
    expect(verdict).toMatchObject({ ok: true, unsealed: 0, sealed: (await desk.audit()).length })
  })

  it('does not end the permits of another process that lives', async () => {
    const url = await postgres.newDatabase()
    await using one = await postgresDesk(url)
    await agree(one, 'ann', ['NHS ann'])
    await one.register.gate([disclosure('ann')])
    await using other = await postgresDesk(url)
    expect(await other.register.disclosures('ann')).toMatchObject([{ outcome: 'intending' }])
  })
})

const messages = 120

interface PostgresDesk extends Desk {
  readonly db: PostgresDatabase
  readonly register: PostgresRegister
}

async function postgresDesk(url: string): Promise<PostgresDesk> {
  const db = await openPostgres({ url, connectionsMax: 4 })
  const clock = steppedClock(start)
  const register = await createPostgresRegister({ db, clock })
  await register.abandonPermits()
  let next: Desk | undefined
  return {
    db,
    register,
    clock,
    store: createPostgresStore({ db, clock }),
    views: createPostgresViews({ db }),
    async kept(kind, key) {
      const [found] = await db.query('SELECT row FROM register_row WHERE kind = $1 AND key = $2', [
        kind,
        key,
      ])
      return found && (JSON.parse(String(found['row'])) as KeptRow)
    },
    audit: async () =>
      (await db.query('SELECT text FROM register_audit ORDER BY seq')).map(({ text }) =>
        String(text),
      ),
    async restarted() {
      await db.close()
      next = await postgresDesk(url)
      return next
    },
    async loseAudit() {
      await db.query('DROP TABLE register_audit')
    },
    async [Symbol.asyncDispose]() {
      await db.close()
      await next?.[Symbol.asyncDispose]()
    },
  }
}
