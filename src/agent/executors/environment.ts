import { formatDuration } from '#base/duration.js'
import type { DurationInfo, Resource } from '#wire/mesos.js'
import { type AgentConfig, actorOf, SUBSCRIPTION_BACKOFF_MAX } from '../core/config.js'
import { type Agent, checkpoints, type Executor } from '../core/state.js'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * What an executor, or a command task in its place, finds in its environment (rows 2-024 to 2-028, golden environment.json). The operator's
 * variables come first and yield to the agent's; those of the command win over all, which is the containerizer's business. Nothing of the agent's
 * own environment is among them (T93).
 */
export function executorEnvironment(agent: Agent, executor: Executor): Record<string, string> {
  const { config } = agent
  const { framework } = executor
  return {
    PATH: DEFAULT_PATH,
    ...config.executorEnvironment,
    LIBPROCESS_IP: config.ip,
    LIBPROCESS_PORT: '0',
    MESOS_AGENT_ENDPOINT: `${config.ip}:${config.port}`,
    MESOS_DIRECTORY: executor.sandbox,
    MESOS_EXECUTOR_ID: executor.id,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: formatDuration(shutdownGrace(config, executor)),
    MESOS_FRAMEWORK_ID: framework.id,
    MESOS_HTTP_COMMAND_EXECUTOR: config.httpCommandExecutor ? '1' : '0',
    MESOS_SLAVE_ID: agent.info.id?.value ?? '',
    MESOS_SLAVE_PID: actorOf(config),
    MESOS_CHECKPOINT: checkpoints(framework) ? '1' : '0',
    ...(checkpoints(framework) && {
      MESOS_RECOVERY_TIMEOUT: formatDuration(config.recoveryTimeout),
      MESOS_SUBSCRIPTION_BACKOFF_MAX: formatDuration(SUBSCRIPTION_BACKOFF_MAX),
    }),
    ...taskEnvironment(executor),
  }
}

/** A command task also learns its role (row 2-028). */
function taskEnvironment(executor: Executor): Record<string, string> {
  const task = executor.command ? executor.tasks.get(executor.id) : undefined
  const role = task && roleOf(task.info.resources)
  return role === undefined ? {} : { MESOS_ALLOCATION_ROLE: role }
}

export function roleOf(resources: readonly Resource[] | undefined): string | undefined {
  return resources?.find((it) => it.allocationInfo?.role !== undefined)?.allocationInfo?.role
}

/** How long an executor has between SHUTDOWN and its container's end (row 2-020). */
export function shutdownGrace(config: AgentConfig, executor: Executor): number {
  return milliseconds(executor.info.shutdownGracePeriod) ?? config.executorShutdownGracePeriod
}

export function milliseconds(duration: DurationInfo | undefined): number | undefined {
  return duration === undefined ? undefined : Number(duration.nanoseconds) / 1e6
}
