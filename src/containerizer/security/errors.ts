import { catalogue } from '#base/errors.js'

/** What can be wrong with what a task may do. */
export const SecurityErrors = catalogue('SECURITY', {
  CAPABILITY_UNKNOWN: { say: (_: object) => 'a capability of no known name is asked for' },
  CAPABILITIES_BEYOND: {
    say: (e: { names: string; limit: string }) => `${e.names} cannot be had: ${e.limit}`,
  },
  CAPABILITIES_UNBOUND: {
    say: (e: { names: string }) => `${e.names} cannot be effective without being in the bounding set that is asked for`,
  },
  SECCOMP_IMPOSSIBLE: { say: (_: object) => '--isolation: linux/seccomp needs a kernel that can filter system calls' },
  SECCOMP_CONTRADICTION: {
    say: (_: object) => 'seccomp: a profile is named, and the task is to be unconfined; only one of them can be',
  },
  SECCOMP_OBLIGATORY: { say: (_: object) => 'the task is to be unconfined by seccomp, which --task_security=strict forbids' },
  SECCOMP_NO_DIRECTORY: {
    say: (e: { profile: string }) => `seccomp profile ${e.profile} is named, but the agent has no --seccomp_config_dir`,
  },
  SECCOMP_NAME_INVALID: {
    say: (e: { profile: string }) =>
      `${JSON.stringify(e.profile)} cannot be the name of a seccomp profile: it is no plain file name`,
  },
  SECCOMP_MISSING: { say: (e: { path: string; why: string }) => `seccomp profile ${e.path} cannot be read: ${e.why}` },
  SECCOMP_INVALID: { say: (e: { profile: string; why: string }) => `seccomp profile ${e.profile}: ${e.why}` },
})
