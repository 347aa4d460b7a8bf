import type { Clock } from '#base/clock.js'
import { fault } from '#base/fault.js'
import type { Log } from '#base/log.js'
import type { Containerizer } from '#containerizer/containerizer.js'
import { taskStateName } from '#model/task-state.js'
import type { Call as ExecutorCall } from '#wire/executor.js'
import type { AgentCallUpdate, JournalRecord } from '#wire/internal.js'
import type { ExecutorAnswer } from './api/executor-endpoint.js'
import { Containers } from './containers.js'
import type { Effect } from './core/effects.js'
import type { AgentInput, RequestId, StreamId } from './core/events.js'
import type { Agent } from './core/state.js'
import { step } from './core/step.js'
import { ExecutorStreams } from './executors/streams.js'
import type { Journal } from './journal/journal.js'
import { MasterLink } from './master-link.js'
import type { Sandbox, Sandboxes } from './sandboxes.js'
import { Timers } from './timers.js'

export interface ShellParts {
  agent: Agent
  containerizer: Containerizer
  master: string
  sandboxes: Sandboxes
  clock: Clock
  log: Log
  /** Makes the identity durable and opens its journal. */
  identify: () => Promise<Journal>
  retire: (sandbox: Sandbox) => void
  exit: (why: string, forget: boolean) => void
}

/**
 * Performs what the core decides, and tells it what came of that. The only place where decisions wait for the world; it decides nothing itself.
 * Events are taken one after the other, never from within another one.
 */
export class Shell {
  readonly streams: ExecutorStreams
  private readonly parts: ShellParts
  private readonly containers: Containers
  private readonly link: MasterLink
  private readonly timers: Timers
  private journal: Promise<Journal> | undefined
  private readonly inbox: AgentInput[] = []
  private busy = false
  private closed = false
  private lastRequest: RequestId = 0
  private answer: (ExecutorAnswer & { request: RequestId }) | undefined
  private opening: (stream: StreamId) => void = () => {}
  /** Calls to the master that are under way. */
  private telling: Promise<unknown> = Promise.resolve()

  constructor(parts: ShellParts) {
    this.parts = parts
    const feed = (event: AgentInput): void => this.feed(event)
    this.streams = new ExecutorStreams((stream) => feed({ on: 'executorGone', stream }))
    this.containers = new Containers(parts.containerizer, feed, parts.clock, parts.log)
    this.timers = new Timers(parts.clock, (timer) => feed({ on: 'timer', timer }))
    this.link = new MasterLink(
      parts.master,
      {
        linked: () => feed({ on: 'linked' }),
        unlinked: (why) => {
          parts.log.warn({ why }, 'the link to the master is down')
          feed({ on: 'unlinked', why })
        },
        event: (event) => feed({ on: 'master', event }),
      },
      parts.log,
    )
  }

  /** Of an agent that was here before. */
  useJournal(journal: Journal): void {
    this.journal = Promise.resolve(journal)
  }

  feed(event: AgentInput): void {
    if (this.closed) return
    this.inbox.push(event)
    if (this.busy) return
    this.busy = true
    try {
      for (let next = this.inbox.shift(); next && !this.closed; next = this.inbox.shift()) this.take(next)
    } finally {
      this.busy = false
    }
  }

  /**
   * A defect in one decision costs that decision, not the agent and with it the watch over everything else; one in an effect costs that effect, since
   * the core counts on the others.
   */
  private take(event: AgentInput): void {
    const { agent, clock, log } = this.parts
    const before = agent.link.phase
    try {
      for (const effect of step(agent, event, clock.now())) this.attempt(effect, event)
    } catch (error) {
      log.error({ err: error, on: event.on }, 'a decision failed for a reason of ours')
    }
    if (agent.link.phase === 'registered' && before !== 'registered') {
      log.info({ id: agent.info.id?.value, master: agent.link.master?.pid }, 'registered with the master')
    }
  }

  /** Follows the containers of an earlier agent, too. */
  follow(container: string): void {
    this.containers.follow(container)
  }

  /** What is known to the containerizer only. Tries until it is gone. */
  destroy(container: string): void {
    this.containers.destroy(container)
  }

  executorCall(call: ExecutorCall, open: (stream: StreamId) => void): ExecutorAnswer {
    const request = ++this.lastRequest
    this.opening = open
    this.feed({ on: 'executorCall', request, call, stream: this.streams.nextId() })
    const { answer } = this
    if (answer?.request !== request) return { status: 500, body: 'The agent could not decide about this call', stream: undefined }
    return answer
  }

  /** Containers run on; what is in the journal's queue is written. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.timers.close()
    this.containers.close()
    this.link.disconnect()
    const journal = await this.journal?.catch(() => undefined) // it could not be made, which was the reason to end
    await journal?.close()
  }

  private attempt(effect: Effect, event: AgentInput): void {
    try {
      this.perform(effect)
    } catch (error) {
      this.parts.log.error({ err: error, on: event.on, effect: effect.do }, 'an effect failed for a reason of ours')
    }
  }

  private perform(effect: Effect): void {
    switch (effect.do) {
      case 'record':
        return this.record(effect)
      case 'saveIdentity':
        this.journal = this.parts.identify()
        this.journal.then(
          () => this.feed({ on: 'identitySaved' }),
          (error) => this.parts.exit(`The agent's identity could not be saved: ${error.message}`, false),
        )
        return
      case 'clone':
        return this.clone(effect)
      case 'go':
        return this.containers.go(effect.container)
      case 'stop':
        return this.containers.stop(effect.container)
      case 'kill':
        return this.containers.kill(effect.container)
      case 'destroy':
        return this.containers.destroy(effect.container)
      case 'update':
        return this.containers.update(effect.container, effect.resources)
      case 'answer':
        if (effect.stream !== undefined) this.opening(effect.stream)
        this.answer = { request: effect.request, status: effect.status, body: effect.body, stream: effect.stream }
        return
      case 'send':
        return this.streams.send(effect.stream, effect.event)
      case 'close':
        return this.streams.close(effect.stream)
      case 'connect':
        return this.link.connect(effect.call)
      case 'disconnect':
        return this.link.disconnect()
      case 'tell':
        if (effect.call.update) this.note(effect.call.update)
        this.telling = this.link.tell(effect.call)
        return
      case 'arm':
        return this.timers.arm(effect.timer, effect.at)
      case 'disarm':
        return this.timers.disarm(effect.timer)
      case 'retire':
        return this.parts.retire({ path: effect.sandbox, framework: effect.framework, executor: effect.executor })
      case 'exit':
        // What was told last shall still be heard: the master then need not find out by itself.
        this.telling.finally(() => this.parts.exit(effect.why, effect.forget))
        return
    }
  }

  private note({ status, frameworkId }: AgentCallUpdate): void {
    fault('update.forward')
    const { taskId, state, message } = status
    const framework = frameworkId.value
    this.parts.log.debug({ framework, task: taskId.value, state: taskStateName(state), message }, 'an update goes to the master')
  }

  private clone(effect: Extract<Effect, { do: 'clone' }>): void {
    this.parts.sandboxes.prepare(effect.config.sandbox)
    this.containers.clone(effect.config)
  }

  private record({ records, synced, next, failed }: Extract<Effect, { do: 'record' }>): void {
    const point = pointOf(records)
    fault(`${point}.record`)
    this.journal!.then((journal) => journal.append(records, synced)).then(
      () => {
        fault(`${point}.recorded`)
        if (next) this.feed(next)
      },
      (error) => {
        this.parts.log.error({ why: error.message }, 'the journal could not be written')
        if (failed) this.feed(failed)
      },
    )
  }
}

/** Names the fault points around a record (reliability-security.md §6.2, F2, F3, F9, F16). */
function pointOf(records: readonly JournalRecord[]): string {
  const last = records.at(-1)
  if (last?.update) return 'update'
  if (last?.acknowledgement) return 'acknowledgement'
  if (last?.container) return 'launch.container'
  if (last?.task) return 'launch.task'
  if (last?.kill) return 'kill'
  return 'run'
}
