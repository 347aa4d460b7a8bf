/** One open RecordIO answer. A scheduler's keeps its offers and acknowledges what it is told. */
import type { IncomingMessage } from 'node:http'
import { JSON_HEADERS, open, type Request, readAll, send } from './http.js'
import { at, isObject, type Json, type JsonObject, listAt, parseJson, textAt } from './json.js'

/** What a case wants to know of its streams, and how it treats updates. */
export interface Listener {
  readonly acknowledgesUpdates: boolean
  readonly acknowledgesOperations: boolean
  arrived(stream: string, event: JsonObject): void
}

export class EventStream {
  readonly name: string
  readonly port: number
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly isScheduler: boolean
  /** The body of an answer that is no stream. */
  refusal = ''
  closed = false
  framework: Json | undefined
  /** Outstanding and withdrawn offers by id. */
  readonly offers = new Map<string, JsonObject>()
  readonly rescinded = new Map<string, JsonObject>()
  readonly #message: IncomingMessage
  readonly #listener: Listener

  private constructor(name: string, request: Request, message: IncomingMessage, listener: Listener) {
    this.name = name
    this.port = request.port
    this.isScheduler = request.path.endsWith('/scheduler')
    this.status = message.statusCode ?? 0
    this.headers = message.headers
    this.#message = message
    this.#listener = listener
  }

  static async open(name: string, request: Request, listener: Listener): Promise<EventStream> {
    const message = await open(request)
    const stream = new EventStream(name, request, message, listener)
    if (stream.status === 200) void stream.#read()
    else {
      stream.refusal = (await readAll(message)).toString('utf8')
      stream.closed = true
    }
    return stream
  }

  get id(): string | undefined {
    const header = this.headers['mesos-stream-id']
    return typeof header === 'string' ? header : undefined
  }

  close(): void {
    this.#message.destroy()
  }

  /** A call that is not part of the recording. */
  async quietly(content: JsonObject): Promise<void> {
    const headers = { ...JSON_HEADERS, ...(this.id ? { 'Mesos-Stream-Id': this.id } : {}) }
    const body = { ...content, ...(this.framework ? { framework_id: this.framework } : {}) }
    await send({ port: this.port, method: 'POST', path: '/api/v1/scheduler', headers, body }).catch(() => undefined)
  }

  async #read(): Promise<void> {
    try {
      for await (const record of records(this.#message)) this.#event(parseJson(record) as JsonObject)
    } catch {
      // Broken by us or by the other side: both end the stream.
    }
    this.closed = true
    this.#listener.arrived(this.name, { type: '(stream closed)' })
  }

  #event(event: JsonObject): void {
    if (event.type === 'OFFERS') this.#keepOffers(event)
    if (event.type === 'RESCIND') this.#withdraw(textAt(event, 'rescind', 'offer_id', 'value') ?? '')
    if (this.isScheduler && event.type === 'SUBSCRIBED') this.framework = at(event, 'subscribed', 'framework_id')
    this.#listener.arrived(this.name, event)
    const answer = this.#acknowledgement(event)
    if (answer) void this.quietly(answer)
  }

  #keepOffers(event: JsonObject): void {
    for (const offer of listAt(event, 'offers', 'offers')) {
      if (isObject(offer)) this.offers.set(textAt(offer, 'id', 'value') ?? '', offer)
    }
  }

  #withdraw(id: string): void {
    const offer = this.offers.get(id)
    if (!offer) return
    this.offers.delete(id)
    this.rescinded.set(id, offer)
  }

  #acknowledgement(event: JsonObject): JsonObject | undefined {
    if (event.type === 'UPDATE' && this.isScheduler && this.#listener.acknowledgesUpdates) {
      return taskAcknowledgement(at(event, 'update', 'status'))
    }
    if (event.type === 'UPDATE_OPERATION_STATUS' && this.#listener.acknowledgesOperations) {
      return operationAcknowledgement(at(event, 'update_operation_status', 'status'))
    }
    return undefined
  }
}

const pick = (from: JsonObject, ...keys: string[]): JsonObject =>
  Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])))

function taskAcknowledgement(status: Json | undefined): JsonObject | undefined {
  if (!isObject(status) || !status.uuid) return undefined
  return { type: 'ACKNOWLEDGE', acknowledge: pick(status, 'agent_id', 'task_id', 'uuid') }
}

function operationAcknowledgement(status: Json | undefined): JsonObject | undefined {
  if (!isObject(status) || !status.uuid || !status.operation_id) return undefined
  const uuid = isObject(status.uuid) ? (status.uuid.value ?? '') : status.uuid
  const content = { ...pick(status, 'agent_id', 'resource_provider_id', 'operation_id'), uuid }
  return { type: 'ACKNOWLEDGE_OPERATION_STATUS', acknowledge_operation_status: content }
}

/** The records of a RecordIO body. */
async function* records(message: IncomingMessage): AsyncGenerator<string> {
  let buffer: Buffer = Buffer.alloc(0)
  for await (const part of message) {
    buffer = buffer.length === 0 ? (part as Buffer) : Buffer.concat([buffer, part as Buffer])
    for (;;) {
      const newline = buffer.indexOf('\n')
      const end = newline + 1 + Number(buffer.subarray(0, Math.max(0, newline)).toString())
      if (newline < 0 || buffer.length < end) break
      yield buffer.subarray(newline + 1, end).toString('utf8')
      buffer = buffer.subarray(end)
    }
  }
}
