import { describe, expect, it } from 'vitest'
import { readPlace } from './config.ts'

const database = 'postgres://hub:secret-canary@db.example/hub'
const services = { HUB_DATABASE_URL: database, HUB_KAFKA_BROKERS: 'a.example:9092,b.example:9092' }

describe('where a service finds its hub', () => {
  it('is a data directory, or a database and brokers beside a folder of keys', () => {
    expect(readPlace({ HUB_DATA: 'data' })).toEqual({
      place: { data: 'data' },
      partnership: 'testshire',
    })
    const { place } = readPlace({
      ...services,
      HUB_KEYS: 'keys',
      HUB_KAFKA_REPLICATION: '1',
      HUB_DATABASE_CONNECTIONS: '4',
    })
    expect(place).toMatchObject({
      databaseUrl: database,
      databaseConnections: 4,
      kafka: { brokers: ['a.example:9092', 'b.example:9092'], replication: 1 },
      keys: 'keys',
    })
  })

  it.each([
    ['nothing at all', {}, 'HUB_DATA'],
    ['a database without brokers', { HUB_DATABASE_URL: database, HUB_KEYS: 'k' }, 'BROKERS'],
    ['brokers without a database', { HUB_KAFKA_BROKERS: 'a:1', HUB_KEYS: 'k' }, 'DATABASE_URL'],
    ['no folder of keys', services, 'HUB_KEYS'],
    ['no connection', { ...services, HUB_KEYS: 'k', HUB_DATABASE_CONNECTIONS: '0' }, 'CONNECTIONS'],
    ['a broker without a port', { ...services, HUB_KEYS: 'k', HUB_KAFKA_BROKERS: 'a' }, 'BROKERS'],
    [
      'a user without a password',
      { ...services, HUB_KEYS: 'k', HUB_KAFKA_USERNAME: 'u' },
      'PASSWORD',
    ],
    [
      'an unreadable secret',
      { ...services, HUB_KEYS: 'k', HUB_KAFKA_CA_FILE: '/none' },
      'kafka.ca',
    ],
  ])('is refused by name where there is %s', (_what, env, name) => {
    const read = () => readPlace(env)
    expect(read).toThrow(expect.objectContaining({ code: 'HUB_CONFIG_INVALID' }))
    expect(read).toThrow(name)
    expect(read).not.toThrow('canary')
  })
})
