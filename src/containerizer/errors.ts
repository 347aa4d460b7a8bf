import { CodedError, catalogue } from '#base/errors.js'
import { TaskStatusReason } from '#wire/mesos.js'

export const ContainerizerErrors = catalogue('CONTAINERIZER', {
  /** What a scheduler reads; the cause below says it in its own terms. */
  LAUNCH_FAILED: { say: (e: { why: string }) => `Failed to launch container: ${e.why}` },

  // Refused before anything was started.
  ALREADY_EXISTS: { say: (e: { id: string }) => `container ${e.id} exists already` },
  NOT_FOUND: { say: (e: { id: string }) => `container ${e.id} is unknown`, http: 404 },
  PARENT_NOT_RUNNING: {
    say: (e: { id: string; parent: string }) => `container ${e.id} cannot be nested in ${e.parent}, which does not run`,
  },
  NESTED_ID_INVALID: {
    say: (e: { id: string; parent: string }) => `container id ${e.id} is not that of ${e.parent}, a dot, and a name without dots`,
  },
  NESTED_TOO_DEEP: { say: (e: { id: string; depth: number }) => `container ${e.id} would be nested deeper than ${e.depth}` },
  DEBUG_IMAGE: { say: (e: { id: string }) => `debug container ${e.id} has the root of its parent, and cannot have an image` },
  DESTROYED: { say: (e: { id: string }) => `container ${e.id} was destroyed before its task started` },
  NOT_CLONED: { say: (e: { id: string; phase: string }) => `container ${e.id} cannot be started: it is ${e.phase}` },
  SHELL_COMMAND_MISSING: { say: (_: object) => 'the command has neither a value nor arguments' },
  NUL_IN_COMMAND: { say: (e: { where: string }) => `${e.where} holds a NUL character` },
  ENVIRONMENT_NAME_INVALID: { say: (e: { name: string }) => `${JSON.stringify(e.name)} cannot name an environment variable` },
  SECRET_UNRESOLVED: {
    say: (e: { name: string }) => `the secret of environment variable ${e.name} is a reference, which this agent cannot resolve`,
  },
  USER_MISSING: { say: (e: { user: string }) => `user ${JSON.stringify(e.user)} does not exist on this agent` },
  USER_NEEDS_ROOT: {
    say: (e: { user: string; agent: string }) =>
      `the task asks for user ${e.user}, but the agent runs as ${e.agent} and cannot switch; start it as root or with --no-switch_user`,
  },
  DOCKER_UNSUPPORTED: {
    say: (_: object) => 'a container of type DOCKER needs the docker containerizer, which this agent does not run',
  },
  ROOTFS_MISSING: { say: (e: { path: string }) => `image directory ${e.path} does not exist on this agent` },
  ISOLATOR_NEEDED: {
    say: (e: { what: string; isolator: string }) => `${e.what} needs an agent that runs as root with --isolation=${e.isolator}`,
  },
  UNSUPPORTED: { say: (e: { what: string }) => `${e.what} is not supported by this agent` },
  NETWORK_UNKNOWN: { say: (e: { name: string }) => `Unknown network '${e.name}': this agent has the host's network only` },
  VOLUME_SOURCE_MISSING: { say: (e: { path: string }) => `Path '${e.path}' of a host path volume does not exist` },
  VOLUME_TARGET_MISSING: {
    say: (e: { path: string }) =>
      `Mount point '${e.path}' is absolute and does not exist; without an image the container shares the host's files, where nothing is made`,
  },
  VOLUME_NOT_SHARED: {
    say: (e: { path: string }) =>
      `mount propagation BIDIRECTIONAL needs ${e.path} to be on a shared mount of this agent; make it one with: mount --make-shared <mount point>`,
  },
  SECRET_VOLUME_UNRESOLVED: {
    say: (e: { path: string; name: string }) =>
      `the secret of the volume at ${e.path} is a reference to ${JSON.stringify(e.name)}, which this agent cannot resolve: it has no secret resolver`,
  },
  VOLUME_PATH_INVALID: { say: (e: { path: string; why: string }) => `volume path ${JSON.stringify(e.path)} ${e.why}` },
  RLIMIT_INVALID: { say: (e: { limit: string; why: string }) => `resource limit ${e.limit} ${e.why}` },
  SHARING_DISALLOWED: {
    say: (e: { what: string; flag: string }) => `sharing the agent's ${e.what} is disallowed by --${e.flag}`,
  },
  USERNS_RANGE_EXHAUSTED: {
    say: (e: { range: string }) => `all ids of --userns_range=${e.range} are taken by other containers`,
  },
  SHM_SIZE_SHARED: { say: (_: object) => 'shm_size can only be set together with ipc_mode PRIVATE' },
  NET_CLASSES_EXHAUSTED: {
    say: (e: { range: string }) => `all classes of --cgroups_net_cls_secondary_handles=${e.range} are taken by other containers`,
  },
  PLAN_CONFLICT: {
    say: (e: { field: string; first: string; second: string }) =>
      `isolators ${e.first} and ${e.second} disagree about ${e.field} of the launch plan`,
  },

  // Refused when the agent starts.
  ISOLATOR_UNKNOWN: {
    say: (e: { name: string; known: string }) => `--isolation: unknown isolator ${e.name}; known are ${e.known}`,
  },
  ISOLATOR_FILESYSTEMS: { say: (e: { names: string }) => `--isolation: only one of ${e.names} can be used` },
  ISOLATOR_NEEDS_LINUX: {
    say: (e: { name: string }) => `--isolation: ${e.name} needs the linux launcher, which needs root`,
  },
  ISOLATOR_NEEDS_ISOLATOR: { say: (e: { name: string; other: string }) => `--isolation: ${e.name} needs ${e.other}` },
  ISOLATOR_EXCLUDES: { say: (e: { name: string; other: string }) => `--isolation: ${e.name} cannot be used beside ${e.other}` },
  ISOLATOR_NEEDS_CONTROLLER: {
    say: (e: { name: string; controllers: string; why: string }) =>
      `--isolation: ${e.name} needs cgroup controller ${e.controllers}, ${e.why}`,
  },
  SWAP_UNLIMITED: {
    say: (_: object) => '--cgroups_limit_swap: the kernel of this host does not account for swap (boot it with swapaccount=1)',
  },
  PERF_EVENT_UNSUPPORTED: {
    say: (e: { event: string }) => `--perf_events: ${e.event} cannot be counted on this machine`,
  },
  PERF_DURATION_TOO_LONG: { say: (_: object) => '--perf_duration must not be longer than --perf_interval' },
  OVERLAY_UNAVAILABLE: {
    say: (e: { directory: string }) =>
      `--image_provisioner_backend=overlay: the file system of ${e.directory} or the kernel of this host cannot do it; leave the flag away to have copies`,
  },
  LAUNCHER_NEEDS_ROOT: { say: (_: object) => '--launcher=linux needs root' },
})

/** Refusals that reach a scheduler of Mesos under another reason than CONTAINER_LAUNCH_FAILED, as recorded (odd-requests). */
const RECORDED_REASONS: Readonly<Record<string, TaskStatusReason>> = {
  CONTAINERIZER_DOCKER_UNSUPPORTED: TaskStatusReason.REASON_EXECUTOR_TERMINATED,
  CONTAINERIZER_RLIMIT_INVALID: TaskStatusReason.REASON_EXECUTOR_TERMINATED,
}

/** Whatever went wrong on the way to a running task, as a scheduler shall read it. */
export function launchFailed(cause: unknown): CodedError {
  if (cause instanceof CodedError && cause.code === 'CONTAINERIZER_LAUNCH_FAILED') return cause
  return ContainerizerErrors.LAUNCH_FAILED({ why: cause instanceof Error ? cause.message : String(cause) }, cause)
}

export function launchFailureReason(error: unknown): TaskStatusReason {
  const cause = error instanceof CodedError && error.cause instanceof CodedError ? error.cause : error
  const recorded = cause instanceof CodedError ? RECORDED_REASONS[cause.code] : undefined
  return recorded ?? TaskStatusReason.REASON_CONTAINER_LAUNCH_FAILED
}
