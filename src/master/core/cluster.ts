import type { Millis } from '#base/clock.js'
import type { Random } from '#base/random.js'
import type { FrameworkCapabilities } from '#model/framework-capabilities.js'
import type { Resources } from '#model/resources.js'
import type { AgentCall, AgentEventKillTask } from '#wire/internal.js'
import type { AgentInfo, AgentInfoCapability, ExecutorInfo, FrameworkInfo, Offer, TaskState } from '#wire/mesos.js'
import type { OfferConstraints } from '#wire/scheduler.js'
import type { HierarchicalAllocator } from '../allocator/allocator.js'
import type { Counters } from './counters.js'
import type { AgentId, ExecutorId, FrameworkId, LinkId, OfferId, RequestId, StreamId, TaskId } from './ids.js'
import type { MasterSettings } from './settings.js'

/** All that the master knows. Owned by the core and changed in place; everything outside only reads it, between steps. */
export interface Cluster {
  readonly settings: MasterSettings
  readonly random: Random
  readonly allocator: HierarchicalAllocator
  readonly counters: Counters
  /** False until the registry was read; nothing is served before. */
  recovered: boolean
  /** When this master began to serve. */
  electedAt: Millis
  watched: boolean
  /** Every framework that may come back: connected, disconnected or known only from registry and agents. */
  readonly frameworks: Map<FrameworkId, FrameworkRecord>
  /** The most recent ones that ended, oldest first. */
  readonly completedFrameworks: Map<FrameworkId, FrameworkRecord>
  /** Ids that may never be used again (row 1-021), in the order in which they ended. A superset of `completedFrameworks`. */
  readonly completedIds: Map<FrameworkId, Millis>
  readonly byStream: Map<StreamId, FrameworkRecord>
  /** Registered agents, linked or not. */
  readonly agents: Map<AgentId, AgentRecord>
  readonly byLink: Map<LinkId, AgentRecord>
  /** Agents of the registry that have not come back since this master began. */
  readonly recoveredAgents: Map<AgentId, AgentInfo>
  /** Since when; disjoint from `agents` and `recoveredAgents`. */
  readonly unreachable: Map<AgentId, Millis>
  readonly gone: Map<AgentId, Millis>
  /** SUBSCRIBEs of agents whose admission is being recorded. */
  readonly joining: Map<AgentId, JoiningAgent>
  /** Changes of the registry about an agent that are under way; no other change of it may begin meanwhile. */
  readonly leaving: Set<AgentId>
  readonly offers: Map<OfferId, OfferRecord>
  /** An event happened after which somebody may be offered something at once (row 4-061). */
  allocationDue: boolean
  nextFramework: number
  nextAgent: number
  nextOffer: number
}

export interface FrameworkRecord {
  readonly id: FrameworkId
  /** With its id. User and checkpoint never change (row 1-052). */
  info: FrameworkInfo
  capabilities: FrameworkCapabilities
  roles: readonly string[]
  /** A subset of `roles`. */
  suppressed: Set<string>
  constraints: OfferConstraints | undefined
  /** Set exactly while its scheduler is connected. */
  stream: StreamId | undefined
  /** Known from registry or agents, its scheduler not yet seen by this master (row 1-014). */
  recovered: boolean
  /** Its end is being recorded; no more calls are taken. */
  ending: boolean
  readonly registeredAt: Millis
  reregisteredAt: Millis
  unregisteredAt: Millis | undefined
  /** Tasks on registered agents. A terminal one stays until its last update is acknowledged. */
  readonly tasks: Map<TaskId, TaskRecord>
  /** Tasks on agents that are unreachable. */
  readonly unreachableTasks: Map<TaskId, TaskRecord>
  /** Oldest first. */
  readonly completedTasks: TaskRecord[]
  readonly executors: Set<ExecutorRecord>
  readonly offers: Set<OfferRecord>
  /** Tasks about which its scheduler asked in long RECONCILEs that are not answered to the end. */
  reconciling: number
  /** Calls, events, operations and offers of this framework (row 4-118). */
  readonly counters: Counters
}

export interface AgentRecord {
  readonly id: AgentId
  info: AgentInfo
  /** `slave(1)@ip:port`. */
  pid: string
  version: string
  capabilities: readonly AgentInfoCapability[]
  /** Set exactly while it is connected. */
  link: LinkId | undefined
  readonly registeredAt: Millis
  reregisteredAt: Millis | undefined
  /** When it last said anything. */
  heardAt: Millis
  /** What the agent last reported. offered + used ≤ total for every resource, except between a total that shrank and the rescinds that follow. */
  total: Resources
  /** None while the agent is disconnected. */
  readonly offers: Set<OfferRecord>
  readonly tasks: Map<FrameworkId, Map<TaskId, TaskRecord>>
  readonly executors: Map<FrameworkId, Map<ExecutorId, ExecutorRecord>>
}

export interface JoiningAgent {
  readonly link: LinkId
  readonly request: RequestId
  readonly subscribe: AgentCall['subscribe'] & object
}

export interface ExecutorRecord {
  readonly id: ExecutorId
  readonly framework: FrameworkId
  readonly agent: AgentId
  readonly info: ExecutorInfo
  readonly resources: Resources
}

/** The few fields that decisions need; all else stays encoded and is decoded when somebody asks (design §4.4). */
export interface TaskRecord {
  readonly id: TaskId
  readonly framework: FrameworkId
  readonly agent: AgentId
  /** Absent for a command task. */
  readonly executor: ExecutorId | undefined
  /** The latest state the agent knows of; the scheduler may not have got that far (row 8-016). */
  state: TaskState
  /** What it holds; none once it is terminal. */
  held: Resources
  /** The `mesos.v1.Task` that describes it, without state and statuses, encoded. */
  readonly description: Uint8Array
  /** `TaskStatus`es as they came, encoded without their data; of equal states in a row only the last. */
  readonly statuses: Uint8Array[]
  /** State of the last status. */
  lastStatusState: TaskState | undefined
  /** The update that the scheduler has to acknowledge next, and its state. */
  pendingUuid: Uint8Array | undefined
  pendingState: TaskState | undefined
  /** When its first status was made, or it was launched as long as there is none; orders `/tasks` (row 3-070). */
  firstStatusAt: Millis
  /** A kill that is repeated when the agent comes back (row 1-026). */
  kill: AgentEventKillTask | undefined
}

export interface OfferRecord {
  readonly id: OfferId
  readonly framework: FrameworkRecord
  readonly agent: AgentRecord
  readonly role: string
  /** Marked as allocated to the role. */
  readonly resources: Resources
  /** As it was sent. */
  readonly message: Offer
}
