import type { Agent as Connections } from 'undici'
import { decodeMessage, encodeMessage } from '#http/call.js'
import { createConnections, exchangeOrThrow } from '#http/exchange.js'
import { PROTOBUF_TYPE } from '#http/media-type.js'
import * as agent from '#wire/agent.js'
import * as master from '#wire/master.js'
import type { MessageType } from '#wire/message.js'
import { Connection, type ConnectionOptions } from './connection.js'

/** Calls of the operator API of one daemon: `/api/v1`. */
class Operator<Call extends object, Response extends object> {
  /** As `http://host:port`. */
  readonly daemon: string
  private readonly callType: MessageType<Call>
  private readonly responseType: MessageType<Response>
  private readonly connections: Connections

  constructor(daemon: string, callType: MessageType<Call>, responseType: MessageType<Response>) {
    this.daemon = daemon
    this.callType = callType
    this.responseType = responseType
    this.connections = createConnections()
  }

  /** The response; `undefined` where the daemon did as told and has nothing to say. Throws what it said otherwise. */
  async call(call: Call): Promise<Response | undefined> {
    const { body } = await exchangeOrThrow(this.connections, {
      url: new URL('/api/v1', this.daemon).href,
      headers: { 'Content-Type': PROTOBUF_TYPE, Accept: PROTOBUF_TYPE },
      body: encodeMessage(this.callType, call, PROTOBUF_TYPE),
    })
    return body.length === 0 ? undefined : decodeMessage(this.responseType, body, PROTOBUF_TYPE)
  }

  async close(): Promise<void> {
    await this.connections.close()
  }
}

export type MasterOperator = Operator<master.Call, master.Response>
export type AgentOperator = Operator<agent.Call, agent.Response>

export const masterOperator = (url: string): MasterOperator => new Operator(url, master.Call, master.Response)
export const agentOperator = (url: string): AgentOperator => new Operator(url, agent.Call, agent.Response)

export interface WatchHandlers {
  /** SUBSCRIBED brings the whole state, after every reconnection too; then come changes. */
  event(event: master.Event): void
  disconnected?(why: Error): void
  ended?(why: Error): void
}

/** Missed heartbeats after which the master counts as gone. */
const MISSED_HEARTBEATS = 5

/** The master's stream of what happens in the cluster (3-040), kept alive until `close`. */
export function watchMaster(url: string, handlers: WatchHandlers, options: ConnectionOptions = {}): { close(): void } {
  const connection: Connection<master.Call, master.Event> = new Connection(
    { call: master.Call, event: master.Event },
    {
      url: () => new URL('/api/v1', url).href,
      subscribeCall: () => ({ type: master.CallType.SUBSCRIBE }),
      event: (event) => handlers.event(event),
      silenceAllowed: ({ subscribed }) => {
        const seconds = subscribed?.heartbeatIntervalSeconds
        return seconds === undefined ? undefined : seconds * 1000 * MISSED_HEARTBEATS
      },
      disconnected: (why) => handlers.disconnected?.(why),
      ended: (why) => handlers.ended?.(why),
    },
    options,
  )
  connection.open()
  return { close: () => connection.close() }
}
