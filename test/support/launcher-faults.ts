/** Where a launcher can be killed while it sets a container up, in order (docs/design/supervision.md). */
export const SET_UP_FAULTS: readonly string[] = [
  'supervisor.before-birth',
  'supervisor.before-record',
  'supervisor.after-record',
  'init.before-mounts',
  'init.after-mounts',
  'task.before-cgroups',
  'task.after-cgroups',
]

/** And later. A launcher that dies anywhere here takes its one container with it; the agent lives, says so, and nothing leaks. */
export const LAUNCHER_FAULTS: readonly string[] = [
  ...SET_UP_FAULTS,
  'task.after-go',
  'supervisor.before-status',
  'supervisor.after-status',
]
