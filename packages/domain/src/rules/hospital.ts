import { byLearning, type Fact, isAttended, isStart } from './fact.ts'
import { isAttendance, type Stay, stayBehind } from './stays.ts'
import { openTreatment } from './treatment.ts'
import {
  type Closing,
  closedAfter,
  closedBy,
  closedByDeed,
  dayMs,
  type Scene,
  type Wanted,
  wantedOf,
} from './wanted.ts'

/** Alcohol or drugs brought somebody to hospital, or hospital found that they need treatment. */
export const hospital = (scene: Scene): readonly Wanted[] =>
  scene.stays.flatMap((stay) => [...visited(stay), ...discharged(scene, stay)])

/** To know, unless it was a poisoning: of that another rule tells. */
function visited(stay: Stay): readonly Wanted[] {
  const [poisoning] = stay.evidence('DRUG_POISONING')
  const evidence = stay.evidence('ALCOHOL_SPECIFIC', 'DRUG_DISORDER')
  return evidence.flatMap((fact, place) => {
    const on = stayBehind(stay, fact)
    if (on === null) return []
    return wantedOf('hospital', fact, {
      on,
      occurredAt: (on[0] ?? fact).occurredAt,
      headline: headlineOf(stay),
      lines: ['Alcohol or drugs were recorded with it. Ask how they are when you next meet.'],
      closed: closedBy('superseded', place === 0 ? poisoning : evidence[0]),
    })
  })
}

function headlineOf({ events }: Stay): string {
  if (events.some(({ type }) => type === 'Admitted')) return 'Admitted to hospital'
  return events.some(isAttendance) ? 'Attended A&E' : 'Discharged from hospital'
}

const discharged = (scene: Scene, stay: Stay): readonly Wanted[] =>
  stay.events
    .filter(({ type }) => type === 'Discharged')
    .flatMap((fact) => {
      const need = needFound(scene, stay, fact)
      if (need === undefined) return []
      const open = openTreatment(scene, fact.occurredAt, fact.occurredAt)
      // The discharge may be evidence of the stay too, and that is a case of its own.
      const name = `hospital:${fact.id}:discharge`
      const own = { episode: name, thread: name }
      return open === undefined
        ? wantedOf('hospital-discharge', fact, {
            ...own,
            on: [need],
            headline: 'Discharged from hospital: offer treatment',
            lines: ['Make contact within a week and offer an appointment.'],
            closed: takenUp(scene, fact, name),
          })
        : wantedOf('hospital', fact, {
            ...own,
            on: [need, open],
            headline: 'Discharged from hospital',
            lines: ['They are in treatment: tell the service.'],
          })
    })

/** A high score of that visit, or a referral that the hospital made then. */
function needFound(scene: Scene, stay: Stay, discharge: Fact): Fact | undefined {
  const scores = scene.grounds('AlcoholScoreRecorded').filter(({ about, agency }) => {
    const { visit, score = 0 } = about
    return agency === discharge.agency && visit === discharge.about.visit && score >= 5
  })
  const began = stay.events[0]?.occurredAt ?? discharge.occurredAt
  const referrals = scene
    .grounds('ReferralMade')
    .filter(
      ({ agency, occurredAt }) =>
        agency === discharge.agency &&
        occurredAt >= began &&
        occurredAt <= discharge.occurredAt + dayMs,
    )
  return scores.toSorted(byLearning)[0] ?? referrals.toSorted(byLearning)[0]
}

const takenUp = (scene: Scene, fact: Fact, thread: string): Closing | null =>
  closedAfter(scene, fact, 'referral-answered', isTakenUp) ??
  closedAfter(scene, fact, 'treatment-started', isStart) ??
  closedAfter(scene, fact, 'contact-attended', isAttended) ??
  closedByDeed(scene, 'contact-recorded', thread)

const isTakenUp = ({ type, about }: Fact): boolean =>
  type === 'ReferralAnswered' && (about.answer === 'ACCEPTED' || about.answer === 'ATTENDED')
