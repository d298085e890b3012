import { setTimeout as wait } from 'node:timers/promises'
import { adtMessage } from '../agencies/hospital.ts'
import { housingPath, housingRecord } from '../agencies/housing.ts'
import { movementEvent } from '../agencies/prison.ts'
import { probationEvent } from '../agencies/probation.ts'
import { contactRecord } from '../agencies/treatment.ts'
import { inCopyOf, makeCounty, type Subject, takeAway, withLeadSignedIn } from './county.ts'
import { type Figure, percentile } from './figures.ts'
import { type HubChild, startHubChild } from './hub-child.ts'
import type { Sizes } from './sizes.ts'

const betweenMs = 20

/** How soon a release can be read while all five agencies publish about other people all the time. */
export async function busyHubFigures({ busy, idleMs, hubs }: Sizes): Promise<readonly Figure[]> {
  const county = await makeCounty(busy.people, Date.now())
  try {
    const medians: number[] = []
    const slowest: number[] = []
    const rates: number[] = []
    for (let run = 0; run < hubs; run += 1) {
      await inCopyOf(county, async ({ data, subjects }) => {
        await using hub = await startHubChild(data)
        await wait(idleMs)
        const waiting = withLeadSignedIn(subjects).slice(0, busy.samples)
        const others = subjects.filter((subject) => !waiting.includes(subject))
        const traffic = startTraffic(hub, others, busy.eventsPerSecond)
        const waits: number[] = []
        for (const subject of waiting) {
          await hub.release(subject)
          const accepted = performance.now()
          await hub.readUntilNamed(subject)
          waits.push(performance.now() - accepted)
          await wait(betweenMs)
        }
        rates.push(await traffic.stop())
        medians.push(percentile(waits, 50))
        slowest.push(percentile(waits, 99))
      })
    }
    const aim = '≤ 100 ms (100/s)'
    return [
      { name: 'five agencies at once', unit: 'events/s', values: rates, aim: '100/s' },
      { name: 'the same, notice readable, p50', unit: 'ms', values: medians, aim: '' },
      { name: 'the same, notice readable, p99', unit: 'ms', values: slowest, aim },
    ]
  } finally {
    takeAway(county.data)
  }
}

/** One event after the other at an even pace, whether or not the one before has been answered. */
function startTraffic(hub: HubChild, people: readonly Subject[], perSecond: number) {
  const start = performance.now()
  const open = new Set<Promise<void>>()
  let failed: unknown
  let answered = 0
  let going = true
  const send = async (): Promise<void> => {
    for (let n = 0; going; n += 1) {
      const early = start + (n * 1000) / perSecond - performance.now()
      if (early > 1) await wait(early)
      const sent = publish(hub, people[n % people.length] as Subject, n)
        .then(() => {
          answered += 1
        })
        .catch((error: unknown) => {
          failed ??= error
        })
        .finally(() => open.delete(sent))
      open.add(sent)
    }
  }
  const sending = send()
  return {
    /** Gives how many a second were answered. Raises what went wrong on the way. */
    async stop(): Promise<number> {
      going = false
      await sending
      await Promise.all(open)
      if (failed !== undefined) throw failed
      return answered / ((performance.now() - start) / 1000)
    },
  }
}

/** The agencies take turns; each tells something that somebody may have to hear of. */
function publish(hub: HubChild, subject: Subject, n: number): Promise<void> {
  const at = Date.now() - 60_000
  const { person } = subject
  switch (n % 5) {
    case 0:
      return hub.publish('custody', '/intake/custody/domain-events', moved(subject, at))
    case 1:
      return hub.publish('probation', '/intake/probation/domain-events', licensed(subject, n, at))
    case 2:
      return hub.publish('hospital', '/intake/hospital/hl7v2', attended(subject, n, at))
    case 3: {
      const report = {
        what: 'rough-sleeping',
        service: 'SPECIMEN_OUTREACH',
        contactId: `RS-${n}`,
        clientId: person.housingPerson,
        metAt: at,
        beddedDown: true,
        numbers: [{ type: 'NHS', value: person.nhs }],
      } as const
      return hub.publish('housing', housingPath(report), housingRecord(report))
    }
    default: {
      const contact = contactRecord({
        provider: 'N9901',
        recordReference: `C-${n}`,
        recordVersion: 1,
        episode: null,
        at,
        numbers: [{ type: 'NHS', value: person.nhs }],
        restricted: false,
        news: { is: 'contact', attended: n % 2 === 0 },
      })
      return hub.publish('treatment', '/intake/treatment/contacts', contact)
    }
  }
}

const moved = ({ person }: Subject, at: number): object =>
  movementEvent({
    family: 'search',
    movement: 'admission',
    noms: person.noms,
    prison: 'TSI',
    movedAt: at,
    code: 'N',
  })

const licensed = ({ person }: Subject, n: number, at: number): object =>
  probationEvent({
    what: 'licence-activated',
    crn: person.crn,
    at,
    licenceId: String(n),
    noms: person.noms,
  })

const attended = ({ person }: Subject, n: number, at: number): string =>
  adtMessage({
    trigger: 'A04',
    controlId: `B${n}`,
    sentAt: at,
    at,
    trust: 'RZZ',
    nhs: { value: person.nhs, traced: true },
    mrn: null,
    visit: {
      kind: 'attendance',
      ref: `V${n}`,
      startedAt: at,
      endedAt: null,
      method: null,
      from: null,
      attendanceRef: null,
      arrivalMode: '1',
      leftFor: null,
      noFixedAbode: false,
    },
    coded: null,
    score: null,
    referral: null,
    died: null,
    merges: null,
  })
