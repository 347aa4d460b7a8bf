import type { AgentConfig } from '#agent/core/config.js'
import type { Effect } from '#agent/core/effects.js'
import type { AgentInput, TimerKey } from '#agent/core/events.js'
import { type Agent, createAgent } from '#agent/core/state.js'
import { step } from '#agent/core/step.js'
import { knownContainers, restore } from '#agent/recovery/restore.js'
import type { Random } from '#base/random.js'
import type { AgentCall, AgentEvent, JournalRecord } from '#wire/internal.js'
import { AgentCallType } from '#wire/internal.js'
import type { AgentInfo } from '#wire/mesos.js'
import type { Connection, Network } from './network.js'
import { SimulatedContainers } from './simulated-containers.js'
import type { SimulatedMaster } from './simulated-master.js'
import type { Trace } from './trace.js'
import type { VirtualTime } from './virtual-time.js'

/** What is on the agent's disk; `synced` counts the records that survive a crash of the host. */
interface Disk {
  info: AgentInfo | undefined
  bootId: string
  journal: JournalRecord[]
  synced: number
}

interface Parts {
  name: string
  info: AgentInfo
  config: AgentConfig
  time: VirtualTime
  random: Random
  network: Network
  master: SimulatedMaster
  trace: Trace
}

/** An agent with a virtual disk, clock, network and host around the real core. The agent, or its whole host, may die at any instant. */
export class SimulatedAgent {
  readonly containers: SimulatedContainers
  private readonly parts: Parts
  private readonly disk: Disk
  private boots = 0
  private incarnation = 0
  private agent: Agent | undefined
  private link: { connection: Connection; id: string | undefined } | undefined
  private readonly timers = new Map<TimerKey, () => void>()
  /** Appends under way, in order. */
  private appends: Extract<Effect, { do: 'record' }>[] = []
  private lastAppend = 0
  private readonly inbox: AgentInput[] = []
  private busy = false

  constructor(parts: Parts) {
    this.parts = parts
    this.containers = new SimulatedContainers(parts.time, parts.random)
    this.disk = { info: undefined, bootId: this.bootId(), journal: [], synced: 0 }
  }

  get alive(): boolean {
    return this.agent !== undefined
  }

  /** For the observer: what the agent believes, between steps. */
  get state(): Agent | undefined {
    return this.agent
  }

  start(): void {
    this.incarnation++
    const { config, info, random, trace, name } = this.parts
    trace.note(`${name} starts`, { incarnation: this.incarnation, journal: this.disk.journal.length })
    const agent = createAgent(config, { ...info, id: this.disk.info?.id }, random)
    this.agent = agent
    restore(agent, this.disk.journal)
    this.containers.listener = {
      started: (container, task) => this.feed({ on: 'started', container, task }),
      ended: (container, termination) => this.feed({ on: 'ended', container, termination }),
    }
    const rebooted = this.disk.info !== undefined && this.disk.bootId !== this.bootId()
    const { live, ended } = this.containers.recover(rebooted ? [] : knownContainers(agent))
    this.disk.bootId = this.bootId()
    this.feed({ on: 'recovered', live: live.map((id) => ({ id, status: undefined })), rebooted })
    for (const container of ended)
      this.feed({ on: 'ended', container, termination: this.containers.terminationOf(container) ?? {} })
  }

  /** kill -9 of the agent: what was written stays written, synced or not. */
  crash(): void {
    this.parts.trace.note(`${this.parts.name} dies`, {})
    this.die(this.parts.random.below(this.appends.length + 1))
    this.containers.agentDied()
  }

  /** The whole host: what was not synced may be gone, and nothing runs any more. */
  reboot(): void {
    this.parts.trace.note(`the host of ${this.parts.name} dies`, {})
    this.die(0)
    this.containers.agentDied()
    this.containers.reboot()
    const kept = this.disk.synced + this.parts.random.below(this.disk.journal.length - this.disk.synced + 1)
    this.disk.journal.length = kept
    this.disk.synced = kept
    this.boots++
  }

  private bootId(): string {
    return `boot-${this.boots}`
  }

  private die(written: number): void {
    for (const { records } of this.appends.splice(0).slice(0, written)) this.disk.journal.push(...records)
    this.agent = undefined
    this.inbox.length = 0
    for (const cancel of this.timers.values()) cancel()
    this.timers.clear()
    this.disconnect()
  }

  private feed(input: AgentInput): void {
    if (!this.agent) return
    this.inbox.push(input)
    if (this.busy) return
    this.busy = true
    for (let next = this.inbox.shift(); next && this.agent; next = this.inbox.shift()) {
      this.parts.trace.event(this.parts.name, next)
      for (const effect of step(this.agent, next, this.parts.time.now())) this.perform(effect)
    }
    this.busy = false
  }

  /** Only for the agent that asked: a later incarnation has not. */
  private later(delay: number, input: () => AgentInput | undefined): void {
    const { incarnation } = this
    this.parts.time.after(delay, () => {
      if (this.incarnation !== incarnation) return
      const event = this.agent && input()
      if (event) this.feed(event)
    })
  }

  private work(longest: number): number {
    return 0.1 + this.parts.random.next() * longest
  }

  private perform(effect: Effect): void {
    this.parts.trace.effect(this.parts.name, effect)
    switch (effect.do) {
      case 'record':
        return this.append(effect)
      case 'saveIdentity':
        return this.saveIdentity(effect.info)
      case 'clone':
        return this.clone(effect)
      case 'go':
        return this.containers.go(effect.container)
      case 'stop':
        return this.containers.stop(effect.container)
      case 'kill':
        return this.containers.kill(effect.container)
      case 'destroy':
        return this.later(this.work(15), () => {
          this.containers.destroy(effect.container)
          return { on: 'destroyed', container: effect.container }
        })
      case 'update':
        return this.later(this.work(2), () => ({ on: 'updated', container: effect.container }))
      case 'connect':
        return this.connect(effect.call)
      case 'disconnect':
        return this.disconnect()
      case 'tell':
        return this.tell(effect.call)
      case 'arm':
        return this.arm(effect.timer, effect.at)
      case 'disarm':
        return this.disarm(effect.timer)
      case 'exit':
        return this.leave(effect.forget)
      case 'answer':
      case 'send':
      case 'close':
        throw new Error(`the simulation has no custom executors, yet the agent wants to ${effect.do}`)
      case 'retire':
        return
    }
  }

  /** The journal is made with it: nothing is appended before. */
  private saveIdentity(info: AgentInfo): void {
    this.append({ do: 'record', records: [], synced: true }, () => {
      this.disk.info = info
    })
  }

  /** Writes are ordered; one that is to be synced syncs all before it. */
  private append(effect: Extract<Effect, { do: 'record' }>, written: () => void = () => {}): void {
    const { incarnation } = this
    const at = Math.max(this.lastAppend, this.parts.time.now() + this.work(effect.synced ? 6 : 1))
    this.lastAppend = at
    this.appends.push(effect)
    this.parts.time.at(at, () => {
      if (this.incarnation !== incarnation || !this.agent) return
      this.appends.shift()
      written()
      this.disk.journal.push(...effect.records)
      if (effect.synced) this.disk.synced = this.disk.journal.length
      if (effect.next) this.feed(effect.next)
    })
  }

  /** Some wait for an image for so long that the agent says how far it is. */
  private clone({ config }: Extract<Effect, { do: 'clone' }>): void {
    const takes = this.parts.random.below(8) === 0 ? this.work(20_000) : this.work(5)
    for (let after = 1000; after < takes; after += 5000) {
      this.later(after, () => ({ on: 'coming', container: config.id, message: `Pulling an image: ${after} of ${takes}` }))
    }
    this.later(takes, () => {
      this.containers.clone(config)
      return { on: 'cloned', container: config.id, supervisor: { pid: 1, startTime: 1n, socket: `/run/${config.id}` } }
    })
  }

  private connect(call: AgentCall): void {
    this.disconnect()
    const connection = this.parts.network.connect()
    const link: { connection: Connection; id: string | undefined } = { connection, id: undefined }
    this.link = link
    const mine = (): boolean => this.link === link
    connection.onBreak(() => {
      if (!mine()) return
      this.link = undefined
      this.feed({ on: 'unlinked', why: 'the connection broke' })
    })
    const peer = {
      opened: (id: string) => {
        link.id = id
        if (mine()) this.feed({ on: 'linked' })
      },
      refused: () => connection.break(),
      hear: (event: AgentEvent) => {
        if (mine()) this.feed({ on: 'master', event })
      },
    }
    connection.send(() => this.parts.master.agent(call, undefined, { connection, peer }))
  }

  private disconnect(): void {
    const { link } = this
    this.link = undefined
    link?.connection.break()
  }

  private tell(call: AgentCall): void {
    const { link } = this
    if (!link?.id) return
    // Calls are answered on connections of their own; that the answer says nothing new, the core knows by itself.
    const peer = { opened: () => {}, refused: () => link.connection.break(), hear: () => {} }
    const repeatable = call.type === AgentCallType.UPDATE
    link.connection.send(() => this.parts.master.agent(call, link.id, { connection: link.connection, peer }), repeatable)
  }

  private arm(timer: TimerKey, at: number): void {
    this.disarm(timer)
    const cancel = this.parts.time.at(at, () => {
      this.timers.delete(timer)
      this.feed({ on: 'timer', timer })
    })
    this.timers.set(timer, cancel)
  }

  private disarm(timer: TimerKey): void {
    this.timers.get(timer)?.()
    this.timers.delete(timer)
  }

  /** The process ends by itself; whoever looks after it starts it again. */
  private leave(forget: boolean): void {
    this.die(this.appends.length)
    this.containers.agentDied()
    if (forget) Object.assign(this.disk, { info: undefined, journal: [], synced: 0 })
    this.parts.time.after(1000, () => this.agent ?? this.start())
  }
}
