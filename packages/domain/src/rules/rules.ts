import type { EventType } from '../events.generated.ts'
import type { Draft } from '../notify-state.ts'
import { arrest } from './arrest.ts'
import { breachRecall } from './breach-recall.ts'
import { cluster } from './cluster.ts'
import { consent } from './consent.ts'
import { courtNoReturn } from './court-no-return.ts'
import { deathReported } from './death-reported.ts'
import { drugTest } from './drug-test.ts'
import { frequentAttender } from './frequent-attender.ts'
import { hospital } from './hospital.ts'
import { intoPrison } from './into-prison.ts'
import { dangerTypes, losingHome } from './losing-home.ts'
import { moves } from './moves.ts'
import { orderMade } from './order-made.ts'
import { overdose } from './overdose.ts'
import { referralUnanswered } from './referral-unanswered.ts'
import { release } from './release.ts'
import { releaseAhead } from './release-ahead.ts'
import { safeguarding } from './safeguarding.ts'
import { hospitalTypes } from './stays.ts'
import { threeWeeks } from './three-weeks.ts'
import { treatmentDone } from './treatment-done.ts'
import { lossTypes, treatmentLost } from './treatment-lost.ts'
import type { Scene, Wanted } from './wanted.ts'

interface Rule {
  /** Its cases stand on these: without any of them it sees nothing. */
  readonly of: readonly EventType[]
  readonly wanted: (scene: Scene) => readonly Wanted[]
}

/** Every rule that looks at what sources tell. */
const rules: readonly Rule[] = [
  { of: ['DeathReported', 'ReleasedFromPrison'], wanted: deathReported },
  { of: ['ArrestedIntoCustody'], wanted: arrest },
  { of: ['DrugTestedOnArrest'], wanted: drugTest },
  { of: ['ReceivedIntoPrison'], wanted: intoPrison },
  { of: ['LeftForCourt'], wanted: courtNoReturn },
  { of: ['ReleaseDateSet'], wanted: releaseAhead },
  { of: ['ReleasedFromPrison'], wanted: release },
  { of: ['ReleasedFromPrison'], wanted: threeWeeks },
  { of: ['TransferredBetweenPrisons', 'ReleasedFromPrison'], wanted: moves },
  { of: ['TreatmentRequirementMade'], wanted: orderMade },
  { of: ['BreachRaised', 'RecallRaised'], wanted: breachRecall },
  { of: hospitalTypes, wanted: overdose },
  { of: hospitalTypes, wanted: hospital },
  { of: hospitalTypes, wanted: frequentAttender },
  { of: dangerTypes, wanted: losingHome },
  { of: lossTypes, wanted: treatmentLost },
  { of: ['TreatmentEnded'], wanted: treatmentDone },
  { of: lossTypes, wanted: cluster },
  { of: ['ReferralMade'], wanted: referralUnanswered },
  { of: ['SafeguardingConcernRaised', 'ExploitationConcernRaised'], wanted: safeguarding },
]

/** What should stand in notices now, by every rule. */
export const wantedIn = (
  scene: Scene,
  { warned, reviewed }: Pick<Draft, 'warned' | 'reviewed'>,
): readonly Wanted[] => [
  ...rules.flatMap(({ of, wanted }) => (of.some(scene.has) ? wanted(scene) : [])),
  ...consent(scene, warned, reviewed),
]
