import { catalogue } from '#base/errors.js'

/** One step of a launcher or of the host that went wrong, as `native.proto` StepFailure. */
export interface FailedStep {
  step: string
  path?: string | undefined
  errno: number
  /** The kernel's sentence for errno, or what is wrong where no system call failed. */
  detail?: string | undefined
}

const sentence = (e: FailedStep): string => `could not ${e.step}${e.path ? ` ${e.path}` : ''}: ${e.detail ?? `error ${e.errno}`}`

export const HostErrors = catalogue('HOST', {
  LAUNCH_FAILED: { say: sentence },
  ENDED_BEFORE_START: { say: (e: { id: string }) => `container ${e.id} was destroyed before its task started` },
  OPERATION_FAILED: { say: sentence },
  CLOSED: { say: (_: object) => 'the host was closed' },
  ID_INVALID: { say: (e: { id: string }) => `container id ${JSON.stringify(e.id)} cannot be the name of a directory` },
  ALREADY_EXISTS: { say: (e: { id: string }) => `container ${e.id} exists already` },
  CONTROLLER_MISSING: { say: (e: { controllers: string[] }) => `this host has no cgroup controller ${e.controllers.join(', ')}` },
  NOT_ROOT: { say: (e: { what: string }) => `${e.what} needs root; without it only the posix launcher works` },
  ADDON_MISSING: {
    say: (e: { sought: string; why: string }) =>
      `the native addon could not be loaded from ${e.sought} (${e.why}); build it with: npm run build`,
  },
  LAUNCHER_MISSING: { say: (e: { path: string }) => `the launcher ${e.path} does not exist; build it with: npm run build` },
  SOCKET_PATH_TOO_LONG: {
    say: (e: { path: string }) =>
      `socket path ${e.path} is longer than the 107 bytes that the kernel allows; choose a shorter --runtime_dir`,
  },
  BUG: { say: (e: { what: string }) => `a defect in the native side: ${e.what}` },
})
