import type { Ids } from './ids.ts'
import type { Notice } from './notice.ts'
import type { Input, Known, Lookup, Stepped } from './processor.ts'

export const noticesTopic = 'practitioner.notices.v1'

export interface NotifyState {
  readonly used: Readonly<Record<string, number>>
}

export const nothingNotified: NotifyState = { used: {} }

export function notifyLookups(_input: Input, _key: string | null): readonly Lookup[] {
  return []
}

/** Tells the lead practitioner what to do next. */
export function notifyStep(
  state: NotifyState,
  _known: Known,
  _input: Input,
  _key: string | null,
  _ids: Ids,
): Stepped<NotifyState> {
  return { state }
}

/** Why did I get this? Ids alone. */
export function explainNotice(notice: Notice): {
  readonly noticeId: string
  readonly eventIds: readonly string[]
} {
  return { noticeId: notice.noticeId, eventIds: notice.because.eventIds }
}
