import { codecFor } from '@throughline/schemas'
import type { TriggerOf } from './decisions/change.ts'

/**
 * The trigger's record: whoever reads it looks the rows up again, so it carries ids and a time, and
 * no content. `revision` makes its id one of a kind: an assignment changes no consent version.
 */
export const consentChanged: TriggerOf = ({ personId, version, changedAt, revision }) => ({
  topic: 'consent.changes.v1',
  key: personId,
  id: `consent-changed:${personId}:${revision}`,
  value: codecFor('ConsentChanged').encode({ personId, version, changedAt }),
})
