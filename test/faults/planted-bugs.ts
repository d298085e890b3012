import type { PlantedBug } from './planted-copy.ts'

/**
 * Known-bad changes, named as in assurance section 6. Each is one change in one place that a tired
 * person might make; the simulation has to notice every one of them.
 */
export const plantedBugs: readonly PlantedBug[] = [
  {
    id: 'PB1',
    wrong: 'the position is committed before the state',
    file: 'packages/stream/src/runtime/task-runner.ts',
    find: '    await this.#task.commit(step)\n',
    replace:
      '    await this.#task.commit({ ...emptyStep, positions: step.positions })\n    await this.#task.commit({ ...step, positions: new Map() })\n',
  },
  {
    id: 'PB31',
    wrong: 'the position is saved outside the transaction of its step',
    file: 'packages/stream/src/store/memory.ts',
    find: "    await this.#at('store.commit.before')\n",
    replace:
      "    if (step.positions.size > 0)\n      this.#tables.position.set(\n        this.#name,\n        new Map([...(this.#tables.position.get(this.#name) ?? []), ...step.positions]),\n      )\n    await this.#at('store.commit.before')\n",
  },
  {
    id: 'PB2',
    wrong: 'what the gate refuses at a read is shown all the same',
    file: 'connectors/inbox/src/disclose.ts',
    find: 'return permit.allowed && asked !== undefined ? [[asked.item, permit] as const] : []',
    replace:
      "const yes = { ...permit, allowed: true, tier: 'detail', until: Infinity, consentVersion: 0 } as const\n    return asked !== undefined ? [[asked.item, permit.allowed ? permit : yes] as const] : []",
  },
  {
    id: 'PB29',
    wrong: 'the gate is not asked again when a read is tried again',
    file: 'connectors/inbox/src/disclose.ts',
    find: '    const allowed = await permitted(reading, asks)\n',
    replace:
      '    const allowed: Granted<T> =\n      tries > 0\n        ? last.map(([item, permit]) => [item, { ...permit, until: Infinity }] as const)\n        : await permitted(reading, asks)\n    last = allowed\n',
    also: {
      find: '  for (let tries = 0;',
      replace: '  let last: Granted<T> = []\n  for (let tries = 0;',
    },
  },
  {
    id: 'PB3',
    wrong: 'the gate remembers a consent for a minute',
    file: 'packages/consent/src/local-register.ts',
    find: '    return this.#tables.getAll(table, this.#needs[table] ?? [])\n',
    replace:
      "    const rows = new Map(this.#tables.getAll(table, this.#needs[table] ?? []))\n    if (table !== 'people' || this.#needs.share?.people === undefined) return rows\n    const seen = remembered.get(this.#tables) ?? new Map()\n    remembered.set(this.#tables, seen)\n    for (const [key, row] of rows) {\n      const last = seen.get(key)\n      if (last && last.at > this.now - 60_000) rows.set(key, last.row)\n      else seen.set(key, { row, at: this.now })\n    }\n    return rows\n",
    also: {
      find: '/** Read when they are looked at: the tables are at hand. */\n',
      replace:
        'const remembered = new WeakMap<RegisterTables, Map<string, { row: never; at: number }>>()\n\n/** Read when they are looked at: the tables are at hand. */\n',
    },
  },
  {
    id: 'PB4',
    wrong: 'a consent still counts at the instant of its end',
    file: 'packages/domain/src/consent.ts',
    find: 'from <= at && (until === null || at < until)',
    replace: 'from <= at && (until === null || at <= until)',
  },
  {
    id: 'PB5',
    wrong: 'only the last used event id is remembered',
    file: 'packages/domain/src/notify-state.ts',
    find: '  Math.max(used.get(id) ?? -1, facts.get(id)?.version ?? -1, ',
    replace:
      '  Math.max(used.get(id) ?? -1, [...facts.keys()].at(-1) === id ? (facts.get(id)?.version ?? -1) : -1, ',
  },
  {
    id: 'PB6',
    wrong: 'the clock is part of a notice’s id',
    file: 'packages/domain/src/notify-desk.ts',
    find: 'noticeIdOf(desk.ids, rule, desk.personId, episode, to)',
    replace: 'noticeIdOf(desk.ids, rule, desk.personId, episode, `${to} ${desk.known.now}`)',
  },
  {
    id: 'PB8',
    wrong: 'the intent to disclose is written down in a transaction of its own, later',
    file: 'packages/consent/src/local-register.ts',
    find: '      tables.apply(step.value.writes, now)\n      return step.value\n',
    replace:
      "      const { answer, writes } = step.value\n      if (!writes.audit.some(({ kind }) => kind === 'intending' || kind === 'refused')) {\n        tables.apply(writes, now)\n        return step.value\n      }\n      void Promise.resolve(schedule?.at('register.audit.before')).then(\n        () => tables.transaction(() => tables.apply(writes, now)),\n        () => {},\n      )\n      return { answer, writes: { ...writes, rows: [], audit: [] } }\n",
  },
  {
    id: 'PB11',
    wrong: 'a record nobody can read is dropped without a word',
    file: 'packages/stream/src/runtime/step.ts',
    find: "if (!('input' in entry)) fold.park(entry.record.key, entry.record, entry.unreadable)",
    replace: "if (!('input' in entry)) return",
  },
  {
    id: 'PB13',
    wrong: 'consent is judged by when something happened, not by when it was received',
    file: 'packages/domain/src/consent.ts',
    find: '    purpose,\n    receivedAt,\n    now,\n',
    replace: '    purpose,\n    receivedAt: arguments[2].occurredAt,\n    now,\n',
  },
  {
    id: 'PB15',
    wrong: 'one grant that covers a part is taken for all of it',
    file: 'packages/domain/src/consent.ts',
    find: '      if (best === undefined) {\n        const isRecipient',
    replace:
      '      if (best === undefined && least !== undefined) continue\n      if (best === undefined) {\n        const isRecipient',
  },
  {
    id: 'PB20',
    wrong: 'a gate that cannot be reached is taken for a yes',
    file: 'connectors/inbox/src/disclose.ts',
    find: '  const permits = await register.gate(\n    [...items].map(([id, { ask }]) => ({ ...ask, attemptId: id })),\n  )\n',
    replace:
      "  const permits: readonly Permit[] = await register\n    .gate([...items].map(([id, { ask }]) => ({ ...ask, attemptId: id })))\n    .catch(() =>\n      [...items.keys()].map((id) => ({\n        attemptId: id,\n        allowed: true,\n        tier: 'detail',\n        until: Infinity,\n        consentVersion: 0,\n      })),\n    )\n",
  },
  {
    id: 'PB28',
    wrong: 'a permit is used after it has run out',
    file: 'connectors/inbox/src/disclose.ts',
    find: '  allowed.length === 0 ||\n',
    replace: '  allowed.length >= 0 ||\n',
  },
  {
    id: 'PB30',
    wrong: 'an outbox row is deleted before the log has acknowledged it',
    file: 'packages/stream/src/runtime/relay.ts',
    find: '    await within(sendSpans(records), log.append(records))\n    await this.#task.relayed(last.seq)\n',
    replace:
      '    await this.#task.relayed(last.seq)\n    await within(sendSpans(records), log.append(records))\n',
  },
  {
    id: 'PB32',
    wrong: 'a lost answer to a commit is taken for a rollback',
    file: 'packages/stream/src/runtime/task-runner.ts',
    find: '        if (failures > 0) await this.#reread()\n',
    replace: '',
    also: {
      find: '        failures += 1\n        this.#forget()\n',
      replace: '        failures += 1\n',
    },
  },
  {
    id: 'PB33',
    wrong: 'the owner’s epoch is checked before the transaction and not inside it',
    file: 'packages/stream/src/store/memory.ts',
    find: "    await this.#at('store.commit.before')\n    this.#options.db.transaction",
    replace:
      "    this.#fence()\n    await this.#at('store.commit.before')\n    this.#options.db.transaction",
    also: {
      find: '    const row = this.#fence()\n',
      replace: '    const row = this.#tables.task.get(this.#name) as TaskRow\n',
    },
  },
  {
    id: 'PB36',
    wrong: 'a former owner’s epoch is looked at and nobody acts on it',
    file: 'packages/stream/src/store/memory.ts',
    find: '    if (row?.epoch !== this.epoch) {\n',
    replace: '    if (row === undefined) {\n',
  },
  {
    id: 'PB37',
    wrong: 'event ids are remembered for a whole task, beside its states',
    file: 'packages/domain/src/notify.ts',
    find: 'const isRepeat = (draft: Draft, input: Input): boolean =>\n',
    replace:
      'const usedByTask = new Set<string>()\n\nconst isRepeat = (draft: Draft, input: Input): boolean =>\n  (input.kind === "person-event" &&\n    usedByTask.size === usedByTask.add(`${input.event.eventId} ${input.event.version}`).size) ||\n',
  },
  {
    id: 'PB38',
    wrong: 'the last of two claims on one identifier wins',
    file: 'packages/consent/src/decisions/change.ts',
    find: 'return claimedBy !== null && claimedBy !== command.personId',
    replace: 'return claimedBy === command.personId && claimedBy === null',
  },
  {
    id: 'PB39',
    wrong: 'a timer fires before the backlog has been read',
    file: 'packages/stream/src/runtime/task-runner.ts',
    find: 'if (due !== null && this.#doneTo >= due) {\n      this.#waitingSince = undefined\n      await this.#fire(Math.min(this.#doneTo, now), true)',
    replace:
      'if (due !== null) {\n      this.#waitingSince = undefined\n      await this.#fire(now, true)',
  },
  {
    id: 'PB41',
    wrong: 'what was accepted is put into the outbox in a transaction of its own, later',
    file: 'packages/consent/src/local-register.ts',
    find: '      tables.apply(step.value.writes, now)\n',
    replace:
      "      const { outbox } = step.value.writes\n      tables.apply({ ...step.value.writes, outbox: [] }, now)\n      const rest = { rows: [], ledger: [], audit: [], cancelNotices: [], forgetViewsOf: [], outbox }\n      if (outbox.length > 0)\n        void Promise.resolve(schedule?.at('register.outbox.before')).then(\n          () => tables.transaction(() => tables.apply(rest, now)),\n          () => {},\n        )\n",
  },
  {
    id: 'PB42',
    wrong: 'an older version of an event takes the place of a newer one',
    file: 'packages/domain/src/notify.ts',
    find: 'versionUsed(draft, input.personEventId) >= input.event.version',
    replace: 'versionUsed(draft, input.personEventId) === input.event.version',
  },
  {
    id: 'PB44',
    wrong: 'a release that only a search has told is told as confirmed',
    file: 'connectors/custody/src/translate.ts',
    find: 'confirmed: knows >= 3, twin }',
    replace: 'confirmed: knows >= 2, twin }',
  },
  {
    id: 'PB45',
    wrong: 'what happened long ago is told as urgent',
    file: 'packages/domain/src/rules/table.ts',
    find: "(urgency === 'safety' && isLate(occurredAt, learnedAt) ? 'prompt' : urgency)",
    replace: "(urgency === 'safety' && isLate(learnedAt, learnedAt) ? 'prompt' : urgency)",
  },
  {
    id: 'C2, answered too soon',
    wrong: 'a withdrawal is answered while permits given before it still live',
    file: 'packages/consent/src/register.ts',
    find: '        await permitsEnded(command.personId, ({ purpose }) => command.purposes.includes(purpose))\n',
    replace: '',
  },
  {
    id: 'C2, left standing',
    wrong: 'notices are not taken back when the consent is',
    file: 'packages/domain/src/notify-desk.ts',
    find: '      const ended = fact.restricted\n',
    replace: '      const ended = !fact.restricted\n        ? null\n        : fact.restricted\n',
  },
  {
    id: 'C1, a former lead',
    wrong: 'whoever was once assigned goes on reading',
    file: 'packages/domain/src/consent.ts',
    find: 'const here = assignedAt(person, now).filter(',
    replace: 'const here = person.assignments.filter(',
    also: { find: 'until: held.until ?? Infinity,', replace: 'until: Infinity,' },
  },
  {
    id: 'C3, keys',
    wrong: 'keys are remembered for when the keys cannot be reached',
    file: 'connectors/inbox/src/people.ts',
    find: '    keys.open(ids.map(refOf)),\n',
    replace:
      '    keys.open(ids.map(refOf)).then(\n      (found) => (remembered = new Map([...remembered, ...found])),\n      () => remembered,\n    ),\n',
    also: {
      find: "/** Opens people's own words.",
      replace:
        "let remembered: Awaited<ReturnType<InboxDeps['keys']['open']>> = new Map()\n\n/** Opens people's own words.",
    },
  },
  {
    id: 'C7',
    wrong: 'an event that two people claim goes to the first of them',
    file: 'packages/domain/src/link.ts',
    find: 'if (people.size > 1) {',
    replace: 'if (people.size > 2) {',
  },
  {
    id: 'C9',
    wrong: 'a look-back reaches further than was agreed to',
    file: 'packages/domain/src/consent.ts',
    find: '  lookBackDays > 0 ? Math.min(lookBackDays, lookBackDaysMax) * dayMs : 0',
    replace: '  lookBackDays > 0 ? lookBackDaysMax * dayMs : 0',
  },
  {
    id: 'R10',
    wrong: 'a repeat is counted as received and as nothing else',
    file: 'packages/consent/src/decisions/accept.ts',
    find: '      raise(arrival.agency, now, outcome, reason, 1)\n',
    replace: "      if (outcome !== 'duplicate') raise(arrival.agency, now, outcome, reason, 1)\n",
  },
  {
    id: 'R1, one batch',
    wrong: 'a record does not see what an earlier one of its batch has noted',
    file: 'packages/stream/src/runtime/fold.ts',
    find: 'return noted === undefined ? stored : ',
    replace: 'return noted === undefined || noted.length > 0 ? stored : ',
  },
  {
    id: 'R1, two partitions',
    wrong: 'what another partition has noted since is not looked at',
    file: 'packages/stream/src/store/memory.ts',
    find: '    if (seen?.found.some((one) => !sameValues(one.values, this.#index(one)))) throw new StaleStep()\n',
    replace: '',
  },
  {
    id: 'R1, look-back',
    wrong: 'a look-back takes up what was taken back before',
    file: 'packages/stream/src/runtime/step.ts',
    find: '    .flatMap((event) => processor.lookups(event, processor.keyOf(event), ids))\n',
    replace:
      "    .flatMap((event) => processor.lookups(event, processor.keyOf(event), ids))\n    .filter(({ kind }) => kind === 'claims')\n",
  },
  {
    id: 'R1, restated',
    wrong: 'a fact that a file no longer states is not taken back',
    file: 'packages/consent/src/decisions/restate.ts',
    find: '    if (hash === fact.contentHash) continue\n',
    replace: '    if (hash === fact.contentHash || fact.contentHash === null) continue\n',
  },
  {
    id: 'R2, restated',
    wrong: 'what a file states otherwise keeps its version',
    file: 'packages/consent/src/decisions/restate.ts',
    find: '    : fact.tell({ version: version + 1, receivedAt })',
    replace: '    : fact.tell({ version: Math.max(version, 1), receivedAt })',
  },
  {
    id: 'R1, told whole',
    wrong: 'a result that a hearing no longer has stays',
    file: 'packages/consent/src/decisions/accept.ts',
    find: 'retells.ends || missing.length > 0 ? retells.withdrawals(missing) : []',
    replace: 'retells.ends ? retells.withdrawals(missing) : []',
  },
  {
    id: 'R1, AA',
    wrong: 'a hospital is answered before its message is durable',
    file: 'connectors/hospital/src/intake.ts',
    find: '      const result = await submit({ ...received.inbound, under: runningRequest() })\n',
    replace:
      "      const { translation } = received.inbound\n      const kept = submit(received.inbound)\n      const eventIds =\n        translation.outcome === 'published' ? translation.events.map(({ event }) => event.eventId) : []\n      const early = { outcome: 'published', eventIds, events: [] } as const\n      const result = eventIds.length > 0 ? early : await kept\n",
  },
  {
    id: 'C5, masks forgotten',
    wrong: 'what a patient asked to be kept is forgotten with the next message',
    file: 'packages/consent/src/decisions/masks.ts',
    find: "      [...changed].map((key) => ({ table: 'claims', key, row: claims.get(key) ?? null })),\n",
    replace: '      [],\n',
  },
  {
    id: 'C5, half a mask',
    wrong: 'the codes of an admission leave in spite of the mask',
    file: 'connectors/hospital/src/masking.ts',
    find: 'method: null, attendanceRef: null, classifications: []',
    replace: 'method: null, attendanceRef: null',
  },
  {
    id: 'C5, restricted',
    wrong: 'what a source restricts is told in the story',
    file: 'packages/domain/src/story.ts',
    find: 'event.handling.restricted ? undefined : remembered(event)',
    replace: 'remembered(event)',
  },
  {
    id: 'C2, in the story',
    wrong: 'what was taken back stays in the story',
    file: 'packages/domain/src/story.ts',
    find: 'if (isTakenBack(state, fact) || !covers(fact)) return []',
    replace: 'if (!covers(fact)) return []',
  },
  {
    id: 'C2, the story goes on',
    wrong: 'the story keeps what is no longer agreed to',
    file: 'packages/domain/src/story.ts',
    find: 'if (isTakenBack(state, fact) || !covers(fact)) return []',
    replace: 'if (isTakenBack(state, fact)) return []',
  },
  {
    id: 'R4, asked anew',
    wrong: 'whoever writes the story asks the consent of today what an event has come for',
    file: 'packages/domain/src/story.ts',
    find: '  const taken = absorb(state, input, key, ids)\n',
    replace:
      "  const isLeft =\n    input.kind === 'person-event' &&\n    !eventFlows(known.person(key), known, input.event, 'care-coordination').ok\n  const taken = isLeft ? state : absorb(state, input, key, ids)\n",
    also: { find: 'import { flows, inForce,', replace: 'import { eventFlows, flows, inForce,' },
  },
  {
    id: 'C2, in figures',
    wrong: 'what was taken back is counted',
    file: 'packages/domain/src/outcomes/facts.ts',
    find: 'if (isWithdrawn(withdrawn, fact) || !counts(',
    replace: 'if (!counts(',
  },
  {
    id: 'P5',
    wrong: 'who withdraws from being counted is counted on',
    file: 'packages/domain/src/outcomes/facts.ts',
    find: ' || !counts(fact, person, known.agreements, known.now)) continue',
    replace: ') continue',
  },
  {
    id: 'P1',
    wrong: 'what is counted keeps the number of the person',
    file: 'packages/domain/src/outcomes/journey-facts.ts',
    find: "({ prison }) => ({ kind: 'reception', prison })",
    replace: "({ identifiers: [one] }) => ({ kind: 'reception', prison: one?.value ?? null })",
  },
  {
    id: 'C1, a purpose for another',
    wrong: 'who agrees that somebody is told is taken to agree to being counted',
    file: 'packages/domain/src/outcomes/facts.ts',
    find: "    purpose: 'outcomes',\n",
    replace: "    purpose: 'care-coordination',\n",
  },
  {
    id: 'C8',
    wrong: 'a source that drops hears whether somebody has agreed',
    file: 'packages/consent/src/decisions/accept.ts',
    find: "      outcome: 'published',\n      // What a source",
    replace:
      "      ...{ reason: 'unclaimed' },\n      outcome: (dropped ? 'ignored' : 'published') as 'published',\n      // What a source",
  },
  {
    id: 'G1',
    wrong: 'a referral goes on to which nobody has agreed',
    file: 'connectors/housing/src/translate-duty-to-refer.ts',
    find: 'if (!consent.toReferral) faults',
    replace: 'if (!consent.toReferral && !consent.toShareContactDetails) faults',
  },
]
