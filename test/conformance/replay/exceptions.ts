/** What is peculiar to single topics and cases: how their cluster was started, what went before, what cannot be repeated. */

export interface Setup {
  readonly master?: readonly string[]
  readonly agent?: readonly string[]
  readonly resources?: string
  /** Resources of a second agent. */
  readonly second?: string
  /** Whether the agent has a MOUNT and a PATH disk and a static reservation. */
  readonly disks?: boolean
}

export const RESOURCES = 'cpus:16;mem:16384;disk:20000;ports:[31000-32000]'

/** An agent that does not answer is given up after two seconds. */
const QUICK_PING = [
  '--agent_ping_timeout=1secs',
  '--max_agent_ping_timeouts=2',
  '--agent_removal_rate_limit=100/1secs',
  '--agent_reregister_timeout=10mins',
]
const OPERATOR_ENVIRONMENT =
  '--executor_environment_variables={"OPERATOR":"gave","PATH":"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}'
const SHORT_GRACE = '--executor_shutdown_grace_period=2secs'

const TOPIC_SETUP: Readonly<Record<string, Setup>> = {
  'agent-lifecycle': { master: QUICK_PING, agent: ['--attributes=rack:r1'] },
  'frameworks-and-offers': { agent: ['--attributes=rack:r1;zone:z-1;level:3'] },
  catalogue: { master: ['--cluster=peer'], agent: ['--attributes=rack:r1;zone:z'] },
}

interface CaseSetup {
  readonly topic: string
  readonly cases: RegExp
  readonly setup: Setup
}

/** The first that fits adds to the topic's own. */
const CASE_SETUP: readonly CaseSetup[] = [
  { topic: 'frameworks-and-offers', cases: /^offers have a timeout/, setup: { master: ['--offer_timeout=2secs'] } },
  { topic: 'executor-api', cases: /^(environment of |a whole conversation)/, setup: { agent: [OPERATOR_ENVIRONMENT] } },
  {
    topic: 'executor-api',
    cases: /^the executor never subscribes/,
    setup: { agent: ['--executor_registration_timeout=3secs', SHORT_GRACE] },
  },
  {
    topic: 'executor-api',
    cases:
      /^(the executor (ends|'s)|KILL before|TEARDOWN|update|executor API|calls before|SUBSCRIBE|launch refused|same executor)/,
    setup: { agent: [SHORT_GRACE] },
  },
  { topic: 'operations', cases: /^(MOUNT disk|PATH disk|.*static)/, setup: { disks: true } },
  {
    topic: 'odd-requests',
    cases: /^(.*of two agents|one agent dies)/,
    setup: {
      resources: 'cpus:4;mem:4096;disk:4096;ports:[31000-31500]',
      second: 'cpus:4;mem:4096;disk:4096;ports:[31501-32000]',
    },
  },
]

export function setupOf(topic: string, name: string): Setup {
  const general = TOPIC_SETUP[topic] ?? {}
  const special = CASE_SETUP.find((entry) => entry.topic === topic && entry.cases.test(name))?.setup
  if (!special) return general
  return {
    ...general,
    ...special,
    master: [...(general.master ?? []), ...(special.master ?? [])],
    agent: [...(general.agent ?? []), ...(special.agent ?? [])],
  }
}

/** Cases that go on where another of their topic ended. */
export const CONTINUES: Readonly<Record<string, string>> = {
  'DECLINE of offers of two agents': 'ACCEPT of offers of two agents',
  'launch: dup second': 'launch: dup first',
}

/** An operator's call that another case had made before this one was recorded; AGENT stands for the agent's id. */
export const BEFOREHAND: Readonly<Record<string, string>> = {
  'REACTIVATE_AGENT of an active agent': '{"type":"DRAIN_AGENT","drain_agent":{"agent_id":{"value":"AGENT"}}}',
  'UPDATE_WEIGHTS: weight text': '{"type":"UPDATE_WEIGHTS","update_weights":{"weight_infos":[{"role":"ws","weight":2}]}}',
}

/** Cases that no two runs repeat, and why. */
const UNREPEATABLE: readonly (readonly [RegExp, string])[] = [
  [/^health and check in a pod$/, 'which of the two comes first is a race'],
  [/^memory limit of the pod is broken by one task$/, 'whether agent or executor speaks first is a race'],
  [/^refused: a task without command$/, 'whether the good task ends before it is killed is a race'],
  [/^check and health check together$/, 'which of the two comes first is a race'],
  [/^one agent dies: /, 'it goes on with a stream of another topic'],
]

export const whyUnrepeatable = (name: string): string | undefined => UNREPEATABLE.find(([pattern]) => pattern.test(name))?.[1]

export interface Prelude {
  readonly framework: string
  readonly role: string
  readonly failoverTimeout: number
  readonly capabilities: readonly string[]
  /** Id and shell command of each task. */
  readonly tasks: readonly (readonly [string, string])[]
}

/** Tasks whose files and records the cases of a topic read. */
export const PRELUDES: Readonly<Record<string, Prelude>> = {
  files: {
    framework: 'f',
    role: 'r1',
    failoverTimeout: 60,
    capabilities: ['MULTI_ROLE', 'PARTITION_AWARE'],
    tasks: [
      [
        'w',
        'seq 1 20000 > big; printf "0123456789" > ten; mkdir -p d/e; touch d/x "with space"; ln -s /etc/hostname out; ' +
          'ln -s ten in; mkfifo pipe; : > empty; sleep 1000',
      ],
    ],
  },
  'odd-requests': {
    framework: 'reader',
    role: 'rd',
    failoverTimeout: 100,
    capabilities: [
      'MULTI_ROLE',
      'PARTITION_AWARE',
      'TASK_KILLING_STATE',
      'RESERVATION_REFINEMENT',
      'GPU_RESOURCES',
      'SHARED_RESOURCES',
      'REGION_AWARE',
    ],
    tasks: [
      ['l0', 'true'],
      ['l1', 'true'],
      ['l2', 'true'],
      ['l3', 'sleep 1000'],
    ],
  },
}

/** Here the recorded client acknowledged nothing, and no step shows it. */
export const KEEPS_UPDATES = /^the executor's stream breaks/

/** Seconds that must pass before each request beyond what Date headers show. */
const PAUSES: readonly (readonly [RegExp, number])[] = [
  [/^id of a finished task again/, 1.2],
  [/^REMOVE_CONTAINER of a standalone/, 0.6],
  [/^nested: killed with a signal/, 0.7],
  [/ignores TERM/, 0.6],
  [/^nested: bad launches/, 0.3],
  [/^standalone/, 0.3],
]

export const pauseOf = (name: string): number => PAUSES.find(([pattern]) => pattern.test(name))?.[1] ?? 0
