/** By what a measure is broken down, beside its total. A case belongs to exactly one group of each. */
export type Line = 'area' | 'substance' | 'quarter' | 'establishment' | 'requirement'

/** One thing counted, and the groups it belongs to. */
export interface Case {
  readonly yes: boolean
  readonly groups: Readonly<Partial<Record<Line, string>>>
}

/** What an operator may decide about a release; it states what was decided. */
export interface Policy {
  /** Whether somebody who was in community treatment already when they left prison has "started". */
  readonly earlierOpenEpisode: 'apart' | 'counts'
}

export const policyByDefault: Policy = { earlierOpenEpisode: 'apart' }
