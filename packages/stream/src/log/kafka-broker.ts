import type { Broker } from 'kafkajs'

/** What kafkajs' brokers can do beyond what its types say. */
export interface KafkaBroker extends Broker {
  readonly nodeId: string
  readonly connectionPool: {
    readonly host: string
    readonly port: number
    readonly pool: readonly { isConnected(): boolean; connect(): Promise<unknown> }[]
    send(request: object): Promise<unknown>
  }
  initProducerId(request: {
    readonly transactionTimeout: number
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>
  listOffsets(request: {
    readonly isolationLevel: number
    readonly topics: readonly {
      readonly topic: string
      readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[]
    }[]
  }): Promise<{
    readonly responses: readonly { readonly partitions: readonly { readonly offset: string }[] }[]
  }>
  findGroupCoordinator(request: {
    readonly groupId: string
    readonly coordinatorType: number
  }): Promise<unknown>
  joinGroup(request: object): Promise<JoinedGroup>
  syncGroup(request: object): Promise<{ readonly memberAssignment: Buffer }>
  heartbeat(request: object): Promise<object>
  leaveGroup(request: object): Promise<unknown>
}

export interface JoinedGroup {
  readonly generationId: number
  readonly leaderId: string
  readonly memberId: string
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]
}
