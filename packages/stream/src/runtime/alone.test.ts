import { HubError } from '@throughline/domain'
import { expect, it } from 'vitest'
import { steppedClock } from '../clock.ts'
import { topicsHold } from './alone.ts'

const away = new HubError('HUB_LOG_UNAVAILABLE', 'the brokers did not answer as expected')
const unknown = new HubError('HUB_LOG_UNAVAILABLE', 'the brokers do not take the password')

/** Waits for a log that answers each time with the next of these; null is well. */
function waiting(...answers: readonly (HubError | null)[]) {
  const clock = steppedClock(0)
  const told: string[] = []
  const end = new AbortController()
  let asked = 0
  const log = {
    async ensureTopics() {
      const answer = answers[Math.min(asked, answers.length - 1)]
      asked += 1
      if (answer) throw answer
    },
  }
  const tell = (line: string) => void told.push(line)
  const held = topicsHold({ log, clock, topics: [], signal: end.signal, tell })
  return { held, clock, told, end, asked: () => asked }
}

it('waits for brokers that are away, says each trouble once, and goes on when they are back', async () => {
  const { held, clock, told, asked } = waiting(away, away, unknown, null)
  // The first answer comes before it waits at all.
  await clock.advanceTo(0)
  await clock.advanceTo(10_000)
  expect(await held).toBe(true)
  expect([asked(), told]).toEqual([
    4,
    [away, unknown].map(({ code, message }) => `${code}: ${message}`),
  ])
})

it('does not wait for what somebody has to put right', async () => {
  const { held } = waiting(new HubError('HUB_TOPIC_DRIFT', 'topic a does not exist'))
  await expect(held).rejects.toMatchObject({ code: 'HUB_TOPIC_DRIFT' })
})

it('ends waiting when it is asked to end', async () => {
  const { held, end } = waiting(away)
  end.abort()
  expect(await held).toBe(false)
})
