import type { Millis } from '#base/clock.js'
import {
  type AgentCall,
  AgentCallType,
  type AgentEvent,
  type AgentEventReconcileTasks,
  type AgentEventSubscribed,
  AgentEventType,
} from '#wire/internal.js'
import { AgentInfoCapabilityType, FrameworkInfoCapabilityType, TaskState, TaskStatusReason } from '#wire/mesos.js'
import { messageToExecutor } from '../executors/calls.js'
import { acknowledge, forwardAll } from '../updates/streams.js'
import { actorOf, HEARTBEATS_MISSED, RECONNECT_FIRST, RECONNECT_LONGEST_FACTOR } from './config.js'
import type { Effects } from './effects.js'
import { taskAcknowledged } from './end.js'
import { timer } from './events.js'
import { killTask, leave, shutdownExecutor, shutdownFramework } from './kill.js'
import { adoptFramework, runTask, runTaskGroup } from './launch.js'
import { reportUnknown } from './report.js'
import { type Agent, createFramework, type Executor, findTask, findTerminated, streamKey } from './state.js'
import { taskMessage } from './task-message.js'

/** What this agent can deal with (row 4-030 ff.); the names are those that `/state` shows. */
export const CAPABILITIES = [
  AgentInfoCapabilityType.MULTI_ROLE,
  AgentInfoCapabilityType.HIERARCHICAL_ROLE,
  AgentInfoCapabilityType.RESERVATION_REFINEMENT,
  AgentInfoCapabilityType.RESOURCE_PROVIDER,
  AgentInfoCapabilityType.RESIZE_VOLUME,
  AgentInfoCapabilityType.AGENT_OPERATION_FEEDBACK,
  AgentInfoCapabilityType.AGENT_DRAINING,
  AgentInfoCapabilityType.TASK_RESOURCE_LIMITS,
]

/** Goes to the master with all that is here; it may know nothing (design §4.3). */
export function connect(agent: Agent, out: Effects) {
  agent.link.phase = 'connecting'
  out.push({ do: 'connect', call: subscribeCall(agent) })
}

export function subscribeCall(agent: Agent): AgentCall {
  const executors = [...agent.runs.values()].filter((it) => !it.framework.terminating)
  return {
    type: AgentCallType.SUBSCRIBE,
    agentId: agent.info.id,
    subscribe: {
      agentInfo: agent.info,
      version: agent.config.version,
      capabilities: CAPABILITIES.map((type) => ({ type })),
      frameworks: [...new Set(executors.map((it) => it.framework))].map((it) => it.info),
      // A command task's executor is our own affair.
      executors: executors.filter((it) => !it.command && it.phase !== 'terminated').map((it) => it.info),
      tasks: executors.flatMap((executor) => reported(executor)),
      totalResources: agent.info.resources,
      pid: actorOf(agent.config),
    },
  }
}

const reported = (executor: Executor) =>
  [...executor.tasks.values(), ...executor.terminated.values()].map((task) => taskMessage(executor, task))

export function linked(agent: Agent, now: Millis, out: Effects) {
  agent.link.phase = 'linked'
  listen(agent, now, out)
}

/** At once after a link that worked, then at growing random intervals (row 5-002). */
export function unlinked(agent: Agent, now: Millis, out: Effects) {
  const { link } = agent
  link.failures = link.phase === 'registered' ? 0 : link.failures + 1
  link.phase = 'down'
  if (link.deferred) link.deferred = []
  out.push({ do: 'disarm', timer: timer('heartbeat') }, { do: 'disarm', timer: timer('silence') })
  if (agent.leaving) return
  const longest = agent.config.registrationBackoffFactor * RECONNECT_LONGEST_FACTOR
  const bound = Math.min(RECONNECT_FIRST * 2 ** link.failures, longest)
  out.push({ do: 'arm', timer: timer('reconnect'), at: now + agent.random.next() * bound })
}

/** The master has been silent: the link is dead, whatever the network says. */
export function silent(agent: Agent, now: Millis, out: Effects) {
  out.push({ do: 'disconnect' })
  unlinked(agent, now, out)
}

export function heartbeat(agent: Agent, now: Millis, out: Effects) {
  if (agent.link.phase !== 'registered') return
  out.push({ do: 'tell', call: { type: AgentCallType.HEARTBEAT, agentId: agent.info.id } })
  out.push({ do: 'arm', timer: timer('heartbeat'), at: now + agent.link.heartbeatInterval })
}

function listen(agent: Agent, now: Millis, out: Effects) {
  out.push({ do: 'arm', timer: timer('silence'), at: now + agent.link.heartbeatInterval * HEARTBEATS_MISSED })
}

/** The master speaks. What comes before SUBSCRIBED, or after the link was given up, is not listened to (T43). */
export function masterEvent(agent: Agent, event: AgentEvent, now: Millis, out: Effects) {
  if (agent.link.phase !== 'linked' && agent.link.phase !== 'registered') return
  listen(agent, now, out)
  if (event.type === AgentEventType.SUBSCRIBED) return subscribed(agent, event.subscribed!, now, out)
  if (event.type === AgentEventType.ERROR) return refused(event.error?.message, out)
  if (event.type === AgentEventType.SHUTDOWN) return dismissed(agent, event.shutdown?.message, out)
  if (agent.link.phase === 'registered') command(agent, event, now, out)
  else agent.link.deferred?.push(event)
}

function command(agent: Agent, event: AgentEvent, now: Millis, out: Effects) {
  switch (event.type) {
    case AgentEventType.RUN_TASK:
      return runTask(agent, event.runTask!, now, out)
    case AgentEventType.RUN_TASK_GROUP:
      return runTaskGroup(agent, event.runTaskGroup!, now, out)
    case AgentEventType.KILL_TASK: {
      const { frameworkId, taskId, killPolicy } = event.killTask!
      return killTask(agent, frameworkId.value, taskId.value, killPolicy, now, out)
    }
    case AgentEventType.SHUTDOWN_EXECUTOR: {
      const { frameworkId, executorId } = event.shutdownExecutor!
      const executor = agent.frameworks.get(frameworkId.value)?.executors.get(executorId.value)
      return executor && shutdownExecutor(agent, executor, {}, now, out)
    }
    case AgentEventType.SHUTDOWN_FRAMEWORK:
      return shutdownFramework(agent, event.shutdownFramework!.frameworkId.value, now, out)
    case AgentEventType.ACKNOWLEDGE: {
      const { frameworkId, taskId, uuid } = event.acknowledge!
      return acknowledged(agent, frameworkId.value, taskId.value, uuid, now, out)
    }
    case AgentEventType.MESSAGE: {
      const { frameworkId, executorId, data } = event.message!
      return messageToExecutor(agent, frameworkId.value, executorId.value, data, out)
    }
    case AgentEventType.UPDATE_FRAMEWORK: {
      const { frameworkInfo } = event.updateFramework!
      if (!agent.frameworks.has(frameworkInfo.id!.value)) return
      adoptFramework(agent, frameworkInfo, out)
      // Its scheduler may just have come back: what it missed is not held up by a backoff that grew meanwhile.
      return forwardAll(agent, now, out)
    }
    case AgentEventType.RECONCILE_TASKS:
      return reconcile(agent, event.reconcileTasks!, now, out)
    default:
      // HEARTBEAT, and whatever a newer master says: being heard from is all.
      return
  }
}

function subscribed(agent: Agent, event: AgentEventSubscribed, now: Millis, out: Effects): void {
  const given = event.agentId.value
  if (agent.info.id && agent.info.id.value !== given) {
    const why = `The master took this agent for ${given}, but it is ${agent.info.id.value}`
    return void out.push({ do: 'exit', why, forget: false })
  }
  if (!agent.info.id) {
    agent.info = { ...agent.info, id: { value: given } }
    agent.link.deferred = []
    out.push({ do: 'saveIdentity', info: agent.info })
  }
  Object.assign(agent.link, { master: event.masterInfo, heartbeatInterval: event.heartbeatIntervalSeconds * 1000 })
  listen(agent, now, out)
  for (const framework of event.completedFrameworks ?? []) shutdownFramework(agent, framework.value, now, out)
  if (!agent.link.deferred) registered(agent, now, out)
}

export function identitySaved(agent: Agent, now: Millis, out: Effects): void {
  const { deferred } = agent.link
  agent.link.deferred = undefined
  if (agent.link.phase !== 'linked') return
  registered(agent, now, out)
  for (const event of deferred ?? []) command(agent, event, now, out)
}

function registered(agent: Agent, now: Millis, out: Effects): void {
  agent.link.phase = 'registered'
  agent.link.failures = 0
  out.push({ do: 'arm', timer: timer('heartbeat'), at: now + agent.link.heartbeatInterval })
  forwardAll(agent, now, out)
}

/** Not this time, or never: the link ends, and the operator reads why. Tasks are not touched for a mistake. */
function refused(message: string | undefined, out: Effects): void {
  out.push({ do: 'exit', why: `The master refused this agent: ${message ?? 'it did not say why'}`, forget: false })
}

/** The master has no place for this agent any more (row 4-035): it ends its tasks, and comes back as another, if at all. */
function dismissed(agent: Agent, message: string | undefined, out: Effects): void {
  leave(agent, { why: `The master told this agent to shut down: ${message ?? 'it did not say why'}`, forget: true }, out)
}

function acknowledged(agent: Agent, frameworkId: string, task: string, uuid: Uint8Array, now: Millis, out: Effects): void {
  const framework = agent.frameworks.get(frameworkId)
  const terminal = acknowledge(agent, frameworkId, task, uuid, now, out)
  if (terminal && framework) taskAcknowledged(agent, framework, task, out)
}

/** Tasks that the master believes to be here: those that are not were lost on the way (T24). */
function reconcile(agent: Agent, { tasks }: AgentEventReconcileTasks, now: Millis, out: Effects): void {
  for (const { frameworkId, taskId, partitionAware } of tasks ?? []) {
    const framework = agent.frameworks.get(frameworkId.value)
    const id = taskId.value
    if (findTask(framework, id) || findTerminated(framework, id) || agent.updates.has(streamKey(frameworkId.value, id))) continue
    const capabilities = partitionAware ? [{ type: FrameworkInfoCapabilityType.PARTITION_AWARE }] : []
    const owner = framework ?? createFramework({ id: frameworkId, name: '', user: '', capabilities })
    const parts = {
      state: TaskState.TASK_DROPPED,
      reason: TaskStatusReason.REASON_RECONCILIATION,
      message: 'The agent does not know this task: its launch was lost',
    }
    reportUnknown(agent, owner, id, undefined, parts, now, out)
  }
}
