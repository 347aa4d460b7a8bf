import { catalogue } from '#base/errors.js'

export const FetcherErrors = catalogue('FETCHER', {
  FAILED: { say: (e: { uri: string; why: string }) => `Failed to fetch ${e.uri}: ${e.why}` },
  SCHEME_UNKNOWN: {
    say: (e: { scheme: string; known: readonly string[] }) =>
      `this agent fetches paths, ${e.known.map((it) => `${it}://`).join(', ')}, not ${e.scheme}://; its --fetcher_modules can name a module that does, and --hadoop_home a Hadoop client`,
  },
  SCHEME_TAKEN: { say: (e: { scheme: string; module: string }) => `${e.module} wants to fetch ${e.scheme}://, which is taken` },
  MODULE_UNUSABLE: {
    say: (e: { module: string; why: string }) => `module ${e.module} of --fetcher_modules cannot be used: ${e.why}`,
  },
  PATH_RELATIVE: { say: (_: object) => 'a path must be absolute' },
  OUTPUT_INVALID: { say: (e: { path: string }) => `output file ${JSON.stringify(e.path)} does not lie in the sandbox` },
  OUTPUT_RESERVED: {
    say: (e: { path: string; uri: string }) =>
      `Failed to fetch ${e.uri}: the task itself writes to ${e.path}; set another output_file`,
  },
  OUTPUT_TAKEN: {
    say: (e: { path: string; uri: string; other: string }) =>
      `Failed to fetch ${e.uri}: ${e.path} is what ${e.other} becomes already; set another output_file`,
  },
  NAME_MISSING: { say: (_: object) => 'the URI names no file; set output_file' },
  CHECKSUM_INVALID: { say: (e: { algorithm: string }) => `the fragment after the URI is no ${e.algorithm} checksum` },
  CHECKSUM_MISMATCH: {
    say: (e: { algorithm: string; wanted: string; found: string }) =>
      `its content is another than it should be: ${e.algorithm} is ${e.found}, not ${e.wanted}`,
  },
  STATUS: { say: (e: { status: number }) => `the server answered ${e.status}` },
  REDIRECTS: { say: (e: { most: number }) => `the server redirects more than ${e.most} times` },
  REDIRECT_REFUSED: { say: (e: { to: string; why: string }) => `the server redirects to ${e.to}, ${e.why}` },
  BROKEN: {
    say: (e: { bytes: number; total: number }) => `the connection ended after ${e.bytes} of ${e.total} bytes`,
  },
  LONGER: { say: (e: { total: number }) => `more than the ${e.total} bytes came that were announced` },
  UNREACHABLE: { say: (e: { why: string }) => e.why },
  STALLED: { say: (e: { seconds: number }) => `nothing came for ${e.seconds} s` },
  NO_SPACE: {
    say: (e: { most: number }) => `it needs more than the ${e.most} bytes that its file system has left, but for a reserve`,
  },
  HADOOP: { say: (e: { program: string; why: string }) => `${e.program}: ${e.why}` },
  CACHE_UNUSABLE: {
    say: (e: { path: string; why: string }) => `the cache of the fetcher cannot be in ${e.path}: ${e.why}`,
  },
})
