import type { ContactReport } from '../agencies/treatment.ts'
import {
  happeningOf,
  numberText,
  published,
  type Read,
  readOnce,
  type Telling,
} from './happening.ts'

/** What treatment services report as it happens. */
export const treatmentReading = () =>
  readOnce((report: ContactReport, receivedAt: number): Read => {
    const { provider, recordReference, recordVersion, at, numbers, restricted, news } = report
    return published(
      happeningOf({
        key: `${news.is} ${provider} ${recordReference}`,
        version: recordVersion,
        agency: 'treatment',
        occurredAt: Math.floor(at / 1000) * 1000,
        precision: 'INSTANT',
        receivedAt,
        identifiers: numbers.map(({ type, value }) =>
          numberText(type, value, type === 'NDTMS' ? provider : undefined),
        ),
        restricted,
        facts: factsOf(report),
      }),
    )
  })

function factsOf({ provider, episode, news }: ContactReport): Telling['facts'] {
  const which = { provider, episodeRef: episode }
  switch (news.is) {
    case 'contact':
      return {
        type: 'TreatmentContact',
        ...which,
        attendance: news.attended ? 'ATTENDED' : 'MISSED',
      }
    case 'doses-missed':
      return { type: 'DosesMissed', ...which, days: news.days, pharmacy: news.pharmacy }
    case 'naloxone':
      return { type: 'NaloxoneSupplied', provider, form: news.form }
  }
}
