import type { AgentConfig } from '#agent/core/config.js'
import type { MasterSettings } from '#master/core/settings.js'

/** What the flags' defaults make of an agent and of a master, for tests that drive the cores without their shells. */
export const agentConfig: AgentConfig = {
  workDirectory: '/w',
  ip: '127.0.0.1',
  port: 5051,
  version: '1.12.0',
  launcherDirectory: '/usr/libexec/mesos',
  executorEnvironment: undefined,
  httpCommandExecutor: false,
  executorRegistrationTimeout: 60_000,
  executorReregistrationTimeout: 2000,
  executorShutdownGracePeriod: 5000,
  recoveryTimeout: 900_000,
  registrationBackoffFactor: 1000,
  maxCompletedExecutorsPerFramework: 150,
}

export const masterSettings: MasterSettings = {
  master: { id: 'M', ip: 0, port: 5050 },
  agentPingTimeout: 15_000,
  maxAgentPingTimeouts: 5,
  agentReregisterTimeout: 600_000,
  allocationInterval: 1000,
  offerTimeout: undefined,
  rootSubmissions: true,
  filterGpuResources: true,
  minAllocatableResources: 'cpus:0.01|mem:32',
  fairSharingExcludedResourceNames: [],
  maxCompletedFrameworks: 50,
  maxCompletedTasksPerFramework: 1000,
  maxUnreachableTasksPerFramework: 1000,
  maxRememberedIds: 1000,
  offerConstraintsMaxProgramSize: 100,
}
