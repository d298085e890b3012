import type { NotifyState } from '../notify-state.ts'
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
import { losingHome } from './losing-home.ts'
import { moves } from './moves.ts'
import { orderMade } from './order-made.ts'
import { overdose } from './overdose.ts'
import { referralUnanswered } from './referral-unanswered.ts'
import { release } from './release.ts'
import { releaseAhead } from './release-ahead.ts'
import { safeguarding } from './safeguarding.ts'
import { threeWeeks } from './three-weeks.ts'
import { treatmentDone } from './treatment-done.ts'
import { treatmentLost } from './treatment-lost.ts'
import type { Scene, Wanted } from './wanted.ts'

/** Every rule that looks at what sources tell. */
const rules: readonly ((scene: Scene) => readonly Wanted[])[] = [
  deathReported,
  arrest,
  drugTest,
  intoPrison,
  courtNoReturn,
  releaseAhead,
  release,
  threeWeeks,
  moves,
  orderMade,
  breachRecall,
  overdose,
  hospital,
  frequentAttender,
  losingHome,
  treatmentLost,
  treatmentDone,
  cluster,
  referralUnanswered,
  safeguarding,
]

/** What should stand in notices now, by every rule. */
export const wantedIn = (
  scene: Scene,
  { warned, reviewed }: Pick<NotifyState, 'warned' | 'reviewed'>,
): readonly Wanted[] => [
  ...rules.flatMap((rule) => rule(scene)),
  ...consent(scene, warned, reviewed),
]
