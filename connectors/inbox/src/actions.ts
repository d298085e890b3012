import { leadRole, leadsOrDeputises, type PractitionerAction } from '@throughline/domain'
import { HttpFault, notFound } from '@throughline/service'
import { sealRecord, type ViewRow } from '@throughline/stream'
import type { InboxDeps } from './deps.ts'
import { disclose } from './disclose.ts'
import { askFor, type ReadableRow, reading, threadOf } from './notices.ts'
import { refOf } from './people.ts'
import { type Practitioner, readersOf } from './readers.ts'

export type Deed = Pick<PractitionerAction, 'kind' | 'contact' | 'item' | 'answer'>

export const actionsTopic = 'practitioner.actions.v1'

/**
 * Records what a practitioner did about a notice, for notify to act on. The same deed about the same
 * version of a notice is one action, however often it is sent; `again` tells two contacts apart. A
 * notice that is somebody else's, or may no longer be seen, is not found (assurance, UI-1 and UI-13).
 */
export async function act(
  deps: InboxDeps,
  practitioner: Practitioner,
  noticeId: string,
  deed: Deed,
  again = '',
): Promise<{ readonly actionId: string; readonly personId: string }> {
  const { row } = await mayActOn(deps, practitioner, noticeId)
  const { personId } = row
  const actionId = deps.ids.hash(
    'action',
    noticeId,
    String(row.version),
    practitioner.id,
    deed.kind,
    deed.contact ?? '',
    ...(deed.item == null ? [] : [deed.item, deed.answer ?? '']),
    again,
  )
  const sealUnder = (await deps.keys.open([refOf(personId)])).get(refOf(personId))
  if (sealUnder === undefined || sealUnder === 'erased') throw notFound()
  await deps.register.change({
    kind: 'act',
    noticeId,
    actionId,
    record: (receivedAt) => {
      const value = actionOf(row, deed, practitioner.id, actionId, receivedAt)
      return sealRecord({
        topic: actionsTopic,
        key: personId,
        id: actionId,
        schema: 'PractitionerAction',
        value,
        sealUnder,
        agency: 'practitioner',
        receivedAt,
        identifierHashes: [],
        random: deps.random,
      })
    },
  })
  return { actionId, personId }
}

/**
 * Takes a whole thread in hand: every notice of it that is still open for the same reader. Who could
 * see the one may not see each of the others; those stay as they are.
 */
export async function takeInHand(
  deps: InboxDeps,
  practitioner: Practitioner,
  noticeId: string,
): Promise<{ readonly personId: string }> {
  const deed = { kind: 'acknowledged', contact: null } as const
  const one = await mayActOn(deps, practitioner, noticeId)
  const { personId } = one.row
  const query = { view: 'notices', reader: one.reader.practitionerId, personId, states: ['open'] }
  const rows = await deps.views.list({ ...query, limit: 200 })
  const thread = threadOf(one)
  for (const row of rows) {
    if (row.id === noticeId || threadOf({ row, reader: one.reader }) !== thread) continue
    await act(deps, practitioner, row.id, deed).catch((error: unknown) => {
      if (!(error instanceof HttpFault && error.status === 404)) throw error
    })
  }
  return act(deps, practitioner, noticeId, deed)
}

const actionOf = (
  row: ViewRow,
  { kind, contact, item = null, answer = null }: Deed,
  by: string,
  actionId: string,
  receivedAt: number,
): PractitionerAction => ({
  actionId,
  kind,
  noticeId: row.id,
  thread: String(row.facts['thread']),
  personId: row.personId,
  by,
  // One-tap: it is done when it is said.
  at: receivedAt,
  receivedAt,
  contact,
  item,
  answer,
})

export type Handover = 'done' | 'unknown-practitioner' | 'not-lead'

/** Hands the person of a notice over to another practitioner, who becomes the lead. */
export async function handOver(
  deps: InboxDeps,
  practitioner: Practitioner,
  noticeId: string,
  to: string,
): Promise<Handover> {
  const { row } = await mayActOn(deps, practitioner, noticeId)
  const next = deps.directory.practitioners.find(({ id }) => id === to)
  if (next === undefined || next.id === practitioner.id) return 'unknown-practitioner'
  const now = deps.register.now()
  const record = await deps.register.person(row.personId)
  // Whoever is on duty answers for today; who leads is for the lead, a deputy or the register to say.
  if (!record || !leadsOrDeputises(record, practitioner.id, now)) return 'not-lead'
  await act(deps, practitioner, noticeId, { kind: 'handed-over', contact: null })
  await deps.register.change({
    kind: 'assign',
    personId: row.personId,
    assignment: {
      practitionerId: next.id,
      organisation: next.organisation,
      role: leadRole,
      relation: 'lead',
      tier: 'detail',
    },
    by: `practitioner:${practitioner.id}`,
  })
  return 'done'
}

/** The notice's row, once the gate has said that the caller may see it now. Nothing of it is shown. */
async function mayActOn(
  deps: InboxDeps,
  practitioner: Practitioner,
  noticeId: string,
): Promise<ReadableRow> {
  const row = await deps.views.get('notices', noticeId)
  const reader = readersOf(practitioner).find(
    ({ practitionerId }) => practitionerId === row?.reader,
  )
  if (row === undefined || reader === undefined) throw notFound()
  const one = { row, reader }
  let allowed = false
  await disclose(
    reading(deps),
    [[one, askFor(one)]],
    async (permits) => ({ used: new Set(), result: permits.length > 0 }),
    (result) => {
      allowed = result
    },
  )
  if (!allowed) throw notFound()
  return one
}
