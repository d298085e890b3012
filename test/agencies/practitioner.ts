import type { Caller } from './caller.ts'

/** A notice as the inbox shows it (design, section 10), as far as tests look at it. */
export interface SeenNotice {
  readonly noticeId: string
  readonly version: number
  readonly thread: string
  readonly rule: string
  readonly class: string
  readonly urgency: string
  readonly state: string
  readonly personId: string
  readonly displayName: string
  readonly headline: string
  readonly lines: readonly string[]
  readonly occurredAt: string
  readonly learnedAt: string
  readonly dueAt: string | null
  readonly sources: readonly string[]
  readonly corrects: string | null
  readonly recipient: { readonly practitionerId: string }
}

/** A line of a person's story, as one reader is shown it. */
export interface StoryLine {
  readonly id: string
  readonly section: string
  readonly text: string
  readonly place: string | null
  readonly sources: readonly string[]
  readonly occurredAt: string
  readonly precision: string
  readonly learnedAt: string
  readonly until: string | null
  readonly current: boolean
}

/** Somebody with an inbox. */
export interface Practitioner {
  readonly id: string
  notices(state: 'open' | 'all'): Promise<readonly SeenNotice[]>
  acknowledge(noticeId: string): Promise<void>
  contact(noticeId: string, what: 'seen' | 'spoken' | 'tried'): Promise<void>
  /** What agencies said, as far as this practitioner may read it; nothing where the person is not found. */
  story(personId: string): Promise<readonly StoryLine[]>
}

const everyState = ['open', 'acknowledged', 'closed', 'paused', 'retracted'] as const

export function practitionerAt(id: string, inbox: Caller): Practitioner {
  const act = async (path: string, body: object) => {
    const { status } = await inbox.post(path, body)
    if (status >= 300) throw new Error(`${id}: ${path.replace(/[^/]{8,}/, '…')} answered ${status}`)
  }
  return {
    id,
    async notices(state) {
      const lists = (state === 'all' ? everyState : [state]).map(async (one) => {
        const { status, body } = await inbox.get(`/notices?practitioner=${id}&state=${one}`)
        if (status !== 200) throw new Error(`${id}: /notices answered ${status}`)
        return (body as { readonly notices: readonly SeenNotice[] }).notices
      })
      return (await Promise.all(lists)).flat()
    },
    acknowledge: (noticeId) => act(`/notices/${noticeId}/acknowledgements`, {}),
    contact: (noticeId, contact) => act(`/notices/${noticeId}/contacts`, { contact }),
    async story(personId) {
      const { status, body } = await inbox.get(`/people/${personId}/story`)
      if (status !== 200) return []
      const { lines } = body as { readonly lines: readonly StoryLine[] }
      return lines
    },
  }
}
