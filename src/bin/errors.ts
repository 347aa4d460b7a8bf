import { catalogue } from '#base/errors.js'

export const BinErrors = catalogue('UP', {
  DAEMON_FAILED: {
    say: (e: { name: string; how: string; log: string; tail: string }) =>
      `the ${e.name} did not come up (${e.how}); its log ${e.log} ends with:\n${e.tail}`,
  },
  NOT_UP_IN_TIME: {
    say: (e: { what: string; seconds: number; log: string; tail: string }) =>
      `${e.what} within ${e.seconds} seconds; ${e.log} ends with:\n${e.tail}`,
  },
  DATA_UNUSABLE: {
    say: (e: { path: string; why: string }) =>
      `the data directory ${e.path} cannot be used: ${e.why}; choose another with --data-dir`,
  },
  STILL_UP: {
    say: (e: { url: string }) =>
      `the cluster still answers at ${e.url}; stop it first (Ctrl-C in its terminal), or end tasks with: meseta kill`,
  },
})
