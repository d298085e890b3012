export { requestSpan, runningRequest } from './accept-spans.ts'
export {
  type Accept,
  type AcceptanceOptions,
  acceptance,
  type IntakeDeps,
  type RecordResult,
} from './acceptance.ts'
export {
  type CellFault,
  type CsvHeader,
  type CsvHeading,
  type CsvLayout,
  type CsvLimits,
  type CsvPart,
  type CsvRow,
  type CsvStart,
  cellFault,
  readCsv,
  refuseOtherShapes,
} from './csv.ts'
export {
  type CsvAnswer,
  type CsvRoute,
  type CsvTake,
  csvRoute,
  type RowOutcome,
  type RowResult,
} from './csv-route.ts'
export type { Door, Edge, EdgeDeps } from './edge.ts'
export { fault, faultsOf, type RecordFault } from './faults.ts'
export { type Delivery, deliveriesIn, readDelivery } from './hmpps/delivery.ts'
export {
  type Completing,
  completed,
  contentOf,
  type DomainEvents,
  type Draft,
  ignored,
  instantOrNull,
  isVersionOne,
  quarantined,
  readDomainEvent,
  type TypedEvent,
  type When,
  whenAt,
} from './hmpps/domain-event.ts'
export {
  type EventType,
  eventTypeOf,
  type Family,
  type KnownType,
  knownTypeIn,
  type NamedTypes,
  typeAttribute,
} from './hmpps/event-type.ts'
export {
  flag,
  idText,
  type JsonObject,
  type KnownMembers,
  list,
  part,
  personReference,
  text,
  unknownMembersOf,
} from './hmpps/pieces.ts'
export {
  code,
  hashesOf,
  instant,
  instantMs,
  isObject,
  type NumberRules,
  numbersOf,
  occurredOf,
  readHouse,
  recordVersion,
  unread,
} from './house.ts'
export { intakeInstruments } from './instruments.ts'
export { type JsonRoute, jsonRoute, messagesOf, recordsIn } from './json-route.ts'
export type { Inbound, Unclaimed } from './message.ts'
export {
  type Fact,
  type Restate,
  type RestatingOptions,
  restating,
  type Said,
  type Thing,
} from './restating.ts'
export { topicOf } from './seal.ts'
export { serveAlone } from './serve-alone.ts'
export type {
  MaskChanges,
  Read,
  Resolved,
  TranslatedEvent,
  TranslatedRetelling,
  Translation,
} from './translation.ts'
