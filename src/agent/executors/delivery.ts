import { EventType } from '#wire/executor.js'
import type { Effects } from '../core/effects.js'
import { executorResources } from '../core/launch.js'
import type { Agent, Executor } from '../core/state.js'

/** Hands all queued tasks over, in the order in which they came (T87), as soon as the executor listens and its container has their shares (T91). */
export function deliver(agent: Agent, executor: Executor, out: Effects) {
  if (executor.phase !== 'running' || executor.stream === undefined) return
  const queued = [...executor.tasks.values()].filter((task) => task.known && !task.delivered)
  if (queued.length === 0) return
  if (queued.some((task) => !executor.granted.has(task.id))) return refit(agent, executor, out)
  for (const task of queued) {
    task.delivered = true
    executor.delivered = true
    out.push({ do: 'send', stream: executor.stream, event: { type: EventType.LAUNCH, launch: { task: task.info } } })
  }
}

/** Gives the container what its tasks need now (row 5-021). One update at a time; the last one wins. */
export function refit(_agent: Agent, executor: Executor, out: Effects): void {
  if (executor.command || executor.phase === 'terminating' || executor.phase === 'terminated') return
  if (executor.update) {
    executor.update.stale = true
    return
  }
  executor.update = { granting: new Set(executor.tasks.keys()), stale: false }
  out.push({ do: 'update', container: executor.containerId, resources: executorResources(executor) })
}
