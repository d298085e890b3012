import type { Referral, ReferralNews, ReferralState } from '@throughline/consent'

/** What whoever referred somebody hears of it. */
export interface Told {
  readonly referralId: string
  readonly service: string
  /** When it came here (register time): the sender's own doing. */
  readonly sentAt: number
  /** `not-shared`: the person agreed to no news. */
  readonly state: ReferralState | 'not-shared'
  /** When it came to that (register time); null where that is not theirs to know. */
  readonly at: number | null
  readonly because: string | null
}

/**
 * The latest of what happened that the person agreed the referrer may hear (design, section 6). What
 * they may not hear leaves no trace in it, and no time either.
 */
export function toldOf({
  referralId,
  service,
  state,
  hears,
  receivedAt,
  changedAt,
  withdrawnBy,
  because,
}: Referral): Told {
  const known = { referralId, service, sentAt: receivedAt }
  const news = newsOf(state)
  if (withdrawnBy === 'referrer' || hears.includes(news)) {
    return { ...known, state, at: state === 'received' ? receivedAt : changedAt, because }
  }
  const earlier = stages.slice(0, stages.indexOf(news)).findLast((stage) => hears.includes(stage))
  const at = earlier === 'received' ? receivedAt : null
  return { ...known, state: earlier ?? 'not-shared', at, because: null }
}

const stages: readonly ReferralNews[] = ['received', 'accepted', 'attended']

/** Which agreement covers a state. That somebody took a referral back is as private as how it was decided. */
function newsOf(state: ReferralState): ReferralNews {
  switch (state) {
    case 'received':
    case 'lapsed':
      return 'received'
    case 'accepted':
    case 'declined':
    case 'withdrawn':
      return 'accepted'
    case 'attended':
    case 'not-attended':
      return 'attended'
  }
}
