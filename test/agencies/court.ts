import type { Requirement } from './probation.ts'

/** A hearing of one defendant as Common Platform tells it, whole each time. Times are milliseconds. */
export type HearingReport =
  | {
      readonly what: 'resulted'
      readonly hearingId: string
      /** The sitting, on the hour or half hour. */
      readonly sittingAt: number
      readonly court: string
      readonly pnc: string
      /** What was ordered; a requirement is repeated with every offence. */
      readonly ordered: readonly { readonly requirement: Requirement; readonly months: number }[]
      readonly offences: 1 | 2
    }
  | { readonly what: 'deleted'; readonly hearingId: string }

interface Result {
  readonly label: string
  readonly head: string
  readonly code: object
}

/** Drug rehabilitation has no public id, so it goes by its national code. */
const results: Readonly<Record<Requirement, Result>> = {
  DRR: { label: 'Drug rehabilitation', head: 'DRR', code: { cjsCode: '3109' } },
  ATR: {
    label: 'Alcohol treatment',
    head: 'ATR',
    code: { judicialResultTypeId: '9941e3d0-0e80-46c6-95c6-5b4f1a88c83d' },
  },
  MHTR: {
    label: 'Mental health treatment requirement',
    head: 'MHTRNR',
    code: { judicialResultTypeId: '5473390c-dbe2-4026-a95f-8bb99d2e011d' },
  },
}

/** The message as it comes through the topic: its attributes beside it. `messageId` is new each time. */
export function hearingMessage(report: HearingReport, messageId: string): object {
  const type = report.what === 'deleted' ? 'deleted' : 'received'
  const told = report.what === 'deleted' ? 'Deleted' : 'Resulted'
  const attribute = (Value: string) => ({ Type: 'String', Value })
  return {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: 'arn:aws:sns:eu-west-2:000000000000:synthetic-court-topic',
    Message: JSON.stringify(
      report.what === 'deleted' ? { hearingId: report.hearingId } : hearingOf(report),
    ),
    MessageAttributes: {
      eventType: attribute(`commonplatform.case.${type}`),
      hearingEventType: attribute(told),
    },
  }
}

function hearingOf(report: Extract<HearingReport, { what: 'resulted' }>): object {
  const { hearingId, sittingAt, court, pnc, ordered, offences } = report
  const day = new Date(sittingAt).toISOString()
  const judicialResults = ordered.map(({ requirement, months }) => ({
    label: results[requirement].label,
    ...results[requirement].code,
    resultText: `${results[requirement].head} - ${results[requirement].label}\nFor ${months} Months.`,
    orderedDate: day.slice(0, 10),
    judicialResultPrompts: [
      {
        label: 'Period of treatment',
        promptReference: 'periodOfTreatment',
        value: `${months} Months`,
      },
    ],
  }))
  return {
    hearing: {
      id: hearingId,
      courtCentre: { code: `${court}00`, name: "Synthetic Magistrates' Court" },
      jurisdictionType: 'MAGISTRATES',
      hearingDays: [{ sittingDay: day.slice(0, 19), listedDurationMinutes: 20 }],
      prosecutionCases: [
        {
          id: `${hearingId}-case`,
          defendants: [
            {
              id: `${hearingId}-defendant`,
              masterDefendantId: `${hearingId}-defendant`,
              pncId: pnc,
              croNumber: null,
              offences: Array.from({ length: offences }, (_, i) => ({
                id: `${hearingId}-offence-${i + 1}`,
                judicialResults,
              })),
            },
          ],
        },
      ],
    },
  }
}
