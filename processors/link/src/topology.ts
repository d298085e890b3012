import {
  agencies,
  linkLookups,
  linkStep,
  type Processor,
  personEventsTopic,
} from '@throughline/domain'

/** Joins agency identifiers, under consent, into one person. It remembers nothing of its own. */
export const link: Processor<null> = {
  name: 'link',
  inputs: [...agencies.map((agency) => `agency.${agency}.v1`), 'consent.changes.v1'],
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
