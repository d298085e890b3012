import type { TreatmentEndReason, TreatmentSetting } from './events.generated.ts'
import {
  type Account,
  account,
  counted,
  home,
  in26Weeks,
  only,
  people,
  treatment,
} from './story-account.ts'

const settings: Readonly<Record<TreatmentSetting, string>> = {
  COMMUNITY: ', in the community',
  PRISON: ', in prison',
  RESIDENTIAL: ', in a residential service',
  INPATIENT: ', on a hospital ward',
  PRIMARY_CARE: ', at a GP practice',
  YOUNG_PEOPLE: ', at a service for young people',
  OUTREACH: ', with outreach workers',
  UNKNOWN: '',
}

/** By the national code, and by its name. */
const interventions: Readonly<Record<string, string>> = {
  '94': 'Prescribing',
  pharmacological: 'Prescribing',
  '95': 'Talking therapy',
  psychosocial: 'Talking therapy',
  '96': 'Recovery support',
  'recovery-support': 'Recovery support',
}

const helpOf = (intervention: string): string => interventions[intervention] ?? 'A kind of help'

const isResidential = (setting: TreatmentSetting): boolean =>
  setting === 'RESIDENTIAL' || setting === 'INPATIENT'

function endWords(reason: TreatmentEndReason, setting: TreatmentSetting): string {
  switch (reason) {
    case 'COMPLETED':
      return 'Treatment was completed.'
    case 'DROPPED_OUT':
    case 'DECLINED':
      return isResidential(setting) ? 'Left residential treatment early.' : 'Treatment ended early.'
    case 'TRANSFERRED_IN_CUSTODY':
    case 'TRANSFERRED_NOT_IN_CUSTODY':
      return 'Treatment was handed over to another service.'
    case 'PRISON':
      return 'Treatment ended on the way into prison.'
    case 'DIED':
    case 'OTHER':
    case 'UNKNOWN':
      return 'Treatment ended.'
  }
}

/** Treatment services and pharmacies. */
export const treatmentAccounts: readonly Account[] = [
  account(
    'TreatmentStarted',
    only('provider', 'episodeRef', 'setting'),
    ({ provider, episodeRef, setting }) => [
      treatment({
        of: `treatment ${provider} ${episodeRef}`,
        text: `Treatment started${settings[setting]}.`,
        headline: 'Treatment started',
        ends: ['treatment-ended', 'assessment'],
        place: provider,
      }),
      people({
        of: `service ${provider} ${episodeRef}`,
        text: 'A treatment service works with them.',
        headline: 'A service works with them',
        place: provider,
      }),
    ],
  ),
  account('TreatmentContact', only('provider', 'attendance'), ({ provider, attendance }, at) => {
    const said = { headline: 'An appointment', place: provider }
    if (attendance === 'ATTENDED') {
      return [
        treatment({ ...said, of: 'contact', text: 'Came to an appointment.', ends: ['missed'] }),
      ]
    }
    return attendance === 'MISSED'
      ? [treatment({ ...said, of: 'missed', text: 'No contact reported.', until: in26Weeks(at) })]
      : []
  }),
  account('DosesMissed', only('provider', 'days'), ({ provider, days }, at) => [
    treatment({
      of: 'doses',
      text: `Doses were not collected on ${counted(days, 'day')}${days === 1 ? '' : ' in a row'}.`,
      headline: 'A prescription',
      place: provider,
      until: in26Weeks(at),
    }),
  ]),
  account('TreatmentReviewed', only('provider', 'housingProblem'), (about, at) => {
    const { provider: place, housingProblem } = about
    const reviewed = treatment({
      of: 'review',
      text: 'Treatment was reviewed.',
      headline: 'Treatment',
      ends: housingProblem === false ? ['housing-problem'] : [],
      place,
    })
    if (housingProblem !== true) return [reviewed]
    const text = 'Said to have an urgent housing problem.'
    const said = { of: 'housing-problem', text, headline: 'A housing problem', place }
    return [reviewed, home({ ...said, until: in26Weeks(at) })]
  }),
  account(
    'InterventionStarted',
    only('provider', 'episodeRef', 'interventionRef', 'intervention'),
    ({ provider, episodeRef, interventionRef, intervention }) => [
      treatment({
        of: `intervention ${provider} ${episodeRef} ${interventionRef}`,
        text: `${helpOf(intervention)} started.`,
        headline: 'Treatment',
        place: provider,
      }),
    ],
  ),
  account(
    'InterventionEnded',
    only('provider', 'episodeRef', 'interventionRef', 'intervention'),
    ({ provider, episodeRef, interventionRef, intervention }) => [
      treatment({
        of: null,
        text: `${helpOf(intervention)} ended.`,
        headline: 'Treatment',
        ends: [`intervention ${provider} ${episodeRef} ${interventionRef}`],
        place: provider,
      }),
    ],
  ),
  account('NaloxoneSupplied', only('provider'), ({ provider }) => [
    treatment({
      of: 'naloxone',
      text: 'Has a naloxone kit.',
      headline: 'Naloxone',
      place: provider,
    }),
  ]),
  account(
    'TreatmentEnded',
    only('provider', 'episodeRef', 'reason', 'setting'),
    ({ provider, episodeRef, reason, setting }) => {
      const episode = `${provider} ${episodeRef}`
      return [
        treatment({
          of: 'treatment-ended',
          text: endWords(reason, setting),
          headline: 'Treatment ended',
          ends: [
            `treatment ${episode}`,
            `service ${episode}`,
            `intervention ${episode}`,
            'missed',
            'doses',
          ],
          place: provider,
        }),
      ]
    },
  ),
]
