// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'

export interface LaunchPlan {
  containerId: string
  runtimeDirectory: string
  process: Process
  namespaces?: Namespaces | undefined
  cgroups?: Cgroups | undefined
  root?: Root | undefined
  mounts?: Mount[] | undefined
  resourceLimits?: ResourceLimit[] | undefined
  hostname?: string | undefined
  shmSize?: bigint | undefined
  faults?: Fault[] | undefined
}
export const LaunchPlan: MessageType<LaunchPlan> = message('meseta.native.v1.LaunchPlan')

export interface Process {
  executable: string
  arguments?: string[] | undefined
  environment?: string[] | undefined
  workingDirectory: string
  identity?: Identity | undefined
  stdio: Stdio
  noNewPrivileges?: boolean | undefined
  oomScoreAdjustment?: number | undefined
}
export const Process: MessageType<Process> = message('meseta.native.v1.Process')

export interface Identity {
  uid: number
  gid: number
  groups?: number[] | undefined
}
export const Identity: MessageType<Identity> = message('meseta.native.v1.Identity')

export interface Stdio {
  stdout?: string | undefined
  stderr?: string | undefined
}
export const Stdio: MessageType<Stdio> = message('meseta.native.v1.Stdio')

export interface Namespaces {
  mount?: boolean | undefined
  pid?: boolean | undefined
  ipc?: boolean | undefined
  uts?: boolean | undefined
  cgroup?: boolean | undefined
  network?: boolean | undefined
  user?: boolean | undefined
}
export const Namespaces: MessageType<Namespaces> = message('meseta.native.v1.Namespaces')

export interface Cgroups {
  path: string
  controllers?: string[] | undefined
  settings?: CgroupSettings | undefined
  world?: CgroupWorld | undefined
  hierarchies?: CgroupHierarchy[] | undefined
}
export const Cgroups: MessageType<Cgroups> = message('meseta.native.v1.Cgroups')

export const CgroupWorld = {
  CGROUP_NONE: 0,
  CGROUP_V1: 1,
  CGROUP_HYBRID: 2,
  CGROUP_V2: 3,
} as const
export type CgroupWorld = (typeof CgroupWorld)[keyof typeof CgroupWorld]

export interface CgroupHierarchy {
  mountPoint: string
  controllers?: string[] | undefined
}
export const CgroupHierarchy: MessageType<CgroupHierarchy> = message('meseta.native.v1.CgroupHierarchy')

export interface CgroupSettings {
  cpu?: CpuSettings | undefined
  memory?: MemorySettings | undefined
  pids?: PidsSettings | undefined
}
export const CgroupSettings: MessageType<CgroupSettings> = message('meseta.native.v1.CgroupSettings')

export interface CpuSettings {
  shares?: bigint | undefined
  quotaUs?: bigint | undefined
  periodUs?: bigint | undefined
}
export const CpuSettings: MessageType<CpuSettings> = message('meseta.native.v1.CpuSettings')

export interface MemorySettings {
  limitBytes?: bigint | undefined
  softLimitBytes?: bigint | undefined
  swapLimitBytes?: bigint | undefined
  lower?: boolean | undefined
}
export const MemorySettings: MessageType<MemorySettings> = message('meseta.native.v1.MemorySettings')

export interface PidsSettings {
  max?: bigint | undefined
}
export const PidsSettings: MessageType<PidsSettings> = message('meseta.native.v1.PidsSettings')

export interface Root {
  directory: string
  overlay?: boolean | undefined
  readOnly?: boolean | undefined
}
export const Root: MessageType<Root> = message('meseta.native.v1.Root')

export interface Mount {
  source?: string | undefined
  target: string
  readOnly?: boolean | undefined
  shallow?: boolean | undefined
  tmpfs?: Tmpfs | undefined
  sourceWithin?: string | undefined
  targetWithin?: string | undefined
  followHost?: boolean | undefined
}
export const Mount: MessageType<Mount> = message('meseta.native.v1.Mount')

export interface Tmpfs {
  sizeBytes?: bigint | undefined
  mode?: number | undefined
}
export const Tmpfs: MessageType<Tmpfs> = message('meseta.native.v1.Tmpfs')

export interface ResourceLimit {
  kind: string
  soft?: bigint | undefined
  hard?: bigint | undefined
}
export const ResourceLimit: MessageType<ResourceLimit> = message('meseta.native.v1.ResourceLimit')

export interface Fault {
  name: string
  action: string
}
export const Fault: MessageType<Fault> = message('meseta.native.v1.Fault')

export interface SupervisorRecord {
  version: number
  containerId: string
  pid: number
  startTime: bigint
  cgroups?: Cgroups | undefined
  pidNamespace?: boolean | undefined
  posix?: boolean | undefined
}
export const SupervisorRecord: MessageType<SupervisorRecord> = message('meseta.native.v1.SupervisorRecord')

export interface ExitStatus {
  waitStatus?: number | undefined
  failure?: StepFailure | undefined
  finishedAtMs: bigint
  oomKills?: bigint | undefined
}
export const ExitStatus: MessageType<ExitStatus> = message('meseta.native.v1.ExitStatus')

export interface StepFailure {
  step: string
  path?: string | undefined
  errno: number
  detail?: string | undefined
}
export const StepFailure: MessageType<StepFailure> = message('meseta.native.v1.StepFailure')

export interface ControlRequest {
  go?: boolean | undefined
  signalTask?: number | undefined
  killAll?: boolean | undefined
}
export const ControlRequest: MessageType<ControlRequest> = message('meseta.native.v1.ControlRequest')

export interface ControlEvent {
  state?: SupervisorState | undefined
  signalResult?: number | undefined
}
export const ControlEvent: MessageType<ControlEvent> = message('meseta.native.v1.ControlEvent')

export const SupervisorPhase = {
  SETTING_UP: 0,
  READY: 1,
  RUNNING: 2,
  ENDED: 3,
} as const
export type SupervisorPhase = (typeof SupervisorPhase)[keyof typeof SupervisorPhase]

export interface SupervisorState {
  phase: SupervisorPhase
  version: number
  initPid?: number | undefined
  taskPid?: number | undefined
  exit?: ExitStatus | undefined
}
export const SupervisorState: MessageType<SupervisorState> = message('meseta.native.v1.SupervisorState')

export interface HostConfig {
  launcher: string
  runtimeDirectory: string
  cgroupWorld?: CgroupWorld | undefined
  hierarchies?: CgroupHierarchy[] | undefined
}
export const HostConfig: MessageType<HostConfig> = message('meseta.native.v1.HostConfig')

export interface HostEvents {
  events?: HostEvent[] | undefined
  completions?: HostCompletion[] | undefined
}
export const HostEvents: MessageType<HostEvents> = message('meseta.native.v1.HostEvents')

export interface HostEvent {
  handle: number
  state?: SupervisorState | undefined
  gone?: boolean | undefined
  oom?: MemoryPressure | undefined
  signalResult?: number | undefined
}
export const HostEvent: MessageType<HostEvent> = message('meseta.native.v1.HostEvent')

export interface HostCompletion {
  operation: number
  failure?: NativeFailure | undefined
  result?: Uint8Array | undefined
}
export const HostCompletion: MessageType<HostCompletion> = message('meseta.native.v1.HostCompletion')

export interface NativeFailure {
  code: string
  cause: StepFailure
}
export const NativeFailure: MessageType<NativeFailure> = message('meseta.native.v1.NativeFailure')

export interface Started {
  handle: number
  pid: number
  startTime: bigint
}
export const Started: MessageType<Started> = message('meseta.native.v1.Started')

export interface FoundContainer {
  containerId: string
  directory: string
  record?: SupervisorRecord | undefined
  alive?: boolean | undefined
  exit?: ExitStatus | undefined
}
export const FoundContainer: MessageType<FoundContainer> = message('meseta.native.v1.FoundContainer')

export interface FoundContainers {
  containers?: FoundContainer[] | undefined
  orphanCgroups?: string[] | undefined
}
export const FoundContainers: MessageType<FoundContainers> = message('meseta.native.v1.FoundContainers')

export interface UserRecord {
  name: string
  identity: Identity
  home?: string | undefined
  shell?: string | undefined
}
export const UserRecord: MessageType<UserRecord> = message('meseta.native.v1.UserRecord')

export interface Statistics {
  timestampMs: bigint
  cpu?: CpuStatistics | undefined
  memory?: MemoryStatistics | undefined
  processes?: bigint | undefined
  threads?: bigint | undefined
}
export const Statistics: MessageType<Statistics> = message('meseta.native.v1.Statistics')

export interface CpuStatistics {
  userNs?: bigint | undefined
  systemNs?: bigint | undefined
  totalNs?: bigint | undefined
  periods?: bigint | undefined
  throttled?: bigint | undefined
  throttledNs?: bigint | undefined
}
export const CpuStatistics: MessageType<CpuStatistics> = message('meseta.native.v1.CpuStatistics')

export interface MemoryStatistics {
  usageBytes?: bigint | undefined
  maxUsageBytes?: bigint | undefined
  limitBytes?: bigint | undefined
  softLimitBytes?: bigint | undefined
  rssBytes?: bigint | undefined
  cacheBytes?: bigint | undefined
  mappedFileBytes?: bigint | undefined
  swapBytes?: bigint | undefined
  unevictableBytes?: bigint | undefined
  failCount?: bigint | undefined
  oomKills?: bigint | undefined
}
export const MemoryStatistics: MessageType<MemoryStatistics> = message('meseta.native.v1.MemoryStatistics')

export interface MemoryPressure {
  limitBytes?: bigint | undefined
  maxUsageBytes?: bigint | undefined
  oomKills?: bigint | undefined
  memoryStat?: string | undefined
}
export const MemoryPressure: MessageType<MemoryPressure> = message('meseta.native.v1.MemoryPressure')
