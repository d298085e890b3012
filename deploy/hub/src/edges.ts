import { custody } from '@throughline/custody'
import { hospital } from '@throughline/hospital'
import { housing } from '@throughline/housing'
import type { Door, Edge, EdgeDeps } from '@throughline/intake'
import { probation } from '@throughline/probation'
import { referrals } from '@throughline/referrals'
import { treatment } from '@throughline/treatment'
import type { Router } from 'express'
import { z } from 'zod'

/** Every agency's way in. A new agency is one line here. */
export const edges: readonly Edge[] = [custody, probation, hospital, housing, treatment, referrals]

/** Each edge's own options, under its agency's name; all may be left out. */
export const edgeOptions = z
  .strictObject(
    Object.fromEntries(edges.map(({ agency, options }) => [agency, options.prefault({})])),
  )
  .prefault({})
export type EdgeOptions = z.output<typeof edgeOptions>

export const edgeRoutes = (deps: EdgeDeps, options: EdgeOptions): readonly Router[] =>
  edges.map((edge) => edge.routes(deps, options[edge.agency]))

/** The doors that are not HTTP, by agency. */
export async function openDoors(
  deps: EdgeDeps,
  options: EdgeOptions,
): Promise<ReadonlyMap<string, Door>> {
  const doors = new Map<string, Door>()
  for (const edge of edges) {
    const door = await edge.alongside?.(deps, options[edge.agency])
    if (door !== undefined) doors.set(edge.agency, door)
  }
  return doors
}
