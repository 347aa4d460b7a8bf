import type { Resources } from '#model/resources.js'
import type { ExecutorInfo } from '#wire/mesos.js'
import { EventType } from '#wire/scheduler.js'
import type { AgentRecord, ExecutorRecord, FrameworkRecord } from './cluster.js'
import type { ExecutorId } from './ids.js'
import { innerMap } from './nested-map.js'
import type { Turn } from './turn.js'

export function executorOf(agent: AgentRecord, framework: FrameworkRecord, id: ExecutorId): ExecutorRecord | undefined {
  return agent.executors.get(framework.id)?.get(id)
}

export function addExecutor(framework: FrameworkRecord, agent: AgentRecord, info: ExecutorInfo, resources: Resources): void {
  const executor: ExecutorRecord = { id: info.executorId.value, framework: framework.id, agent: agent.id, info, resources }
  innerMap(agent.executors, framework.id).set(executor.id, executor)
  framework.executors.add(executor)
}

/** Its resources are free again; repeating it changes nothing. */
export function removeExecutor(turn: Turn, framework: FrameworkRecord, executor: ExecutorRecord): void {
  if (!framework.executors.delete(executor)) return
  const agent = turn.cluster.agents.get(executor.agent)
  const ofFramework = agent?.executors.get(framework.id)
  ofFramework?.delete(executor.id)
  if (ofFramework?.size === 0) agent?.executors.delete(framework.id)
  turn.cluster.allocator.recoverResources(framework.id, executor.agent, executor.resources)
}

export function removeExecutorsOf(turn: Turn, framework: FrameworkRecord): void {
  for (const executor of framework.executors) removeExecutor(turn, framework, executor)
}

/** An executor ended; its framework hears of it, its tasks' updates come on their own (row 1-043). */
export function executorExited(
  turn: Turn,
  agent: AgentRecord,
  frameworkId: string,
  id: ExecutorId,
  status: number | undefined,
): void {
  const framework = turn.cluster.frameworks.get(frameworkId)
  const executor = framework && executorOf(agent, framework, id)
  if (!framework || !executor) return turn.count('master/dropped_messages')
  removeExecutor(turn, framework, executor)
  turn.send(framework, {
    type: EventType.FAILURE,
    failure: { agentId: { value: agent.id }, executorId: { value: id }, ...(status !== undefined && { status }) },
  })
}
