import { type Clock, type Millis, systemClock } from '#base/clock.js'
import { fault } from '#base/fault.js'
import type { Log } from '#base/log.js'
import type { Metrics, Timer } from '#base/metrics.js'
import type { Change, Store } from '#store/store.js'
import { CompletedFramework, GoneAgent, RegisteredAgent, RegisteredFramework, UnreachableAgent } from '#wire/internal.js'
import type { MessageType } from '#wire/message.js'
import { decode, encode } from '#wire/protobuf.js'
import type { RegistryChange } from './core/effects.js'
import type { RegistryContents } from './core/events.js'
import { MasterErrors } from './errors.js'

const prefix = {
  agent: 'registry/agent/',
  unreachable: 'registry/unreachable/',
  gone: 'registry/gone/',
  framework: 'registry/framework/',
  completed: 'registry/completed/',
}

/** Between two attempts to write what could not be written. */
const retryAfter: Millis = 1000

export interface RegistrarParts {
  readonly store: Store
  readonly metrics: Metrics
  readonly log: Log
  readonly clock?: Clock
}

/**
 * What the master must remember over its own death (row 4-018), one record a key. What comes while a write is under way goes together in the next
 * one, as one transaction: of several changes of one key only the last is written, so a store that is away for long costs no more than the registry
 * has keys. A store that fails is asked again until it does not: nothing that waits for a change goes on before it is durable.
 */
export class Registrar {
  private readonly parts: RegistrarParts
  private readonly clock: Clock
  private readonly writeTime: Timer
  private next: Batch = emptyBatch()
  private writing: Promise<void> | undefined
  private closed = false
  /** Bytes of each record that is there. */
  private readonly sizes = new Map<string, number>()
  /** Their sum. */
  private size = 0

  constructor(parts: RegistrarParts) {
    this.parts = parts
    this.clock = parts.clock ?? systemClock
    this.writeTime = parts.metrics.timer('registrar/state_store', { window: 3_600_000 })
    parts.metrics.gauge('registrar/queued_operations', () => this.next.changes.size)
    parts.metrics.gauge('registrar/registry_size_bytes', () => this.size)
    parts.metrics.gauge('registrar/log/recovered', () => 1)
    parts.metrics.gauge('registrar/log/ensemble_size', () => 1)
  }

  async read(): Promise<RegistryContents> {
    const began = this.clock.now()
    const contents = {
      agents: await this.all(RegisteredAgent, prefix.agent),
      unreachable: await this.all(UnreachableAgent, prefix.unreachable),
      gone: await this.all(GoneAgent, prefix.gone),
      frameworks: await this.all(RegisteredFramework, prefix.framework),
      completed: await this.all(CompletedFramework, prefix.completed),
    }
    const took = this.clock.now() - began
    this.parts.metrics.gauge('registrar/state_fetch_ms', () => took)
    return contents
  }

  /** Calls back when the change is durable; never, if this master ends first. */
  write(change: RegistryChange, done?: () => void): void {
    for (const one of changesOf(change)) this.next.changes.set(keyOf(one), one)
    if (done) this.next.done.push(done)
    this.writing ??= this.drain()
  }

  /** After what is under way. What could not be written is lost, as if the master had died. */
  async close(): Promise<void> {
    this.closed = true
    await this.writing
  }

  private async all<T>(type: MessageType<T>, below: string): Promise<T[]> {
    const entries = await this.parts.store.range(below)
    return entries.map(({ key, value }) => {
      this.weigh(key, value.length)
      try {
        return decode(type, value)
      } catch (error) {
        throw MasterErrors.REGISTRY_BROKEN({ key, why: (error as Error).message }, error)
      }
    })
  }

  private async drain(): Promise<void> {
    while (this.next.changes.size + this.next.done.length > 0) {
      const batch = this.next
      this.next = emptyBatch()
      await this.attempt([...batch.changes.values()])
      if (this.closed) break
      for (const done of batch.done) done()
    }
    this.writing = undefined
  }

  private async attempt(changes: readonly Change[]): Promise<void> {
    while (!this.closed) {
      const began = this.clock.now()
      try {
        fault('registry.write')
        await this.parts.store.write(changes)
        fault('registry.written')
        this.writeTime.record(this.clock.now() - began)
        for (const change of changes) this.weigh(keyOf(change), 'put' in change ? change.value.length : 0)
        return
      } catch (error) {
        this.parts.log.error({ err: error }, 'the registry cannot be written; what needs it waits')
        await new Promise<void>((resolve) => this.clock.at(this.clock.now() + retryAfter, resolve))
      }
    }
  }

  private weigh(key: string, bytes: number): void {
    this.size += bytes - (this.sizes.get(key) ?? 0)
    if (bytes > 0) this.sizes.set(key, bytes)
    else this.sizes.delete(key)
  }
}

/** Changes by their keys, and who waits for them. */
interface Batch {
  readonly changes: Map<string, Change>
  readonly done: (() => void)[]
}

const emptyBatch = (): Batch => ({ changes: new Map(), done: [] })

const keyOf = (change: Change): string => ('put' in change ? change.put : change.delete)

function changesOf(change: RegistryChange): Change[] {
  switch (change.change) {
    case 'admit-agent': {
      const id = change.agent.info.id?.value ?? ''
      return [put(prefix.agent + id, RegisteredAgent, change.agent), { delete: prefix.unreachable + id }]
    }
    case 'agent-unreachable': {
      const id = change.agent.id.value
      return [{ delete: prefix.agent + id }, put(prefix.unreachable + id, UnreachableAgent, change.agent)]
    }
    case 'remove-agent':
      return [{ delete: prefix.agent + change.agent }]
    case 'forget-unreachable':
      return change.agents.map((id) => ({ delete: prefix.unreachable + id }))
    case 'save-framework':
      return [put(prefix.framework + (change.framework.info.id?.value ?? ''), RegisteredFramework, change.framework)]
    case 'complete-framework': {
      const id = change.framework.id.value
      return [{ delete: prefix.framework + id }, put(prefix.completed + id, CompletedFramework, change.framework)]
    }
    case 'forget-completed':
      return change.frameworks.map((id) => ({ delete: prefix.completed + id }))
  }
}

function put<T>(key: string, type: MessageType<T>, value: T): Change {
  return { put: key, value: encode(type, value) }
}
