import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newcomers } from '../journeys/events.ts'
import type { Person } from '../people/people.ts'
import { nhs } from './adt.ts'
import { type Door, openDoor } from './door.ts'
import { type Engine, framed, heardIn } from './engine.ts'

/** Messages as hospitals' systems really write them, about made-up people. */
const [itkPerson, epicPerson, cernerPerson, oldPerson] = Array.from(
  { length: 4 },
  newcomers(930),
) as [Person, Person, Person, Person]

const lines = (...segments: readonly string[]) => `${segments.join('\r')}\r`

const itk = lines(
  'MSH|^~\\&|PAS|RZZ|ROUTE|ROUTE|202603020815||ADT^A01^ADT_A01|RZZ00001001|P|2.4|||AL|NE|GBR|UNICODE|EN||ITKv1.0',
  'EVN||202603020814|||OP447^Whitcombe^Dara^^^Ms|202603020805',
  `PID|1||${itkPerson.nhs}^^^NHS~${itkPerson.mrn}^^^RZZ||SPECIMEN^Sample^^^Mx^^L||19880314|1|||FLAT 4 \\T\\ 5^12 EXAMPLE ROW^TESTHAM^TESTSHIRE^ZZ99 3CZ^GBR^H||07700900461||EN|||||||A||||||||||NSTS01`,
  'PD1|||FICTION ROAD SURGERY^^V81999|G9999998^Unlisted^Gp^^^Dr^^^GMC',
  'NK1|1|SPECIMEN^Kin^^^^^L|SPO|12 EXAMPLE ROW^^TESTHAM||07700900462',
  'PV1|1|I|AMU^BAY2^6^RZZ01|21|||C9999998^Marwood^Isla^^^Dr^^^GMC|||300||||19|||||S1001^^^RZZSPELL|||||||||||||||||||||||||202603020805',
  'DG1|1||T40.1^Poisoning by heroin^I10||202603020810|A|||||||||1',
  'ZU1|202603020800|1|I||||300',
)

const epic = lines(
  'MSH|^~\\&|EPICADT|RZZ|HUB|HUB|20260302081512|OPUSER|ADT^A01|9044173|P|2.5.1||||||8859/1',
  'EVN|A01|20260302081512||ADT_EVENT|447^WHITCOMBE^DARA|20260302080500',
  `PID|1||${epicPerson.mrn}^^^RZZMRN^MRN~${epicPerson.nhs}^^^NHSNBR^NHSNMBR||SPECIMEN^SAMPLE^B^^MX^^CURRENT||19880314000000|M|||12 RUE FRANÇOISE^^TESTHAM^^ZZ99 3CZ^GBR^HOME||(000)000-0000^HOME|||||||||||||||||N`,
  'PV1|1|INPATIENT|AMU^BAY2^6^RZZ01^^^^^^DEPID|Emergency|||C9999998^MARWOOD^ISLA^^^DR|||General Medicine|||||||||260055108^^^^VISITID||||||||||||||||||||||ARRIVED|||20260302080500',
  'PV2||PRIVATE||||||20260302||||Hospital Encounter|||||||||n|N',
  'DG1|1||25702006^Alcohol intoxication (disorder)^SCT^F10.0^^I10|Acute alcohol intoxication|20260302|Working',
)

const cerner = lines(
  'MSH|^~\\&|MILLENNIUM|RZZ|TIE|HUB|20260302081530||ADT^A04|Q77120431T88120453||2.3',
  'EVN|A04|20260302081530|||448^Ashgrove^Kit^^^^^^PRSNL',
  `PID|1|${cernerPerson.nhs}^^^NHS|${cernerPerson.mrn}^^^RZZ^MRN^RZZ||SPECIMEN^SAMPLE^^^MR^^Personnel||19880314|Male||||||||||5512008^^^FIN^FIN NBR|||||||0`,
  'PV1|1|E|ED^RESUS^03^RZZ^^Bed(s)^RZZ|AE||||||ACCIDENT AND EMERGENCY||||19||||E|5512008^^^FIN^FIN NBR|||||||||||||||||||||||||20260302080500',
  'DG1|1|ICD10WHO|T40.1|Poisoning by heroin|20260302080700|W',
  'ZPI|1||||||||||free text of theirs',
)

const old = [
  'MSH#*!%$#TIE#RZZ#ROUTE#HUB#202603020816##ADT*A01*ADT_A01#OLD%F%1#P#2.4######8859/1',
  'EVN##202603020815####202603020805',
  `PID#1##${oldPerson.nhs}***NHS*NH!${oldPerson.mrn}***RZZ*MR##HASH%F%TAG*Quill%S%er*%E%****L##19710101#2`,
  'PV1#1#I#AMU***RZZ01#21###############S88####',
  '',
].join('\n')

const month13 = itk
  .replace('RZZ00001001', 'RZZ00001013')
  .replace('|202603020805\rDG1', '|202613020805\rDG1')
  .replace('S1001', 'S1013')

const wild: readonly (readonly [string, string | Uint8Array, string, string])[] = [
  ['ITK', itk, 'CA RZZ00001001', 'published'],
  ['Epic-style, in Latin-1', Buffer.from(epic, 'latin1'), 'AA 9044173', 'published'],
  ['Cerner-style, version 2.3', cerner, 'AA Q77120431T88120453', 'published'],
  ['with odd delimiters and line feeds', old, 'AA OLD%F%1', 'published'],
  ['from month 13', month13, 'CA RZZ00001013', 'quarantined/timestamp-invalid'],
  [
    'Latin-1 that says it is UTF-8',
    Buffer.from(epic.replace('8859/1', 'UNICODE UTF-8').replace('9044173', '9044174'), 'latin1'),
    'AA 9044174',
    'quarantined/charset-mismatch',
  ],
  [
    'an appointment, which is not ours',
    lines('MSH|^~\\&|PAS|RZZ|HUB|HUB|20260302||SIU^S12|SIU1|P|2.4', 'SCH|1'),
    'AR SIU1',
    'rejected/type-unknown',
  ],
  [
    'another system’s acknowledgement',
    lines('MSH|^~\\&|PAS|RZZ|HUB|HUB|20260302||ACK|7|P|2.4', 'MSA|AA|1'),
    '',
    'ignored/acknowledgement',
  ],
]

describe('messages in the wild', () => {
  let door: Door
  let engine: Engine
  const people: string[] = []
  beforeAll(async () => {
    door = await openDoor({ from: '2026-03-02T09:00:00Z' })
    engine = await door.engine()
    for (const [n, person] of [itkPerson, epicPerson, cernerPerson, oldPerson].entries()) {
      const lead = `lp-${n + 1}`
      people.push((await door.hub.consent({ identifiers: [nhs(person)], lead })).personId)
    }
  })
  afterAll(async () => {
    engine?.[Symbol.dispose]()
    await door?.[Symbol.asyncDispose]()
  })

  it.each(wild)('%s', async (_what, message, heard, counted) => {
    const before = await door.counted()
    if (heard === '') {
      engine.send(message)
      // An answer is never answered; the next message shows that it has been read.
      expect(await engine.hears(itk)).toBe('CA RZZ00001001')
    } else expect(await engine.hears(message)).toBe(heard)
    const after = await door.counted()
    expect((after[counted] ?? 0) - (before[counted] ?? 0)).toBe(1)
  })

  it('told of each person once, and of overdose and drinking where the codes said so', async () => {
    const stories: (readonly string[])[] = []
    for (const [n, personId] of people.entries()) {
      const lead = `lp-${n + 1}`
      const rules = (await door.hub.inboxOf(lead, 'any')).map(({ rule }) => rule)
      const story = await door.hub.story(lead, personId)
      stories.push([...rules, ...(story?.lines.map(({ text }) => text) ?? [])])
    }
    expect(stories).toEqual([
      ['overdose', 'Admitted to hospital. It was recorded as a drug poisoning.'],
      ['hospital', 'Admitted to hospital. It was put down to alcohol.'],
      // A code without its system is not guessed at.
      ['Came to an emergency department.'],
      ['Admitted to hospital.'],
    ])
  })

  it('all of them again in one packet, and again one byte a packet, are answered in order', async () => {
    const heard = wild.flatMap(([, , one]) => (one === '' ? [] : [one]))
    const all = Buffer.concat(wild.map(([, message]) => framed(message)))
    await engine.write(all)
    expect((await engine.answers(heard.length)).map(heardIn)).toEqual(heard)
    const cut = Array.from({ length: all.length }, (_, at) => all.subarray(at, at + 1))
    expect(cut.length).toBeGreaterThan(1_000)
    await engine.write(...cut)
    expect((await engine.answers(heard.length)).map(heardIn)).toEqual(heard)
  })

  it('and the hub, which was never restarted, is well', async () => {
    await door.stillWell()
  })
})
