import type { CanonicalEvent } from '@throughline/domain'
import type { Translation } from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { probationDefaults } from './config.ts'
import { families } from './event-types.ts'
import { ids } from './testing/desk.ts'
import { changed, example, notified } from './testing/examples.ts'
import { translate } from './translate.ts'

type Options = Parameters<typeof probationDefaults>[0]

const one = (payload: JsonValue, given: Options = {}): Translation => {
  const options = { ...probationDefaults(given), partnership: 'testshire' }
  const [translation, ...others] = translate([payload], ids, options)
  expect(others).toEqual([])
  return translation as Translation
}

const eventOf = (payload: JsonValue, given: Options = {}) => {
  const translation = one(payload, given)
  if (translation.outcome !== 'published') throw new Error(JSON.stringify(said(translation)))
  return translation.events[0] as {
    readonly event: CanonicalEvent & Record<string, unknown>
    readonly identifierHashes: readonly string[]
  }
}

const said = (translation: Translation) => ({
  outcome: translation.outcome,
  ...('reason' in translation && { reason: translation.reason }),
  ...('at' in translation && { at: translation.at }),
})

const crn = { type: 'CRN', value: 'Q904417', issuer: null, verified: true }
const noms = { type: 'NOMS', value: 'Z9134QX', issuer: null, verified: true }
const created = 'requirement-created-drug-rehabilitation.json'
const terminated = 'requirement-terminated-drug-rehabilitation.json'

describe('a treatment requirement', () => {
  it('is known by Delius’s description, whatever its case and spacing', () => {
    expect(eventOf(example(created)).event).toMatchObject({
      type: 'TreatmentRequirementMade',
      requirement: 'DRR',
      requirementRef: '2599812305',
      objectRef: 'requirement:2599812305',
      occurredAt: Date.parse('2025-06-22T10:02:13.417Z'),
      occurredAtPrecision: 'INSTANT',
      source: { agency: 'probation', system: 'delius' },
      identifiers: [crn],
      lengthMonths: null,
      court: null,
    })
    for (const [words, requirement] of [
      ['  DRUG   rehabilitation ', 'DRR'],
      ['Alcohol Treatment', 'ATR'],
      ['Mental-Health Treatment', 'MHTR'],
      ['Alcohol Treatment (residential)', 'ATR'],
    ]) {
      const said = changed(created, { 'additionalInformation.requirementMainType': words })
      expect(eventOf(said).event['requirement']).toBe(requirement)
    }
  })

  it.each([
    'Unpaid Work',
    'Court - Accredited Programme',
    'Curfew',
    'Drugs and Alcohol',
    'Alcohol Treatmentx',
  ])('is none of ours where it is %s', (words) => {
    const message = changed(created, { 'additionalInformation.requirementMainType': words })
    expect(said(one(message))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
  })

  it('may be called otherwise by a partner who says so', () => {
    const requirements = [{ requirement: 'MHTR' as const, descriptions: ['Talking therapy'] }]
    const message = changed(created, {
      'additionalInformation.requirementMainType': 'Talking Therapy',
    })
    expect(eventOf(message, { requirements }).event['requirement']).toBe('MHTR')
  })

  it('has its number under either name, as a text or a number', () => {
    const older = changed(created, {
      'additionalInformation.requirementID': undefined,
      'additionalInformation.requirementId': 2599812305,
    })
    expect(eventOf(older).event.eventId).toBe(eventOf(example(created)).event.eventId)
  })

  it('without its number cannot be used', () => {
    expect(said(one(changed(created, { 'additionalInformation.requirementID': null })))).toEqual({
      outcome: 'quarantined',
      reason: 'reference-missing',
      at: ['additionalInformation.requirementID'],
    })
  })

  it('ends under the number it was made with', () => {
    expect(eventOf(example(terminated)).event).toMatchObject({
      type: 'RequirementEnded',
      requirement: 'DRR',
      requirementRef: '2599812305',
      objectRef: eventOf(example(created)).event.objectRef,
    })
  })

  it('that ends, goes on and ends again has ended, in whatever order the three arrive', () => {
    const restoring = (eventType: string, occurredAt: string) =>
      eventOf(changed(terminated, { eventType, occurredAt })).event
    const first = restoring('probation-case.requirement.terminated', '2025-12-22T11:02:13Z')
    const back = restoring('probation-case.requirement.unterminated', '2025-12-23T09:00:00Z')
    const again = restoring('probation-case.requirement.terminated', '2026-01-05T09:00:00Z')
    expect(again.eventId).toBe(first.eventId)
    expect(back).toMatchObject({
      type: 'EventWithdrawn',
      withdrawnEventId: first.eventId,
      objectRef: null,
    })
    expect(first.version).toBeLessThan(back.version)
    expect(back.version).toBeLessThan(again.version)
  })

  it('that was deleted takes back what was told of it, and names nobody', () => {
    const eventType = 'probation-case.requirement.deleted'
    const { event, identifierHashes } = eventOf(changed(created, { eventType }))
    expect(event).toMatchObject({
      type: 'EventWithdrawn',
      withdrawnEventId: null,
      objectRef: 'requirement:2599812305',
      identifiers: [],
    })
    expect(identifierHashes).toEqual([])
    expect(event.version).toBeGreaterThan(1)
  })
})

describe('a registration', () => {
  it('keeps its day and the moment it was written, in Java’s own date text', () => {
    expect(eventOf(example('registration-added.json')).event).toMatchObject({
      type: 'RegistrationChanged',
      change: 'ADDED',
      registerCode: 'RHRH',
      registrationRef: '2599001774',
      registeredOn: '2025-06-14',
      recordedAt: Date.parse('2025-06-14T08:06:52Z'),
      occurredAt: Date.parse('2025-06-14T08:06:52.739Z'),
    })
  })

  it('keeps both numbers, the case number first', () => {
    const message = changed('registration-updated.json', {
      'personReference.identifiers': [
        { type: 'NOMS', value: 'Z9134QX' },
        { type: 'CRN', value: 'Q904417' },
      ],
    })
    expect(eventOf(message).event.identifiers).toEqual([crn, noms])
    expect(eventOf(message).identifierHashes).toEqual(
      eventOf(example('registration-updated.json')).identifierHashes,
    )
  })

  it('ends under a number of its own, in winter', () => {
    expect(eventOf(example('registration-deregistered.json')).event).toMatchObject({
      change: 'ENDED',
      registrationRef: '2599000058',
      objectRef: 'deregistration:2599000058',
      registeredOn: null,
      recordedAt: Date.parse('2025-12-12T16:06:15Z'),
    })
  })

  it('that was deleted is taken back by its number, at a higher version than any change', () => {
    const { event } = eventOf(example('registration-deleted.json'))
    expect(event).toMatchObject({
      type: 'EventWithdrawn',
      objectRef: 'registration:2599003070',
      identifiers: [],
    })
    expect(event.version).toBeGreaterThan(
      eventOf(example('registration-updated.json')).event.version,
    )
  })

  it('whose day cannot be read is told without it', () => {
    const message = changed('registration-added.json', {
      'additionalInformation.registrationDate': '2025-06-14T00:00:00Z+01:00',
      'additionalInformation.createdDateAndTime': '{createdDate}',
    })
    expect(eventOf(message).event).toMatchObject({ registeredOn: null, recordedAt: null })
  })

  it('of a kind that keeps nobody safe is not carried', () => {
    const message = changed('registration-added.json', {
      'additionalInformation.registerTypeCode': 'INVI',
    })
    expect(said(one(message))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
    expect(eventOf(message, { registers: ['INVI'] }).event['registerCode']).toBe('INVI')
  })
})

describe('numbers of one person', () => {
  it('merged: the target survives', () => {
    expect(eventOf(example('merge-completed.json')).event).toMatchObject({
      type: 'IdentifiersMerged',
      surviving: { value: 'Q904417' },
      removed: { value: 'Q904418' },
    })
  })

  it('unmerged: the one that lives again is separated', () => {
    expect(eventOf(example('unmerge-completed.json')).event).toMatchObject({
      type: 'IdentifiersSplit',
      kept: { value: 'Q904417' },
      separated: { value: 'Q904418' },
      partRef: null,
      partFrom: null,
    })
  })

  it('linked: a proposal that names both, and no booking number', () => {
    const { event } = eventOf(example('prison-identifier-added.json'))
    expect(event).toMatchObject({ type: 'IdentifiersLinked', one: crn, other: noms })
    expect(JSON.stringify(event)).not.toContain('99132Q')
  })

  it.each([
    [
      'the person is another',
      { 'personReference.identifiers.0.value': 'Q904419' },
      'identifiers-differ',
    ],
    ['both are one', { 'additionalInformation.sourceCRN': 'Q904417' }, 'identifiers-same'],
    ['one is missing', { 'additionalInformation.sourceCRN': '' }, 'identifier-missing'],
    ['one is impossible', { 'additionalInformation.sourceCRN': '12' }, 'identifier-invalid'],
  ])('are not merged where %s', (_, changes, reason) => {
    expect(one(changed('merge-completed.json', changes))).toMatchObject({
      outcome: 'quarantined',
      reason,
    })
  })

  it('are not linked where only one is there', () => {
    const identifiers = [{ type: 'NOMS', value: 'Z9134QX' }]
    const message = changed('prison-identifier-added.json', {
      'personReference.identifiers': identifiers,
      publishedAt: 'not a time',
    })
    expect(said(one(message))).toEqual({
      outcome: 'quarantined',
      reason: 'identifier-missing',
      at: ['personReference'],
    })
  })

  it('one of which fails its check are kept, and the other counts', () => {
    const message = changed('licence-activated.json', {
      'personReference.identifiers.1.value': 'A123ZZZ',
    })
    const { event, identifierHashes } = eventOf(message)
    expect(event.identifiers).toEqual([
      crn,
      { type: 'NOMS', value: 'A123ZZZ', issuer: null, verified: false },
    ])
    expect(identifierHashes).toHaveLength(1)
  })

  it.each([
    ['a null', { 'personReference.identifiers.1.value': null }],
    ['an empty text', { 'personReference.identifiers.1.value': '' }],
    ['an entry that is none', { 'personReference.identifiers.1': 7 }],
  ])('one of which is %s are as good as without it', (_, changes) => {
    expect(eventOf(changed('licence-activated.json', changes)).event.identifiers).toEqual([crn])
  })

  it('that all fail their check are waited for by people', () => {
    expect(
      said(one(changed(created, { 'personReference.identifiers.0.value': 'CRN 12' }))),
    ).toEqual({
      outcome: 'quarantined',
      reason: 'identifier-invalid',
      at: ['personReference.identifiers.0.value'],
    })
    expect(said(one(changed(created, { personReference: null })))).toMatchObject({
      reason: 'identifier-missing',
    })
  })

  it('that name two people reach neither', () => {
    const message = changed('licence-activated.json', {
      'personReference.identifiers.1': { type: 'CRN', value: 'Q904418' },
    })
    expect(said(one(message))).toEqual({
      outcome: 'quarantined',
      reason: 'identifiers-differ',
      at: ['personReference.identifiers.0.value', 'personReference.identifiers.1.value'],
    })
  })
})

describe('a recall', () => {
  const recall = 'enforcement-recall-raised.json'

  it('waits for reception, and keeps a code that nobody has explained', () => {
    expect(eventOf(example(recall)).event).toMatchObject({
      type: 'RecallRaised',
      outcomeCode: 'REC01',
      releasedToLead: false,
      recallRef: '2599000211',
      version: 1,
    })
  })

  it('that probation releases later is the next version of the same one', () => {
    const before = one(example(recall))
    for (const word of [true, 'true']) {
      const message = changed(recall, { 'additionalInformation.releasedToLead': word })
      const after = one(message)
      expect(after.naturalKey).toBe(before.naturalKey)
      expect(after.version).toBe(2)
      expect(eventOf(message).event).toMatchObject({
        eventId: eventOf(example(recall)).event.eventId,
        version: 2,
        releasedToLead: true,
      })
    }
  })

  it('may be told at once where the partnership has agreed so', () => {
    expect(eventOf(example(recall), { recalls: 'at-once' }).event['releasedToLead']).toBe(true)
  })

  it('is not what a recommendation is', () => {
    for (const step of ['started', 'consideration', 'management-oversight', 'deleted']) {
      const eventType = `prison-recall.recommendation.${step}`
      const message = changed('recall-recommendation-management-oversight.json', { eventType })
      expect(said(one(message))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
    }
  })

  it('with an unfilled time is quarantined, as the only public fixture would be', () => {
    expect(said(one(changed(recall, { occurredAt: '{createdDate}' })))).toEqual({
      outcome: 'quarantined',
      reason: 'timestamp-invalid',
      at: ['occurredAt'],
    })
  })
})

describe('supervision', () => {
  it('breached is told with its code', () => {
    const message = changed('enforcement-recall-raised.json', {
      eventType: 'enforcement.breach.raised',
      'additionalInformation.outcome': 'BRE01',
    })
    expect(eventOf(message).event).toMatchObject({ type: 'BreachRaised', outcomeCode: 'BRE01' })
  })

  it.each([
    ['licence', 'LICENCE'],
    ['hdc-licence', 'HOME_DETENTION_CURFEW'],
    ['prrd-licence', 'POST_RECALL_RELEASE'],
    ['time-served-licence', 'TIME_SERVED'],
    ['variation', 'VARIATION'],
    ['hdc-variation', 'HOME_DETENTION_CURFEW_VARIATION'],
  ])('under a %s is told when it becomes active; its end is a signal', (name, kind) => {
    const message = (state: string) =>
      changed('licence-activated.json', { eventType: `create-and-vary-a-licence.${name}.${state}` })
    expect(eventOf(message('activated')).event).toMatchObject({
      type: 'LicenceActivated',
      licenceRef: '99111',
      kind,
      identifiers: [crn, noms],
    })
    expect(said(one(message('inactivated')))).toEqual({ outcome: 'ignored', reason: 'signal' })
  })

  it('gets a manager from one of two sources, told apart by the address to fetch from', () => {
    const name = 'community-manager-allocated.json'
    expect(eventOf(example(name)).event).toMatchObject({
      type: 'SupervisionManagerAllocated',
      source: { system: 'workload' },
      manager: null,
      team: null,
    })
    expect(eventOf(changed(name, { detailUrl: undefined })).event.source.system).toBe('delius')
  })

  it('starts', () => {
    const eventType = 'probation-case.supervision.created'
    expect(eventOf(changed('engagement-created.json', { eventType })).event).toMatchObject({
      type: 'SupervisionStarted',
      kind: null,
    })
  })
})

describe('an event type', () => {
  const names = families.flatMap(({ types, prefixes = {} }) => [
    ...Object.keys(types),
    ...Object.keys(prefixes).map((start) => `${start}anything`),
  ])

  it.each(names)('is known, whatever else is missing: %s', (eventType) => {
    const translation = one({ eventType })
    expect(['ignored', 'quarantined']).toContain(translation.outcome)
    expect(said(translation)['reason']).not.toBe('event-type-unknown')
  })

  it('stands in the attribute alone of a raw Delius event', () => {
    const raw = example('delius-raw-offender-changed.json')
    expect(said(one(notified(raw, { eventType: 'OFFENDER_CHANGED' })))).toEqual({
      outcome: 'ignored',
      reason: 'signal',
    })
  })

  it('that nobody knows waits for people', () => {
    expect(said(one(changed(created, { eventType: 'probation-case.horoscope.cast' })))).toEqual({
      outcome: 'quarantined',
      reason: 'event-type-unknown',
      at: ['eventType'],
    })
  })

  it('of a rehearsal is ignored, or counts where that is agreed', () => {
    const rehearsal = changed(created, { eventType: 'test.probation-case.requirement.created' })
    expect(said(one(rehearsal))).toEqual({ outcome: 'ignored', reason: 'test-event' })
    expect(one(rehearsal, { testEvents: 'strip' }).outcome).toBe('published')
  })

  it('of the risk service differs between attribute and body, and both are noted', () => {
    const body = changed(created, { eventType: 'assessment.summary.produced' })
    const attributes = { eventType: 'risk-assessment.scores.determined' }
    expect(one(notified(body, attributes))).toMatchObject({
      outcome: 'ignored',
      reason: 'not-needed',
      typesDiffer: { attribute: 'risk-assessment.scores.determined' },
    })
    expect(said(one(notified(body, { eventType: 'enforcement.recall.raised' })))).toMatchObject({
      reason: 'event-types-differ',
    })
  })

  it('in a second version is refused only where its facts are used', () => {
    expect(one(example('tier-calculation-complete.json')).outcome).toBe('ignored')
    expect(said(one(changed(created, { version: 2 })))).toEqual({
      outcome: 'quarantined',
      reason: 'version-unknown',
      at: ['version'],
    })
    for (const version of ['1', '1.0', null, undefined]) {
      expect(one(changed(created, { version })).outcome).toBe('published')
    }
  })
})

describe('a time', () => {
  it.each([
    ['2025-06-22T11:02:13.417+01:00[Europe/London]', '2025-06-22T10:02:13.417Z'],
    ['2025-06-22T11:02:13.417123456+0100', '2025-06-22T10:02:13.417Z'],
    ['2025-06-22T11:02', '2025-06-22T10:02:00Z'],
    ['Sun Jun 22 11:02:13 BST 2025', '2025-06-22T10:02:13Z'],
    ['2025-6-2T11:02:13Z', '2025-06-02T11:02:13Z'],
    ['2025-12-22T11:02:13+01:00', '2025-12-22T10:02:13Z'],
  ])('is read in whatever shape Delius writes it: %s', (occurredAt, at) => {
    expect(eventOf(changed(created, { occurredAt })).event.occurredAt).toBe(Date.parse(at))
  })

  it.each(['2025-06-22T11:02:13Z+01:00', '2025-13-01T00:00:00Z', 'yesterday'])(
    'that cannot be read stops the event, not the feed: %s',
    (occurredAt) => {
      expect(said(one(changed(created, { occurredAt })))).toEqual({
        outcome: 'quarantined',
        reason: 'timestamp-invalid',
        at: ['occurredAt'],
      })
    },
  )
})

it('counts members that nobody knows, and reads past them', () => {
  const message = changed(created, { novel: 1, 'additionalInformation.alsoNovel': 2 })
  expect(one(message)).toMatchObject({ outcome: 'published', unknownMembers: 2 })
})

it('knows a message again whatever the notification around it says', () => {
  const wrapped = one(
    notified(example(created), { eventType: 'probation-case.requirement.created' }),
  )
  expect(wrapped.naturalKey).toBe(one(example(created)).naturalKey)
  expect(wrapped.contentHash).toBe(one(example(created)).contentHash)
})
