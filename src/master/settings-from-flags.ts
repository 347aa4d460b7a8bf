import type { MasterInfo } from '#wire/mesos.js'
import type { MasterSettings } from './core/settings.js'
import type { MasterFlags } from './flags.js'

export function settingsFrom(flags: MasterFlags, master: MasterInfo): MasterSettings {
  return {
    master,
    agentPingTimeout: flags.agentPingTimeout,
    maxAgentPingTimeouts: flags.maxAgentPingTimeouts,
    agentReregisterTimeout: flags.agentReregisterTimeout,
    allocationInterval: flags.allocationInterval,
    offerTimeout: flags.offerTimeout,
    rootSubmissions: flags.rootSubmissions,
    filterGpuResources: flags.filterGpuResources,
    minAllocatableResources: flags.minAllocatableResources,
    fairSharingExcludedResourceNames: flags.fairSharingExcludedResourceNames?.split(',').map((name) => name.trim()) ?? [],
    maxCompletedFrameworks: flags.maxCompletedFrameworks,
    maxCompletedTasksPerFramework: flags.maxCompletedTasksPerFramework,
    maxUnreachableTasksPerFramework: flags.maxUnreachableTasksPerFramework,
    maxRememberedIds: flags.registryMaxAgentCount,
    offerConstraintsMaxProgramSize: flags.offerConstraintsMaxProgramSize,
  }
}
