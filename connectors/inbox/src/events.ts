import { callerOf, openEventStream } from '@throughline/service'
import type { Request, Response } from 'express'
import type { InboxDeps } from './deps.ts'
import { type Practitioner, readersOf } from './readers.ts'

/** How often an open page is looked after when nobody tells us of changes. */
const lookEveryMs = 5000
const comparedMax = 500
const endOfTime = 8.64e15

/**
 * Tells an open page that its list has changed, and nothing else: no ids, no counts. The page then reads
 * through its ordinary route, where the gate stands.
 */
export async function watchInbox(deps: InboxDeps, req: Request, res: Response): Promise<void> {
  const practitioner = callerOf(req, 'practitioner')
  const stream = openEventStream(req, res, () => deps.stillSignedIn(req))
  const ended = new AbortController()
  stream.onClose(() => ended.abort())
  let wake = new AbortController()
  const stop = deps.onChange?.(() => wake.abort())
  try {
    // What the page showed: a change between its reading and this listening must not be lost.
    const shown = req.query['seen']
    let seen = typeof shown === 'string' ? shown : await fingerprint(deps, practitioner)
    for (;;) {
      wake = new AbortController()
      const now = await fingerprint(deps, practitioner)
      if (ended.signal.aborted || !deps.stillSignedIn(req)) return
      if (now !== seen && !stream.send('changed', {})) return
      seen = now
      const either = AbortSignal.any([ended.signal, wake.signal])
      const next = deps.onChange === undefined ? deps.clock.now() + lookEveryMs : endOfTime
      await deps.clock.until(next, either)
    }
  } finally {
    stop?.()
    stream.close()
  }
}

/** What the reader's rows are now, without opening any: a digest that tells only whether it is the same. */
export async function fingerprint(
  { views, ids }: InboxDeps,
  practitioner: Practitioner,
): Promise<string> {
  const rows = await Promise.all(
    readersOf(practitioner).map(({ practitionerId }) =>
      views.list({
        view: 'notices',
        reader: practitionerId,
        states: ['open', 'acknowledged', 'paused'],
        limit: comparedMax,
      }),
    ),
  )
  return ids.hash(
    'rows',
    ...rows.flat().map(({ id, version, state }) => `${id} ${version} ${state}`),
  )
}
