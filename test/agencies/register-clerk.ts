import type { Answer, Caller } from './caller.ts'

/** What a person agrees to, as the clerk takes it down. Times are milliseconds. */
export interface Agreement {
  readonly displayName: string
  readonly takenAt: number
  readonly identifiers: readonly { readonly type: string; readonly value: string }[]
  readonly lead: string
  readonly deputies: readonly string[]
  readonly team: readonly string[]
  readonly grants: readonly AgreedGrant[]
}

interface AgreedGrant {
  readonly from: number
  readonly until: number
}

export interface Recorded {
  readonly personId: string
  readonly version: number
  readonly state: string
}

/** Records what people agree to and what they take back. After a lost answer the clerk looks before repeating. */
export interface Clerk {
  record(agreement: Agreement, idempotencyKey: string): Promise<Recorded>
  /** `seen` is the version the clerk has before them; where a lost answer had changed it already, that stands. */
  change(personId: string, agreement: Agreement, seen: number): Promise<Recorded>
  withdraw(personId: string, purposes: readonly string[]): Promise<Recorded>
  assign(personId: string, practitionerId: string, relation: 'lead' | 'deputy'): Promise<void>
}

export function clerkAt(register: Caller): Clerk {
  return {
    record: async (agreement, idempotencyKey) =>
      recordedIn(
        await register.post('/consents', consentBody(agreement), {
          'idempotency-key': idempotencyKey,
        }),
        201,
      ),
    async change(personId, agreement, seen) {
      const path = `/consents/${personId}`
      const answer = await register.put(path, consentBody(agreement), { 'if-match': `"${seen}"` })
      return recordedIn(answer.status === 412 ? await register.get(path) : answer, 200)
    },
    withdraw: async (personId, purposes) =>
      recordedIn(
        await register.post(`/consents/${personId}/withdrawals`, {
          purposes,
          by: 'person',
          reason: null,
        }),
        200,
      ),
    assign: async (personId, practitionerId, relation) => {
      const path = `/consents/${personId}/assignments`
      recordedIn(await register.post(path, { practitionerId, relation, tier: 'detail' }), 200)
    },
  }
}

function consentBody({
  displayName,
  takenAt,
  identifiers,
  lead,
  deputies,
  team,
  grants,
}: Agreement) {
  return {
    identifiers,
    lead,
    deputies,
    team: team.map((practitionerId) => ({ practitionerId, tier: 'involvement' })),
    grants: grants.map((grant) => ({ ...grant, from: iso(grant.from), until: iso(grant.until) })),
    taken: {
      by: lead,
      at: iso(takenAt),
      setting: 'community',
      method: 'signed',
      noticeVersion: '2026-04',
    },
    safeContact: { ok: ['letter-to-service'], never: ['voicemail'], reviewBy: null },
    displayName,
    ownWords: "Please don't ring before noon.",
  }
}

function recordedIn({ status, body }: Answer, expected: number): Recorded {
  if (status === expected) return body as Recorded
  throw new Error(`the register answered ${status}: ${JSON.stringify(body)}`)
}

const iso = (at: number): string => new Date(at).toISOString()
