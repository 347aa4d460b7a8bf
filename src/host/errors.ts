import { catalogue } from '#base/errors.js'

export const HostErrors = catalogue('HOST', {
  /** The sentence of the step that failed: `could not mount volume /data/in: no such file or directory`. */
  LAUNCH_FAILED: { say: (e: { sentence: string }) => e.sentence },
  OPERATION_FAILED: { say: (e: { sentence: string }) => e.sentence },
  /** What came is not what was asked for; somewhere else, or another time, it may be. */
  DIGEST_WRONG: { say: (e: { sentence: string }) => e.sentence },
  ABANDONED: { say: (_: object) => 'the archive was abandoned' },
  ENDED_BEFORE_START: { say: (e: { id: string }) => `container ${e.id} ended before its task was started` },
  NOT_ATTACHABLE: { say: (e: { id: string }) => `container ${e.id} has neither a terminal nor attachable input and output` },
  NO_TERMINAL: { say: (e: { id: string }) => `container ${e.id} has no terminal` },
  INPUT_TAKEN: { say: (e: { id: string }) => `somebody else is attached to the input of container ${e.id}` },
  INPUT_ENDED: { say: (e: { id: string }) => `the input of container ${e.id} has ended` },
  FELL_BEHIND: { say: (e: { id: string }) => `the output of container ${e.id} was read too slowly, and some of it was lost` },
  ENDED: { say: (e: { id: string }) => `container ${e.id} has ended` },
  DIRECTORY_UNUSABLE: {
    say: (e: { path: string; why: string }) => `${e.path} cannot be made: ${e.why}; see --work_dir and --runtime_dir`,
  },
  CLOSED: { say: (_: object) => 'the host was closed' },
  ID_INVALID: { say: (e: { id: string }) => `container id ${JSON.stringify(e.id)} cannot be the name of a directory` },
  ALREADY_EXISTS: { say: (e: { id: string }) => `container ${e.id} exists already` },
  CONTROLLER_MISSING: { say: (e: { controllers: string[] }) => `this host has no cgroup controller ${e.controllers.join(', ')}` },
  NOT_ROOT: { say: (e: { what: string }) => `${e.what} needs root; without it only the posix launcher works` },
  ADDON_MISSING: {
    say: (e: { sought: string; why: string }) =>
      `the native addon could not be loaded from ${e.sought} (${e.why}); build it with: npm run build`,
  },
  SCOPE_FAILED: {
    say: (e: { name: string; why: string }) =>
      `systemd gives no ${e.name} for containers (${e.why}); --no-systemd_enable_support does without`,
  },
  OPEN_FAILED: { say: (e: { why: string }) => `the native host could not be opened: ${e.why}` },
})
