/** A made-up person's consent, as the register's own client sends it. */
export const corwin = {
  identifiers: [
    { type: 'NHS', value: '9990000115' },
    { type: 'NOMS', value: 'Z9134QX' },
    { type: 'MRN', issuer: 'RZZ', value: 'T0417733' },
  ],
  lead: 'lp-1',
  deputies: ['lp-2'],
  team: [{ practitionerId: 'peer-4', tier: 'involvement' }],
  grants: [
    {
      purpose: 'care-coordination',
      sources: ['custody', 'probation', 'hospital', 'housing', 'treatment'],
      recipients: [{ organisation: 'testshire-recovery', role: 'lead-practitioner' }],
      categories: ['whereabouts', 'justice', 'health', 'substance-use', 'housing', 'safety'],
      tier: 'detail',
      from: '2026-01-05T09:00:00Z',
      until: '2027-01-05T00:00:00Z',
      lookBackDays: 0,
    },
  ],
  taken: {
    by: 'lp-1',
    at: '2026-01-05T09:00:00Z',
    setting: 'community',
    method: 'signed',
    noticeVersion: '2026-04',
  },
  safeContact: { ok: ['letter-to-service'], never: ['voicemail'], reviewBy: '2026-07-05' },
  displayName: 'Corwin F.',
  ownWords: "Please don't ring before noon.",
} as const
