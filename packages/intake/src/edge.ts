import type { Agency } from '@throughline/domain'
import type { Clock } from '@throughline/stream'
import type { Router } from 'express'
import type { z } from 'zod'
import type { IntakeDeps } from './acceptance.ts'

/** What an edge is given by the hub it runs in, or by its own process. */
export interface EdgeDeps extends IntakeDeps {
  readonly clock: Clock
}

/**
 * An inbound connector, as a declaration: the hub runs it beside the others, `serveAlone` in a process
 * of its own.
 */
export interface Edge<O extends z.ZodType = z.ZodType> {
  /** Whose bearer token opens its routes; also the name of its part of the configuration. */
  readonly agency: Agency
  /** Everything that may be set has a default. */
  readonly options: O
  routes(deps: EdgeDeps, options: z.output<O>): Router
  /** Another door beside HTTP. */
  alongside?(deps: EdgeDeps, options: z.output<O>): Promise<Door>
}

/** A listening door other than HTTP, such as MLLP. */
export interface Door {
  readonly port: number
  /** Takes nothing new, and answers what has been received. */
  close(): Promise<void>
}
