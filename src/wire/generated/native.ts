// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'

/** All that is needed to start one container. Encoded once by the agent, read once by the supervisor, never seen by the task. */
export interface LaunchPlan {
  containerId: string
  /** `<runtime_dir>/<boot id>/<container>`: absolute, exists before the supervisor does. Holds record, status and control.sock. */
  runtimeDirectory: string
  process: Process
  /** Absent: posix mode, which needs no privilege (row 6-007): no namespaces, no cgroups, no mounts. */
  namespaces?: Namespaces | undefined
  cgroups?: Cgroups | undefined
  /** Absent: the task sees the host's files. */
  root?: Root | undefined
  /** In the order in which they are made. Need the mount namespace. */
  mounts?: Mount[] | undefined
  resourceLimits?: ResourceLimit[] | undefined
  /** Needs the uts namespace. */
  hostname?: string | undefined
  /** Size of a /dev/shm of its own in bytes; needs the mount namespace. Zero: the kernel's default. */
  shmSize?: bigint | undefined
  /** Fault points that this container's supervisor and init shall hit (reliability-security.md §6.2). Filled in by the host from MESETA_FAULT. */
  faults?: Fault[] | undefined
  /** Made in the container's /dev besides those that every root has. Need `root`. */
  devices?: DeviceNode[] | undefined
  /** Of the container's own namespaces only; written through a /proc that nobody can have replaced. */
  sysctls?: Sysctl[] | undefined
  /** What of /proc and /sys is hidden and protected. Absent: the default lists. Need `root`. */
  masking?: Masking | undefined
  /** NIS domain name; needs the uts namespace. */
  domainName?: string | undefined
  /** As /proc tells it; comes with a `LaunchPlanSupplement`. Absent: the supervisor looks itself. */
  supervisorStartTime?: bigint | undefined
}
export const LaunchPlan: MessageType<LaunchPlan> = message('meseta.native.v1.LaunchPlan')

/** What the engine appends to the bytes of a plan: a message that follows another is merged with it. */
export interface LaunchPlanSupplement {
  supervisorStartTime?: bigint | undefined
}
export const LaunchPlanSupplement: MessageType<LaunchPlanSupplement> = message('meseta.native.v1.LaunchPlanSupplement')

export interface Process {
  /** Absolute path inside the container, or a bare name that is sought in the PATH of `environment`. */
  executable: string
  /** argv, with argv[0]. */
  arguments?: string[] | undefined
  /** The whole environment, each `NAME=value`; nothing is inherited. */
  environment?: string[] | undefined
  /** Absolute path inside the container; it must exist there. */
  workingDirectory: string
  /** Absent: the user the agent runs as. */
  identity?: Identity | undefined
  stdio: Stdio
  noNewPrivileges?: boolean | undefined
  /** -1000 to 1000 (row 6-023); lowering it needs CAP_SYS_RESOURCE. */
  oomScoreAdjustment?: number | undefined
  /** Absent: what the agent has stays (a user other than root has none). */
  capabilities?: Capabilities | undefined
  seccomp?: Seccomp | undefined
  terminal?: Terminal | undefined
  /** Absent: 022. */
  umask?: number | undefined
  /** Stays in the session keyring of who started it, instead of one of its own. */
  keepKeyring?: boolean | undefined
}
export const Process: MessageType<Process> = message('meseta.native.v1.Process')

/** Sets of capabilities, bit n for capability number n of the kernel. What the kernel does not know is refused. */
export interface Capabilities {
  bounding: bigint
  effective: bigint
  inheritable?: bigint | undefined
  /** Only from what is effective and inheritable; lets a user other than root keep capabilities across exec. */
  ambient?: bigint | undefined
  /** Absent: as effective. What is here and not there the program may take itself. */
  permitted?: bigint | undefined
}
export const Capabilities: MessageType<Capabilities> = message('meseta.native.v1.Capabilities')

/** Filters that were compiled before (see SeccompProfile): the launcher only installs them, right before exec. */
export interface Seccomp {
  /** Array of the kernel's `struct sock_filter`, eight bytes each. */
  program: Uint8Array
  /** SECCOMP_FILTER_FLAG_*. */
  flags?: number | undefined
}
export const Seccomp: MessageType<Seccomp> = message('meseta.native.v1.Seccomp')

/** The task gets a terminal of the container's own as its controlling one, in place of stdin, stdout and stderr. */
export interface Terminal {
  rows?: number | undefined
  columns?: number | undefined
}
export const Terminal: MessageType<Terminal> = message('meseta.native.v1.Terminal')

/** Resolved by the agent; the launcher never looks a name up (S7, S8, S28). */
export interface Identity {
  uid: number
  gid: number
  /** Supplementary groups, all of them; group 0 is never implied. */
  groups?: number[] | undefined
}
export const Identity: MessageType<Identity> = message('meseta.native.v1.Identity')

/**
 * Files are opened by the supervisor outside the container, appended to, created 0644 and given to the task's user. A symbolic link or
 * anything that is not a regular file is refused (S10). Absent paths and stdin are /dev/null.
 */
export interface Stdio {
  stdout?: string | undefined
  stderr?: string | undefined
  /** Input comes from, and output also goes to, whoever attaches over the control socket; the supervisor stands in between. */
  attachable?: boolean | undefined
}
export const Stdio: MessageType<Stdio> = message('meseta.native.v1.Stdio')

/** A namespace of its own for each that is true, another's for each that is joined; else the agent's is shared. */
export interface Namespaces {
  mount?: boolean | undefined
  pid?: boolean | undefined
  ipc?: boolean | undefined
  uts?: boolean | undefined
  cgroup?: boolean | undefined
  network?: boolean | undefined
  user?: boolean | undefined
  time?: boolean | undefined
  joined?: JoinedNamespace[] | undefined
  /** Of the user namespace: ranges inside and outside, neither overlapping. */
  uidMappings?: IdMapping[] | undefined
  gidMappings?: IdMapping[] | undefined
  /** Of the time namespace. */
  timeOffsets?: TimeOffsets | undefined
}
export const Namespaces: MessageType<Namespaces> = message('meseta.native.v1.Namespaces')

export interface JoinedNamespace {
  /** As in /proc/<pid>/ns: mnt, pid, ipc, uts, net, cgroup, time, user. */
  kind: string
  /** A file that stands for the namespace … */
  path?: string | undefined
  /** … or a process that is in it; its start time makes sure that it is still the same one. */
  pid?: number | undefined
  startTime?: bigint | undefined
}
export const JoinedNamespace: MessageType<JoinedNamespace> = message('meseta.native.v1.JoinedNamespace')

export interface IdMapping {
  inside: number
  outside: number
  count: number
}
export const IdMapping: MessageType<IdMapping> = message('meseta.native.v1.IdMapping')

export interface TimeOffsets {
  monotonicNs?: bigint | undefined
  bootNs?: bigint | undefined
}
export const TimeOffsets: MessageType<TimeOffsets> = message('meseta.native.v1.TimeOffsets')

export interface Cgroups {
  /** Relative to each hierarchy, without a leading slash: `mesos/<container>`. */
  path: string
  /** Controllers to join: cpu, cpuacct, memory, pids, freezer, devices, blkio, cpuset … (names of cgroup v1, `io` is spelled blkio). */
  controllers?: string[] | undefined
  settings?: CgroupSettings | undefined
  /** Where this host has them. Filled in by the host. */
  world?: CgroupWorld | undefined
  hierarchies?: CgroupHierarchy[] | undefined
  /** Cgroup of all containers, the front of `path`. Only below it may processes be moved, to make room for controllers of nested containers. */
  root?: string | undefined
}
export const Cgroups: MessageType<Cgroups> = message('meseta.native.v1.Cgroups')

export const CgroupWorld = {
  CGROUP_NONE: 0,
  CGROUP_V1: 1,
  CGROUP_HYBRID: 2,
  CGROUP_V2: 3,
} as const
export type CgroupWorld = (typeof CgroupWorld)[keyof typeof CgroupWorld]

/** One mounted v1 hierarchy, or the one v2 tree. */
export interface CgroupHierarchy {
  mountPoint: string
  controllers?: string[] | undefined
  /** The v2 tree; a hybrid host has it beside v1 hierarchies. Absent: as the world says. */
  unified?: boolean | undefined
}
export const CgroupHierarchy: MessageType<CgroupHierarchy> = message('meseta.native.v1.CgroupHierarchy')

/** What is absent is left as the kernel made it, or as it is (update). */
export interface CgroupSettings {
  cpu?: CpuSettings | undefined
  memory?: MemorySettings | undefined
  pids?: PidsSettings | undefined
  blkio?: BlkioSettings | undefined
  cpuset?: CpusetSettings | undefined
  hugetlb?: HugetlbLimit[] | undefined
  devices?: DeviceAccess | undefined
  netCls?: NetClsSettings | undefined
  /** True freezes all processes, false lets them go on. */
  frozen?: boolean | undefined
  /** Files of cgroup v2 by name, written as they are (the door for what has no field here). */
  unified?: CgroupFile[] | undefined
}
export const CgroupSettings: MessageType<CgroupSettings> = message('meseta.native.v1.CgroupSettings')

export interface CpuSettings {
  /** cpu.shares (row 6-022); on v2 turned into cpu.weight. */
  shares?: bigint | undefined
  /** cpu.cfs_quota_us, -1 for none. */
  quotaUs?: bigint | undefined
  periodUs?: bigint | undefined
  /** Unused quota that may be saved up; 0 for none. */
  burstUs?: bigint | undefined
  idle?: boolean | undefined
  /** v1 only. */
  realtimeRuntimeUs?: bigint | undefined
  realtimePeriodUs?: bigint | undefined
  /** cpu.weight as it is, in place of `shares`; v2 only. */
  weight?: bigint | undefined
}
export const CpuSettings: MessageType<CpuSettings> = message('meseta.native.v1.CpuSettings')

export interface MemorySettings {
  /** Hard limit; only ever raised on a running container unless `lower` says otherwise (row 6-023). -1 for none. */
  limitBytes?: bigint | undefined
  softLimitBytes?: bigint | undefined
  /** Memory and swap together (memsw); needs a kernel with swap accounting. */
  swapLimitBytes?: bigint | undefined
  lower?: boolean | undefined
  /** Protection that is never reclaimed (memory.min), throttling (memory.high); v2 only. */
  minBytes?: bigint | undefined
  highBytes?: bigint | undefined
  /** The kernel kills all of the container at once; v2 only. */
  oomGroup?: boolean | undefined
  /** 0 to 100; v1 only. */
  swappiness?: bigint | undefined
  /** The kernel kills nobody, who needs memory waits; v1 only. */
  disableOomKiller?: boolean | undefined
  kernelLimitBytes?: bigint | undefined
  kernelTcpLimitBytes?: bigint | undefined
  /** The supervisor counts how often memory was short (row 6-023); v1 only. */
  countPressure?: boolean | undefined
}
export const MemorySettings: MessageType<MemorySettings> = message('meseta.native.v1.MemorySettings')

export interface PidsSettings {
  /** -1 for none. */
  max?: bigint | undefined
}
export const PidsSettings: MessageType<PidsSettings> = message('meseta.native.v1.PidsSettings')

export interface BlkioSettings {
  /** 10 to 1000; on v2 turned into io.weight (1 to 10000). */
  weight?: number | undefined
  devices?: BlkioDevice[] | undefined
}
export const BlkioSettings: MessageType<BlkioSettings> = message('meseta.native.v1.BlkioSettings')

/** Limits a second of one block device; what is absent stays, 0 is none. */
export interface BlkioDevice {
  major: number
  minor: number
  weight?: number | undefined
  readBytes?: bigint | undefined
  writeBytes?: bigint | undefined
  readOperations?: bigint | undefined
  writeOperations?: bigint | undefined
}
export const BlkioDevice: MessageType<BlkioDevice> = message('meseta.native.v1.BlkioDevice')

/** Lists as the kernel writes them: `0-3,7`. */
export interface CpusetSettings {
  cpus?: string | undefined
  memoryNodes?: string | undefined
}
export const CpusetSettings: MessageType<CpusetSettings> = message('meseta.native.v1.CpusetSettings')

export interface HugetlbLimit {
  /** As in the kernel's file names: `2MB`, `1GB`. */
  pageSize: string
  /** -1 for none. */
  limitBytes: bigint
}
export const HugetlbLimit: MessageType<HugetlbLimit> = message('meseta.native.v1.HugetlbLimit')

/** The whole list: what no rule allows is denied. Later rules win (row 6-026, 6-059). */
export interface DeviceAccess {
  rules?: DeviceRule[] | undefined
}
export const DeviceAccess: MessageType<DeviceAccess> = message('meseta.native.v1.DeviceAccess')

export interface DeviceRule {
  allow: boolean
  /** `a` (all), `b` or `c`. */
  kind: string
  /** Absent: every number. */
  major?: number | undefined
  minor?: number | undefined
  /** Any of r, w, m. */
  access: string
}
export const DeviceRule: MessageType<DeviceRule> = message('meseta.native.v1.DeviceRule')

export interface NetClsSettings {
  classId: number
}
export const NetClsSettings: MessageType<NetClsSettings> = message('meseta.native.v1.NetClsSettings')

export interface CgroupFile {
  name: string
  value: string
}
export const CgroupFile: MessageType<CgroupFile> = message('meseta.native.v1.CgroupFile')

/** A root file system of the container's own. Needs the mount namespace. */
export interface Root {
  /** Directory on the host: the root itself, or with `overlay` its topmost lower layer. */
  directory: string
  /** Changes go to `scratch`, and vanish with the container. */
  overlay?: boolean | undefined
  readOnly?: boolean | undefined
  /** Further layers below `directory`, topmost first. Need `overlay`. */
  lower?: string[] | undefined
  /** proc, /sys, /dev are not furnished but for devices and links in /dev: the mounts of the plan say it all. */
  bare?: boolean | undefined
  /** Mounts of the container are seen by the host and the other way, as the root's propagation says. Absent: HOST_TO_CONTAINER. */
  propagation?: Propagation | undefined
  /** For where no overlay can be had: the root is a copy of the layers, made in `scratch`, and vanishes with the container. */
  copy?: boolean | undefined
  /** For roots that pivot_root refuses (a ramdisk): the root is moved over the old one, which is weaker. */
  withoutPivot?: boolean | undefined
  /** With a user namespace: the files of the image are seen as its mappings say, so root's belong to root inside. */
  idMapped?: boolean | undefined
  /** Directory on a disk, in one that exists; made by init, removed by the agent. Absent: beside the record, which often is in memory. */
  scratch?: string | undefined
  /** Absolute path inside. Made with all that leads to it, for root, where neither image nor mounts have it. */
  madeDirectory?: string | undefined
}
export const Root: MessageType<Root> = message('meseta.native.v1.Root')

export const Propagation = {
  PRIVATE: 0,
  HOST_TO_CONTAINER: 1,
  BIDIRECTIONAL: 2,
  UNBINDABLE: 3,
} as const
export type Propagation = (typeof Propagation)[keyof typeof Propagation]

export interface DeviceNode {
  /** Absolute path inside the container. */
  path: string
  /** `c`, `b` or `p`. */
  kind: string
  major?: number | undefined
  minor?: number | undefined
  /** Permission bits; 0666 when absent. */
  mode?: number | undefined
  uid?: number | undefined
  gid?: number | undefined
}
export const DeviceNode: MessageType<DeviceNode> = message('meseta.native.v1.DeviceNode')

export interface Sysctl {
  /** With dots or slashes. */
  name: string
  value: string
}
export const Sysctl: MessageType<Sysctl> = message('meseta.native.v1.Sysctl')

/** Absolute paths inside the container. */
export interface Masking {
  hidden?: string[] | undefined
  readOnly?: string[] | undefined
}
export const Masking: MessageType<Masking> = message('meseta.native.v1.Masking')

export interface Mount {
  /** Absolute path on the host. Absent for tmpfs. */
  source?: string | undefined
  /** Absolute path inside the container. Resolved inside its root by descriptor; what is missing is created. */
  target: string
  readOnly?: boolean | undefined
  /** Only the mount itself, not what is mounted below it. By default a bind is recursive. */
  shallow?: boolean | undefined
  /** A tmpfs instead of a bind. */
  tmpfs?: Tmpfs | undefined
  /** Host directory that `source` must not leave by any link or dot-dot (S24, S25). */
  sourceWithin?: string | undefined
  /** Directory in the container that `target` must not leave by any link or dot-dot (S22). */
  targetWithin?: string | undefined
  /** Mounts made later on the host below the source show up inside (row 6-041, HOST_TO_CONTAINER); without it they do not. */
  followHost?: boolean | undefined
  /** A file with this content, in memory only: never on a disk (row 6-043). */
  secret?: SecretFile | undefined
  /** Any other kind of file system instead of a bind. */
  filesystem?: NewFilesystem | undefined
  /** MOUNT_ATTR_* to set and to clear, on all below too unless `shallow`. */
  setAttributes?: bigint | undefined
  clearAttributes?: bigint | undefined
  /** Wins over `follow_host`. */
  propagation?: Propagation | undefined
  /** With a user namespace: ids of the source are seen as its mappings say. */
  idMapped?: boolean | undefined
  /** Directories of the source that are missing below `source_within` are made, in the name of the owner of that. */
  makeSource?: boolean | undefined
  /** The attributes are those of the mount itself alone, although a recursive bind brings others below it. */
  attributesShallow?: boolean | undefined
  /** What the image has at `target` is copied into the new file system first. */
  copyUp?: boolean | undefined
  /** The mount namespace in which `source` is looked up, of the container around this one; by no magic link. */
  sourceNamespace?: JoinedNamespace | undefined
  /** The files of an image instead of a bind, as a root would have them. Needs a `scratch` of its own. */
  image?: Root | undefined
}
export const Mount: MessageType<Mount> = message('meseta.native.v1.Mount')

export interface SecretFile {
  content: Uint8Array
  mode?: number | undefined
}
export const SecretFile: MessageType<SecretFile> = message('meseta.native.v1.SecretFile')

export interface NewFilesystem {
  kind: string
  source?: string | undefined
  /** `key=value` or a lone `key`, as fsconfig takes them. */
  options?: string[] | undefined
}
export const NewFilesystem: MessageType<NewFilesystem> = message('meseta.native.v1.NewFilesystem')

export interface Tmpfs {
  sizeBytes?: bigint | undefined
  mode?: number | undefined
}
export const Tmpfs: MessageType<Tmpfs> = message('meseta.native.v1.Tmpfs')

/**
 * Of Mesos' 16 kinds (row 6-020), by their names without `RLMT_`: AS, CORE, CPU, DATA, FSIZE, LOCKS, MEMLOCK, MSGQUEUE, NICE, NOFILE, NPROC, RSS,
 * RTPRIO, RTTIME, SIGPENDING, STACK. An absent value is unlimited.
 */
export interface ResourceLimit {
  kind: string
  soft?: bigint | undefined
  hard?: bigint | undefined
}
export const ResourceLimit: MessageType<ResourceLimit> = message('meseta.native.v1.ResourceLimit')

/** `name:action:nth` taken apart; action is kill, exit, error or `sleep=<ms>`. */
export interface Fault {
  name: string
  action: string
}
export const Fault: MessageType<Fault> = message('meseta.native.v1.Fault')

/** File `record`: written by the supervisor before it says READY, so before the task can run. Enough to find, judge and remove the container. */
export interface SupervisorRecord {
  /** Of the control protocol. */
  version: number
  containerId: string
  pid: number
  /** Field 22 of /proc/<pid>/stat: with the pid it names one process of one boot. */
  startTime: bigint
  cgroups?: Cgroups | undefined
  pidNamespace?: boolean | undefined
  /** Set in posix mode: kill by process tree. */
  posix?: boolean | undefined
  /** Of its user namespace, so that nobody else gets the same ids while it is there. */
  uidMappings?: IdMapping[] | undefined
  gidMappings?: IdMapping[] | undefined
}
export const SupervisorRecord: MessageType<SupervisorRecord> = message('meseta.native.v1.SupervisorRecord')

/** File `status`: written once, by rename, when the container has ended and none of its processes is left. */
export interface ExitStatus {
  /** Raw wait status of the task, as in Mesos (row 1-043). Absent when the task never ran. */
  waitStatus?: number | undefined
  /** Set when the start failed: why, in place of a wait status. */
  failure?: StepFailure | undefined
  /** Milliseconds since the epoch. */
  finishedAtMs: bigint
  /** The kernel killed in this container's memory cgroup: how often. */
  oomKills?: bigint | undefined
}
export const ExitStatus: MessageType<ExitStatus> = message('meseta.native.v1.ExitStatus')

/** One step of the launcher that went wrong: `could not <step> <path>: <sentence of errno>`. */
export interface StepFailure {
  step: string
  path?: string | undefined
  /** Zero where no system call failed; then `detail` says what is wrong. */
  errno: number
  detail?: string | undefined
}
export const StepFailure: MessageType<StepFailure> = message('meseta.native.v1.StepFailure')

/** Agent → supervisor, over the socket it was born with or over control.sock. */
export interface ControlRequest {
  /** Lets the task start. Only over the socket the supervisor was born with. */
  go?: boolean | undefined
  /** To the task's process, alone unless to_group says otherwise. */
  signalTask?: number | undefined
  /** SIGKILL to everything in the container; cannot be escaped by forking. */
  killAll?: boolean | undefined
  /** With signal_task: to the task's whole process group, so that a shell's trap runs although the shell waits for a child (row 2-031). */
  toGroup?: boolean | undefined
  /** This connection gets all output from now on. Answered by attach_result. Who does not read is dropped: the task never waits for a watcher. */
  attachOutput?: boolean | undefined
  /** This connection gives the input; one at a time. Answered by attach_result. When it ends without `input_end`, another may take its place. */
  attachInput?: boolean | undefined
  /** Only on a connection that gives the input. Not read on while the task does not read. */
  input?: Uint8Array | undefined
  /** There is no more: end of file, or on a terminal the character that stands for it. */
  inputEnd?: boolean | undefined
  /** Of the terminal. Answered by attach_result. */
  windowSize?: WindowSize | undefined
}
export const ControlRequest: MessageType<ControlRequest> = message('meseta.native.v1.ControlRequest')

export interface WindowSize {
  rows: number
  columns: number
}
export const WindowSize: MessageType<WindowSize> = message('meseta.native.v1.WindowSize')

/** Supervisor → agent. On every new connection the supervisor first tells its state. */
export interface ControlEvent {
  state?: SupervisorState | undefined
  /** An answer to signal_task: errno, zero for success. */
  signalResult?: number | undefined
  /**
   * An answer to attach_output, attach_input and window_size: errno, zero for success. ENOTTY: no terminal, or nothing to attach to; EBUSY:
   * somebody gives the input already; EPIPE: it has ended.
   */
  attachResult?: number | undefined
  output?: Output | undefined
  /** The last that comes on this connection: the watcher read too slowly, and output was lost. */
  fellBehind?: boolean | undefined
}
export const ControlEvent: MessageType<ControlEvent> = message('meseta.native.v1.ControlEvent')

export interface Output {
  stream: OutputStream
  data: Uint8Array
}
export const Output: MessageType<Output> = message('meseta.native.v1.Output')

export const OutputStream = {
  STDOUT: 0,
  STDERR: 1,
} as const
export type OutputStream = (typeof OutputStream)[keyof typeof OutputStream]

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
  /** As the host sees them; from READY on. */
  initPid?: number | undefined
  /** From RUNNING on. */
  taskPid?: number | undefined
  exit?: ExitStatus | undefined
}
export const SupervisorState: MessageType<SupervisorState> = message('meseta.native.v1.SupervisorState')

/** How the addon is set up, once. */
export interface HostConfig {
  /** The launcher binary; copied into sealed memory once. */
  launcher: string
  /** `<runtime_dir>/<boot id>`. */
  runtimeDirectory: string
  /** Files `cgroup.procs` of the cgroups in which supervisors live. Absent: where the agent is. */
  supervisorEntrances?: string[] | undefined
}
export const HostConfig: MessageType<HostConfig> = message('meseta.native.v1.HostConfig')

/** What happened, in the order in which it was seen; many in one crossing. */
export interface HostEvents {
  events?: HostEvent[] | undefined
  /** Operations done, and what came of them. */
  completions?: HostCompletion[] | undefined
}
export const HostEvents: MessageType<HostEvents> = message('meseta.native.v1.HostEvents')

export interface HostEvent {
  /** As given by start or attach. */
  handle: number
  state?: SupervisorState | undefined
  /** The supervisor process is gone. `exit` of the last state, or file `status`, says how its container ended; neither: it was killed. */
  gone?: boolean | undefined
  /** The memory cgroup is out of memory (row 6-023). */
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

/** An error of the native side: `code` is switched on, the rest makes the sentence. */
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

/** What is found in one directory below the runtime directory. */
export interface FoundContainer {
  containerId: string
  directory: string
  /** Absent: its supervisor died before it wrote one, so nothing of it ever ran. */
  record?: SupervisorRecord | undefined
  /** Pid and start time match a living process. */
  alive?: boolean | undefined
  exit?: ExitStatus | undefined
}
export const FoundContainer: MessageType<FoundContainer> = message('meseta.native.v1.FoundContainer')

export interface FoundContainers {
  containers?: FoundContainer[] | undefined
  /** Cgroups below the root path that no directory owns. */
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

/** What the container has used so far; absent where its controller is not joined. Names follow mesos.v1.ResourceStatistics where it has them. */
export interface Statistics {
  timestampMs: bigint
  cpu?: CpuStatistics | undefined
  memory?: MemoryStatistics | undefined
  processes?: bigint | undefined
  threads?: bigint | undefined
  blkio?: BlkioStatistics | undefined
  hugetlb?: HugetlbStatistics[] | undefined
  pidsLimit?: bigint | undefined
  /** Stall information of this cgroup; the kernel has it on v2 only. */
  pressure?: PressureStatistics | undefined
  /** Counters of perf events, by the names they were asked for. */
  perf?: PerfCounter[] | undefined
}
export const Statistics: MessageType<Statistics> = message('meseta.native.v1.Statistics')

export interface BlkioStatistics {
  devices?: BlkioDeviceStatistics[] | undefined
}
export const BlkioStatistics: MessageType<BlkioStatistics> = message('meseta.native.v1.BlkioStatistics')

export interface BlkioDeviceStatistics {
  major: number
  minor: number
  readBytes?: bigint | undefined
  writeBytes?: bigint | undefined
  discardBytes?: bigint | undefined
  readOperations?: bigint | undefined
  writeOperations?: bigint | undefined
  discardOperations?: bigint | undefined
}
export const BlkioDeviceStatistics: MessageType<BlkioDeviceStatistics> = message('meseta.native.v1.BlkioDeviceStatistics')

export interface HugetlbStatistics {
  pageSize: string
  usageBytes?: bigint | undefined
  maxUsageBytes?: bigint | undefined
  failCount?: bigint | undefined
}
export const HugetlbStatistics: MessageType<HugetlbStatistics> = message('meseta.native.v1.HugetlbStatistics')

export interface PressureStatistics {
  cpu?: Stall | undefined
  memory?: Stall | undefined
  io?: Stall | undefined
}
export const PressureStatistics: MessageType<PressureStatistics> = message('meseta.native.v1.PressureStatistics')

export interface Stall {
  some?: StallTime | undefined
  full?: StallTime | undefined
}
export const Stall: MessageType<Stall> = message('meseta.native.v1.Stall')

/** Shares of wall time in percent over 10, 60 and 300 seconds, and microseconds in all. */
export interface StallTime {
  avg10: number
  avg60: number
  avg300: number
  totalUs: bigint
}
export const StallTime: MessageType<StallTime> = message('meseta.native.v1.StallTime')

/** Which to count, by the names of perf: `cycles`, `context-switches`, `LLC-load-misses` … */
export interface PerfEvents {
  names?: string[] | undefined
}
export const PerfEvents: MessageType<PerfEvents> = message('meseta.native.v1.PerfEvents')

/** Nanoseconds for clocks. Scaled up where the processor had too few counters to count all the time. */
export interface PerfCounter {
  name: string
  value: bigint
}
export const PerfCounter: MessageType<PerfCounter> = message('meseta.native.v1.PerfCounter')

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
  swapLimitBytes?: bigint | undefined
  kernelBytes?: bigint | undefined
  kernelTcpBytes?: bigint | undefined
  fileDirtyBytes?: bigint | undefined
  fileWritebackBytes?: bigint | undefined
  pageFaults?: bigint | undefined
  majorPageFaults?: bigint | undefined
  /** How often reclaim was light, costly, close to out of memory (row 6-023); v1 only. */
  lowPressureCount?: bigint | undefined
  mediumPressureCount?: bigint | undefined
  criticalPressureCount?: bigint | undefined
  /** Memory and swap together, as `swap_limit_bytes` limits it. */
  memoryAndSwapBytes?: bigint | undefined
}
export const MemoryStatistics: MessageType<MemoryStatistics> = message('meseta.native.v1.MemoryStatistics')

/** State of the memory cgroup at an out-of-memory event: what the message to the scheduler is made of. */
export interface MemoryPressure {
  limitBytes?: bigint | undefined
  maxUsageBytes?: bigint | undefined
  oomKills?: bigint | undefined
  /** memory.stat as the kernel wrote it. */
  memoryStat?: string | undefined
}
export const MemoryPressure: MessageType<MemoryPressure> = message('meseta.native.v1.MemoryPressure')

/** A profile after names were chosen for this kernel and these capabilities: the addon compiles it into a program of the kernel's. */
export interface SeccompProfile {
  /** SCMP_ACT_*, for what no rule says. */
  defaultAction: string
  defaultErrno?: number | undefined
  rules?: SeccompRule[] | undefined
  /** SECCOMP_FILTER_FLAG_*, by name. */
  flags?: string[] | undefined
  /** SCMP_ARCH_*; the host's own is always there. */
  architectures?: string[] | undefined
}
export const SeccompProfile: MessageType<SeccompProfile> = message('meseta.native.v1.SeccompProfile')

/**
 * The names get the action when all conditions hold; two conditions on one argument are alternatives, as in Docker's profiles. Rules for one call are
 * alternatives too: one without conditions wins, else the first that holds. Names that the kernel does not know are left out.
 */
export interface SeccompRule {
  names?: string[] | undefined
  action: string
  errno?: number | undefined
  conditions?: SeccompCondition[] | undefined
}
export const SeccompRule: MessageType<SeccompRule> = message('meseta.native.v1.SeccompRule')

export interface SeccompCondition {
  index: number
  /** SCMP_CMP_*. */
  operator: string
  value: bigint
  /** Of SCMP_CMP_MASKED_EQ: what the masked value must be. */
  valueTwo?: bigint | undefined
}
export const SeccompCondition: MessageType<SeccompCondition> = message('meseta.native.v1.SeccompCondition')

/** What directories hold, as du counts it: allocated blocks, each file once however many names it has, no link followed, no other file system entered. */
export interface DiskUsageRequest {
  /** Absolute. One that does not exist holds nothing. */
  directories?: string[] | undefined
  /** Directories below them that do not count. */
  excluded?: string[] | undefined
  /** As soon as so much has been found, more does not matter. */
  enoughBytes?: bigint | undefined
}
export const DiskUsageRequest: MessageType<DiskUsageRequest> = message('meseta.native.v1.DiskUsageRequest')

export interface DiskUsage {
  bytes: bigint
  entries: bigint
  /** At least so much: something could not be read, or moved meanwhile. */
  incomplete?: boolean | undefined
  /** At least so much: it was enough. */
  enough?: boolean | undefined
}
export const DiskUsage: MessageType<DiskUsage> = message('meseta.native.v1.DiskUsage')

export const ProjectAction = {
  PROBE: 0,
  TAKE: 1,
  GIVE: 2,
  LIMIT: 3,
  USAGE: 4,
  FIND: 5,
} as const
export type ProjectAction = (typeof ProjectAction)[keyof typeof ProjectAction]

export interface ProjectRequest {
  action: ProjectAction
  /** Absolute: says which file system, too. */
  directory: string
  project?: number | undefined
  first?: number | undefined
  last?: number | undefined
  taken?: number[] | undefined
  softBytes?: bigint | undefined
  hardBytes?: bigint | undefined
}
export const ProjectRequest: MessageType<ProjectRequest> = message('meseta.native.v1.ProjectRequest')

export interface ProjectAnswer {
  project?: number | undefined
  usedBytes?: bigint | undefined
}
export const ProjectAnswer: MessageType<ProjectAnswer> = message('meseta.native.v1.ProjectAnswer')

export interface Gpus {
  gpus?: Gpu[] | undefined
  driverVersion?: string | undefined
}
export const Gpus: MessageType<Gpus> = message('meseta.native.v1.Gpus')

export interface Gpu {
  /** As the library counts, and as --nvidia_gpu_devices names it. */
  index: number
  uuid: string
  /** Of /dev/nvidia<minor>. */
  minor: number
  /** `00000000:3B:00.0`. */
  pciBusId: string
  name?: string | undefined
}
export const Gpu: MessageType<Gpu> = message('meseta.native.v1.Gpu')

/** One archive, unpacked in one pass: bytes as they come, their digest, decompressed, the digest of that, entries on disk. */
export interface UnpackRequest {
  /** Absolute, in one that exists; made by the operation, and removed again when it fails or is abandoned. */
  directory: string
  /** Absent: the caller feeds the bytes. */
  source?: ArchiveRegion | undefined
  /** Of the bytes as they come, `sha256:<hex>` or `sha512:<hex>`: another one fails the operation. Absent: it is only told. */
  digest?: string | undefined
  /** Of the decompressed archive; the same. */
  diffId?: string | undefined
  /** How many bytes come. */
  size?: bigint | undefined
  /** Fails the operation when the archive holds more (S62). */
  mostBytes?: bigint | undefined
  mostEntries?: bigint | undefined
  /** Names that begin with this directory lose it, and all others are left out (`rootfs` of Appc). */
  strip?: string | undefined
  /** Small files whose content is wanted, by their whole names in the archive; they may be ones that `strip` leaves out. */
  wanted?: string[] | undefined
  /** `.wh.` names are marks for an overlay, as in layers; without it they are names like any other. */
  whiteouts?: boolean | undefined
}
export const UnpackRequest: MessageType<UnpackRequest> = message('meseta.native.v1.UnpackRequest')

/** Part of a file; without `size` all from `offset` on. */
export interface ArchiveRegion {
  path: string
  offset?: bigint | undefined
  size?: bigint | undefined
}
export const ArchiveRegion: MessageType<ArchiveRegion> = message('meseta.native.v1.ArchiveRegion')

export const Compression = {
  NONE: 0,
  GZIP: 1,
  ZSTD: 2,
  BZIP2: 3,
  XZ: 4,
} as const
export type Compression = (typeof Compression)[keyof typeof Compression]

export interface Unpacked {
  /** Always sha256, also where the request named another. */
  digest: string
  diffId: string
  /** As they came. */
  size: bigint
  unpackedBytes: bigint
  entries: bigint
  compression: Compression
  /** Directories that the archive does not have, but that files of it lie in: they look like those of the layers below once these are known. */
  impliedDirectories?: Uint8Array[] | undefined
  /** What was left out and why, a sentence each; at most a hundred. */
  leftOut?: string[] | undefined
  wanted?: ArchiveFile[] | undefined
  /** Nothing of the layers below is seen any more. Overlays do not look for this mark on a layer itself. */
  hidesBelow: boolean
}
export const Unpacked: MessageType<Unpacked> = message('meseta.native.v1.Unpacked')

export interface ArchiveFile {
  name: string
  content: Uint8Array
}
export const ArchiveFile: MessageType<ArchiveFile> = message('meseta.native.v1.ArchiveFile')

/** What is in a tar archive that holds others (`docker save`, an OCI layout in one file), without unpacking it. */
export interface ArchiveIndex {
  entries?: ArchiveEntry[] | undefined
}
export const ArchiveIndex: MessageType<ArchiveIndex> = message('meseta.native.v1.ArchiveIndex')

export interface ArchiveEntry {
  name: string
  /** Of its content, in the archive's file; the archive must not be compressed. */
  offset: bigint
  size: bigint
  /** What a link stands for. */
  link?: string | undefined
}
export const ArchiveEntry: MessageType<ArchiveEntry> = message('meseta.native.v1.ArchiveEntry')

export interface UnpackProgress {
  operation: number
  bytesIn: bigint
  unpackedBytes: bigint
  entries: bigint
  /** Set when the caller may feed again. */
  drained?: boolean | undefined
}
export const UnpackProgress: MessageType<UnpackProgress> = message('meseta.native.v1.UnpackProgress')

export interface ArchiveEvents {
  progress?: UnpackProgress[] | undefined
  completions?: HostCompletion[] | undefined
}
export const ArchiveEvents: MessageType<ArchiveEvents> = message('meseta.native.v1.ArchiveEvents')

/** Where a file of a task shall lie. */
export interface UserPlace {
  /** Absolute; found with the agent's own rights. */
  sandbox: string
  /** Who takes the steps below it. Absent: the agent. */
  user?: Identity | undefined
  /** Below the sandbox, never through a symbolic link. What is missing of its directories is made. */
  path: string
}
export const UserPlace: MessageType<UserPlace> = message('meseta.native.v1.UserPlace')

/** A descriptor is the caller's from then on. */
export interface UserFile {
  descriptor: number
  size: bigint
  /** The name that a new file has until it is finished, beside the one that it shall have. */
  temporary?: string | undefined
}
export const UserFile: MessageType<UserFile> = message('meseta.native.v1.UserFile')

export interface FinishRequest {
  place: UserPlace
  temporary: string
  /** Absent: it is removed. */
  descriptor?: number | undefined
  executable?: boolean | undefined
}
export const FinishRequest: MessageType<FinishRequest> = message('meseta.native.v1.FinishRequest')

export const ArchiveFormat = {
  TAR: 0,
  ZIP: 1,
  COMPRESSED_FILE: 2,
} as const
export type ArchiveFormat = (typeof ArchiveFormat)[keyof typeof ArchiveFormat]

export interface ExtractRequest {
  /** The path is the file's for COMPRESSED_FILE, else the directory's, or empty: the sandbox itself. */
  place: UserPlace
  descriptor: number
  format: ArchiveFormat
  /** Fails the operation when more comes out. */
  mostBytes: bigint
  mostEntries: bigint
  /** Names at the top that no entry may take. */
  reserved?: string[] | undefined
}
export const ExtractRequest: MessageType<ExtractRequest> = message('meseta.native.v1.ExtractRequest')

export interface Extracted {
  bytes: bigint
  entries: bigint
  /** What was left out and why, a sentence each; at most ten. */
  leftOut?: string[] | undefined
}
export const Extracted: MessageType<Extracted> = message('meseta.native.v1.Extracted')
