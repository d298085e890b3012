import type { Input, Notice, Processor, ViewChange } from '@throughline/domain'
import { storyVersion } from './story.ts'

/**
 * What pages read: practitioners' notices and people's stories, as views. The runtime seals each
 * row's content under the person's key; what stays readable beside it names nobody and tells nothing
 * but what the gate and the lists need.
 */
export const inboxProjection: Processor<null> = {
  name: 'inbox',
  inputs: ['practitioner.notices.v1', 'person.stories.v1'],
  outputs: [],
  upstream: ['notify', 'story'],
  stateVersion: 1,
  upgrade: () => null,
  initial: null,
  personal: false,
  keyOf: () => null,
  lookups: () => [],
  step: (_state, _known, input) => ({ state: null, views: viewsOf(input) }),
}

function viewsOf(input: Input): readonly ViewChange[] {
  if (input.kind === 'notice') return [noticeRow(input.notice)]
  if (input.kind === 'story') return storyRows(input.personId, input.story)
  return []
}

const noticeRow = (notice: Notice): ViewChange => ({
  view: 'notices',
  id: notice.noticeId,
  version: notice.version,
  personId: notice.personId,
  reader: notice.recipient.practitionerId,
  state: notice.state,
  sort: notice.dueAt ?? notice.learnedAt,
  facts: noticeFacts(notice),
  content: notice,
})

/** The part of a notice that may stand in clear beside its sealed content. */
export interface NoticeFacts {
  readonly rule: Notice['rule']
  readonly class: Notice['class']
  readonly urgency: Notice['urgency']
  readonly state: Notice['state']
  readonly thread: string
  readonly corrects: string | null
  readonly sources: readonly string[]
  readonly categories: Notice['categories']
  readonly occurredAt: number
  readonly learnedAt: number
  readonly dueAt: number | null
  /** The least a grant must allow for any of it to be shown. */
  readonly tier: 'involvement'
}

const noticeFacts = (notice: Notice): NoticeFacts & Readonly<Record<string, unknown>> => ({
  rule: notice.rule,
  class: notice.class,
  urgency: notice.urgency,
  state: notice.state,
  thread: notice.thread,
  corrects: notice.corrects,
  sources: notice.sources,
  categories: notice.categories,
  occurredAt: notice.occurredAt,
  learnedAt: notice.learnedAt,
  dueAt: notice.dueAt,
  tier: 'involvement',
})

// A tombstone follows an erasure: the person's key is gone, so the row that is left opens for nobody.
const storyRows = (personId: string, story: unknown): readonly ViewChange[] =>
  typeof story !== 'object' || story === null
    ? []
    : [
        {
          view: 'stories',
          id: personId,
          version: storyVersion(story),
          personId,
          reader: null,
          state: 'current',
          sort: 0,
          facts: {},
          content: story,
        },
      ]
