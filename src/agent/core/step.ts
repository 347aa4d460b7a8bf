import type { Millis } from '#base/clock.js'
import { AgentCallType } from '#wire/internal.js'
import { executorCall, executorGone } from '../executors/calls.js'
import { recovered } from '../recovery/recovered.js'
import { journaled, retry } from '../updates/streams.js'
import { coming } from './coming.js'
import {
  cloned,
  cloneFailed,
  containerKnown,
  containerUnknowable,
  silentExecutor,
  started,
  taskKnown,
  taskUnknowable,
  updated,
} from './containers.js'
import type { Effect, Effects } from './effects.js'
import { containerDestroyed, containerEnded, destroyIfSafe } from './end.js'
import { type AgentInput, type TimerKey, timerParts } from './events.js'
import { commandOverdue, leave } from './kill.js'
import { connect, heartbeat, identitySaved, linked, masterEvent, silent, unlinked } from './link.js'
import type { Agent, Executor } from './state.js'

/**
 * The agent's decisions: what happened in, what is to be done out. No input or output, no clock, no chance but `agent.random`, so that a whole
 * cluster of them replays from a seed (design §4.1). Never throws for anything that comes from outside.
 */
export function step(agent: Agent, event: AgentInput, now: Millis): Effect[] {
  const out: Effects = []
  take(agent, event, now, out)
  return out
}

function take(agent: Agent, event: AgentInput, now: Millis, out: Effects) {
  switch (event.on) {
    case 'recovered':
      return recovered(agent, event, now, out)
    case 'identitySaved':
      return identitySaved(agent, now, out)
    case 'linked':
      return linked(agent, now, out)
    case 'unlinked':
      return unlinked(agent, now, out)
    case 'master':
      return masterEvent(agent, event.event, now, out)
    case 'executorCall':
      return executorCall(agent, event, now, out)
    case 'executorGone':
      return executorGone(agent, event.stream)
    case 'journaled':
      journaled(agent, event.stream, event.uuid, now, out)
      return safe(agent, event.stream, out)
    case 'timer':
      return timed(agent, event.timer, now, out)
    case 'leave':
      out.push({ do: 'tell', call: { type: AgentCallType.UNREGISTER, agentId: agent.info.id } })
      return leave(agent, { why: 'The operator took this agent out of the cluster', forget: true }, out)
    default: {
      const executor = agent.runs.get(event.container)
      return executor && contained(agent, executor, event, now, out)
    }
  }
}

/** What is known of a task's end is in the journal: its container may go, if it was waiting for that. */
function safe(agent: Agent, key: string, out: Effects) {
  const stream = agent.updates.get(key)
  const executor = stream && agent.frameworks.get(stream.framework)?.owners.get(stream.task)
  if (executor) destroyIfSafe(agent, executor, out)
}

type ContainerInput = Extract<AgentInput, { container: string }>

function contained(agent: Agent, executor: Executor, event: ContainerInput, now: Millis, out: Effects) {
  switch (event.on) {
    case 'cloned':
      return cloned(agent, executor, event.supervisor, now, out)
    case 'cloneFailed':
      return cloneFailed(agent, executor, event, now, out)
    case 'containerKnown':
      return containerKnown(agent, executor, now, out)
    case 'containerUnknowable':
      return containerUnknowable(agent, executor, now, out)
    case 'taskKnown':
      return taskKnown(agent, executor, event.task, out)
    case 'taskUnknowable':
      return taskUnknowable(agent, executor, event.task, now, out)
    case 'coming':
      return coming(agent, executor, event.message, now, out)
    case 'started':
      return started(agent, executor, event.task, now, out)
    case 'updated':
      return updated(agent, executor, event.why, out)
    case 'ended':
      return containerEnded(agent, executor, event.termination, now, out)
    case 'destroyed':
      return containerDestroyed(agent, executor, out)
  }
}

function timed(agent: Agent, key: TimerKey, now: Millis, out: Effects) {
  const { kind, id } = timerParts(key)
  switch (kind) {
    case 'retry':
      return retry(agent, id, now, out)
    case 'reconnect':
      return connect(agent, out)
    case 'heartbeat':
      return heartbeat(agent, now, out)
    case 'silence':
      return silent(agent, now, out)
    default: {
      const executor = agent.runs.get(id)
      return executor && containerTimed(agent, executor, kind, now, out)
    }
  }
}

type ContainerTimer = 'registration' | 'reregistration' | 'grace' | 'kill' | 'completion'

function containerTimed(agent: Agent, executor: Executor, kind: ContainerTimer, now: Millis, out: Effects) {
  switch (kind) {
    case 'registration':
    case 'reregistration':
      return silentExecutor(agent, executor, kind, out)
    case 'completion':
      return commandOverdue(agent, executor, now, out)
    case 'grace':
    case 'kill':
      return void out.push({ do: 'kill', container: executor.containerId })
  }
}
