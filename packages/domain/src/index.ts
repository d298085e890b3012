export * from './break-glass.ts'
export * from './claims.ts'
export * from './consent.ts'
export * from './date-words.ts'
export * from './events.generated.ts'
export * from './hub-error.ts'
export * from './identifiers.ts'
export * from './ids.ts'
export * from './link.ts'
export * from './notice.ts'
export * from './notify.ts'
export * from './notify-pack.ts'
export {
  type Case,
  type Line,
  type Policy,
  policyByDefault,
} from './outcomes/case.ts'
export {
  agreesToOutcomes,
  nothingCounted,
  type OutcomeFact,
  type OutcomeFacts,
  type OutcomesState,
  outcomeFactsView,
  outcomesLookups,
  outcomesStep,
} from './outcomes/facts.ts'
export { type Measure, type MeasureCode, measureCodes, measures } from './outcomes/measures.ts'
export { type Frame, frameOf, isQuarter, lastDayOf, quarterOf } from './outcomes/periods.ts'
export { shownCount } from './outcomes/protect.ts'
export {
  countedFacts,
  type Figure,
  figuresOf,
  leftSince,
  questionOf,
  type ReleaseQuestion,
  tablesOf,
} from './outcomes/release.ts'
export * from './processor.ts'
export * from './register.ts'
export * from './story.ts'
export * from './times.ts'
