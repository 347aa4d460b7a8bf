import { all, atLeast, atMost, type FlagValues, flag } from '#base/flags.js'
import { loggingFlags } from '#base/logging-flags.js'

const notYet = (what: string) => (): string => `${what} is not supported by this version of the master; leave it out`
/** For switches of which only one side works so far: silence about it would be taken for protection. */
const only =
  <T>(wanted: T, what: string) =>
  (value: T): string | undefined =>
    value === wanted ? undefined : `${what} is not supported by this version of the master`

/** The master's flags: names, defaults and grammar as in Mesos (rows 4-001, 4-126, appendix A.1). */
export const masterFlags = {
  // General
  hostname: flag.string('hostname', {
    help: 'Name under which agents, schedulers and people reach this master; found out where it is not given.',
  }),
  hostnameLookup: flag.bool('hostname_lookup', {
    default: 'true',
    help: 'Whether a name is looked up for the address where --hostname is not given.',
  }),
  ip: flag.string('ip', { default: '127.0.0.1', help: 'Address to listen on.' }),
  port: flag.int('port', {
    default: '5050',
    help: 'Port to listen on; 0 takes a free one.',
    check: all(atLeast('0'), atMost('65535')),
  }),
  advertiseIp: flag.string('advertise_ip', { help: 'Address that others are told, where it is not the one of --ip.' }),
  advertisePort: flag.int('advertise_port', {
    help: 'Port that others are told, where it is not the one of --port.',
    check: all(atLeast('1'), atMost('65535')),
  }),
  ipDiscoveryCommand: flag.path('ip_discovery_command', {
    help: 'Program that prints the address to listen on.',
    check: notYet('--ip_discovery_command'),
  }),
  cluster: flag.string('cluster', { help: 'Name of the cluster, for people.' }),
  workDir: flag.path('work_dir', { help: 'Directory of the registry. Required unless --registry=in_memory.' }),
  webuiDir: flag.path('webui_dir', { help: 'Directory of the files of the web UI.' }),
  domain: flag.json('domain', { help: 'Fault domain of the master.', check: notYet('--domain') }),
  requireAgentDomain: flag.bool('require_agent_domain', {
    default: 'false',
    help: 'Admit only agents with a fault domain.',
    check: only(false, '--require_agent_domain'),
  }),
  memoryProfiling: flag.bool('memory_profiling', { default: 'false', help: 'Taken for compatibility; has no effect.' }),

  // Registry and high availability
  zk: flag.string('zk', { help: 'ZooKeeper ensemble for election and detection.', check: notYet('--zk') }),
  zkSessionTimeout: flag.duration('zk_session_timeout', { default: '10secs', help: 'ZooKeeper session timeout.' }),
  quorum: flag.int('quorum', { help: 'Size of the quorum of a replicated log; the registry of one master has none.' }),
  registry: flag.choice(['replicated_log', 'in_memory'])('registry', {
    default: 'replicated_log',
    help: 'Where the registry is kept: durably below --work_dir, or in memory for tests.',
  }),
  registryStrict: flag.bool('registry_strict', {
    default: 'false',
    help: 'Taken for compatibility.',
    check: only(false, '--registry_strict'),
  }),
  registryFetchTimeout: flag.duration('registry_fetch_timeout', {
    default: '1mins',
    help: 'How long reading the registry may take at start.',
  }),
  registryStoreTimeout: flag.duration('registry_store_timeout', {
    default: '20secs',
    help: 'After how long a write of the registry that has not succeeded is reported.',
  }),
  registryGcInterval: flag.duration('registry_gc_interval', {
    default: '15mins',
    help: 'Taken for compatibility: the registry is trimmed whenever it grows.',
  }),
  registryMaxAgentAge: flag.duration('registry_max_agent_age', {
    default: '2weeks',
    help: 'Taken for compatibility: only --registry_max_agent_count trims the registry.',
  }),
  registryMaxAgentCount: flag.int('registry_max_agent_count', {
    default: '102400',
    help: 'How many unreachable agents and ended frameworks are remembered.',
    check: atLeast('1'),
  }),
  logAutoInitialize: flag.bool('log_auto_initialize', {
    default: 'true',
    help: 'Taken for compatibility; there is no replicated log.',
  }),
  masterContender: flag.string('master_contender', { help: 'Election module.', check: notYet('--master_contender') }),
  masterDetector: flag.string('master_detector', { help: 'Detection module.', check: notYet('--master_detector') }),

  // Agents
  agentPingTimeout: flag.duration('agent_ping_timeout', {
    default: '15secs',
    aliases: ['slave_ping_timeout'],
    help: 'How often an agent is asked whether it lives.',
    check: all(atLeast('1secs'), atMost('15mins')),
  }),
  maxAgentPingTimeouts: flag.int('max_agent_ping_timeouts', {
    default: '5',
    aliases: ['max_slave_ping_timeouts'],
    help: 'After how many unanswered pings in a row an agent is unreachable.',
    check: atLeast('1'),
  }),
  agentReregisterTimeout: flag.duration('agent_reregister_timeout', {
    default: '10mins',
    aliases: ['slave_reregister_timeout'],
    help: 'How long known agents may take to come back after a start of the master.',
    check: atLeast('10mins'),
  }),
  recoveryAgentRemovalLimit: flag.string('recovery_agent_removal_limit', {
    default: '100%',
    aliases: ['recovery_slave_removal_limit'],
    help: 'Largest share of agents that may become unreachable after a start.',
    check: only('100%', 'any other limit than 100%'),
  }),
  agentRemovalRateLimit: flag.string('agent_removal_rate_limit', {
    aliases: ['slave_removal_rate_limit'],
    help: 'How fast agents may become unreachable, as N/duration. Taken for compatibility; has no effect.',
  }),
  whitelist: flag.path('whitelist', { help: 'File of the agents that may be offered.', check: notYet('--whitelist') }),

  // Allocation
  allocator: flag.choice(['hierarchical', 'HierarchicalDRF'])('allocator', { default: 'hierarchical', help: 'Allocator.' }),
  allocationInterval: flag.duration('allocation_interval', {
    default: '1secs',
    help: 'Time between two batch allocations.',
    check: atLeast('1ms'),
  }),
  roleSorter: flag.choice(['drf'])('role_sorter', { default: 'drf', aliases: ['user_sorter'], help: 'How roles are ordered.' }),
  frameworkSorter: flag.choice(['drf'])('framework_sorter', {
    default: 'drf',
    help: 'How the frameworks of a role are ordered.',
  }),
  roles: flag.string('roles', { help: 'The only roles that frameworks may have.', check: notYet('--roles') }),
  weights: flag.string('weights', { help: 'Weights of roles, as role=weight.', check: notYet('--weights') }),
  offerTimeout: flag.duration('offer_timeout', {
    help: 'After how long an unanswered offer is taken back; never where it is not given.',
  }),
  fairSharingExcludedResourceNames: flag.string('fair_sharing_excluded_resource_names', {
    help: 'Resources that do not count for fairness, separated by commas.',
  }),
  filterGpuResources: flag.bool('filter_gpu_resources', {
    default: 'true',
    help: 'Offer agents with GPUs only to frameworks that know what to do with them.',
  }),
  minAllocatableResources: flag.string('min_allocatable_resources', {
    default: 'cpus:0.01|mem:32',
    help: 'What an offer must at least have; alternatives are separated by |.',
  }),
  allocatorAgentRecoveryFactor: flag.number('allocator_agent_recovery_factor', {
    default: '0.8',
    help: 'Taken for compatibility: matters only where quotas are.',
  }),
  allocatorRecoveryTimeout: flag.duration('allocator_recovery_timeout', {
    default: '10mins',
    help: 'Taken for compatibility: matters only where quotas are.',
  }),
  offerConstraintsMaxMem: flag.bytes('offer_constraints_re2_max_mem', {
    default: '4KB',
    help: 'Taken for compatibility: patterns are bounded by their size.',
  }),
  offerConstraintsMaxProgramSize: flag.int('offer_constraints_re2_max_program_size', {
    default: '100',
    help: 'Longest regular expression in an offer constraint.',
    check: atLeast('1'),
  }),

  // Security
  authenticateFrameworks: flag.bool('authenticate_frameworks', {
    default: 'false',
    help: 'Admit only authenticated frameworks (v0).',
    check: only(false, 'authentication'),
  }),
  authenticateAgents: flag.bool('authenticate_agents', {
    default: 'false',
    aliases: ['authenticate_slaves'],
    help: 'Admit only authenticated agents.',
    check: only(false, 'authentication'),
  }),
  authenticationV0Timeout: flag.duration('authentication_v0_timeout', { default: '15secs', help: 'Taken for compatibility.' }),
  authenticateHttpReadwrite: flag.bool('authenticate_http_readwrite', {
    default: 'false',
    help: 'Authenticate requests that change something.',
    check: only(false, 'authentication'),
  }),
  authenticateHttpReadonly: flag.bool('authenticate_http_readonly', {
    default: 'false',
    help: 'Authenticate requests that only read.',
    check: only(false, 'authentication'),
  }),
  authenticateHttpFrameworks: flag.bool('authenticate_http_frameworks', {
    default: 'false',
    help: 'Authenticate schedulers.',
    check: only(false, 'authentication'),
  }),
  authenticators: flag.string('authenticators', { default: 'crammd5', help: 'Authenticators (v0).' }),
  httpAuthenticators: flag.string('http_authenticators', { default: 'basic', help: 'HTTP authenticators.' }),
  httpFrameworkAuthenticators: flag.string('http_framework_authenticators', {
    help: 'Authenticators for schedulers.',
    check: notYet('--http_framework_authenticators'),
  }),
  credentials: flag.path('credentials', { help: 'File of credentials.', check: notYet('--credentials') }),
  acls: flag.json('acls', { help: 'Access control lists.', check: notYet('--acls') }),
  authorizers: flag.string('authorizers', { default: 'local', help: 'Authorizers.' }),
  firewallRules: flag.json('firewall_rules', { help: 'Endpoints that are switched off.', check: notYet('--firewall_rules') }),
  rateLimits: flag.json('rate_limits', { help: 'Limits for v0 frameworks.', check: notYet('--rate_limits') }),
  rootSubmissions: flag.bool('root_submissions', { default: 'true', help: 'Whether root may run frameworks.' }),

  // History, metrics, streams
  maxCompletedFrameworks: flag.int('max_completed_frameworks', {
    default: '50',
    help: 'How many ended frameworks are kept to look at.',
    check: atLeast('0'),
  }),
  maxCompletedTasksPerFramework: flag.int('max_completed_tasks_per_framework', {
    default: '1000',
    help: 'How many ended tasks of a framework are kept to look at.',
    check: atLeast('0'),
  }),
  maxUnreachableTasksPerFramework: flag.int('max_unreachable_tasks_per_framework', {
    default: '1000',
    help: 'How many unreachable tasks of a framework are remembered.',
    check: atLeast('0'),
  }),
  maxOperatorEventStreamSubscribers: flag.int('max_operator_event_stream_subscribers', {
    default: '1000',
    help: 'How many may watch the event stream; the oldest is dropped first.',
    check: atLeast('1'),
  }),
  publishPerFrameworkMetrics: flag.bool('publish_per_framework_metrics', {
    default: 'true',
    help: 'Whether metrics of single frameworks are shown.',
  }),

  // Extension
  modules: flag.json('modules', { help: 'Modules to load.', check: notYet('--modules') }),
  modulesDir: flag.path('modules_dir', { help: 'Directory of modules.', check: notYet('--modules_dir') }),
  hooks: flag.string('hooks', { help: 'Hooks.', check: notYet('--hooks') }),

  ...loggingFlags,
}

export type MasterFlags = FlagValues<typeof masterFlags>
