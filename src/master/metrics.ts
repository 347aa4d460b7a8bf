import { Metrics } from '#base/metrics.js'
import { Resources } from '#model/resources.js'
import { taskStateName } from '#model/task-state.js'
import { OfferOperationType, type TaskState, TaskState as TaskStates } from '#wire/mesos.js'
import { CallType, EventType } from '#wire/scheduler.js'
import { usedOn } from './core/agents.js'
import type { AgentRecord, Cluster, FrameworkRecord } from './core/cluster.js'

type Numbers = [name: string, value: number][]

export interface MetricsParts {
  readonly cluster: Cluster
  readonly now: () => number
  readonly subscribers: () => number
  /** `--publish_per_framework_metrics`. */
  readonly perFramework: boolean
}

/** The master's numbers under Mesos' names (section 4.8): most are read from the cluster when somebody asks. */
export class MasterMetrics extends Metrics {
  private parts: MetricsParts | undefined

  attach(parts: MetricsParts): void {
    this.parts = parts
  }

  override snapshot(): Numbers {
    const numbers = super.snapshot()
    if (!this.parts) return numbers
    return [...numbers, ...clusterNumbers(this.parts)].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

function clusterNumbers({ cluster, now, subscribers, perFramework }: MetricsParts): Numbers {
  const frameworks = perFramework ? [...cluster.frameworks.values(), ...cluster.completedFrameworks.values()] : []
  return [
    ['master/elected', 1],
    ['master/uptime_secs', (now() - cluster.electedAt) / 1000],
    ['master/outstanding_offers', cluster.offers.size],
    ['master/operator_event_stream_subscribers', subscribers()],
    ['master/event_queue_dispatches', 0],
    ['master/event_queue_http_requests', 0],
    ['master/event_queue_messages', 0],
    ...agentNumbers(cluster),
    ...frameworkNumbers(cluster),
    ...taskNumbers(cluster),
    ...resourceNumbers(cluster),
    ...allocatorNumbers(cluster, now()),
    ...counterNumbers(cluster),
    ...frameworks.flatMap((framework) => numbersOf(framework)),
  ]
}

function agentNumbers({ agents, unreachable }: Cluster): Numbers {
  const connected = [...agents.values()].filter(({ link }) => link !== undefined).length
  return [
    ['master/slaves_active', connected],
    ['master/slaves_connected', connected],
    ['master/slaves_inactive', agents.size - connected],
    ['master/slaves_disconnected', agents.size - connected],
    ['master/slaves_unreachable', unreachable.size],
  ]
}

function frameworkNumbers({ frameworks }: Cluster): Numbers {
  const connected = [...frameworks.values()].filter(({ stream }) => stream !== undefined).length
  return [
    ['master/frameworks_active', connected],
    ['master/frameworks_connected', connected],
    ['master/frameworks_inactive', frameworks.size - connected],
    ['master/frameworks_disconnected', frameworks.size - connected],
  ]
}

const live: readonly TaskState[] = [
  TaskStates.TASK_STAGING,
  TaskStates.TASK_STARTING,
  TaskStates.TASK_RUNNING,
  TaskStates.TASK_KILLING,
  TaskStates.TASK_UNREACHABLE,
]
const short = (state: TaskState): string => taskStateName(state).slice('TASK_'.length).toLowerCase()

function taskNumbers({ frameworks }: Cluster): Numbers {
  const counts = new Map<TaskState, number>(live.map((state) => [state, 0]))
  for (const { tasks, unreachableTasks } of frameworks.values())
    for (const { state } of [...tasks.values(), ...unreachableTasks.values()]) counts.set(state, (counts.get(state) ?? 0) + 1)
  return live.map((state) => [`master/tasks_${short(state)}`, counts.get(state)!])
}

function resourceNumbers({ agents }: Cluster): Numbers {
  const total = Resources.sum([...agents.values()].map((agent) => agent.total))
  const used = Resources.sum([...agents.values()].flatMap((agent: AgentRecord) => [...usedOn(agent).values()]))
  const numbers = (name: string, suffix: string, part: (it: Resources) => Resources): Numbers => {
    const [all, busy] = [part(total).quantity(name), part(used).quantity(name)]
    const key = `master/${name}${suffix}`
    return [
      [`${key}_total`, all],
      [`${key}_used`, busy],
      [`${key}_percent`, all === 0 ? 0 : busy / all],
    ]
  }
  return ['cpus', 'gpus', 'mem', 'disk'].flatMap((name) => [
    ...numbers(name, '', (it) => it.nonRevocable()),
    ...numbers(name, '_revocable', (it) => it.revocable()),
  ])
}

function allocatorNumbers({ allocator }: Cluster, now: number): Numbers {
  const units = (name: string, milli: number | undefined): Numbers[number] => [
    `allocator/mesos/resources/${name}`,
    (milli ?? 0) / 1000,
  ]
  return [
    ['allocator/mesos/allocation_runs', allocator.runs],
    ['allocator/event_queue_dispatches', 0],
    ['allocator/mesos/event_queue_dispatches', 0],
    ...['cpus', 'mem', 'disk'].flatMap((name) => [
      units(`${name}/total`, allocator.totals.get(name)),
      units(`${name}/offered_or_allocated`, allocator.held.get(name)),
    ]),
    ...[...allocator.dominantShares()].map(([role, share]): Numbers[number] => [
      `allocator/mesos/roles/${role}/shares/dominant`,
      share,
    ]),
    ...[...allocator.activeRefusals(now)].map(([role, count]): Numbers[number] => [
      `allocator/mesos/offer_filters/roles/${role}/active`,
      count,
    ]),
  ]
}

/** Shown as zero until they are first counted. */
const zeros = [
  'dropped_messages',
  'recovery_slave_removals',
  'slave_registrations',
  'slave_reregistrations',
  'slave_removals',
  'slave_removals/reason_registered',
  'slave_removals/reason_unhealthy',
  'slave_removals/reason_unregistered',
  'slave_shutdowns_canceled',
  'slave_shutdowns_completed',
  'slave_shutdowns_scheduled',
  'slave_unreachable_canceled',
  'slave_unreachable_completed',
  'slave_unreachable_scheduled',
  'http_cache_hits',
  ...[
    'authenticate',
    'deactivate_framework',
    'decline_offers',
    'executor_to_framework',
    'exited_executor',
    'framework_to_executor',
  ].map(message),
  ...[
    'kill_task',
    'launch_tasks',
    'operation_status_update',
    'operation_status_update_acknowledgement',
    'reconcile_operations',
  ].map(message),
  ...[
    'reconcile_tasks',
    'register_framework',
    'register_slave',
    'reregister_framework',
    'reregister_slave',
    'resource_request',
  ].map(message),
  ...['revive_offers', 'status_update', 'status_update_acknowledgement', 'suppress_offers', 'unregister_framework'].map(message),
  ...['unregister_slave', 'update_slave'].map(message),
  ...['executor_to_framework_messages', 'framework_to_executor_messages', 'operation_status_update_acknowledgements'].flatMap(
    judged,
  ),
  ...['operation_status_updates', 'status_update_acknowledgements', 'status_updates'].flatMap(judged),
  ...['dropped', 'error', 'failed', 'finished', 'gone', 'gone_by_operator', 'killed', 'lost'].map((state) => `tasks_${state}`),
].map((name) => `master/${name}`)

function message(name: string): string {
  return `messages_${name}`
}

function judged(name: string): string[] {
  return [`valid_${name}`, `invalid_${name}`]
}

function counterNumbers({ counters }: Cluster): Numbers {
  const values = new Map(zeros.map((name) => [name, 0]))
  for (const [name, value] of counters.entries()) values.set(name, value)
  // How many are unreachable now is said already.
  values.delete('master/tasks_unreachable')
  return [...values]
}

const names = (prefix: string, values: Readonly<Record<string, number>>): string[] =>
  Object.keys(values).flatMap((name) => (name === 'UNKNOWN' ? [] : [`${prefix}/${name.toLowerCase()}`]))
const terminal = ['dropped', 'error', 'failed', 'finished', 'gone', 'gone_by_operator', 'killed', 'lost']

const frameworkZeros = [
  'calls',
  ...names('calls', CallType),
  'events',
  ...names('events', EventType),
  'operations',
  ...names('operations', OfferOperationType),
  ...['accepted', 'declined', 'rescinded', 'sent'].map((name) => `offers/${name}`),
  ...terminal.map((state) => `tasks/terminal/task_${state}`),
]

/** Row 4-118. */
function numbersOf(framework: FrameworkRecord): Numbers {
  const prefix = `master/frameworks/${encodeURIComponent(framework.info.name)}/${framework.id}`
  const values = new Map<string, number>(frameworkZeros.map((name) => [name, 0]))
  for (const state of [...live.map(short), 'unknown']) values.set(`tasks/active/task_${state}`, 0)
  for (const { state } of [...framework.tasks.values(), ...framework.unreachableTasks.values()]) {
    const name = `tasks/active/task_${short(state)}`
    if (values.has(name)) values.set(name, values.get(name)! + 1)
  }
  for (const [name, value] of framework.counters.entries()) values.set(name, value)
  for (const role of framework.roles) values.set(`roles/${role}/suppressed`, framework.suppressed.has(role) ? 1 : 0)
  values.set('subscribed', framework.stream === undefined ? 0 : 1)
  return [...values].map(([name, value]) => [`${prefix}/${name}`, value])
}
