import { AssignerProtocol } from 'kafkajs'
import type { Clock } from '../clock.ts'
import { assignPartitions } from './kafka-assigner.ts'
import type { JoinedGroup } from './kafka-broker.ts'
import { type Connected, type KafkaClient, kafkaErrorType } from './kafka-client.ts'
import { asking, isRefused } from './kafka-refused.ts'

export interface GroupOptions {
  /** Its own: gathering holds up the connection to the coordinator. */
  readonly client: KafkaClient
  readonly clock: Clock
  readonly group: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
}

/** What a member does with its partitions. */
export interface GroupWork {
  owned(): readonly number[]
  /** Takes what is new in `partitions`, and gives up what is not in them. Resolves when that is given up. */
  reassign(partitions: ReadonlySet<number>): Promise<void>
  /** How far it has come since it was last asked: for dashboards only. */
  processed(): readonly Processed[]
}

export interface Processed {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/** Why a member stops beating. */
type Turn = 'gather' | 'lost' | 'stopped'

const { MemberMetadata, MemberAssignment } = AssignerProtocol
const protocol = 'throughline-co-partitioned'
const gatheringMsMax = 10_000
const firstGatheringMsMax = 15_000
const pauseMs = 200
const beatsPerSession = 6
const commitMs = 5_000

/** Ordinary answers of a coordinator, after which the connection is as good as before. */
const turns: Readonly<Record<string, Turn>> = {
  REBALANCE_IN_PROGRESS: 'gather',
  UNKNOWN_MEMBER_ID: 'lost',
  ILLEGAL_GENERATION: 'lost',
  FENCED_INSTANCE_ID: 'lost',
}

/**
 * One member of a consumer group. It works on while the group gathers; what it loses it first
 * finishes, then has the group gather again so that another may take it. A member that is thought
 * dead and works on all the same is stopped by the store's lease.
 */
export class GroupMember {
  readonly #options: GroupOptions
  readonly #work: GroupWork
  readonly #groupId: string
  readonly #stop = new AbortController()
  #memberId = ''
  #generation = -1
  #committedAt = 0
  #running: Promise<void> = Promise.resolve()

  constructor(options: GroupOptions, work: GroupWork) {
    this.#options = options
    this.#work = work
    this.#groupId = options.client.prefix + options.group
  }

  /** Resolves once it has been given its first partitions. Rejects when the group cannot be reached. */
  async start(): Promise<void> {
    const { clock } = this.#options
    const until = clock.now() + firstGatheringMsMax
    for (;;) {
      try {
        const mine = await this.#gather()
        if (mine) {
          this.#running = this.#run(mine)
          return
        }
      } catch (error) {
        if (isRefused(error) || clock.now() >= until) throw error
        await this.#pause(pauseMs)
      }
    }
  }

  /** Leaves the group, so that others need not wait until it is thought dead. */
  async leave(): Promise<void> {
    this.#stop.abort()
    await this.#running
    const { client, group } = this.#options
    const me = { groupId: this.#groupId, memberId: this.#memberId }
    await client
      .use(async (connected) => (await connected.coordinator(group)).leaveGroup(me))
      .catch(() => undefined)
    await client.close()
  }

  async #run(first: ReadonlySet<number>): Promise<void> {
    for (let mine: ReadonlySet<number> | undefined = first; mine; ) {
      const turn = await this.#workOn(mine)
      if (turn === 'stopped') return
      if (turn === 'lost') await this.#forget()
      mine = await this.#gatherAgain()
    }
  }

  /** Beats, also while it finishes what it loses, until the group has to gather again. */
  async #workOn(mine: ReadonlySet<number>): Promise<Turn> {
    const losing = this.#work.owned().some((partition) => !mine.has(partition))
    const done = new AbortController()
    const beating = this.#beat(AbortSignal.any([this.#stop.signal, done.signal]))
    await this.#work.reassign(mine)
    if (losing) done.abort()
    return beating
  }

  async #beat(signal: AbortSignal): Promise<Turn> {
    const { clock, client, group, sessionTimeoutMs } = this.#options
    for (;;) {
      await clock.until(clock.now() + sessionTimeoutMs / beatsPerSession, signal)
      if (this.#stop.signal.aborted) return 'stopped'
      if (signal.aborted) return 'gather'
      try {
        const turn = await client.use(async (connected) => {
          const coordinator = await connected.coordinator(group)
          const answer = await answerOf(coordinator.heartbeat(this.#me()))
          if (typeof answer === 'string') return answer
          await this.#commit(connected)
          return undefined
        })
        if (turn) return turn
      } catch {
        // The coordinator is being sought. Whether this member is still one, it will say.
      }
    }
  }

  /** Until it succeeds, or the member is stopped. */
  async #gatherAgain(): Promise<ReadonlySet<number> | undefined> {
    while (!this.#stop.signal.aborted) {
      try {
        const mine = await this.#gather()
        if (mine) return mine
      } catch {
        await this.#pause(pauseMs)
      }
    }
    return undefined
  }

  /** Joins, shares the partitions out if it falls to this member, and gives its own. Undefined: once more. */
  async #gather(): Promise<ReadonlySet<number> | undefined> {
    const { client, group } = this.#options
    const answer = await client.use(async (connected) => {
      const coordinator = await connected.coordinator(group)
      const joined = await asking('join', group, () =>
        answerOf(coordinator.joinGroup(this.#joining())),
      )
      if (typeof joined === 'string') return joined
      const { memberId, generationId, leaderId } = joined
      this.#memberId = memberId
      const groupAssignment = leaderId === memberId ? await this.#share(joined, connected) : []
      const me = { groupId: this.#groupId, memberId, generationId, groupAssignment }
      const synced = await answerOf(coordinator.syncGroup(me))
      if (typeof synced === 'string') return synced
      this.#generation = generationId
      return MemberAssignment.decode(synced.memberAssignment)?.assignment ?? {}
    })
    if (answer === 'lost') await this.#forget()
    return typeof answer === 'string' ? undefined : new Set(Object.values(answer).flat())
  }

  #joining(): object {
    const { client, topics, sessionTimeoutMs } = this.#options
    const claim: Claim = { owned: this.#work.owned(), generation: this.#generation }
    const metadata = MemberMetadata.encode({
      version: 0,
      topics: topics.map((topic) => client.prefix + topic),
      userData: Buffer.from(JSON.stringify(claim)),
    })
    return {
      groupId: this.#groupId,
      memberId: this.#memberId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: gatheringMsMax,
      groupProtocols: [{ name: protocol, metadata }],
    }
  }

  async #share(joined: JoinedGroup, connected: Connected): Promise<object[]> {
    const { client, topics } = this.#options
    const counts = new Map<string, number>()
    for (const topic of topics) counts.set(topic, await connected.partitionsOf(topic))
    const members = joined.members.map(({ memberId, memberMetadata }) => ({
      id: memberId,
      ...claimOf(memberMetadata),
    }))
    const shares = assignPartitions(members, Math.max(0, ...counts.values()))
    return [...shares].map(([memberId, partitions]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: 0,
        assignment: Object.fromEntries(
          [...counts].map(([topic, count]) => [
            client.prefix + topic,
            partitions.filter((partition) => partition < count),
          ]),
        ),
        userData: Buffer.alloc(0),
      }),
    }))
  }

  /** Others have its partitions, or will have: it works on none of them, and joins as somebody new. */
  async #forget(): Promise<void> {
    this.#memberId = ''
    this.#generation = -1
    this.#options.client.warn('kafka member lost', { point: this.#options.group })
    await this.#work.reassign(new Set())
  }

  async #commit(connected: Connected): Promise<void> {
    const { clock, client, group } = this.#options
    if (clock.now() < this.#committedAt + commitMs) return
    this.#committedAt = clock.now()
    const topics = this.#work.processed().map(({ topic, partition, offset }) => ({
      topic: client.prefix + topic,
      partitions: [{ partition, offset: offset.toString() }],
    }))
    if (topics.length === 0) return
    await (await connected.coordinator(group)).offsetCommit({ ...this.#me(), topics })
  }

  #me() {
    const groupGenerationId = this.#generation
    return { groupId: this.#groupId, groupGenerationId, memberId: this.#memberId }
  }

  #pause(ms: number): Promise<void> {
    const { clock } = this.#options
    return clock.until(clock.now() + ms, this.#stop.signal)
  }
}

interface Claim {
  readonly owned: readonly number[]
  readonly generation: number
}

/** Another version of us may say more. Whoever says nothing we understand owns nothing. */
function claimOf(metadata: Buffer): Claim {
  try {
    const { userData } = MemberMetadata.decode(metadata) ?? {}
    const { owned, generation } = JSON.parse(String(userData)) as Claim
    if (owned.every(Number.isSafeInteger)) return { owned, generation: Number(generation) }
  } catch {
    // As below.
  }
  return { owned: [], generation: -1 }
}

/** What the coordinator gave, or the turn that its refusal means. */
async function answerOf<T extends object>(asked: Promise<T>): Promise<T | Turn> {
  try {
    return await asked
  } catch (error) {
    const turn = turns[kafkaErrorType(error)]
    if (turn) return turn
    throw error
  }
}
