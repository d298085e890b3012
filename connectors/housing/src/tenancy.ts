import { code, instant, recordVersion } from '@throughline/intake'
import { z } from 'zod'
import { day, listCode, ownNumber, sharedNumbers, shortCode } from './words.ts'

/**
 * Tenancies, arrears, possession notices and rough-sleeping contacts, our own format: HACT's payloads
 * are not public, so shapes follow its style and names are ours (formats/treatment-housing.md, sections
 * 2.3 to 2.5). Strict. There is no member for a person alert, on purpose: those are shown to all
 * housing staff by default (checklist G18). README.md explains each member; tenancies.schema.json is
 * drawn from here.
 */

const meta = z
  .strictObject({
    profile: code(/^[a-z0-9][a-z0-9.-]{0,39}$/, "The sender's name for its export.").optional(),
    generatedAt: instant('When the record was written out.'),
  })
  .describe('About the record itself.')

const tenant = z.strictObject({
  personId: code(ownNumber, "The landlord's own number of the person."),
  isLead: z.boolean().default(false),
  identifiers: sharedNumbers,
})

const tenancy = z
  .strictObject({
    tenancyId: code(ownNumber, "The landlord's own number of the tenancy."),
    landlord: code(shortCode, 'The landlord, by its short code.'),
    uprn: code(/^\d{1,12}$/, 'The property. Not passed on.').nullish(),
    tenure: code(listCode, 'What kind of tenancy.').nullish(),
    startDate: day('When it began.'),
    endDate: day('When it ended, or is to end.').nullish(),
    endReason: code(listCode, 'Why it ended.').nullish(),
    jointTenancy: z.boolean().default(false),
    tenants: z.array(tenant).min(1).max(8).describe('Everybody who holds the tenancy.'),
  })
  .describe('The tenancy, as it stands.')

const rentAccount = z
  .strictObject({
    accountId: code(ownNumber, "The landlord's own number of the account."),
    frequency: z.enum(['weekly', 'fortnightly', 'four_weekly', 'monthly']),
    grossRentPence: z.int().min(1).max(10_000_000).describe('What falls due each time.'),
    balancePence: z
      .int()
      .min(-1_000_000_000)
      .max(1_000_000_000)
      .describe('The balance; negative is owed.'),
    weeksInArrears: z
      .number()
      .min(0)
      .max(1000)
      .optional()
      .describe('Weeks of rent owed; worked out from the balance where it is not there.'),
    asAt: day('The day of this balance.'),
    housingCostSupport: code(listCode, 'Not passed on.').nullish(),
    arrearsStage: code(listCode, 'Not passed on.').nullish(),
  })
  .describe('The rent account, as it stands.')

const possession = z
  .strictObject({
    noticeId: code(ownNumber, "The landlord's own number of the notice."),
    noticeType: z.enum(['section_8', 'section_21_legacy', 'nsp_secure', 'ntq']),
    prescribedForm: code(shortCode, 'The form used, such as 3A.').nullish(),
    grounds: z
      .array(code(/^\d{1,2}[A-Z]?$/, 'A ground, such as 8 or 7A.'))
      .max(20)
      .default([]),
    servedOn: day('When it was served.'),
    earliestProceedings: day('From when the landlord may go to court.').nullish(),
    courtStage: code(listCode, 'Not passed on.').nullish(),
  })
  .describe('The notice that the landlord wants the home back. Passed on once, by its number.')

const asbCase = z
  .strictObject({
    caseId: code(ownNumber, "The landlord's own number of the case."),
    role: z.enum(['complainant', 'subject', 'witness']),
    category: code(listCode, 'What it is about.'),
    openedOn: day('When it was opened.'),
    status: code(listCode, 'How it stands.'),
    visibility: z.enum(['restricted', 'normal']).default('restricted'),
  })
  .describe('An antisocial-behaviour case. Never passed on.')

const happening = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('tenancy.started'), occurredAt: instant('When.') }),
    z.strictObject({ type: z.literal('tenancy.ended'), occurredAt: instant('When.') }),
    z.strictObject({
      type: z.literal('tenancy.arrears.threshold-crossed'),
      occurredAt: instant('When the account crossed it.'),
      thresholdWeeks: z.int().min(1).max(52).describe('Weeks of rent owed at the crossing.'),
    }),
    z.strictObject({
      type: z.literal('tenancy.possession-notice.served'),
      occurredAt: instant('When.'),
    }),
  ])
  .describe('Something that happened.')

export const tenancyRecord = z
  .strictObject({
    meta,
    recordVersion,
    tenancy,
    rentAccount: rentAccount.optional(),
    possession: possession.nullish(),
    asbCases: z.array(asbCase).max(100).default([]),
    events: z.array(happening).max(100).default([]).describe('What happened.'),
  })
  .describe('One tenancy: how it stands, and what happened.')
export type TenancyRecord = z.output<typeof tenancyRecord>

export const outreachRecord = z
  .strictObject({
    meta,
    recordVersion,
    roughSleepingContact: z
      .strictObject({
        contactId: code(ownNumber, "The outreach service's own number of the contact."),
        service: code(shortCode, 'The outreach service, by its short code.'),
        personId: code(ownNumber, "The service's own number of the person."),
        identifiers: sharedNumbers,
        metAt: instant('When.'),
        beddedDown: z
          .boolean()
          .describe('True: seen bedded down in a place not meant for living. False tells nobody.'),
      })
      .describe('Where it was has no member here.'),
  })
  .describe('An outreach worker met somebody.')

/** The JSON Schema that landlords and outreach services check their records against. */
export const tenanciesSchema = (): object => ({
  ...z.toJSONSchema(z.union([tenancyRecord, outreachRecord]), {
    io: 'input',
    target: 'draft-2020-12',
  }),
  title: 'Throughline tenancies and rough-sleeping contacts, version 1',
})
