import { atLeast, type FlagValues, flag } from '#base/flags.js'
import { allowedDevicesProblem } from './devices/allowed-devices.js'
import { gpuDevicesProblem } from './devices/gpu-selection.js'
import { projectRangeProblem } from './disk/project-range.js'
import { fetcherFlags } from './fetcher/flags.js'
import { parseRange } from './id-ranges.js'
import { imageFlags } from './images/flags.js'
import { parseHandle, parseHandles } from './net-classes.js'
import { capabilitiesProblem } from './security/capability-sets.js'

/** The containerizer's flags by Mesos' names (appendix A.2); `cgroups_pids_max` is ours. */
export const containerizerFlags = {
  ...imageFlags,
  ...fetcherFlags,
  isolation: flag.string('isolation', {
    help: 'Isolators, separated by commas. Unset: all that this host can give (cgroups, namespaces, file system), or posix/cpu,posix/mem without root.',
  }),
  launcher: flag.choice(['linux', 'posix'])('launcher', {
    help: 'How containers are started: linux (needs root: namespaces and cgroups) or posix. Unset: linux if possible.',
  }),
  switchUser: flag.bool('switch_user', {
    default: 'true',
    help: 'Run a task as the user of its command, else of its framework. Without it, as the user the agent runs as.',
  }),
  sandboxDirectory: flag.path('sandbox_directory', {
    default: '/mnt/mesos/sandbox',
    help: 'Where a container with an image sees its sandbox.',
    check: (path) => (path.startsWith('/') ? undefined : 'is not an absolute path'),
  }),
  cgroupsRoot: flag.string('cgroups_root', {
    default: 'mesos',
    help: 'Name of the cgroup below which containers get theirs.',
    check: (name) =>
      /^[^/\0]+(\/[^/\0]+)*$/.test(name) && !name.split('/').some((part) => part === '.' || part === '..')
        ? undefined
        : 'is not a relative cgroup path',
  }),
  cgroupsEnableCfs: flag.bool('cgroups_enable_cfs', {
    default: 'false',
    help: 'Cap every container at its cpus (CFS quota) even if it has no cpu limit.',
  }),
  cgroupsLimitSwap: flag.bool('cgroups_limit_swap', {
    default: 'false',
    help: 'The memory limit of a container holds for memory and swap together (isolator cgroups/mem).',
  }),
  cgroupsCpuEnablePidsAndTidsCount: flag.bool('cgroups_cpu_enable_pids_and_tids_count', {
    default: 'false',
    help: 'Isolator cgroups/cpu tells how many processes and threads a container has; cgroups/pids always does.',
  }),
  cgroupsNetClsPrimaryHandle: flag.string('cgroups_net_cls_primary_handle', {
    help: 'Upper half, as 0xAAAA, of the class that the packets of each container get (isolator cgroups/net_cls). Unset: no class.',
    check: (text) => (parseHandle(text) ? undefined : 'is not a handle from 0x0001 to 0xffff'),
  }),
  cgroupsNetClsSecondaryHandles: flag.string('cgroups_net_cls_secondary_handles', {
    default: '0x0001,0xffff',
    help: 'First and last lower half, as 0xBBBB,0xCCCC, of those classes; each container has its own.',
    check: (text) => (parseHandles(text) ? undefined : 'is not first,last with handles from 0x0001 to 0xffff'),
  }),
  perfEvents: flag.string('perf_events', {
    help: 'Events to count for each container, by their names in `perf list`, separated by commas (isolator cgroups/perf_event).',
  }),
  perfDuration: flag.duration('perf_duration', {
    default: '10secs',
    help: 'How long perf events are counted at a time.',
    check: atLeast('1ms'),
  }),
  perfInterval: flag.duration('perf_interval', {
    default: '1mins',
    help: 'How often perf events are counted.',
    check: atLeast('1ms'),
  }),
  cgroupsPidsMax: flag.int('cgroups_pids_max', {
    default: '16384',
    help: 'Processes and threads that one container may have (isolator cgroups/pids). 0: no limit.',
    check: atLeast('0'),
  }),
  containerDiskWatchInterval: flag.duration('container_disk_watch_interval', {
    default: '15secs',
    help: 'How often it is looked how much disk a container uses (isolators disk/du and disk/xfs).',
    check: atLeast('1ms'),
  }),
  enforceContainerDiskQuota: flag.bool('enforce_container_disk_quota', {
    default: 'false',
    help: 'Containers that use more disk than they asked for are ended (disk/du), or cannot write more (disk/xfs).',
  }),
  xfsProjectRange: flag.string('xfs_project_range', {
    default: '[5000-10000]',
    help: 'Numbers of the projects that containers become on XFS (isolator disk/xfs).',
    check: projectRangeProblem,
  }),
  xfsKillContainers: flag.bool('xfs_kill_containers', {
    default: 'false',
    help: 'With --enforce_container_disk_quota: let containers write more than they asked for by the headroom, and end those that do (isolator disk/xfs).',
  }),
  xfsQuotaHeadroom: flag.bytes('xfs_quota_headroom', {
    default: '10MB',
    help: 'How much more a container may write before it is ended (--xfs_kill_containers).',
  }),
  nvidiaGpuDevices: flag.string('nvidia_gpu_devices', {
    help: 'GPUs that tasks may get, by index, separated by commas; --resources must name as many gpus. Unset: all (isolator gpu/nvidia).',
    check: gpuDevicesProblem,
  }),
  nvidiaManagementLibrary: flag.string('nvidia_management_library', {
    default: 'libnvidia-ml.so.1',
    help: 'Name or path of the library that knows the GPUs (isolator gpu/nvidia).',
  }),
  nvidiaDriverPath: flag.string('nvidia_driver_path', {
    default: '/usr/lib/x86_64-linux-gnu:/usr/lib64:/usr/lib:/usr/bin',
    help: 'Directories, separated by colons, in which libraries and programs of the GPU driver are found; containers with an image see them under /usr/local/nvidia.',
  }),
  cdiSpecDirs: flag.string('cdi_spec_dirs', {
    help: 'Directories, separated by colons, with CDI files in JSON (such as /etc/cdi:/var/run/cdi): they say what a container with GPUs gets, in place of the built-in knowledge.',
  }),
  allowedDevices: flag.json('allowed_devices', {
    help: 'Devices that containers may use besides the standard ones (isolators cgroups/devices and linux/devices), as JSON: {"allowed_devices": [{"device": {"path": "/dev/fuse"}, "access": {"read": true, "write": true, "mknod": false}}]}.',
    check: allowedDevicesProblem,
  }),
  revocableCpuLowPriority: flag.bool('revocable_cpu_low_priority', {
    default: 'true',
    help: 'Containers on revocable cpus yield to all others.',
  }),
  imageProvisionerBackend: flag.choice(['overlay', 'bind', 'copy'])('image_provisioner_backend', {
    help: 'How containers get a root of their own out of an image: overlay, bind (the image itself, read-only) or copy. Unset: overlay if the host can, else copy.',
  }),
  hostPathVolumeForceCreation: flag.string('host_path_volume_force_creation', {
    help: 'Directories, separated by colons, below which a missing host path of a volume is created.',
  }),
  defaultContainerShmSize: flag.bytes('default_container_shm_size', {
    help: 'Size of /dev/shm of containers with one of their own. Unset: half of the memory.',
  }),
  usernsRange: flag.string('userns_range', {
    default: '1879048192:268435456',
    help: 'Ids of the host, first:count, of which containers get 65536 each (isolator namespaces/user). Nobody else may use them.',
    check: (text) => (parseRange(text) ? undefined : 'is not first:count, with at least 65536 ids below 2147483648'),
  }),
  taskSecurity: flag.choice(['standard', 'strict'])('task_security', {
    default: 'standard',
    help: 'standard: containers with an image get few capabilities and a seccomp profile, tasks on the files of this host are confined by what --isolation and they themselves say, as under Mesos. strict: the same few for all tasks, as a maximum, and no_new_privs.',
  }),
  effectiveCapabilities: flag.json('effective_capabilities', {
    help: 'Capabilities of tasks that ask for none, as CapabilityInfo in JSON: {"capabilities": ["NET_BIND_SERVICE"]}.',
    check: capabilitiesProblem,
  }),
  boundingCapabilities: flag.json('bounding_capabilities', {
    help: 'Capabilities that no task can exceed, as CapabilityInfo in JSON.',
    check: capabilitiesProblem,
  }),
  seccompConfigDir: flag.path('seccomp_config_dir', {
    help: 'Directory of the seccomp profiles that tasks can name, as files in the format of Docker.',
  }),
  seccompProfileName: flag.string('seccomp_profile_name', {
    help: 'Profile in --seccomp_config_dir of tasks that name none. Unset: a built-in one for containers with an image.',
  }),
  disallowSharingAgentPidNamespace: flag.bool('disallow_sharing_agent_pid_namespace', {
    default: 'false',
    help: 'Refuse containers that ask for the pid namespace of the agent.',
  }),
  disallowSharingAgentIpcNamespace: flag.bool('disallow_sharing_agent_ipc_namespace', {
    default: 'false',
    help: 'Refuse containers that ask for the ipc namespace of the agent.',
  }),
}

export type ContainerizerFlags = FlagValues<typeof containerizerFlags>
