import { z } from 'zod'
import { senderOptions } from './profiles.ts'

const mebibyte = 1024 * 1024
const secondMs = 1000

/** How the MLLP door treats its connections. Times are real ones: a socket knows no other. */
const mllpOptions = z.strictObject({
  /** 0 picks a free one. */
  port: z.int().min(0).max(65_535).default(2575),
  /** MLLP knows no credentials: anything but this machine belongs behind a VPN or a TLS proxy. */
  host: z.string().min(1).default('127.0.0.1'),
  /** Largest message, in bytes; a larger one ends its connection. */
  frameBytesMax: z
    .int()
    .min(1024)
    .default(10 * mebibyte),
  /** Most bytes that may stand between two messages. */
  noiseBytesMax: z
    .int()
    .min(0)
    .default(64 * 1024),
  /** A message begun and then nothing: the connection is closed, without an answer. */
  stalledMsMax: z
    .int()
    .min(1)
    .default(30 * secondMs),
  /** A message that keeps coming and does not end. */
  frameMsMax: z
    .int()
    .min(1)
    .default(300 * secondMs),
  /** Nothing between messages. Feeds are quiet at night; the system's keep-alive finds dead peers. */
  idleMsMax: z
    .int()
    .min(1)
    .default(12 * 3600 * secondMs),
  connectionsMax: z.int().min(1).default(1000),
  /** Messages of one connection that may wait for their answer; then it is not read until some have it. */
  waitingMax: z.int().min(1).default(64),
  /** Bytes of messages in memory, over all connections; above it nobody is read. */
  heldBytesMax: z
    .int()
    .min(mebibyte)
    .default(64 * mebibyte),
  /** How long what has been received may take to be answered once the door closes. */
  graceMs: z
    .int()
    .min(0)
    .default(10 * secondMs),
})
export type MllpOptions = z.output<typeof mllpOptions>

/** How this edge behaves in one partnership. */
export const hospitalOptions = z.strictObject({
  /** What happens to an event about somebody nobody claims (design, decision 6); a sender's profile may differ. */
  unclaimed: z.enum(['drop', 'hold']).default('drop'),
  /** The 999 range of NHS numbers: made-up people only. */
  allowTestNhsNumbers: z.boolean().default(false),
  /** Whether senders without a profile of their own trace the NHS numbers they send. */
  nhsNumbersTraced: z.boolean().default(false),
  /** Messages marked T or D in MSH-11: taken like real ones, or answered and counted only. */
  takeTestMessages: z.boolean().default(false),
  /** Sending facilities (MSH-4) that are let in; none means all. */
  facilities: z.array(z.string().min(1)).default([]),
  /** Largest request over HTTP, in bytes. */
  bodyLimit: z
    .int()
    .min(1024)
    .default(10 * mebibyte),
  /** Most messages in one request. */
  recordsMax: z.int().min(1).default(1000),
  /** How particular senders write; the first that fits a message is its profile. */
  senders: z.array(senderOptions).default([]),
  mllp: mllpOptions.prefault({}),
})
export type HospitalOptions = z.output<typeof hospitalOptions>

/** Options with the defaults filled in. */
export const hospitalDefaults = (given: z.input<typeof hospitalOptions> = {}): HospitalOptions =>
  hospitalOptions.parse(given)
