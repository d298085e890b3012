import type { Caller } from './caller.ts'

/** One released figure, as an analyst reads it. Null: hidden, or there is none. */
export interface SeenFigure {
  readonly measure: string
  readonly area: string
  readonly breakdown: string
  readonly group: string
  readonly status: string
  readonly numerator: number | null
  readonly denominator: number | null
  readonly perThousand: number | null
}

/** A release, as far as tests look at it. */
export interface SeenRelease {
  readonly release: number
  readonly quarter: string
  readonly asOf: string
  readonly from: string
  readonly to: string
  readonly completeTo: string
  readonly peopleAgreed: number | null
  readonly leftSince: number | null
  readonly figures: readonly SeenFigure[]
}

/** What is asked of a release; nothing where the hub's own answer will do. */
export interface ReleaseAsked {
  readonly quarter?: string
  readonly earlierOpenEpisode?: 'apart' | 'counts'
}

/** Whoever reads figures, and the operator who has them released. */
export interface Analyst {
  release(asked: ReleaseAsked): Promise<SeenRelease>
  /** The n-th release of the feed. */
  read(n: number): Promise<SeenRelease>
}

export function analystAt(feed: string, operator: Caller, analyst: Caller): Analyst {
  return {
    async release(asked) {
      const { status, body } = await operator.post(`/outcomes/${feed}/releases`, asked)
      if (status !== 201) throw new Error(`a release was answered ${status}`)
      return body as SeenRelease
    },
    async read(n) {
      const { status, body } = await analyst.get(`/outcomes/${feed}/measures.json?release=${n}`)
      if (status !== 200) throw new Error(`figures were answered ${status}`)
      return body as SeenRelease
    },
  }
}
