import { all, atLeast, atMost, type FlagValues, flag } from '#base/flags.js'
import { containerizerFlags } from '#containerizer/flags.js'

/** The agent's flags by Mesos' names and defaults (appendix A.2). */
export const agentFlags = {
  ...containerizerFlags,

  master: flag.string('master', { required: true, help: 'Address of the master, as host:port.' }),
  ip: flag.string('ip', {
    default: '127.0.0.1',
    help: 'Address to listen on and to be known by. Unlike in Mesos only this machine is served unless told otherwise.',
  }),
  port: flag.int('port', {
    default: '5051',
    help: 'Port to listen on; 0 takes a free one.',
    check: all(atLeast('0'), atMost('65535')),
  }),
  advertiseIp: flag.string('advertise_ip', {
    help: 'Address that master and executors are told, where it is not the one of --ip.',
  }),
  advertisePort: flag.int('advertise_port', {
    help: 'Port that they are told, where it is not the one of --port.',
    check: all(atLeast('1'), atMost('65535')),
  }),
  hostname: flag.string('hostname', { help: 'Name under which the agent is known. Unset: looked up from --ip.' }),
  hostnameLookup: flag.bool('hostname_lookup', {
    default: 'true',
    help: 'Look the host name up; without it the address is the name.',
  }),

  workDir: flag.path('work_dir', { required: true, help: 'Where sandboxes and checkpoints are kept; must survive a reboot.' }),
  runtimeDir: flag.path('runtime_dir', {
    default: '/var/run/mesos',
    help: 'Where the state of running containers is kept; may vanish with a reboot.',
  }),
  systemdEnableSupport: flag.bool('systemd_enable_support', {
    default: 'true',
    help: 'Where systemd runs this host, let it delegate a scope for containers, which lives on when the unit of the agent is stopped.',
  }),
  systemdRuntimeDirectory: flag.path('systemd_runtime_directory', {
    default: '/run/systemd/system',
    help: 'Its existence tells that systemd runs this host.',
  }),
  launcherDir: flag.path('launcher_dir', {
    default: '/usr/libexec/mesos',
    help: 'Named in what is shown of the executors of command tasks, as in Mesos. Nothing is run from there.',
  }),

  resources: flag.string('resources', {
    help: 'What the agent offers: `cpus:4;mem:8192;ports:[31000-32000]` or JSON. Of what is not named (cpus, mem, disk, ports) it offers what it finds.',
  }),
  defaultRole: flag.string('default_role', { default: '*', help: 'Role of resources that name none.' }),
  attributes: flag.string('attributes', { default: '', help: 'Attributes of this machine: `rack:r1;zone:z`.' }),

  registrationBackoffFactor: flag.duration('registration_backoff_factor', {
    default: '1secs',
    help: 'The agent waits at most ten times this between two attempts to reach the master, and much less at first.',
    check: atLeast('1ms'),
  }),
  recoveryTimeout: flag.duration('recovery_timeout', {
    default: '15mins',
    help: 'How long an executor waits for the agent to come back before it ends itself.',
  }),
  reconfigurationPolicy: flag.choice(['equal', 'additive'])('reconfiguration_policy', {
    default: 'equal',
    help: 'Which changes of flags a restarted agent takes: none, or more of resources and attributes.',
  }),
  strict: flag.bool('strict', {
    default: 'true',
    help: 'Refuse to start when a checkpoint is damaged. Without it, go on with what can be read.',
  }),

  executorRegistrationTimeout: flag.duration('executor_registration_timeout', {
    default: '1mins',
    help: 'How long a new executor has to subscribe.',
  }),
  executorReregistrationTimeout: flag.duration('executor_reregistration_timeout', {
    default: '2secs',
    help: 'How long the executors have to subscribe again after a restart of the agent.',
    check: atMost('15secs'),
  }),
  executorShutdownGracePeriod: flag.duration('executor_shutdown_grace_period', {
    default: '5secs',
    help: 'How long an executor has to end after SHUTDOWN.',
  }),
  executorEnvironmentVariables: flag.json('executor_environment_variables', {
    help: 'Variables for every executor and command task, as a JSON object of texts.',
  }),
  httpCommandExecutor: flag.bool('http_command_executor', {
    default: 'false',
    help: 'Told to tasks as in Mesos; command tasks need no executor here.',
  }),
  maxCompletedExecutorsPerFramework: flag.int('max_completed_executors_per_framework', {
    default: '150',
    help: 'How many ended executors of a framework are remembered.',
    check: atLeast('0'),
  }),

  gcDelay: flag.duration('gc_delay', { default: '1weeks', help: 'How long a sandbox is kept after its executor has ended.' }),
  gcDiskHeadroom: flag.number('gc_disk_headroom', {
    default: '0.1',
    help: 'Sandboxes are removed earlier the fuller the disk is, so that this part of it stays free.',
    check: all(atLeast('0'), atMost('1')),
  }),
  diskWatchInterval: flag.duration('disk_watch_interval', {
    default: '1mins',
    help: 'How often it is looked how full the disk is.',
    check: atLeast('1ms'),
  }),
}

export type AgentFlags = FlagValues<typeof agentFlags>
