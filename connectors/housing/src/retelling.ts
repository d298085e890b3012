import { type Envelope, eventIdOf, type Ids } from '@throughline/domain'
import type { TranslatedEvent, TranslatedRetelling } from '@throughline/intake'

/** What a file says again each time: what the last one said of this and this one does not is taken back. */
export const retelling = (
  events: readonly TranslatedEvent[],
  envelope: Envelope,
  ids: Ids,
): TranslatedRetelling => ({
  ends: false,
  withdrawals: (missing) =>
    missing.map((eventId) => ({
      event: {
        type: 'EventWithdrawn',
        ...envelope,
        eventId: eventIdOf(ids, envelope.source.system, JSON.stringify(['withdrawn', eventId])),
        withdrawnEventId: eventId,
        reason: 'not-in-the-last-file',
      },
      identifierHashes: events[0]?.identifierHashes ?? [],
    })),
})
