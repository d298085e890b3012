import { londonDate } from '@throughline/domain'
import { type HousingReport, housingRecord, type TenancyNews } from '../../agencies/housing.ts'
import { authority, day, landlord, type SimPerson, type SimRecord } from '../county.ts'
import type { Random } from '../random.ts'

type Told = readonly [report: HousingReport, type: string]

/** One story from a council or a landlord: a referral and what became of it, a tenancy, a night outside. */
export function housingStory(
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
): readonly SimRecord[] {
  const story = random.pick([referral, tenancy, tenancy, roughSleeping])
  return story(random, person, at, serial).map(([report, type], i) => ({
    name: `${person.name} ${report.what} ${type} #${serial}.${i}`,
    door: report.what === 'duty-to-refer' ? 'duty-to-refer' : 'tenancies',
    type,
    kind: null,
    identifiers: [...ownNumbers(report), `NHS:${person.nhs}`],
    occurredAt: at,
    body: housingRecord(report),
  }))
}

function ownNumbers(report: HousingReport): readonly string[] {
  switch (report.what) {
    case 'duty-to-refer':
      return [`HOUSING_APPLICATION:${authority}:${report.referralId}`]
    case 'tenancy':
      return [`TENANCY:${landlord}:${report.tenancyId}`, `TENANCY:${landlord}:${report.tenantId}`]
    case 'rough-sleeping':
      return [`HOUSING_APPLICATION:${report.service}:${report.clientId}`]
  }
}

const numbers = ({ nhs }: SimPerson) => [{ type: 'NHS', value: nhs } as const]

function referral(random: Random, person: SimPerson, at: number, serial: number): readonly Told[] {
  const agreed = random.chance(0.85)
  const told = (
    status: 'SUBMITTED' | 'ACCEPTED' | 'NOT_ACCEPTED' | 'WITHDRAWN',
    type: string,
  ): Told => [
    {
      what: 'duty-to-refer',
      referralId: `DTR-${serial}`,
      recordVersion: 1,
      authority,
      status,
      submittedOn: londonDate(at - day),
      decidedOn: status === 'SUBMITTED' ? null : londonDate(at),
      reason: 'leaving_custody',
      agreed,
      numbers: numbers(person),
    },
    agreed || status === 'WITHDRAWN' ? type : 'none',
  ]
  const made = told('SUBMITTED', 'DutyToReferMade')
  const decided = told(random.pick(['ACCEPTED', 'NOT_ACCEPTED']), 'DutyToReferDecided')
  const withdrawn = told('WITHDRAWN', 'DutyToReferDecided')
  return random.pick([[made], [made, decided], [decided, made], [made, decided, withdrawn]])
}

function tenancy(random: Random, person: SimPerson, at: number, serial: number): readonly Told[] {
  const told = (news: TenancyNews, type: string, recordVersion = 1): Told => [
    {
      what: 'tenancy',
      landlord,
      tenancyId: `TEN/${serial}`,
      tenantId: person.tenant,
      startedOn: londonDate(at - 30 * day),
      writtenAt: at,
      recordVersion,
      news,
      numbers: numbers(person),
    },
    type,
  ]
  const on = londonDate(at - day)
  const started = told({ is: 'started', at: at - 30 * day }, 'TenancyStarted')
  const arrears = told(
    { is: 'arrears', at: at - day, weeks: 8, asAt: on },
    'ArrearsThresholdCrossed',
  )
  const notice = { is: 'notice', noticeId: `NOT-${serial}`, at: at - day, servedOn: on } as const
  const served = (section: 'section_8' | 'ntq', version: number) =>
    told(
      { ...notice, section, expiresOn: londonDate(at + 30 * day) },
      'PossessionNoticeServed',
      version,
    )
  const ended = told({ is: 'ended', on, reason: 'eviction' }, 'TenancyEnded')
  const asb = told({ is: 'asb', openedOn: on }, 'none')
  return random.pick([
    [started],
    [arrears],
    [served('section_8', 1), served('ntq', 2)],
    [arrears, served('section_8', 1), ended],
    [ended],
    [asb],
  ])
}

function roughSleeping(
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
): readonly Told[] {
  const beddedDown = random.chance(0.8)
  const report = {
    what: 'rough-sleeping',
    service: 'SYN-OUTREACH',
    contactId: `CON-${serial}`,
    clientId: `RS-${person.n + 1}`,
    metAt: at,
    beddedDown,
    numbers: numbers(person),
  } as const
  return [[report, beddedDown ? 'RoughSleepingContact' : 'none']]
}
