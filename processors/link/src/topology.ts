import { linkLookups, linkStep, type Processor, personEventsTopic } from '@throughline/domain'

/** Joins agency identifiers, under consent, into one person. It remembers nothing of its own. */
export const link: Processor<null> = {
  name: 'link',
  inputs: [
    'agency.custody.v1',
    'agency.probation.v1',
    'agency.hospital.v1',
    'agency.housing.v1',
    'agency.treatment.v1',
    'agency.other.v1',
    'consent.changes.v1',
  ],
  outputs: [personEventsTopic],
  upstream: ['connectors'],
  stateVersion: 1,
  upgrade: () => null,
  initial: null,
  personal: false,
  keyOf: () => null,
  lookups: linkLookups,
  step: linkStep,
}
