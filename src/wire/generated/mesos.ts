// Generated from proto/ by scripts/generate.mjs: do not edit.
import { type MessageType, message } from '../message.js'

export const Status = {
  DRIVER_NOT_STARTED: 1,
  DRIVER_RUNNING: 2,
  DRIVER_ABORTED: 3,
  DRIVER_STOPPED: 4,
} as const
export type Status = (typeof Status)[keyof typeof Status]

/**
 * Terminal are FINISHED, FAILED, KILLED, ERROR, LOST, DROPPED, GONE and GONE_BY_OPERATOR; UNREACHABLE and UNKNOWN may still change.
 * Those from DROPPED on are only sent to frameworks that are PARTITION_AWARE, the others get LOST (1-058).
 */
export const TaskState = {
  TASK_STAGING: 6,
  TASK_STARTING: 0,
  TASK_RUNNING: 1,
  TASK_KILLING: 8,
  TASK_FINISHED: 2,
  TASK_FAILED: 3,
  TASK_KILLED: 4,
  TASK_ERROR: 7,
  TASK_LOST: 5,
  TASK_DROPPED: 9,
  TASK_UNREACHABLE: 10,
  TASK_GONE: 11,
  TASK_GONE_BY_OPERATOR: 12,
  TASK_UNKNOWN: 13,
} as const
export type TaskState = (typeof TaskState)[keyof typeof TaskState]

/** Terminal are FINISHED, FAILED, ERROR, DROPPED and GONE_BY_OPERATOR (1-100). */
export const OperationState = {
  OPERATION_UNSUPPORTED: 0,
  OPERATION_PENDING: 1,
  OPERATION_FINISHED: 2,
  OPERATION_FAILED: 3,
  OPERATION_ERROR: 4,
  OPERATION_DROPPED: 5,
  OPERATION_UNREACHABLE: 6,
  OPERATION_GONE_BY_OPERATOR: 7,
  OPERATION_RECOVERING: 8,
  OPERATION_UNKNOWN: 9,
} as const
export type OperationState = (typeof OperationState)[keyof typeof OperationState]

export const DrainState = {
  UNKNOWN: 0,
  DRAINING: 1,
  DRAINED: 2,
} as const
export type DrainState = (typeof DrainState)[keyof typeof DrainState]

/** `<master id>-0000`, given by the master; the scheduler keeps it to come back as the same framework (1-053). */
export interface FrameworkID {
  value: string
}
export const FrameworkID: MessageType<FrameworkID> = message('mesos.v1.FrameworkID')

export interface OfferID {
  value: string
}
export const OfferID: MessageType<OfferID> = message('mesos.v1.OfferID')

export interface AgentID {
  value: string
}
export const AgentID: MessageType<AgentID> = message('mesos.v1.AgentID')

/** Chosen by the scheduler: a file name of at most 255 bytes (1-090). */
export interface TaskID {
  value: string
}
export const TaskID: MessageType<TaskID> = message('mesos.v1.TaskID')

export interface ExecutorID {
  value: string
}
export const ExecutorID: MessageType<ExecutorID> = message('mesos.v1.ExecutorID')

/** Chosen by the agent, or by who launches a nested container. A nested container has a parent, to any depth. */
export interface ContainerID {
  value: string
  parent?: ContainerID | undefined
}
export const ContainerID: MessageType<ContainerID> = message('mesos.v1.ContainerID')

export interface ResourceProviderID {
  value: string
}
export const ResourceProviderID: MessageType<ResourceProviderID> = message('mesos.v1.ResourceProviderID')

export interface OperationID {
  value: string
}
export const OperationID: MessageType<OperationID> = message('mesos.v1.OperationID')

/** A moment: nanoseconds since the epoch. */
export interface TimeInfo {
  nanoseconds: bigint
}
export const TimeInfo: MessageType<TimeInfo> = message('mesos.v1.TimeInfo')

/** A length of time in nanoseconds. */
export interface DurationInfo {
  nanoseconds: bigint
}
export const DurationInfo: MessageType<DurationInfo> = message('mesos.v1.DurationInfo')

export interface Address {
  hostname?: string | undefined
  ip?: string | undefined
  port: number
}
export const Address: MessageType<Address> = message('mesos.v1.Address')

export interface URL {
  scheme: string
  address: Address
  path?: string | undefined
  query?: Parameter[] | undefined
  fragment?: string | undefined
}
export const URL: MessageType<URL> = message('mesos.v1.URL')

/** When a machine will not be there; without duration, for good (1-077). */
export interface Unavailability {
  start: TimeInfo
  duration?: DurationInfo | undefined
}
export const Unavailability: MessageType<Unavailability> = message('mesos.v1.Unavailability')

/** At least one of the two; the host name counts without case. */
export interface MachineID {
  hostname?: string | undefined
  ip?: string | undefined
}
export const MachineID: MessageType<MachineID> = message('mesos.v1.MachineID')

export interface MachineInfo {
  id: MachineID
  mode?: MachineInfoMode | undefined
  unavailability?: Unavailability | undefined
}
export const MachineInfo: MessageType<MachineInfo> = message('mesos.v1.MachineInfo')

export const MachineInfoMode = {
  UP: 1,
  DRAINING: 2,
  DOWN: 3,
} as const
export type MachineInfoMode = (typeof MachineInfoMode)[keyof typeof MachineInfoMode]

/** A framework as it describes itself when it subscribes (1-049). What may change later: 1-052. */
export interface FrameworkInfo {
  /** The user as which its tasks run, unless a command names one. */
  user: string
  name: string
  /** Set when it comes back, not on the first subscription (1-020). */
  id?: FrameworkID | undefined
  /** Seconds that its tasks outlive its connection; then they are killed (1-050). */
  failoverTimeout?: number | undefined
  /** Whether executors and tasks survive a restart of the agent (1-051). */
  checkpoint?: boolean | undefined
  /** Before MULTI_ROLE; `roles` has taken its place (1-059). */
  role?: string | undefined
  roles?: string[] | undefined
  hostname?: string | undefined
  /** Who pays for it: must be the authenticated one where there is authentication (1-015). */
  principal?: string | undefined
  webuiUrl?: string | undefined
  capabilities?: FrameworkInfoCapability[] | undefined
  labels?: Labels | undefined
  /** By role: offers with less than this are not sent (1-072). */
  offerFilters?: Record<string, OfferFilters> | undefined
}
export const FrameworkInfo: MessageType<FrameworkInfo> = message('mesos.v1.FrameworkInfo')

export interface FrameworkInfoCapability {
  type?: FrameworkInfoCapabilityType | undefined
}
export const FrameworkInfoCapability: MessageType<FrameworkInfoCapability> = message('mesos.v1.FrameworkInfo.Capability')

export const FrameworkInfoCapabilityType = {
  UNKNOWN: 0,
  REVOCABLE_RESOURCES: 1,
  TASK_KILLING_STATE: 2,
  GPU_RESOURCES: 3,
  SHARED_RESOURCES: 4,
  PARTITION_AWARE: 5,
  MULTI_ROLE: 6,
  RESERVATION_REFINEMENT: 7,
  REGION_AWARE: 8,
} as const
export type FrameworkInfoCapabilityType = (typeof FrameworkInfoCapabilityType)[keyof typeof FrameworkInfoCapabilityType]

/** Looks into a task from time to time and reports what it saw; never kills (5-049). */
export interface CheckInfo {
  type?: CheckInfoType | undefined
  command?: CheckInfoCommand | undefined
  http?: CheckInfoHttp | undefined
  tcp?: CheckInfoTcp | undefined
  delaySeconds?: number | undefined
  intervalSeconds?: number | undefined
  timeoutSeconds?: number | undefined
}
export const CheckInfo: MessageType<CheckInfo> = message('mesos.v1.CheckInfo')

export const CheckInfoType = {
  UNKNOWN: 0,
  COMMAND: 1,
  HTTP: 2,
  TCP: 3,
} as const
export type CheckInfoType = (typeof CheckInfoType)[keyof typeof CheckInfoType]

export interface CheckInfoCommand {
  command: CommandInfo
}
export const CheckInfoCommand: MessageType<CheckInfoCommand> = message('mesos.v1.CheckInfo.Command')

export interface CheckInfoHttp {
  port: number
  path?: string | undefined
}
export const CheckInfoHttp: MessageType<CheckInfoHttp> = message('mesos.v1.CheckInfo.Http')

export interface CheckInfoTcp {
  port: number
}
export const CheckInfoTcp: MessageType<CheckInfoTcp> = message('mesos.v1.CheckInfo.Tcp')

/** Like a check, but a task that fails it too often is killed (5-044). */
export interface HealthCheck {
  delaySeconds?: number | undefined
  intervalSeconds?: number | undefined
  timeoutSeconds?: number | undefined
  /** So many failures in a row kill the task. */
  consecutiveFailures?: number | undefined
  /** Failures so soon after the start do not count. */
  gracePeriodSeconds?: number | undefined
  type?: HealthCheckType | undefined
  command?: CommandInfo | undefined
  http?: HealthCheckHTTPCheckInfo | undefined
  tcp?: HealthCheckTCPCheckInfo | undefined
}
export const HealthCheck: MessageType<HealthCheck> = message('mesos.v1.HealthCheck')

export const HealthCheckType = {
  UNKNOWN: 0,
  COMMAND: 1,
  HTTP: 2,
  TCP: 3,
} as const
export type HealthCheckType = (typeof HealthCheckType)[keyof typeof HealthCheckType]

export interface HealthCheckHTTPCheckInfo {
  protocol?: NetworkInfoProtocol | undefined
  scheme?: string | undefined
  port: number
  path?: string | undefined
  statuses?: number[] | undefined
}
export const HealthCheckHTTPCheckInfo: MessageType<HealthCheckHTTPCheckInfo> = message('mesos.v1.HealthCheck.HTTPCheckInfo')

export interface HealthCheckTCPCheckInfo {
  protocol?: NetworkInfoProtocol | undefined
  port: number
}
export const HealthCheckTCPCheckInfo: MessageType<HealthCheckTCPCheckInfo> = message('mesos.v1.HealthCheck.TCPCheckInfo')

export interface KillPolicy {
  /** Between SIGTERM and SIGKILL; 3 seconds if not set (2-041). */
  gracePeriod?: DurationInfo | undefined
}
export const KillPolicy: MessageType<KillPolicy> = message('mesos.v1.KillPolicy')

/** What is started: `value` by a shell, or, with shell = false, the program `value` with `arguments`, of which the first is its own name. */
export interface CommandInfo {
  uris?: CommandInfoURI[] | undefined
  environment?: Environment | undefined
  shell?: boolean | undefined
  value?: string | undefined
  arguments?: string[] | undefined
  user?: string | undefined
}
export const CommandInfo: MessageType<CommandInfo> = message('mesos.v1.CommandInfo')

/** Fetched into the sandbox before the start (5-034). */
export interface CommandInfoURI {
  value: string
  executable?: boolean | undefined
  extract?: boolean | undefined
  cache?: boolean | undefined
  /** Relative to the sandbox; never outside of it (B42). */
  outputFile?: string | undefined
}
export const CommandInfoURI: MessageType<CommandInfoURI> = message('mesos.v1.CommandInfo.URI')

/** Who runs tasks on the agent: a program of the framework (CUSTOM), or the built-in one for task groups (DEFAULT). */
export interface ExecutorInfo {
  type?: ExecutorInfoType | undefined
  executorId: ExecutorID
  frameworkId?: FrameworkID | undefined
  command?: CommandInfo | undefined
  container?: ContainerInfo | undefined
  resources?: Resource[] | undefined
  name?: string | undefined
  source?: string | undefined
  data?: Uint8Array | undefined
  discovery?: DiscoveryInfo | undefined
  /** Between SHUTDOWN and the end of its container. */
  shutdownGracePeriod?: DurationInfo | undefined
  labels?: Labels | undefined
}
export const ExecutorInfo: MessageType<ExecutorInfo> = message('mesos.v1.ExecutorInfo')

export const ExecutorInfoType = {
  UNKNOWN: 0,
  DEFAULT: 1,
  CUSTOM: 2,
} as const
export type ExecutorInfoType = (typeof ExecutorInfoType)[keyof typeof ExecutorInfoType]

export interface DomainInfo {
  faultDomain?: DomainInfoFaultDomain | undefined
}
export const DomainInfo: MessageType<DomainInfo> = message('mesos.v1.DomainInfo')

export interface DomainInfoFaultDomain {
  region: DomainInfoFaultDomainRegionInfo
  zone: DomainInfoFaultDomainZoneInfo
}
export const DomainInfoFaultDomain: MessageType<DomainInfoFaultDomain> = message('mesos.v1.DomainInfo.FaultDomain')

export interface DomainInfoFaultDomainRegionInfo {
  name: string
}
export const DomainInfoFaultDomainRegionInfo: MessageType<DomainInfoFaultDomainRegionInfo> = message('mesos.v1.DomainInfo.FaultDomain.RegionInfo')

export interface DomainInfoFaultDomainZoneInfo {
  name: string
}
export const DomainInfoFaultDomainZoneInfo: MessageType<DomainInfoFaultDomainZoneInfo> = message('mesos.v1.DomainInfo.FaultDomain.ZoneInfo')

export interface MasterInfo {
  id: string
  /** IPv4 as the four bytes lie in memory: 127.0.0.1 is 16777343. `address` is for people. */
  ip: number
  port: number
  pid?: string | undefined
  hostname?: string | undefined
  version?: string | undefined
  address?: Address | undefined
  domain?: DomainInfo | undefined
  capabilities?: MasterInfoCapability[] | undefined
}
export const MasterInfo: MessageType<MasterInfo> = message('mesos.v1.MasterInfo')

export interface MasterInfoCapability {
  type?: MasterInfoCapabilityType | undefined
}
export const MasterInfoCapability: MessageType<MasterInfoCapability> = message('mesos.v1.MasterInfo.Capability')

export const MasterInfoCapabilityType = {
  UNKNOWN: 0,
  AGENT_UPDATE: 1,
  AGENT_DRAINING: 2,
  QUOTA_V2: 3,
} as const
export type MasterInfoCapabilityType = (typeof MasterInfoCapabilityType)[keyof typeof MasterInfoCapabilityType]

/** An agent as it describes itself when it registers. */
export interface AgentInfo {
  hostname: string
  port?: number | undefined
  resources?: Resource[] | undefined
  attributes?: Attribute[] | undefined
  id?: AgentID | undefined
  /** Not in the table of the v1 API, but in the answers of a real master's operator API (always true there), and nowhere else. */
  checkpoint?: boolean | undefined
  domain?: DomainInfo | undefined
}
export const AgentInfo: MessageType<AgentInfo> = message('mesos.v1.AgentInfo')

export interface AgentInfoCapability {
  type?: AgentInfoCapabilityType | undefined
}
export const AgentInfoCapability: MessageType<AgentInfoCapability> = message('mesos.v1.AgentInfo.Capability')

export const AgentInfoCapabilityType = {
  UNKNOWN: 0,
  MULTI_ROLE: 1,
  HIERARCHICAL_ROLE: 2,
  RESERVATION_REFINEMENT: 3,
  RESOURCE_PROVIDER: 4,
  RESIZE_VOLUME: 5,
  AGENT_OPERATION_FEEDBACK: 6,
  AGENT_DRAINING: 7,
  TASK_RESOURCE_LIMITS: 8,
} as const
export type AgentInfoCapabilityType = (typeof AgentInfoCapabilityType)[keyof typeof AgentInfoCapabilityType]

export interface CSIPluginContainerInfo {
  services?: CSIPluginContainerInfoService[] | undefined
  command?: CommandInfo | undefined
  resources?: Resource[] | undefined
  container?: ContainerInfo | undefined
}
export const CSIPluginContainerInfo: MessageType<CSIPluginContainerInfo> = message('mesos.v1.CSIPluginContainerInfo')

export const CSIPluginContainerInfoService = {
  UNKNOWN: 0,
  CONTROLLER_SERVICE: 1,
  NODE_SERVICE: 2,
} as const
export type CSIPluginContainerInfoService = (typeof CSIPluginContainerInfoService)[keyof typeof CSIPluginContainerInfoService]

export interface CSIPluginEndpoint {
  csiService: CSIPluginContainerInfoService
  endpoint: string
}
export const CSIPluginEndpoint: MessageType<CSIPluginEndpoint> = message('mesos.v1.CSIPluginEndpoint')

export interface CSIPluginInfo {
  type: string
  name?: string | undefined
  containers?: CSIPluginContainerInfo[] | undefined
  endpoints?: CSIPluginEndpoint[] | undefined
  targetPathRoot?: string | undefined
  targetPathExists?: boolean | undefined
}
export const CSIPluginInfo: MessageType<CSIPluginInfo> = message('mesos.v1.CSIPluginInfo')

export interface ResourceProviderInfo {
  id?: ResourceProviderID | undefined
  attributes?: Attribute[] | undefined
  type: string
  name: string
  defaultReservations?: ResourceReservationInfo[] | undefined
  storage?: ResourceProviderInfoStorage | undefined
}
export const ResourceProviderInfo: MessageType<ResourceProviderInfo> = message('mesos.v1.ResourceProviderInfo')

export interface ResourceProviderInfoStorage {
  plugin: CSIPluginInfo
  reconciliationIntervalSeconds?: number | undefined
}
export const ResourceProviderInfoStorage: MessageType<ResourceProviderInfoStorage> = message('mesos.v1.ResourceProviderInfo.Storage')

/** `type` says which one of the others is set. Scalars are exact to three decimals, as fixed point (B50). */
export interface Value {
  type: ValueType
  scalar?: ValueScalar | undefined
  ranges?: ValueRanges | undefined
  set?: ValueSet | undefined
  text?: ValueText | undefined
}
export const Value: MessageType<Value> = message('mesos.v1.Value')

export const ValueType = {
  SCALAR: 0,
  RANGES: 1,
  SET: 2,
  TEXT: 3,
} as const
export type ValueType = (typeof ValueType)[keyof typeof ValueType]

export interface ValueScalar {
  value: number
}
export const ValueScalar: MessageType<ValueScalar> = message('mesos.v1.Value.Scalar')

/** Both ends belong to it. */
export interface ValueRange {
  begin: bigint
  end: bigint
}
export const ValueRange: MessageType<ValueRange> = message('mesos.v1.Value.Range')

export interface ValueRanges {
  range?: ValueRange[] | undefined
}
export const ValueRanges: MessageType<ValueRanges> = message('mesos.v1.Value.Ranges')

export interface ValueSet {
  item?: string[] | undefined
}
export const ValueSet: MessageType<ValueSet> = message('mesos.v1.Value.Set')

export interface ValueText {
  value: string
}
export const ValueText: MessageType<ValueText> = message('mesos.v1.Value.Text')

/** Something about an agent that schedulers may choose by; never used up. */
export interface Attribute {
  name: string
  type: ValueType
  scalar?: ValueScalar | undefined
  ranges?: ValueRanges | undefined
  set?: ValueSet | undefined
  text?: ValueText | undefined
}
export const Attribute: MessageType<Attribute> = message('mesos.v1.Attribute')

/** An amount of something on an agent, with all that must be equal for two amounts to be added. */
export interface Resource {
  /** Of a resource that is not the agent's own. */
  providerId?: ResourceProviderID | undefined
  name: string
  type: ValueType
  scalar?: ValueScalar | undefined
  ranges?: ValueRanges | undefined
  set?: ValueSet | undefined
  /** Before RESERVATION_REFINEMENT, with `reservation`; `reservations` has taken their place (1-060). */
  role?: string | undefined
  allocationInfo?: ResourceAllocationInfo | undefined
  reservation?: ResourceReservationInfo | undefined
  reservations?: ResourceReservationInfo[] | undefined
  disk?: ResourceDiskInfo | undefined
  /** Set: lent out while its owner does not use it, and may be taken back at any moment (1-054). */
  revocable?: ResourceRevocableInfo | undefined
  /** Set: several tasks may use it at once; only persistent volumes (1-057). */
  shared?: ResourceSharedInfo | undefined
}
export const Resource: MessageType<Resource> = message('mesos.v1.Resource')

/** The role to which an offer gives it; tasks send it back unchanged (1-064). */
export interface ResourceAllocationInfo {
  role?: string | undefined
}
export const ResourceAllocationInfo: MessageType<ResourceAllocationInfo> = message('mesos.v1.Resource.AllocationInfo')

/** For whom it is kept. A list of them is a stack: each refines the role of the one before (1-060). */
export interface ResourceReservationInfo {
  type?: ResourceReservationInfoType | undefined
  role?: string | undefined
  principal?: string | undefined
  labels?: Labels | undefined
}
export const ResourceReservationInfo: MessageType<ResourceReservationInfo> = message('mesos.v1.Resource.ReservationInfo')

export const ResourceReservationInfoType = {
  UNKNOWN: 0,
  STATIC: 1,
  DYNAMIC: 2,
} as const
export type ResourceReservationInfoType = (typeof ResourceReservationInfoType)[keyof typeof ResourceReservationInfoType]

/** Which disk, and which persistent volume on it. */
export interface ResourceDiskInfo {
  persistence?: ResourceDiskInfoPersistence | undefined
  volume?: Volume | undefined
  source?: ResourceDiskInfoSource | undefined
}
export const ResourceDiskInfo: MessageType<ResourceDiskInfo> = message('mesos.v1.Resource.DiskInfo')

export interface ResourceDiskInfoPersistence {
  id: string
  principal?: string | undefined
}
export const ResourceDiskInfoPersistence: MessageType<ResourceDiskInfoPersistence> = message('mesos.v1.Resource.DiskInfo.Persistence')

export interface ResourceDiskInfoSource {
  type: ResourceDiskInfoSourceType
  path?: ResourceDiskInfoSourcePath | undefined
  mount?: ResourceDiskInfoSourceMount | undefined
  vendor?: string | undefined
  id?: string | undefined
  metadata?: Labels | undefined
  profile?: string | undefined
}
export const ResourceDiskInfoSource: MessageType<ResourceDiskInfoSource> = message('mesos.v1.Resource.DiskInfo.Source')

export const ResourceDiskInfoSourceType = {
  UNKNOWN: 0,
  PATH: 1,
  MOUNT: 2,
  BLOCK: 3,
  RAW: 4,
} as const
export type ResourceDiskInfoSourceType = (typeof ResourceDiskInfoSourceType)[keyof typeof ResourceDiskInfoSourceType]

export interface ResourceDiskInfoSourcePath {
  root?: string | undefined
}
export const ResourceDiskInfoSourcePath: MessageType<ResourceDiskInfoSourcePath> = message('mesos.v1.Resource.DiskInfo.Source.Path')

export interface ResourceDiskInfoSourceMount {
  root?: string | undefined
}
export const ResourceDiskInfoSourceMount: MessageType<ResourceDiskInfoSourceMount> = message('mesos.v1.Resource.DiskInfo.Source.Mount')

export interface ResourceRevocableInfo {}
export const ResourceRevocableInfo: MessageType<ResourceRevocableInfo> = message('mesos.v1.Resource.RevocableInfo')

export interface ResourceSharedInfo {}
export const ResourceSharedInfo: MessageType<ResourceSharedInfo> = message('mesos.v1.Resource.SharedInfo')

export interface TrafficControlStatistics {
  id: string
  backlog?: bigint | undefined
  bytes?: bigint | undefined
  drops?: bigint | undefined
  overlimits?: bigint | undefined
  packets?: bigint | undefined
  qlen?: bigint | undefined
  ratebps?: bigint | undefined
  ratepps?: bigint | undefined
  requeues?: bigint | undefined
}
export const TrafficControlStatistics: MessageType<TrafficControlStatistics> = message('mesos.v1.TrafficControlStatistics')

export interface IpStatistics {
  Forwarding?: bigint | undefined
  DefaultTTL?: bigint | undefined
  InReceives?: bigint | undefined
  InHdrErrors?: bigint | undefined
  InAddrErrors?: bigint | undefined
  ForwDatagrams?: bigint | undefined
  InUnknownProtos?: bigint | undefined
  InDiscards?: bigint | undefined
  InDelivers?: bigint | undefined
  OutRequests?: bigint | undefined
  OutDiscards?: bigint | undefined
  OutNoRoutes?: bigint | undefined
  ReasmTimeout?: bigint | undefined
  ReasmReqds?: bigint | undefined
  ReasmOKs?: bigint | undefined
  ReasmFails?: bigint | undefined
  FragOKs?: bigint | undefined
  FragFails?: bigint | undefined
  FragCreates?: bigint | undefined
}
export const IpStatistics: MessageType<IpStatistics> = message('mesos.v1.IpStatistics')

export interface IcmpStatistics {
  InMsgs?: bigint | undefined
  InErrors?: bigint | undefined
  InCsumErrors?: bigint | undefined
  InDestUnreachs?: bigint | undefined
  InTimeExcds?: bigint | undefined
  InParmProbs?: bigint | undefined
  InSrcQuenchs?: bigint | undefined
  InRedirects?: bigint | undefined
  InEchos?: bigint | undefined
  InEchoReps?: bigint | undefined
  InTimestamps?: bigint | undefined
  InTimestampReps?: bigint | undefined
  InAddrMasks?: bigint | undefined
  InAddrMaskReps?: bigint | undefined
  OutMsgs?: bigint | undefined
  OutErrors?: bigint | undefined
  OutDestUnreachs?: bigint | undefined
  OutTimeExcds?: bigint | undefined
  OutParmProbs?: bigint | undefined
  OutSrcQuenchs?: bigint | undefined
  OutRedirects?: bigint | undefined
  OutEchos?: bigint | undefined
  OutEchoReps?: bigint | undefined
  OutTimestamps?: bigint | undefined
  OutTimestampReps?: bigint | undefined
  OutAddrMasks?: bigint | undefined
  OutAddrMaskReps?: bigint | undefined
}
export const IcmpStatistics: MessageType<IcmpStatistics> = message('mesos.v1.IcmpStatistics')

export interface TcpStatistics {
  RtoAlgorithm?: bigint | undefined
  RtoMin?: bigint | undefined
  RtoMax?: bigint | undefined
  MaxConn?: bigint | undefined
  ActiveOpens?: bigint | undefined
  PassiveOpens?: bigint | undefined
  AttemptFails?: bigint | undefined
  EstabResets?: bigint | undefined
  CurrEstab?: bigint | undefined
  InSegs?: bigint | undefined
  OutSegs?: bigint | undefined
  RetransSegs?: bigint | undefined
  InErrs?: bigint | undefined
  OutRsts?: bigint | undefined
  InCsumErrors?: bigint | undefined
}
export const TcpStatistics: MessageType<TcpStatistics> = message('mesos.v1.TcpStatistics')

export interface UdpStatistics {
  InDatagrams?: bigint | undefined
  NoPorts?: bigint | undefined
  InErrors?: bigint | undefined
  OutDatagrams?: bigint | undefined
  RcvbufErrors?: bigint | undefined
  SndbufErrors?: bigint | undefined
  InCsumErrors?: bigint | undefined
  IgnoredMulti?: bigint | undefined
}
export const UdpStatistics: MessageType<UdpStatistics> = message('mesos.v1.UdpStatistics')

export interface SNMPStatistics {
  ipStats?: IpStatistics | undefined
  icmpStats?: IcmpStatistics | undefined
  tcpStats?: TcpStatistics | undefined
  udpStats?: UdpStatistics | undefined
}
export const SNMPStatistics: MessageType<SNMPStatistics> = message('mesos.v1.SNMPStatistics')

export interface DiskStatistics {
  source?: ResourceDiskInfoSource | undefined
  persistence?: ResourceDiskInfoPersistence | undefined
  limitBytes?: bigint | undefined
  usedBytes?: bigint | undefined
}
export const DiskStatistics: MessageType<DiskStatistics> = message('mesos.v1.DiskStatistics')

/** What a container uses. Counters since its start, rates in bytes a second; what the kernel does not tell is not set. */
export interface ResourceStatistics {
  /** Seconds since the epoch. */
  timestamp: number
  processes?: number | undefined
  threads?: number | undefined
  cpusUserTimeSecs?: number | undefined
  cpusSystemTimeSecs?: number | undefined
  cpusLimit?: number | undefined
  cpusSoftLimit?: number | undefined
  cpusNrPeriods?: number | undefined
  cpusNrThrottled?: number | undefined
  cpusThrottledTimeSecs?: number | undefined
  memTotalBytes?: bigint | undefined
  memTotalMemswBytes?: bigint | undefined
  memKmemUsageBytes?: bigint | undefined
  memKmemTcpUsageBytes?: bigint | undefined
  memLimitBytes?: bigint | undefined
  memSoftLimitBytes?: bigint | undefined
  memFileBytes?: bigint | undefined
  memAnonBytes?: bigint | undefined
  memCacheBytes?: bigint | undefined
  memRssBytes?: bigint | undefined
  memMappedFileBytes?: bigint | undefined
  memSwapBytes?: bigint | undefined
  memUnevictableBytes?: bigint | undefined
  memLowPressureCounter?: bigint | undefined
  memMediumPressureCounter?: bigint | undefined
  memCriticalPressureCounter?: bigint | undefined
  diskLimitBytes?: bigint | undefined
  diskUsedBytes?: bigint | undefined
  diskStatistics?: DiskStatistics[] | undefined
  blkioStatistics?: CgroupInfoBlkioStatistics | undefined
  perf?: PerfStatistics | undefined
  netRxPackets?: bigint | undefined
  netRxBytes?: bigint | undefined
  netRxErrors?: bigint | undefined
  netRxDropped?: bigint | undefined
  netTxPackets?: bigint | undefined
  netTxBytes?: bigint | undefined
  netTxErrors?: bigint | undefined
  netTxDropped?: bigint | undefined
  netTxRateLimit?: bigint | undefined
  netTxBurstRateLimit?: bigint | undefined
  netTxBurstSize?: bigint | undefined
  netRxRateLimit?: bigint | undefined
  netRxBurstRateLimit?: bigint | undefined
  netRxBurstSize?: bigint | undefined
  netRateStatistics?: ResourceStatisticsRateStatistics | undefined
  netEphemeralPorts?: ValueRange | undefined
  netTcpRttMicrosecsP50?: number | undefined
  netTcpRttMicrosecsP90?: number | undefined
  netTcpRttMicrosecsP95?: number | undefined
  netTcpRttMicrosecsP99?: number | undefined
  netTcpActiveConnections?: number | undefined
  netTcpTimeWaitConnections?: number | undefined
  netTrafficControlStatistics?: TrafficControlStatistics[] | undefined
  netSnmpStatistics?: SNMPStatistics | undefined
}
export const ResourceStatistics: MessageType<ResourceStatistics> = message('mesos.v1.ResourceStatistics')

export interface ResourceStatisticsRatePercentiles {
  min?: bigint | undefined
  max?: bigint | undefined
  p50?: bigint | undefined
  p90?: bigint | undefined
  p95?: bigint | undefined
  p99?: bigint | undefined
  p999?: bigint | undefined
  p9999?: bigint | undefined
  samples?: bigint | undefined
}
export const ResourceStatisticsRatePercentiles: MessageType<ResourceStatisticsRatePercentiles> = message('mesos.v1.ResourceStatistics.RatePercentiles')

export interface ResourceStatisticsRateStatistics {
  rxRate?: ResourceStatisticsRatePercentiles | undefined
  rxPacketRate?: ResourceStatisticsRatePercentiles | undefined
  rxDropRate?: ResourceStatisticsRatePercentiles | undefined
  rxErrorRate?: ResourceStatisticsRatePercentiles | undefined
  txRate?: ResourceStatisticsRatePercentiles | undefined
  txPacketRate?: ResourceStatisticsRatePercentiles | undefined
  txDropRate?: ResourceStatisticsRatePercentiles | undefined
  txErrorRate?: ResourceStatisticsRatePercentiles | undefined
  samplingWindowSecs?: number | undefined
  samplingIntervalSecs?: number | undefined
}
export const ResourceStatisticsRateStatistics: MessageType<ResourceStatisticsRateStatistics> = message('mesos.v1.ResourceStatistics.RateStatistics')

export interface ResourceUsage {
  executors?: ResourceUsageExecutor[] | undefined
  total?: Resource[] | undefined
}
export const ResourceUsage: MessageType<ResourceUsage> = message('mesos.v1.ResourceUsage')

export interface ResourceUsageExecutor {
  executorInfo: ExecutorInfo
  allocated?: Resource[] | undefined
  statistics?: ResourceStatistics | undefined
  containerId: ContainerID
  tasks?: ResourceUsageExecutorTask[] | undefined
}
export const ResourceUsageExecutor: MessageType<ResourceUsageExecutor> = message('mesos.v1.ResourceUsage.Executor')

export interface ResourceUsageExecutorTask {
  name: string
  id: TaskID
  resources?: Resource[] | undefined
  labels?: Labels | undefined
}
export const ResourceUsageExecutorTask: MessageType<ResourceUsageExecutorTask> = message('mesos.v1.ResourceUsage.Executor.Task')

export interface PerfStatistics {
  timestamp: number
  duration: number
  cycles?: bigint | undefined
  stalledCyclesFrontend?: bigint | undefined
  stalledCyclesBackend?: bigint | undefined
  instructions?: bigint | undefined
  cacheReferences?: bigint | undefined
  cacheMisses?: bigint | undefined
  branches?: bigint | undefined
  branchMisses?: bigint | undefined
  busCycles?: bigint | undefined
  refCycles?: bigint | undefined
  cpuClock?: number | undefined
  taskClock?: number | undefined
  pageFaults?: bigint | undefined
  minorFaults?: bigint | undefined
  majorFaults?: bigint | undefined
  contextSwitches?: bigint | undefined
  cpuMigrations?: bigint | undefined
  alignmentFaults?: bigint | undefined
  emulationFaults?: bigint | undefined
  l1DcacheLoads?: bigint | undefined
  l1DcacheLoadMisses?: bigint | undefined
  l1DcacheStores?: bigint | undefined
  l1DcacheStoreMisses?: bigint | undefined
  l1DcachePrefetches?: bigint | undefined
  l1DcachePrefetchMisses?: bigint | undefined
  l1IcacheLoads?: bigint | undefined
  l1IcacheLoadMisses?: bigint | undefined
  l1IcachePrefetches?: bigint | undefined
  l1IcachePrefetchMisses?: bigint | undefined
  llcLoads?: bigint | undefined
  llcLoadMisses?: bigint | undefined
  llcStores?: bigint | undefined
  llcStoreMisses?: bigint | undefined
  llcPrefetches?: bigint | undefined
  llcPrefetchMisses?: bigint | undefined
  dtlbLoads?: bigint | undefined
  dtlbLoadMisses?: bigint | undefined
  dtlbStores?: bigint | undefined
  dtlbStoreMisses?: bigint | undefined
  dtlbPrefetches?: bigint | undefined
  dtlbPrefetchMisses?: bigint | undefined
  itlbLoads?: bigint | undefined
  itlbLoadMisses?: bigint | undefined
  branchLoads?: bigint | undefined
  branchLoadMisses?: bigint | undefined
  nodeLoads?: bigint | undefined
  nodeLoadMisses?: bigint | undefined
  nodeStores?: bigint | undefined
  nodeStoreMisses?: bigint | undefined
  nodePrefetches?: bigint | undefined
  nodePrefetchMisses?: bigint | undefined
}
export const PerfStatistics: MessageType<PerfStatistics> = message('mesos.v1.PerfStatistics')

/** The least that an offer must hold: one of the alternatives, whole (1-072). */
export interface OfferFilters {
  minAllocatableResources?: OfferFiltersMinAllocatableResources | undefined
}
export const OfferFilters: MessageType<OfferFilters> = message('mesos.v1.OfferFilters')

export interface OfferFiltersResourceQuantities {
  quantities?: Record<string, ValueScalar> | undefined
}
export const OfferFiltersResourceQuantities: MessageType<OfferFiltersResourceQuantities> = message('mesos.v1.OfferFilters.ResourceQuantities')

export interface OfferFiltersMinAllocatableResources {
  quantities?: OfferFiltersResourceQuantities[] | undefined
}
export const OfferFiltersMinAllocatableResources: MessageType<OfferFiltersMinAllocatableResources> = message('mesos.v1.OfferFilters.MinAllocatableResources')

export interface Request {
  agentId?: AgentID | undefined
  resources?: Resource[] | undefined
}
export const Request: MessageType<Request> = message('mesos.v1.Request')

/** What is free on one agent for one role, for the framework to take or leave (1-063). */
export interface Offer {
  id: OfferID
  frameworkId: FrameworkID
  agentId: AgentID
  hostname: string
  /** The agent's own address, for its API. */
  url?: URL | undefined
  domain?: DomainInfo | undefined
  resources?: Resource[] | undefined
  attributes?: Attribute[] | undefined
  /** The framework's executors that already run there. */
  executorIds?: ExecutorID[] | undefined
  /** The agent will go away then (1-077). */
  unavailability?: Unavailability | undefined
  allocationInfo?: ResourceAllocationInfo | undefined
}
export const Offer: MessageType<Offer> = message('mesos.v1.Offer')

/** One thing to do with what was offered; they happen in the order of the ACCEPT (1-022). */
export interface OfferOperation {
  type?: OfferOperationType | undefined
  /** Asks for status updates of this operation (1-087). */
  id?: OperationID | undefined
  launch?: OfferOperationLaunch | undefined
  launchGroup?: OfferOperationLaunchGroup | undefined
  reserve?: OfferOperationReserve | undefined
  unreserve?: OfferOperationUnreserve | undefined
  create?: OfferOperationCreate | undefined
  destroy?: OfferOperationDestroy | undefined
  growVolume?: OfferOperationGrowVolume | undefined
  shrinkVolume?: OfferOperationShrinkVolume | undefined
  createDisk?: OfferOperationCreateDisk | undefined
  destroyDisk?: OfferOperationDestroyDisk | undefined
}
export const OfferOperation: MessageType<OfferOperation> = message('mesos.v1.Offer.Operation')

export const OfferOperationType = {
  UNKNOWN: 0,
  LAUNCH: 1,
  LAUNCH_GROUP: 6,
  RESERVE: 2,
  UNRESERVE: 3,
  CREATE: 4,
  DESTROY: 5,
  GROW_VOLUME: 11,
  SHRINK_VOLUME: 12,
  CREATE_DISK: 13,
  DESTROY_DISK: 14,
} as const
export type OfferOperationType = (typeof OfferOperationType)[keyof typeof OfferOperationType]

export interface OfferOperationLaunch {
  taskInfos?: TaskInfo[] | undefined
}
export const OfferOperationLaunch: MessageType<OfferOperationLaunch> = message('mesos.v1.Offer.Operation.Launch')

/** All tasks of the group or none, by one executor (1-079). */
export interface OfferOperationLaunchGroup {
  executor: ExecutorInfo
  taskGroup: TaskGroupInfo
}
export const OfferOperationLaunchGroup: MessageType<OfferOperationLaunchGroup> = message('mesos.v1.Offer.Operation.LaunchGroup')

export interface OfferOperationReserve {
  /** Only for operators: what is given up for `resources` (1-080). */
  source?: Resource[] | undefined
  resources?: Resource[] | undefined
}
export const OfferOperationReserve: MessageType<OfferOperationReserve> = message('mesos.v1.Offer.Operation.Reserve')

export interface OfferOperationUnreserve {
  resources?: Resource[] | undefined
}
export const OfferOperationUnreserve: MessageType<OfferOperationUnreserve> = message('mesos.v1.Offer.Operation.Unreserve')

export interface OfferOperationCreate {
  volumes?: Resource[] | undefined
}
export const OfferOperationCreate: MessageType<OfferOperationCreate> = message('mesos.v1.Offer.Operation.Create')

export interface OfferOperationDestroy {
  volumes?: Resource[] | undefined
}
export const OfferOperationDestroy: MessageType<OfferOperationDestroy> = message('mesos.v1.Offer.Operation.Destroy')

export interface OfferOperationGrowVolume {
  volume: Resource
  addition: Resource
}
export const OfferOperationGrowVolume: MessageType<OfferOperationGrowVolume> = message('mesos.v1.Offer.Operation.GrowVolume')

export interface OfferOperationShrinkVolume {
  volume: Resource
  subtract: ValueScalar
}
export const OfferOperationShrinkVolume: MessageType<OfferOperationShrinkVolume> = message('mesos.v1.Offer.Operation.ShrinkVolume')

export interface OfferOperationCreateDisk {
  source: Resource
  targetType: ResourceDiskInfoSourceType
  targetProfile?: string | undefined
}
export const OfferOperationCreateDisk: MessageType<OfferOperationCreateDisk> = message('mesos.v1.Offer.Operation.CreateDisk')

export interface OfferOperationDestroyDisk {
  source: Resource
}
export const OfferOperationDestroyDisk: MessageType<OfferOperationDestroyDisk> = message('mesos.v1.Offer.Operation.DestroyDisk')

/** Asks a framework to give resources back because the machine will go away (1-032). */
export interface InverseOffer {
  id: OfferID
  url?: URL | undefined
  frameworkId: FrameworkID
  agentId?: AgentID | undefined
  unavailability: Unavailability
  resources?: Resource[] | undefined
}
export const InverseOffer: MessageType<InverseOffer> = message('mesos.v1.InverseOffer')

/** A task to be launched (1-095). Either `command` or `executor`, but in a group, whose executor is said once (1-091). */
export interface TaskInfo {
  name: string
  taskId: TaskID
  agentId: AgentID
  resources?: Resource[] | undefined
  executor?: ExecutorInfo | undefined
  command?: CommandInfo | undefined
  container?: ContainerInfo | undefined
  healthCheck?: HealthCheck | undefined
  check?: CheckInfo | undefined
  killPolicy?: KillPolicy | undefined
  /** For the executor; nobody else looks at it. */
  data?: Uint8Array | undefined
  labels?: Labels | undefined
  discovery?: DiscoveryInfo | undefined
  /** Then the task is killed and has failed (1-096). */
  maxCompletionTime?: DurationInfo | undefined
  /** How much more than `resources` it may use: cpus and mem, Infinity for no limit (1-093). */
  limits?: Record<string, ValueScalar> | undefined
}
export const TaskInfo: MessageType<TaskInfo> = message('mesos.v1.TaskInfo')

export interface TaskGroupInfo {
  tasks?: TaskInfo[] | undefined
}
export const TaskGroupInfo: MessageType<TaskGroupInfo> = message('mesos.v1.TaskGroupInfo')

/** A task that was launched, as masters and agents show it. */
export interface Task {
  name: string
  taskId: TaskID
  frameworkId: FrameworkID
  executorId?: ExecutorID | undefined
  agentId: AgentID
  /** The latest that is known. */
  state: TaskState
  resources?: Resource[] | undefined
  statuses?: TaskStatus[] | undefined
  /** Of the update that waits for its acknowledgement; may be behind `state`. */
  statusUpdateState?: TaskState | undefined
  statusUpdateUuid?: Uint8Array | undefined
  labels?: Labels | undefined
  discovery?: DiscoveryInfo | undefined
  container?: ContainerInfo | undefined
  healthCheck?: HealthCheck | undefined
  killPolicy?: KillPolicy | undefined
  user?: string | undefined
  limits?: Record<string, ValueScalar> | undefined
}
export const Task: MessageType<Task> = message('mesos.v1.Task')

export interface TaskResourceLimitation {
  resources?: Resource[] | undefined
}
export const TaskResourceLimitation: MessageType<TaskResourceLimitation> = message('mesos.v1.TaskResourceLimitation')

export interface UUID {
  /** 16 bytes. */
  value: Uint8Array
}
export const UUID: MessageType<UUID> = message('mesos.v1.UUID')

export interface Operation {
  frameworkId?: FrameworkID | undefined
  agentId?: AgentID | undefined
  info: OfferOperation
  latestStatus: OperationStatus
  statuses?: OperationStatus[] | undefined
  uuid: UUID
}
export const Operation: MessageType<Operation> = message('mesos.v1.Operation')

/** Where an operation stands (1-101). */
export interface OperationStatus {
  operationId?: OperationID | undefined
  state: OperationState
  message?: string | undefined
  convertedResources?: Resource[] | undefined
  /** Set: to be acknowledged, and sent again until it is (1-102). */
  uuid?: UUID | undefined
  agentId?: AgentID | undefined
  resourceProviderId?: ResourceProviderID | undefined
}
export const OperationStatus: MessageType<OperationStatus> = message('mesos.v1.OperationStatus')

/** What the last check saw; nothing within, if there was none yet. */
export interface CheckStatusInfo {
  type?: CheckInfoType | undefined
  command?: CheckStatusInfoCommand | undefined
  http?: CheckStatusInfoHttp | undefined
  tcp?: CheckStatusInfoTcp | undefined
}
export const CheckStatusInfo: MessageType<CheckStatusInfo> = message('mesos.v1.CheckStatusInfo')

export interface CheckStatusInfoCommand {
  exitCode?: number | undefined
}
export const CheckStatusInfoCommand: MessageType<CheckStatusInfoCommand> = message('mesos.v1.CheckStatusInfo.Command')

export interface CheckStatusInfoHttp {
  statusCode?: number | undefined
}
export const CheckStatusInfoHttp: MessageType<CheckStatusInfoHttp> = message('mesos.v1.CheckStatusInfo.Http')

export interface CheckStatusInfoTcp {
  succeeded?: boolean | undefined
}
export const CheckStatusInfoTcp: MessageType<CheckStatusInfoTcp> = message('mesos.v1.CheckStatusInfo.Tcp')

/** What is known of a task. With a uuid it is to be acknowledged, and sent again until it is (1-041). */
export interface TaskStatus {
  taskId: TaskID
  state: TaskState
  /** For people. */
  message?: string | undefined
  source?: TaskStatusSource | undefined
  reason?: TaskStatusReason | undefined
  /** From the executor; nobody else looks at it. */
  data?: Uint8Array | undefined
  agentId?: AgentID | undefined
  executorId?: ExecutorID | undefined
  /** Seconds since the epoch. */
  timestamp?: number | undefined
  uuid?: Uint8Array | undefined
  /** Of the last health check; not set, if there is none. */
  healthy?: boolean | undefined
  checkStatus?: CheckStatusInfo | undefined
  labels?: Labels | undefined
  containerStatus?: ContainerStatus | undefined
  /** Since when the agent is unreachable. */
  unreachableTime?: TimeInfo | undefined
  limitation?: TaskResourceLimitation | undefined
}
export const TaskStatus: MessageType<TaskStatus> = message('mesos.v1.TaskStatus')

export const TaskStatusSource = {
  SOURCE_MASTER: 0,
  SOURCE_AGENT: 1,
  SOURCE_EXECUTOR: 2,
} as const
export type TaskStatusSource = (typeof TaskStatusSource)[keyof typeof TaskStatusSource]

export const TaskStatusReason = {
  REASON_COMMAND_EXECUTOR_FAILED: 0,
  REASON_CONTAINER_LAUNCH_FAILED: 21,
  REASON_CONTAINER_LIMITATION: 19,
  REASON_CONTAINER_LIMITATION_DISK: 20,
  REASON_CONTAINER_LIMITATION_MEMORY: 8,
  REASON_CONTAINER_PREEMPTED: 17,
  REASON_CONTAINER_UPDATE_FAILED: 22,
  REASON_MAX_COMPLETION_TIME_REACHED: 33,
  REASON_EXECUTOR_REGISTRATION_TIMEOUT: 23,
  REASON_EXECUTOR_REREGISTRATION_TIMEOUT: 24,
  REASON_EXECUTOR_TERMINATED: 1,
  REASON_EXECUTOR_UNREGISTERED: 2,
  REASON_FRAMEWORK_REMOVED: 3,
  REASON_GC_ERROR: 4,
  REASON_INVALID_FRAMEWORKID: 5,
  REASON_INVALID_OFFERS: 6,
  REASON_IO_SWITCHBOARD_EXITED: 27,
  REASON_MASTER_DISCONNECTED: 7,
  REASON_RECONCILIATION: 9,
  REASON_RESOURCES_UNKNOWN: 18,
  REASON_AGENT_DISCONNECTED: 10,
  REASON_AGENT_DRAINING: 34,
  REASON_AGENT_REMOVED: 11,
  REASON_AGENT_REMOVED_BY_OPERATOR: 31,
  REASON_AGENT_REREGISTERED: 32,
  REASON_AGENT_RESTARTED: 12,
  REASON_AGENT_UNKNOWN: 13,
  REASON_TASK_KILLED_DURING_LAUNCH: 30,
  REASON_TASK_CHECK_STATUS_UPDATED: 28,
  REASON_TASK_HEALTH_CHECK_STATUS_UPDATED: 29,
  REASON_TASK_GROUP_INVALID: 25,
  REASON_TASK_GROUP_UNAUTHORIZED: 26,
  REASON_TASK_INVALID: 14,
  REASON_TASK_UNAUTHORIZED: 15,
  REASON_TASK_UNKNOWN: 16,
} as const
export type TaskStatusReason = (typeof TaskStatusReason)[keyof typeof TaskStatusReason]

export interface Filters {
  /** What is left of the offer is not offered again for so long (1-067). */
  refuseSeconds?: number | undefined
}
export const Filters: MessageType<Filters> = message('mesos.v1.Filters')

export interface Environment {
  variables?: EnvironmentVariable[] | undefined
}
export const Environment: MessageType<Environment> = message('mesos.v1.Environment')

export interface EnvironmentVariable {
  name: string
  type?: EnvironmentVariableType | undefined
  value?: string | undefined
  secret?: Secret | undefined
}
export const EnvironmentVariable: MessageType<EnvironmentVariable> = message('mesos.v1.Environment.Variable')

export const EnvironmentVariableType = {
  UNKNOWN: 0,
  VALUE: 1,
  SECRET: 2,
} as const
export type EnvironmentVariableType = (typeof EnvironmentVariableType)[keyof typeof EnvironmentVariableType]

export interface Parameter {
  key: string
  value: string
}
export const Parameter: MessageType<Parameter> = message('mesos.v1.Parameter')

export interface Parameters {
  parameter?: Parameter[] | undefined
}
export const Parameters: MessageType<Parameters> = message('mesos.v1.Parameters')

export interface Credential {
  principal: string
  secret?: string | undefined
}
export const Credential: MessageType<Credential> = message('mesos.v1.Credential')

export interface Credentials {
  credentials?: Credential[] | undefined
}
export const Credentials: MessageType<Credentials> = message('mesos.v1.Credentials')

export interface Secret {
  type?: SecretType | undefined
  reference?: SecretReference | undefined
  value?: SecretValue | undefined
}
export const Secret: MessageType<Secret> = message('mesos.v1.Secret')

export const SecretType = {
  UNKNOWN: 0,
  REFERENCE: 1,
  VALUE: 2,
} as const
export type SecretType = (typeof SecretType)[keyof typeof SecretType]

export interface SecretReference {
  name: string
  key?: string | undefined
}
export const SecretReference: MessageType<SecretReference> = message('mesos.v1.Secret.Reference')

export interface SecretValue {
  data: Uint8Array
}
export const SecretValue: MessageType<SecretValue> = message('mesos.v1.Secret.Value')

export interface RateLimit {
  /** Calls a second; not set: no limit. */
  qps?: number | undefined
  principal: string
  capacity?: bigint | undefined
}
export const RateLimit: MessageType<RateLimit> = message('mesos.v1.RateLimit')

export interface RateLimits {
  limits?: RateLimit[] | undefined
  aggregateDefaultQps?: number | undefined
  aggregateDefaultCapacity?: bigint | undefined
}
export const RateLimits: MessageType<RateLimits> = message('mesos.v1.RateLimits')

export interface Image {
  type: ImageType
  appc?: ImageAppc | undefined
  docker?: ImageDocker | undefined
  /** False: look at the registry for a newer one. */
  cached?: boolean | undefined
}
export const Image: MessageType<Image> = message('mesos.v1.Image')

export const ImageType = {
  APPC: 1,
  DOCKER: 2,
} as const
export type ImageType = (typeof ImageType)[keyof typeof ImageType]

export interface ImageAppc {
  name: string
  id?: string | undefined
  labels?: Labels | undefined
}
export const ImageAppc: MessageType<ImageAppc> = message('mesos.v1.Image.Appc')

export interface ImageDocker {
  name: string
  credential?: Credential | undefined
  config?: Secret | undefined
}
export const ImageDocker: MessageType<ImageDocker> = message('mesos.v1.Image.Docker')

export interface MountPropagation {
  mode?: MountPropagationMode | undefined
}
export const MountPropagation: MessageType<MountPropagation> = message('mesos.v1.MountPropagation')

export const MountPropagationMode = {
  UNKNOWN: 0,
  HOST_TO_CONTAINER: 1,
  BIDIRECTIONAL: 2,
} as const
export type MountPropagationMode = (typeof MountPropagationMode)[keyof typeof MountPropagationMode]

export interface Volume {
  mode: VolumeMode
  /** Where it is seen in the container: absolute, or relative to the sandbox. */
  containerPath: string
  /** Absolute on the host, or relative to the sandbox. `source` says the same and more. */
  hostPath?: string | undefined
  image?: Image | undefined
  source?: VolumeSource | undefined
}
export const Volume: MessageType<Volume> = message('mesos.v1.Volume')

export const VolumeMode = {
  RW: 1,
  RO: 2,
} as const
export type VolumeMode = (typeof VolumeMode)[keyof typeof VolumeMode]

export interface VolumeSource {
  type?: VolumeSourceType | undefined
  dockerVolume?: VolumeSourceDockerVolume | undefined
  hostPath?: VolumeSourceHostPath | undefined
  sandboxPath?: VolumeSourceSandboxPath | undefined
  secret?: Secret | undefined
  csiVolume?: VolumeSourceCSIVolume | undefined
}
export const VolumeSource: MessageType<VolumeSource> = message('mesos.v1.Volume.Source')

export const VolumeSourceType = {
  UNKNOWN: 0,
  DOCKER_VOLUME: 1,
  HOST_PATH: 4,
  SANDBOX_PATH: 2,
  SECRET: 3,
  CSI_VOLUME: 5,
} as const
export type VolumeSourceType = (typeof VolumeSourceType)[keyof typeof VolumeSourceType]

export interface VolumeSourceDockerVolume {
  driver?: string | undefined
  name: string
  driverOptions?: Parameters | undefined
}
export const VolumeSourceDockerVolume: MessageType<VolumeSourceDockerVolume> = message('mesos.v1.Volume.Source.DockerVolume')

export interface VolumeSourceHostPath {
  path: string
  mountPropagation?: MountPropagation | undefined
}
export const VolumeSourceHostPath: MessageType<VolumeSourceHostPath> = message('mesos.v1.Volume.Source.HostPath')

export interface VolumeSourceSandboxPath {
  type?: VolumeSourceSandboxPathType | undefined
  path: string
}
export const VolumeSourceSandboxPath: MessageType<VolumeSourceSandboxPath> = message('mesos.v1.Volume.Source.SandboxPath')

export const VolumeSourceSandboxPathType = {
  UNKNOWN: 0,
  SELF: 1,
  PARENT: 2,
} as const
export type VolumeSourceSandboxPathType = (typeof VolumeSourceSandboxPathType)[keyof typeof VolumeSourceSandboxPathType]

export interface VolumeSourceCSIVolume {
  pluginName: string
  staticProvisioning?: VolumeSourceCSIVolumeStaticProvisioning | undefined
}
export const VolumeSourceCSIVolume: MessageType<VolumeSourceCSIVolume> = message('mesos.v1.Volume.Source.CSIVolume')

export interface VolumeSourceCSIVolumeVolumeCapability {
  block?: VolumeSourceCSIVolumeVolumeCapabilityBlockVolume | undefined
  mount?: VolumeSourceCSIVolumeVolumeCapabilityMountVolume | undefined
  accessMode: VolumeSourceCSIVolumeVolumeCapabilityAccessMode
}
export const VolumeSourceCSIVolumeVolumeCapability: MessageType<VolumeSourceCSIVolumeVolumeCapability> = message('mesos.v1.Volume.Source.CSIVolume.VolumeCapability')

export interface VolumeSourceCSIVolumeVolumeCapabilityBlockVolume {}
export const VolumeSourceCSIVolumeVolumeCapabilityBlockVolume: MessageType<VolumeSourceCSIVolumeVolumeCapabilityBlockVolume> = message('mesos.v1.Volume.Source.CSIVolume.VolumeCapability.BlockVolume')

export interface VolumeSourceCSIVolumeVolumeCapabilityMountVolume {
  fsType?: string | undefined
  mountFlags?: string[] | undefined
}
export const VolumeSourceCSIVolumeVolumeCapabilityMountVolume: MessageType<VolumeSourceCSIVolumeVolumeCapabilityMountVolume> = message('mesos.v1.Volume.Source.CSIVolume.VolumeCapability.MountVolume')

export interface VolumeSourceCSIVolumeVolumeCapabilityAccessMode {
  mode: VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode
}
export const VolumeSourceCSIVolumeVolumeCapabilityAccessMode: MessageType<VolumeSourceCSIVolumeVolumeCapabilityAccessMode> = message('mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode')

export const VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode = {
  UNKNOWN: 0,
  SINGLE_NODE_WRITER: 1,
  SINGLE_NODE_READER_ONLY: 2,
  MULTI_NODE_READER_ONLY: 3,
  MULTI_NODE_SINGLE_WRITER: 4,
  MULTI_NODE_MULTI_WRITER: 5,
} as const
export type VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode = (typeof VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode)[keyof typeof VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode]

export interface VolumeSourceCSIVolumeStaticProvisioning {
  volumeId: string
  volumeCapability: VolumeSourceCSIVolumeVolumeCapability
  nodeStageSecrets?: Record<string, Secret> | undefined
  nodePublishSecrets?: Record<string, Secret> | undefined
  volumeContext?: Record<string, string> | undefined
}
export const VolumeSourceCSIVolumeStaticProvisioning: MessageType<VolumeSourceCSIVolumeStaticProvisioning> = message('mesos.v1.Volume.Source.CSIVolume.StaticProvisioning')

/** A network to join, by name, or, in a status, what the container got. Without a name: the host's. */
export interface NetworkInfo {
  ipAddresses?: NetworkInfoIPAddress[] | undefined
  name?: string | undefined
  groups?: string[] | undefined
  labels?: Labels | undefined
  portMappings?: NetworkInfoPortMapping[] | undefined
}
export const NetworkInfo: MessageType<NetworkInfo> = message('mesos.v1.NetworkInfo')

export const NetworkInfoProtocol = {
  IPv4: 1,
  IPv6: 2,
} as const
export type NetworkInfoProtocol = (typeof NetworkInfoProtocol)[keyof typeof NetworkInfoProtocol]

export interface NetworkInfoIPAddress {
  protocol?: NetworkInfoProtocol | undefined
  ipAddress?: string | undefined
}
export const NetworkInfoIPAddress: MessageType<NetworkInfoIPAddress> = message('mesos.v1.NetworkInfo.IPAddress')

export interface NetworkInfoPortMapping {
  hostPort: number
  containerPort: number
  /** tcp if not set. */
  protocol?: string | undefined
}
export const NetworkInfoPortMapping: MessageType<NetworkInfoPortMapping> = message('mesos.v1.NetworkInfo.PortMapping')

/** Linux capabilities; each value is 1000 + the kernel's number. */
export interface CapabilityInfo {
  capabilities?: CapabilityInfoCapability[] | undefined
}
export const CapabilityInfo: MessageType<CapabilityInfo> = message('mesos.v1.CapabilityInfo')

export const CapabilityInfoCapability = {
  UNKNOWN: 0,
  CHOWN: 1000,
  DAC_OVERRIDE: 1001,
  DAC_READ_SEARCH: 1002,
  FOWNER: 1003,
  FSETID: 1004,
  KILL: 1005,
  SETGID: 1006,
  SETUID: 1007,
  SETPCAP: 1008,
  LINUX_IMMUTABLE: 1009,
  NET_BIND_SERVICE: 1010,
  NET_BROADCAST: 1011,
  NET_ADMIN: 1012,
  NET_RAW: 1013,
  IPC_LOCK: 1014,
  IPC_OWNER: 1015,
  SYS_MODULE: 1016,
  SYS_RAWIO: 1017,
  SYS_CHROOT: 1018,
  SYS_PTRACE: 1019,
  SYS_PACCT: 1020,
  SYS_ADMIN: 1021,
  SYS_BOOT: 1022,
  SYS_NICE: 1023,
  SYS_RESOURCE: 1024,
  SYS_TIME: 1025,
  SYS_TTY_CONFIG: 1026,
  MKNOD: 1027,
  LEASE: 1028,
  AUDIT_WRITE: 1029,
  AUDIT_CONTROL: 1030,
  SETFCAP: 1031,
  MAC_OVERRIDE: 1032,
  MAC_ADMIN: 1033,
  SYSLOG: 1034,
  WAKE_ALARM: 1035,
  BLOCK_SUSPEND: 1036,
  AUDIT_READ: 1037,
  PERFMON: 1038,
  BPF: 1039,
  CHECKPOINT_RESTORE: 1040,
} as const
export type CapabilityInfoCapability = (typeof CapabilityInfoCapability)[keyof typeof CapabilityInfoCapability]

export interface SeccompInfo {
  /** A file below the agent's --seccomp_config_dir. */
  profileName?: string | undefined
  unconfined?: boolean | undefined
}
export const SeccompInfo: MessageType<SeccompInfo> = message('mesos.v1.SeccompInfo')

export interface LinuxInfo {
  capabilityInfo?: CapabilityInfo | undefined
  boundingCapabilities?: CapabilityInfo | undefined
  effectiveCapabilities?: CapabilityInfo | undefined
  sharePidNamespace?: boolean | undefined
  seccomp?: SeccompInfo | undefined
  ipcMode?: LinuxInfoIpcMode | undefined
  /** Of /dev/shm, in megabytes (6-039). */
  shmSize?: number | undefined
  /** Of a nested container: under its parent's limits, with none of its own (6-064). */
  shareCgroups?: boolean | undefined
}
export const LinuxInfo: MessageType<LinuxInfo> = message('mesos.v1.LinuxInfo')

export const LinuxInfoIpcMode = {
  UNKNOWN: 0,
  PRIVATE: 1,
  SHARE_PARENT: 2,
} as const
export type LinuxInfoIpcMode = (typeof LinuxInfoIpcMode)[keyof typeof LinuxInfoIpcMode]

export interface RLimitInfo {
  rlimits?: RLimitInfoRLimit[] | undefined
}
export const RLimitInfo: MessageType<RLimitInfo> = message('mesos.v1.RLimitInfo')

/** Both or none of the limits are set; none: unlimited. */
export interface RLimitInfoRLimit {
  type?: RLimitInfoRLimitType | undefined
  hard?: bigint | undefined
  soft?: bigint | undefined
}
export const RLimitInfoRLimit: MessageType<RLimitInfoRLimit> = message('mesos.v1.RLimitInfo.RLimit')

export const RLimitInfoRLimitType = {
  UNKNOWN: 0,
  RLMT_AS: 1,
  RLMT_CORE: 2,
  RLMT_CPU: 3,
  RLMT_DATA: 4,
  RLMT_FSIZE: 5,
  RLMT_LOCKS: 6,
  RLMT_MEMLOCK: 7,
  RLMT_MSGQUEUE: 8,
  RLMT_NICE: 9,
  RLMT_NOFILE: 10,
  RLMT_NPROC: 11,
  RLMT_RSS: 12,
  RLMT_RTPRIO: 13,
  RLMT_RTTIME: 14,
  RLMT_SIGPENDING: 15,
  RLMT_STACK: 16,
} as const
export type RLimitInfoRLimitType = (typeof RLimitInfoRLimitType)[keyof typeof RLimitInfoRLimitType]

export interface TTYInfo {
  windowSize?: TTYInfoWindowSize | undefined
}
export const TTYInfo: MessageType<TTYInfo> = message('mesos.v1.TTYInfo')

export interface TTYInfoWindowSize {
  rows: number
  columns: number
}
export const TTYInfoWindowSize: MessageType<TTYInfoWindowSize> = message('mesos.v1.TTYInfo.WindowSize')

export interface ContainerInfo {
  type: ContainerInfoType
  volumes?: Volume[] | undefined
  hostname?: string | undefined
  docker?: ContainerInfoDockerInfo | undefined
  mesos?: ContainerInfoMesosInfo | undefined
  networkInfos?: NetworkInfo[] | undefined
  linuxInfo?: LinuxInfo | undefined
  rlimitInfo?: RLimitInfo | undefined
  ttyInfo?: TTYInfo | undefined
}
export const ContainerInfo: MessageType<ContainerInfo> = message('mesos.v1.ContainerInfo')

export const ContainerInfoType = {
  DOCKER: 1,
  MESOS: 2,
} as const
export type ContainerInfoType = (typeof ContainerInfoType)[keyof typeof ContainerInfoType]

export interface ContainerInfoDockerInfo {
  image: string
  network?: ContainerInfoDockerInfoNetwork | undefined
  portMappings?: ContainerInfoDockerInfoPortMapping[] | undefined
  privileged?: boolean | undefined
  parameters?: Parameter[] | undefined
  forcePullImage?: boolean | undefined
  volumeDriver?: string | undefined
}
export const ContainerInfoDockerInfo: MessageType<ContainerInfoDockerInfo> = message('mesos.v1.ContainerInfo.DockerInfo')

export const ContainerInfoDockerInfoNetwork = {
  HOST: 1,
  BRIDGE: 2,
  NONE: 3,
  USER: 4,
} as const
export type ContainerInfoDockerInfoNetwork = (typeof ContainerInfoDockerInfoNetwork)[keyof typeof ContainerInfoDockerInfoNetwork]

export interface ContainerInfoDockerInfoPortMapping {
  hostPort: number
  containerPort: number
  protocol?: string | undefined
}
export const ContainerInfoDockerInfoPortMapping: MessageType<ContainerInfoDockerInfoPortMapping> = message('mesos.v1.ContainerInfo.DockerInfo.PortMapping')

export interface ContainerInfoMesosInfo {
  image?: Image | undefined
}
export const ContainerInfoMesosInfo: MessageType<ContainerInfoMesosInfo> = message('mesos.v1.ContainerInfo.MesosInfo')

export interface ContainerStatus {
  containerId?: ContainerID | undefined
  networkInfos?: NetworkInfo[] | undefined
  cgroupInfo?: CgroupInfo | undefined
  /** As the host sees it. */
  executorPid?: number | undefined
}
export const ContainerStatus: MessageType<ContainerStatus> = message('mesos.v1.ContainerStatus')

export interface CgroupInfo {
  netCls?: CgroupInfoNetCls | undefined
}
export const CgroupInfo: MessageType<CgroupInfo> = message('mesos.v1.CgroupInfo')

export interface CgroupInfoBlkio {}
export const CgroupInfoBlkio: MessageType<CgroupInfoBlkio> = message('mesos.v1.CgroupInfo.Blkio')

export const CgroupInfoBlkioOperation = {
  UNKNOWN: 0,
  TOTAL: 1,
  READ: 2,
  WRITE: 3,
  SYNC: 4,
  ASYNC: 5,
  DISCARD: 6,
} as const
export type CgroupInfoBlkioOperation = (typeof CgroupInfoBlkioOperation)[keyof typeof CgroupInfoBlkioOperation]

export interface CgroupInfoBlkioValue {
  op?: CgroupInfoBlkioOperation | undefined
  value?: bigint | undefined
}
export const CgroupInfoBlkioValue: MessageType<CgroupInfoBlkioValue> = message('mesos.v1.CgroupInfo.Blkio.Value')

export interface CgroupInfoBlkioCFQ {}
export const CgroupInfoBlkioCFQ: MessageType<CgroupInfoBlkioCFQ> = message('mesos.v1.CgroupInfo.Blkio.CFQ')

export interface CgroupInfoBlkioCFQStatistics {
  device?: DeviceNumber | undefined
  sectors?: bigint | undefined
  time?: bigint | undefined
  ioServiced?: CgroupInfoBlkioValue[] | undefined
  ioServiceBytes?: CgroupInfoBlkioValue[] | undefined
  ioServiceTime?: CgroupInfoBlkioValue[] | undefined
  ioWaitTime?: CgroupInfoBlkioValue[] | undefined
  ioMerged?: CgroupInfoBlkioValue[] | undefined
  ioQueued?: CgroupInfoBlkioValue[] | undefined
}
export const CgroupInfoBlkioCFQStatistics: MessageType<CgroupInfoBlkioCFQStatistics> = message('mesos.v1.CgroupInfo.Blkio.CFQ.Statistics')

export interface CgroupInfoBlkioThrottling {}
export const CgroupInfoBlkioThrottling: MessageType<CgroupInfoBlkioThrottling> = message('mesos.v1.CgroupInfo.Blkio.Throttling')

export interface CgroupInfoBlkioThrottlingStatistics {
  device?: DeviceNumber | undefined
  ioServiced?: CgroupInfoBlkioValue[] | undefined
  ioServiceBytes?: CgroupInfoBlkioValue[] | undefined
}
export const CgroupInfoBlkioThrottlingStatistics: MessageType<CgroupInfoBlkioThrottlingStatistics> = message('mesos.v1.CgroupInfo.Blkio.Throttling.Statistics')

export interface CgroupInfoBlkioStatistics {
  cfq?: CgroupInfoBlkioCFQStatistics[] | undefined
  cfqRecursive?: CgroupInfoBlkioCFQStatistics[] | undefined
  throttling?: CgroupInfoBlkioThrottlingStatistics[] | undefined
}
export const CgroupInfoBlkioStatistics: MessageType<CgroupInfoBlkioStatistics> = message('mesos.v1.CgroupInfo.Blkio.Statistics')

export interface CgroupInfoNetCls {
  classid?: number | undefined
}
export const CgroupInfoNetCls: MessageType<CgroupInfoNetCls> = message('mesos.v1.CgroupInfo.NetCls')

export interface Labels {
  labels?: Label[] | undefined
}
export const Labels: MessageType<Labels> = message('mesos.v1.Labels')

export interface Label {
  key: string
  value?: string | undefined
}
export const Label: MessageType<Label> = message('mesos.v1.Label')

export interface Port {
  number: number
  name?: string | undefined
  protocol?: string | undefined
  visibility?: DiscoveryInfoVisibility | undefined
  labels?: Labels | undefined
}
export const Port: MessageType<Port> = message('mesos.v1.Port')

export interface Ports {
  ports?: Port[] | undefined
}
export const Ports: MessageType<Ports> = message('mesos.v1.Ports')

/** For service discovery; stored and shown, never used (1-097). */
export interface DiscoveryInfo {
  visibility: DiscoveryInfoVisibility
  name?: string | undefined
  environment?: string | undefined
  location?: string | undefined
  version?: string | undefined
  ports?: Ports | undefined
  labels?: Labels | undefined
}
export const DiscoveryInfo: MessageType<DiscoveryInfo> = message('mesos.v1.DiscoveryInfo')

export const DiscoveryInfoVisibility = {
  FRAMEWORK: 0,
  CLUSTER: 1,
  EXTERNAL: 2,
} as const
export type DiscoveryInfoVisibility = (typeof DiscoveryInfoVisibility)[keyof typeof DiscoveryInfoVisibility]

export interface WeightInfo {
  weight: number
  role?: string | undefined
}
export const WeightInfo: MessageType<WeightInfo> = message('mesos.v1.WeightInfo')

export interface VersionInfo {
  version: string
  buildDate?: string | undefined
  buildTime?: number | undefined
  buildUser?: string | undefined
  gitSha?: string | undefined
  gitBranch?: string | undefined
  gitTag?: string | undefined
}
export const VersionInfo: MessageType<VersionInfo> = message('mesos.v1.VersionInfo')

export interface Flag {
  name: string
  value?: string | undefined
}
export const Flag: MessageType<Flag> = message('mesos.v1.Flag')

export interface Role {
  name: string
  weight: number
  frameworks?: FrameworkID[] | undefined
  resources?: Resource[] | undefined
}
export const Role: MessageType<Role> = message('mesos.v1.Role')

export interface Metric {
  name: string
  value?: number | undefined
}
export const Metric: MessageType<Metric> = message('mesos.v1.Metric')

export interface FileInfo {
  path: string
  nlink?: number | undefined
  size?: bigint | undefined
  mtime?: TimeInfo | undefined
  /** As stat(2) says it, type of the file included. */
  mode?: number | undefined
  uid?: string | undefined
  gid?: string | undefined
}
export const FileInfo: MessageType<FileInfo> = message('mesos.v1.FileInfo')

export interface Device {
  path?: string | undefined
  number?: DeviceNumber | undefined
}
export const Device: MessageType<Device> = message('mesos.v1.Device')

export interface DeviceNumber {
  majorNumber: bigint
  minorNumber: bigint
}
export const DeviceNumber: MessageType<DeviceNumber> = message('mesos.v1.Device.Number')

export interface DeviceAccess {
  device: Device
  access: DeviceAccessAccess
}
export const DeviceAccess: MessageType<DeviceAccess> = message('mesos.v1.DeviceAccess')

export interface DeviceAccessAccess {
  read?: boolean | undefined
  write?: boolean | undefined
  mknod?: boolean | undefined
}
export const DeviceAccessAccess: MessageType<DeviceAccessAccess> = message('mesos.v1.DeviceAccess.Access')

export interface DeviceWhitelist {
  allowedDevices?: DeviceAccess[] | undefined
}
export const DeviceWhitelist: MessageType<DeviceWhitelist> = message('mesos.v1.DeviceWhitelist')

export interface DrainConfig {
  /** Tasks get at most so long to end (4-078). */
  maxGracePeriod?: DurationInfo | undefined
  /** Once drained the agent is marked gone, and never comes back. */
  markGone?: boolean | undefined
}
export const DrainConfig: MessageType<DrainConfig> = message('mesos.v1.DrainConfig')

export interface DrainInfo {
  state: DrainState
  config: DrainConfig
}
export const DrainInfo: MessageType<DrainInfo> = message('mesos.v1.DrainInfo')
