import type { Containerizer } from '#containerizer/containerizer.js'
import type { ResponseGetContainersContainer } from '#wire/agent.js'
import type { Agent, Executor } from '../core/state.js'

/** Executors whose containers exist, with what they use; one that vanishes meanwhile is left out (rows 3-047, 3-096). */
export async function containerViews(
  agent: Agent,
  containerizer: Containerizer,
  wanted: (executor: Executor) => boolean = () => true,
): Promise<ResponseGetContainersContainer[]> {
  const present = new Set(containerizer.containers())
  const running = [...agent.runs.values()].filter(
    (it) => present.has(it.containerId) && it.phase !== 'cloning' && it.phase !== 'terminated' && wanted(it),
  )
  const views = await Promise.all(running.map((it) => viewOf(it, containerizer)))
  return views.filter((it) => it !== undefined)
}

async function viewOf(executor: Executor, containerizer: Containerizer): Promise<ResponseGetContainersContainer | undefined> {
  const id = executor.containerId
  try {
    const [containerStatus, resourceStatistics] = await Promise.all([containerizer.status(id), containerizer.usage(id)])
    return {
      frameworkId: { value: executor.framework.id },
      executorId: { value: executor.id },
      executorName: executor.info.name ?? '',
      containerId: { value: id },
      containerStatus,
      resourceStatistics,
    }
  } catch {
    return undefined // it ended while it was looked at
  }
}
